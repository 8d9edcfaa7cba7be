/** Status, plan and single traces as text for a terminal: no line wider than it, nothing that could steer it. */

import { unansweredInWords } from '../../core/accept/unanswered.ts'
import type { ProblemsStatus } from '../../core/allocate/coverage.ts'
import { extensionsInWords } from '../../core/budget/extension.ts'
import type { LedgerEntry } from '../../core/budget/ledger.ts'
import type { Plan, PlannedIteration } from '../../core/budget/plan.ts'
import type { Accuracy, IterationStatus, RunStatus } from '../../core/status.ts'
import { amount, count, counted, duration, isNumber, NOTHING, percent } from '../format.ts'
import { judgement } from '../judgement.ts'
import { levelName, nameOf } from '../measured.ts'
import type { ReportTrace } from '../view.ts'
import { clip, visible, visibleLine } from '../visible.ts'
import { type Column, cutTo, type Format, paint, type TextStyle, table, wrap } from './columns.ts'

type StatusRow = { readonly name: string; readonly state: string; readonly row: IterationStatus | undefined } & {
  readonly evaluation: RunStatus['base']['evaluation']
}

const STATUS_COLUMNS: readonly Column<StatusRow>[] = [
  { title: 't', align: 'right', spare: 0, cell: ({ name }) => name },
  { title: 'state', align: 'left', spare: 0, cell: ({ state }) => state, format: ({ state }) => STATE_FORMATS[state] },
  { title: 'n_t', align: 'right', spare: 5, cell: ({ row }) => whole(row?.target) },
  { title: 'accepted', align: 'right', spare: 0, cell: ({ row }) => whole(row?.accepted) },
  { title: 'sampled', align: 'right', spare: 2, cell: ({ row }) => whole(row?.sampled) },
  { title: 'rate', align: 'right', spare: 3, cell: ({ row }) => (row ? percent(row.acceptanceRate) : '') },
  { title: 'cost', align: 'right', spare: 4, cell: ({ row }) => (row ? amount(row.cost) : '') },
  { title: 'accuracy', align: 'right', spare: 0, cell: ({ evaluation }) => share(evaluation) },
  { title: 'greedy', align: 'right', spare: 1, cell: ({ evaluation }) => share(evaluation?.greedy ?? null) },
]

const STATE_FORMATS: Readonly<Record<string, Format>> = {
  done: 'green',
  rejected: 'red',
  failed: 'red',
  capped: 'yellow',
  waiting: 'yellow',
  interrupted: 'yellow',
  planned: 'dim',
  base: 'dim',
  sampling: 'cyan',
  training: 'cyan',
  serving: 'cyan',
  evaluating: 'cyan',
  running: 'cyan',
}

/** Where a run stands; no line is wider than `width`. Accuracies are `share ± half the 95% interval`. */
export function renderStatus(status: RunStatus, options: TextStyle): string {
  const style = usable(options)
  const name = cutTo(visibleLine(status.name), Math.max(8, style.width - 14))
  const out = [`${paint(style, 'bold', name)}  ${paint(style, STATE_FORMATS[status.state] ?? 'reset', status.state)}`]
  if (status.reason !== null) out.push(...wrap(visibleLine(status.reason), style.width))
  const rows = renderIterations(status, style)
  if (rows !== '') out.push('', rows)
  for (const sentence of extensionsInWords(status.extensions)) out.push(...wrap(sentence, style.width))
  out.push('', ...wrap(totalsSentence(status), style.width))
  const { external } = status
  if (external) {
    const sentence = `Generated elsewhere, in no iteration: ${counted(external.completions, 'completion')}, ${count(external.correct)} correct, ${count(external.truncated)} cut off, ${count(external.accepted)} accepted.`
    out.push(...wrap(sentence, style.width))
  }
  const problems = problemsSentence(status.problems)
  if (problems !== undefined) out.push(...wrap(problems, style.width))
  if (status.ledger.length > 0) out.push('', ...table(LEDGER_COLUMNS, status.ledger, style))
  const decided = status.iterations.findLast((row) => row.decision !== null)
  if (decided?.decision) {
    out.push('', ...wrap(`Iteration ${decided.iteration}: ${visibleLine(decided.decision.reason)}`, style.width))
  }
  const thinking = thinkingSentence(status.iterations)
  if (thinking !== undefined) out.push(...wrap(thinking, style.width))
  for (const row of status.iterations.filter(({ unanswered }) => unanswered > 0)) {
    out.push(...wrap(unansweredInWords(row), style.width))
  }
  const unproven = [status.base, ...status.iterations].some((row) => row.checkpoint?.weights === 'unproven')
  if (unproven) {
    const note =
      'weights: unproven (somebody else serves some of these checkpoints, and no probe has shown which they are)'
    out.push(...wrap(note, style.width).map((line) => paint(style, 'dim', line)))
  }
  return out.join('\n')
}

/** The base and the iterations of a run, a line each; empty before there is one. */
export function renderIterations(status: RunStatus, options: TextStyle): string {
  const rows = statusRows(status)
  return rows.length === 0 ? '' : table(STATUS_COLUMNS, rows, usable(options)).join('\n')
}

function thinkingSentence(iterations: readonly IterationStatus[]): string | undefined {
  const last = iterations.findLast(({ thinking }) => thinking !== null)
  if (!last?.thinking) return undefined
  const { completions, tokens, answerTokens, unended } = last.thinking
  const answers = answerTokens === null ? '' : ` before answers of ${count(Math.round(answerTokens))}`
  const cut =
    unended === 0 ? 'all of it ended' : `in ${percent(unended / completions)} it never ended, which is no answer`
  return `Thinking in iteration ${last.iteration}: ${count(Math.round(tokens))} tokens on average${answers}; ${cut}.`
}

const LEDGER_COLUMNS: readonly Column<LedgerEntry>[] = [
  { title: 'spent on', align: 'left', spare: 0, cell: ({ account }) => account },
  { title: 'completions', align: 'right', spare: 1, cell: ({ completions }) => count(completions) },
  { title: 'cached', align: 'right', spare: 4, cell: ({ cached }) => count(cached) },
  { title: 'other requests', align: 'right', spare: 3, cell: ({ attempts }) => count(attempts) },
  { title: 'tokens', align: 'right', spare: 0, cell: ({ tokens }) => count(tokens) },
  { title: 'time', align: 'right', spare: 2, cell: ({ seconds }) => duration(seconds) },
  { title: 'cost', align: 'right', spare: 0, cell: ({ cost }) => amount(cost) },
]

function statusRows(status: RunStatus): StatusRow[] {
  const rows: StatusRow[] = status.iterations.map((row) => ({
    name: nameOf(row.iteration),
    state: row.state,
    row,
    evaluation: row.evaluation,
  }))
  const { evaluation } = status.base
  return evaluation ? [{ name: NOTHING, state: 'base', row: undefined, evaluation }, ...rows] : rows
}

function totalsSentence({ totals, costUnit }: RunStatus): string {
  const extras = [
    totals.surplus > 0 && `${count(totals.surplus)} surplus`,
    totals.truncated > 0 && `${count(totals.truncated)} truncated`,
    totals.tooLong > 0 && `${count(totals.tooLong)} too long`,
    totals.failed > 0 && `${count(totals.failed)} failed`,
    totals.retried > 0 && `${count(totals.retried)} retried`,
    totals.cached > 0 && `${count(totals.cached)} from the cache`,
  ].filter((text) => text !== false)
  const aside = extras.length > 0 ? ` (${extras.join(', ')})` : ''
  const sampled = `${counted(totals.accepted, 'trace')} accepted of ${count(totals.sampled)} sampled${aside}`
  return `In all: ${sampled}; cost ${amount(totals.cost)}${costUnit === '' ? '' : ` ${costUnit}`}, ${counted(totals.tokens, 'token')}, ${duration(totals.seconds)}.`
}

const PLAN_COLUMNS: readonly Column<{ readonly name: string } & Omit<PlannedIteration, 'iteration'>>[] = [
  { title: 't', align: 'right', spare: 0, cell: ({ name }) => name, format: totalFormat },
  { title: 'n_t accepted', align: 'right', spare: 0, cell: (row) => count(row.accepted), format: totalFormat },
  { title: 'N_t expected', align: 'right', spare: 1, cell: (row) => count(row.expectedSamples), format: totalFormat },
  { title: 'cost', align: 'right', spare: 0, cell: (row) => amount(row.cost), format: totalFormat },
]

function totalFormat({ name }: { readonly name: string }): Format | undefined {
  return name === 'total' ? 'bold' : undefined
}

/** What a run asks for and is expected to cost, an iteration a line and the totals last. */
export function renderPlan(plan: Plan, options: TextStyle): string {
  const style = usable(options)
  const rows = plan.iterations.map(({ iteration, ...row }) => ({ name: String(iteration), ...row }))
  const { accepted, samples, cost } = plan.totals
  const out = table(PLAN_COLUMNS, [...rows, { name: 'total', accepted, expectedSamples: samples, cost }], style)
  if (samples === null || cost === null) {
    const note = `${NOTHING}: not known before an acceptance rate or a price is: --rate 0.4 supposes a rate, --pilot 200 draws samples and measures both.`
    out.push('', ...wrap(note, style.width).map((line) => paint(style, 'dim', line)))
  }
  return out.join('\n')
}

/** Characters of a question or a completion that are shown. */
const SHOWN = 20_000

/** No line is wider than `width`; whatever the model wrote cannot steer the terminal. Ends in an empty line. */
export function renderTrace(trace: ReportTrace, options: TextStyle): string {
  const style = usable(options)
  const lines = (text: string, indent: string): string[] =>
    wrap(text, style.width - indent.length).map((line) => (indent + line).trimEnd())
  const paragraph = (title: string, text: string): string[] => [
    paint(style, 'dim', cutTo(title, style.width)),
    ...lines(visible(clip(text, SHOWN)), '  '),
  ]
  return [
    ...lines(visibleLine(placeOf(trace)), '').map((line) => paint(style, 'bold', line)),
    ...lines(judgement(trace), '').map((line) => paint(style, formatOf(trace), line)),
    ...paragraph('question', trace.question),
    ...paragraph(
      `completion (${counted(trace.completionTokens, 'token')}, ended by ${ENDINGS[trace.finishReason]})`,
      trace.text,
    ),
    '',
  ].join('\n')
}

const ENDINGS = {
  stop: 'itself',
  length: 'the token limit',
  filtered: "the server's filter",
  failed: 'a failure',
} as const

function placeOf(trace: ReportTrace): string {
  const level = trace.level === null ? '' : ` · ${levelName(trace.level)}`
  if (trace.purpose === 'external') return `${trace.problem} #${trace.index} · generated elsewhere${level}`
  return `${trace.problem} #${trace.index} · ${trace.purpose} · iteration ${nameOf(trace.iteration)}${level}`
}

function formatOf({ verdict, finishReason }: ReportTrace): Format {
  if (finishReason !== 'stop') return 'yellow'
  if (verdict === 'correct') return 'green'
  return verdict === 'incorrect' ? 'red' : 'yellow'
}

/** Cells of a row that has no such number (the base) stay empty; numbers that are not there yet are a dash. */
function whole(value: number | null | undefined): string {
  return value === undefined ? '' : count(value)
}

function share(accuracy: Accuracy | null): string {
  if (!accuracy || !isNumber(accuracy.accuracy)) return NOTHING
  const half = (accuracy.high - accuracy.low) / 2
  const margin = isNumber(half) ? ` ±${(100 * half).toFixed(1)}` : ''
  return `${percent(accuracy.accuracy)}${margin}`
}

function usable(style: TextStyle): TextStyle {
  return { ...style, width: Math.max(20, Math.floor(Number.isFinite(style.width) ? style.width : 80)) }
}

const BARS = '▁▂▃▄▅▆▇█'

/** How many problems were asked and solved, and how their solve rates lie; undefined before anything is known. */
function problemsSentence(problems: ProblemsStatus): string | undefined {
  if (problems.asked === 0) return undefined
  const { asked, solved, neverSolved, rates } = problems
  return `Problems: ${count(asked)} of ${count(problems.count)} asked, ${count(solved)} solved (${percent(solved / asked)}), ${count(neverSolved)} never; solve rates from 0 to 1: ${barsOf(rates)}`
}

/** One bar a bin; a bin that is not empty shows. */
function barsOf(counts: readonly number[]): string {
  const most = Math.max(1, ...counts)
  return counts.map((n) => (n === 0 ? '·' : BARS[Math.ceil((n / most) * BARS.length) - 1])).join('')
}
