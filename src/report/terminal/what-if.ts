/** A what-if in sentences, tables and a small plot, for the terminal; the page says the same. */

import { plural } from '../../core/words/plural.ts'
import { amount, count, counted, percent } from '../format.ts'
import { visibleLine } from '../visible.ts'
import { type TextStyle, table, wrap } from './columns.ts'
import { type PlotLine, plotLines } from './plot-lines.ts'
import { iterationColumns, policyColumns } from './what-if-columns.ts'
import type { WhatIfView } from './what-if-view.ts'

/** What was measured, what is assumed, and what the columns mean: a sentence each. */
export function groundsOf(view: WhatIfView): string[] {
  const { measured, over, curve, costs, draws, policies } = view
  const { samples, problems, acceptanceRate } = measured
  const by = measured.by === 'pilot' ? 'a pilot of the base' : `iteration ${measured.iteration} of this run`
  const regret = policies.find((policy) => policy.regret)?.regret
  const solved = policies.filter((row) => row.solved).map(({ policy }) => policy)
  return [
    `Measured, by ${by}: ${counted(samples, 'sample')} of ${counted(problems, 'problem')}, ${percent(acceptanceRate)} fit for training.${over > 0 ? ` ${over} ${plural(over, 'iteration is', 'iterations are')} over${view.spent === null ? '' : ` and ${plural(over, 'has', 'have')} cost ${amount(view.spent)}`}; the what-if continues from there.` : ''}`,
    curveSentence(view),
    ...(costs
      ? []
      : [
          'No prices are known (budget.costs), so there are no costs; policies that were solved for draw equally many samples.',
        ]),
    ...(solved.length > 0
      ? [`Solved so that it ${costs ? 'costs' : 'draws'} as much as the run's own policy: ${solved.join(', ')}.`]
      : []),
    ...(regret
      ? [
          `Worst regret: the largest distance below the best of these policies at any of ${regret.budgets.length} budgets from ${amount(regret.budgets[0])} to ${amount(regret.budgets.at(-1))}; without the cost of measuring.`,
        ]
      : []),
    `Medians and 95% bands over ${count(draws)} worlds that these leave possible; all policies are played in the same ones.${curve.from === 'nothing' ? '' : ` Accuracy is that of the checkpoint made by the iteration, ${curve.of === 'gate' ? 'on the gate split' : 'as the share of samples that are fit for training'}.`}`,
  ]
}

function curveSentence({ curve, over }: WhatIfView): string {
  const { contraction, spread } = curve.contraction
  if (curve.from === 'nothing') {
    return 'Assumed: that training changes nothing, so N_t is on the safe side and nothing is said of accuracy. Give --contraction, and --best where it is known, to assume a learning curve.'
  }
  const rest = (z: number): string => (1 - (1 - contraction) * Math.exp(z * spread)).toFixed(2)
  const lambda = spread === 0 ? String(contraction) : `${contraction.toFixed(2)} (95%: ${rest(1.96)} to ${rest(-1.96)})`
  const best = curve.best
    ? `a best accuracy of ${curve.best.low === curve.best.high ? percent(curve.best.low) : `${percent(curve.best.low)} to ${percent(curve.best.high)}`}`
    : 'a best accuracy anywhere between 40% and 100%'
  const grounds =
    curve.from === 'run'
      ? `fitted to the ${over} ${plural(over, 'iteration')} behind it, starting from`
      : 'assumed, not measured:'
  const { low: quiet, high: loud } = curve.noise ?? { low: 0, high: 3 }
  const noise = `an update's noise of ${quiet === loud ? count(quiet) : `${count(quiet)} to ${count(loud)}`}${curve.noise ? '' : ', that of a model of few dimensions'}`
  return `Learning curve, ${grounds} lambda ${lambda}, ${best}, and ${noise}. A language model need not follow such a curve.`
}

/** What a reader must not miss, a sentence each. */
export function notesOn({ policies }: WhatIfView): string[] {
  return policies.flatMap(({ policy, totals, iterations }) => {
    if (totals.exhausted === 0) return []
    const worst = iterations.findLast(({ reached }) => reached === 1)?.iteration
    return [
      `${policy}: the problems are used up in ${percent(totals.exhausted)} of the worlds${worst === undefined ? '' : `, after iteration ${worst} at the earliest`}. Add problems, raise accept.maxPerProblem, or let duplicates in.`,
    ]
  })
}

/** Grounds, a table a policy, the plot, and the policies side by side. */
export function renderWhatIf(view: WhatIfView, style: TextStyle): string {
  const tables = view.policies.flatMap((policy) => [
    '',
    `${visibleLine(policy.policy)}${policy.own ? ` (run.yaml of ${visibleLine(view.name)})` : ''}`,
    ...table(iterationColumns(view), policy.iterations, style),
  ])
  const notes = notesOn(view).flatMap((note) => wrap(`note: ${note}`, style.width))
  return [
    ...groundsOf(view).flatMap((sentence) => wrap(sentence, style.width)),
    ...tables,
    '',
    ...plotLines(plotOf(view), style),
    '',
    ...table(policyColumns(view), view.policies, style),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ].join('\n')
}

/** Accuracy against cost where both are known; else samples by iteration. */
function plotOf(view: WhatIfView): {
  title: string
  lines: PlotLine[]
  x: (value: number) => string
  y: (value: number) => string
} {
  const hasCurve = view.curve.from !== 'nothing'
  const priced = view.costs !== null
  return {
    title: hasCurve ? `median accuracy against ${priced ? 'cost' : 'iterations'}` : 'median N_t by iteration',
    lines: view.policies.map(({ policy, iterations }) => ({
      name: policy,
      points: iterations.map((row): [number, number] => [
        hasCurve && priced ? (row.spent?.median ?? 0) : row.iteration,
        hasCurve ? (row.accuracy?.median ?? 0) : row.samples.median,
      ]),
    })),
    x: hasCurve && priced ? amount : count,
    y: hasCurve ? percent : count,
  }
}
