/** The page's view of the problems: coverage by iteration, and how the solve rates lie. */

import type { IterationStatus } from '../../core/status.ts'
import { plural } from '../../core/words/plural.ts'
import { count, counted, percent } from '../format.ts'
import { type Content, html } from '../markup.ts'
import { nameOf } from '../measured.ts'
import type { ReportView } from '../view.ts'
import { htmlTable } from './table.ts'

interface Bin {
  readonly low: number
  readonly problems: number
}

/** Problems by the posterior mean of their solve rate; empty before any sampling is closed. */
export function problemsTables({ status }: ReportView): Content {
  const { problems, iterations } = status
  if (problems.asked === 0) return html`<p class="quiet">No iteration has been sampled to its end.</p>`
  const closed = iterations.filter((row) => row.coverage !== null)
  const bins = problems.shares.map((n, at): Bin => ({ low: at / problems.shares.length, problems: n }))
  const width = 1 / problems.shares.length
  return [
    html`<p>${count(problems.asked)} of ${counted(problems.count, 'problem')} ${plural(problems.count, 'was', 'were')} asked, ${count(problems.solved)} of them solved at least once, ${count(problems.neverSolved)} never.</p>`,
    htmlTable<IterationStatus>(
      'Coverage by iteration: different problems that were asked, and that were solved.',
      [
        { title: 'Iteration', cell: (row) => nameOf(row.iteration) },
        { title: 'Asked', number: true, cell: (row) => count(row.coverage?.asked ?? 0) },
        { title: 'Solved', number: true, cell: (row) => count(row.coverage?.solved ?? 0) },
        { title: 'Coverage', number: true, cell: (row) => percent(shareOf(row)) },
        { title: 'Hinted traces', number: true, cell: (row) => count(row.hinted) },
        { title: 'Temperature of the probe', number: true, cell: (row) => row.temperature ?? 'none' },
      ],
      closed,
    ),
    htmlTable<Bin>(
      'Problems by the posterior mean of their solve rate.',
      [
        { title: 'Solve rate', cell: (bin) => `${percent(bin.low)} to ${percent(bin.low + width)}` },
        { title: 'Problems', number: true, cell: (bin) => count(bin.problems) },
        { title: 'Share', number: true, cell: (bin) => percent(bin.problems / problems.asked) },
      ],
      bins,
    ),
  ]
}

function shareOf({ coverage }: IterationStatus): number {
  return coverage === null || coverage.asked === 0 ? 0 : coverage.solved / coverage.asked
}
