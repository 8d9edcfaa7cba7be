/** The page's tables by iteration: what was drawn, what was measured, what the gate said, how it was trained. */

import type { Accuracy, IterationStatus } from '../../core/status.ts'
import { KEPT_LEAST } from '../../core/trainer.ts'
import { amount, count, duration, isNumber, NOTHING, percent, points, significant } from '../format.ts'
import { changeOf } from '../headline.ts'
import { type Content, html, type Markup } from '../markup.ts'
import { cumulativeCosts, levelName, levelsOf, type Measured, measuredCheckpoints, nameOf } from '../measured.ts'
import type { ReportGateRow, ReportJob, ReportView } from '../view.ts'
import { clip } from '../visible.ts'
import { type HtmlColumn, htmlTable } from './table.ts'

interface Drawn {
  readonly row: IterationStatus
  readonly spent: number
}

/** Sampling by iteration; empty before the first. */
export function samplingTable({ status }: ReportView): Content {
  if (status.iterations.length === 0) return html`<p class="quiet">No iteration has begun.</p>`
  const spent = cumulativeCosts(status)
  const seams = new Set(status.extensions.map(({ after }) => (after === null ? null : after + 1)))
  const rows: Drawn[] = status.iterations.map((row, place) => ({ row, spent: spent[place] ?? 0 }))
  const number = (title: string, of: (row: IterationStatus) => Content): HtmlColumn<Drawn> => ({
    title,
    number: true,
    cell: ({ row }) => of(row),
  })
  return htmlTable(
    'Sampling by iteration. Acceptance is eligible / sampled, surplus included.',
    [
      { title: 'Iteration', cell: ({ row }) => [nameOf(row.iteration), seams.has(row.iteration) && EXTENDED] },
      { title: 'State', cell: ({ row }) => stateCell(row.state) },
      number('Target n_t', (row) => count(row.target)),
      number('Accepted', (row) => count(row.accepted)),
      number('Sampled N_t', (row) => count(row.sampled)),
      number('Acceptance', (row) => percent(row.acceptanceRate)),
      number('Surplus', (row) => count(row.surplus)),
      number('Truncated', (row) => count(row.truncated)),
      ...(status.iterations.some(({ thinking }) => thinking !== null) ? thinkingColumns(number) : []),
      number('Failed', (row) => count(row.failed)),
      number('Cost', (row) => amount(row.cost)),
      { title: 'Cost so far', number: true, cell: ({ spent }) => count(spent) },
    ],
    rows,
  )
}

/** Mean lengths in tokens, and the share whose thinking never ended. */
function thinkingColumns<Column>(number: (title: string, of: (row: IterationStatus) => Content) => Column): Column[] {
  return [
    number('Thinking', ({ thinking }) => count(thinking && Math.round(thinking.tokens))),
    number('Answer', ({ thinking }) => count(thinking?.answerTokens && Math.round(thinking.answerTokens))),
    number('Not ended', ({ thinking }) => percent(thinking && thinking.unended / thinking.completions)),
  ]
}

/** What a policy that decides as it goes decided, and why; nothing for other policies. */
export function decisionTable({ status }: ReportView): Content {
  const rows = status.iterations.flatMap(({ iteration, decision }) => (decision ? [{ iteration, decision }] : []))
  if (rows.length === 0) return ''
  return htmlTable(
    'What the policy decided before each iteration; growth with its 80% interval.',
    [
      { title: 'Iteration', cell: ({ iteration }) => nameOf(iteration) },
      { title: 'Decision', cell: ({ decision }) => decision.kind },
      { title: 'n_t', number: true, cell: ({ decision }) => count(decision.size) },
      { title: '1 / lambda', number: true, cell: ({ decision }) => growthCell(decision) },
      { title: 'Reason', cell: ({ decision }) => decision.reason },
    ],
    rows,
  )
}

function growthCell({ growth, low, high }: { growth: number; low: number; high: number }): Markup {
  return html`${growth.toFixed(3)} <small>${low.toFixed(3)} to ${high.toFixed(3)}</small>`
}

function stateCell(state: IterationStatus['state']): Markup {
  const tone = state === 'rejected' ? 'bad' : state === 'done' ? '' : 'warn'
  return html`<span class="${tone}">${state}</span>`
}

/** The first iteration of a larger budget. */
const EXTENDED = html` <small>budget extended</small>`

const REJECTED = html` <span class="bad">rejected</span>`

/** Every evaluation with its interval, the base first, rejected checkpoints too. */
export function evaluationTable(view: ReportView): Content {
  const rows = measuredCheckpoints(view.status)
  if (rows.length === 0) return html`<p class="quiet">Nothing has been evaluated.</p>`
  const at = `T = ${view.evaluationTemperature}`
  return htmlTable(
    'Accuracy on the evaluation problems with 95% intervals; gains are paired differences to the base, in points, from the same problems with the same seeds, which saves the share of the variance in the column behind.',
    [
      { title: 'Checkpoint', cell: (row) => [nameOf(row.iteration), row.rejected && REJECTED] },
      { title: at, number: true, cell: ({ evaluation }) => accuracyCell(evaluation) },
      { title: `gain, ${at}`, number: true, cell: ({ evaluation }) => gainCell(evaluation.gain) },
      {
        title: 'pairing saves',
        number: true,
        cell: ({ evaluation: { gainSaved } }) => (isNumber(gainSaved) ? percent(gainSaved) : NOTHING),
      },
      { title: 'greedy', number: true, cell: ({ evaluation }) => accuracyCell(evaluation.greedy) },
      { title: 'gain, greedy', number: true, cell: ({ evaluation }) => gainCell(evaluation.greedyGain) },
      { title: 'Problems', number: true, cell: ({ evaluation }) => count(evaluation.n) },
    ],
    rows,
  )
}

function accuracyCell(accuracy: Accuracy | null | undefined): Content {
  if (!accuracy || accuracy.n === 0) return NOTHING
  return html`${percent(accuracy.accuracy)} <small>${percent(accuracy.low)} to ${percent(accuracy.high)}</small>`
}

function gainCell(gain: Accuracy | null | undefined): Content {
  if (!gain || gain.n === 0) return NOTHING
  const tone = { rose: 'good', fell: 'bad', unclear: '', unmeasured: '' }[changeOf(gain)]
  const bounds =
    isNumber(gain.low) && isNumber(gain.high) && html` <small>${points(gain.low)} to ${points(gain.high)}</small>`
  return html`<span class="${tone}">${points(gain.accuracy)}</span>${bounds}`
}

/** Accuracy by level; nothing where problems have no levels. */
export function levelsTable(view: ReportView): Content {
  const levels = levelsOf(view.status)
  if (levels.length === 0) return null
  return htmlTable<Measured>(
    `Accuracy by level at temperature ${view.evaluationTemperature}, with 95% intervals.`,
    [
      { title: 'Checkpoint', cell: (row) => [nameOf(row.iteration), row.rejected && REJECTED] },
      ...levels.map((level) => ({
        title: levelName(clip(level, 60)),
        number: true,
        cell: ({ evaluation }: Measured) => accuracyCell(evaluation.levels[level]),
      })),
    ],
    measuredCheckpoints(view.status),
  )
}

/** What the gate said of every training attempt. */
export function gateTable({ gates }: ReportView): Content {
  if (gates.length === 0) return html`<p class="quiet">No gate test has been made.</p>`
  const tone = { passed: 'good', undecided: 'warn', failed: 'bad' } as const
  return htmlTable<ReportGateRow>(
    'Paired tests on the gate problems against the last accepted checkpoint. Bounds are at the confidence of each test, which shares the error budget of the run. A drop that it sees fails in four of five cases; undecided says that this one may be smaller. Both answered the same problems with the same seeds: the last column has the share of the variance that this saves.',
    [
      { title: 'Iteration', cell: (row) => attemptName(row) },
      { title: 'Decision', cell: (row) => html`<span class="${tone[row.decision]}">${row.decision}</span>` },
      { title: 'Difference, points', number: true, cell: (row) => points(row.difference) },
      { title: 'from', number: true, cell: (row) => points(row.low) },
      { title: 'to', number: true, cell: (row) => points(row.high) },
      { title: 'Sees a drop of', number: true, cell: (row) => (row.sees === null ? NOTHING : points(row.sees)) },
      { title: 'Problems', number: true, cell: (row) => count(row.n) },
      { title: 'Samples of each', number: true, cell: samplesCell },
      { title: 'Error share', number: true, cell: (row) => significant(row.alpha) },
      { title: 'Pairing saves', number: true, cell: (row) => (row.saved === null ? NOTHING : percent(row.saved)) },
    ],
    gates,
  )
}

/** With what was seen on the way there. */
function samplesCell({ samples, looks }: ReportGateRow): Content {
  const before = looks.slice(0, -1)
  if (before.length === 0) return count(samples)
  const seen = before.map((look) => `${count(look.samples)}: ${points(look.low)} to ${points(look.high)}`)
  return html`${count(samples)} <small>undecided at ${seen.join('; ')}</small>`
}

/** How each checkpoint answers the gate problems; nothing where they have not been measured. */
export function healthTable({ status }: ReportView): Content {
  const rows = status.iterations.flatMap(({ iteration, health }) => (health ? [{ iteration, ...health }] : []))
  if (rows.length === 0) return null
  return htmlTable<(typeof rows)[number]>(
    'How the checkpoints answer the gate problems: what accuracy alone would not show.',
    [
      { title: 'Checkpoint', cell: (row) => nameOf(row.iteration) },
      { title: 'pass@1', number: true, cell: (row) => percent(row.passAt1) },
      { title: 'pass@k', number: true, cell: (row) => html`${percent(row.passAtK)} <small>k = ${row.samples}</small>` },
      { title: 'never solved', number: true, cell: (row) => percent(1 - row.passAtK) },
      { title: 'different answers', number: true, cell: (row) => percent(row.distinct) },
      { title: 'cut off', number: true, cell: (row) => percent(row.truncated) },
      { title: 'Tokens', number: true, cell: (row) => count(row.tokens) },
    ],
    rows,
  )
}

/** Training jobs, one a row. */
export function jobsTable({ jobs }: ReportView): Content {
  if (jobs.length === 0) return html`<p class="quiet">Nothing has been trained here.</p>`
  return htmlTable<ReportJob>(
    'Training jobs.',
    [
      { title: 'Iteration', cell: (row) => attemptName(row) },
      {
        title: 'State',
        cell: (row) => html`<span class="${row.state === 'succeeded' ? '' : 'warn'}">${row.state}</span>`,
      },
      { title: 'Rows', number: true, cell: (row) => count(row.rows) },
      { title: 'Steps', number: true, cell: (row) => count(row.metrics?.steps ?? row.optimization.steps) },
      { title: 'Batch', number: true, cell: (row) => count(row.optimization.batch) },
      {
        title: 'Learning rate',
        number: true,
        cell: ({ optimization }) => rateCell(optimization.lrStart, optimization.lrEnd),
      },
      { title: 'Loss first', number: true, cell: (row) => significant(row.metrics?.loss.first) },
      { title: 'last', number: true, cell: (row) => significant(row.metrics?.loss.last) },
      { title: 'Weights moved', number: true, cell: (row) => significant(row.metrics?.update?.meanAbs) },
      { title: 'of it kept', number: true, cell: (row) => keptCell(row.metrics?.update?.kept) },
      { title: 'Tokens', number: true, cell: (row) => count(row.metrics?.tokens) },
      { title: 'Time', number: true, cell: (row) => duration(row.metrics?.seconds) },
    ],
    jobs,
  )
}

function keptCell(kept: number | undefined): Content {
  const isLost = kept !== undefined && kept < KEPT_LEAST
  return html`<span class="${isLost ? 'warn' : ''}">${kept === undefined ? '' : percent(kept)}</span>`
}

function rateCell(start: number, end: number): string {
  return start === end ? significant(start) : `${significant(start)} → ${significant(end)}`
}

function attemptName(row: { readonly iteration: number; readonly attempt: number }): string {
  return row.attempt === 0 ? nameOf(row.iteration) : `${nameOf(row.iteration)}, attempt ${row.attempt + 1}`
}
