/** The columns of a what-if, without what it does not know. */

import type { Band } from '../../core/budget/forecast.ts'
import { amount, count, NOTHING, percent, points } from '../format.ts'
import type { Column } from './columns.ts'
import type { WhatIfIterationView, WhatIfPolicyView, WhatIfView } from './what-if-view.ts'

/** A column, and what must be there for it to be worth its place. */
type Needing<Row> = Column<Row> & { readonly needs?: 'costs' | 'curve' | 'early ends' | 'exhausted' | 'regret' }

const BY_ITERATION: readonly Needing<WhatIfIterationView>[] = [
  { title: 't', align: 'right', spare: 0, cell: ({ iteration }) => String(iteration) },
  { title: 'n_t', align: 'right', spare: 0, cell: ({ accepted }) => valueAndRange(accepted, count) },
  { title: 'N_t', align: 'right', spare: 0, cell: ({ samples }) => count(samples.median) },
  { title: '95%', align: 'right', spare: 1, cell: ({ samples }) => range(samples, count) },
  { title: 'cost so far', align: 'right', spare: 0, needs: 'costs', cell: ({ spent }) => amount(spent?.median) },
  { title: '95%', align: 'right', spare: 2, needs: 'costs', cell: ({ spent }) => range(spent, amount) },
  { title: 'accuracy', align: 'right', spare: 0, needs: 'curve', cell: ({ accuracy }) => percent(accuracy?.median) },
  { title: '95%', align: 'right', spare: 0, needs: 'curve', cell: ({ accuracy }) => range(accuracy, percent) },
  { title: 'reached', align: 'right', spare: 3, needs: 'early ends', cell: ({ reached }) => percent(reached) },
]

const BY_POLICY: readonly Needing<WhatIfPolicyView>[] = [
  { title: 'policy', align: 'left', spare: 0, cell: ({ policy, own }) => `${policy}${own ? ' (own)' : ''}` },
  { title: 'sum n_t', align: 'right', spare: 3, cell: ({ totals }) => valueAndRange(totals.accepted, count) },
  { title: 'sum N_t', align: 'right', spare: 2, cell: ({ totals }) => valueAndRange(totals.samples, count) },
  { title: 'cost', align: 'right', spare: 0, needs: 'costs', cell: ({ totals }) => valueAndRange(totals.cost, amount) },
  {
    title: 'accuracy',
    align: 'right',
    spare: 0,
    needs: 'curve',
    cell: ({ totals }) => valueAndRange(totals.accuracy, percent),
  },
  {
    title: 'to own, points',
    align: 'right',
    spare: 0,
    needs: 'curve',
    cell: ({ difference }) => valueAndRange(difference?.accuracy, points),
  },
  {
    title: 'better in',
    align: 'right',
    spare: 1,
    needs: 'curve',
    cell: ({ difference }) => percent(difference?.better),
  },
  {
    title: 'worst regret, points',
    align: 'right',
    spare: 0,
    needs: 'regret',
    cell: ({ regret }) => valueAndRange(regret?.worst, points),
  },
  { title: 'used up', align: 'right', spare: 4, needs: 'exhausted', cell: ({ totals }) => percent(totals.exhausted) },
]

/** Of a policy, iteration by iteration. */
export function iterationColumns(view: WhatIfView): Column<WhatIfIterationView>[] {
  return BY_ITERATION.filter(({ needs }) => needs === undefined || isThere(view, needs))
}

/** Of the policies side by side. */
export function policyColumns(view: WhatIfView): Column<WhatIfPolicyView>[] {
  return BY_POLICY.filter(({ needs }) => needs === undefined || isThere(view, needs))
}

function isThere({ curve, costs, policies }: WhatIfView, what: NonNullable<Needing<never>['needs']>): boolean {
  switch (what) {
    case 'costs':
      return costs !== null
    case 'curve':
      return curve.from !== 'nothing'
    case 'early ends':
      return policies.some(({ iterations }) => iterations.some(({ reached }) => reached < 1))
    case 'regret':
      return policies.some(({ regret }) => regret !== null)
    case 'exhausted':
      return policies.some(({ totals }) => totals.exhausted > 0)
  }
}

type Maybe = Band | null | undefined

function valueAndRange(band: Maybe, write: (value: number) => string): string {
  if (!band) return NOTHING
  return band.low === band.high ? write(band.median) : `${write(band.median)} (${range(band, write)})`
}

function range(band: Maybe, write: (value: number) => string): string {
  return band ? `${write(band.low)} to ${write(band.high)}` : NOTHING
}
