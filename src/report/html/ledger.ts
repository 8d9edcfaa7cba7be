/** The page's account: bars of where cost, tokens and time went, and the ledger's sums in tables. */

import type { LedgerEntry } from '../../core/budget/ledger.ts'
import { amount, count, duration, percent } from '../format.ts'
import { type Content, html, type Markup } from '../markup.ts'
import { nameOf } from '../measured.ts'
import { fateOf, type Spending, spendings } from '../spending.ts'
import type { ReportActivityRow, ReportLedgerRow, ReportView } from '../view.ts'
import { htmlTable } from './table.ts'

/** Three stacked bars, each a whole of its own. */
export function spendingBars(view: ReportView): Content {
  const all = spendings(view)
  if (all.length === 0) return html`<p class="quiet">Nothing has been spent yet.</p>`
  return all.map(spendingBar)
}

const TITLES = { cost: 'Cost', tokens: 'Tokens', time: 'Time' } as const

function spendingBar({ what, total, parts }: Spending): Markup {
  const written = (value: number): string => {
    if (what === 'time') return duration(value)
    return what === 'cost' ? amount(value) : count(value)
  }
  const alt = parts.map((part) => `${part.name} ${percent(part.amount / total)}`).join(', ')
  return html`<div class="bar"><h4>${TITLES[what]} <span>${written(total)}</span></h4>
${stack(`${TITLES[what]}: ${alt}`, total, parts)}
<ul class="legend">${parts.map(
    (part) =>
      html`<li><i class="area c-${part.color}"></i>${part.name} <b>${percent(part.amount / total)}</b> ${written(part.amount)}</li>`,
  )}</ul></div>
`
}

/** The parts side by side, drawn: widths as attributes, since the page's policy allows no style attribute. */
function stack(alt: string, total: number, parts: Spending['parts']): Markup {
  let from = 0
  const rects = parts.map((part) => {
    const width = (1000 * part.amount) / total
    const rect = html`<rect class="c-${part.color}" x="${from.toFixed(2)}" width="${Math.max(1, width - 1).toFixed(2)}" height="22"/>`
    from += width
    return rect
  })
  return html`<svg class="stack" viewBox="0 0 1000 22" preserveAspectRatio="none" role="img" aria-label="${alt}">${rects}</svg>`
}

type Entry = Omit<LedgerEntry, 'account'> & { readonly account: string }

/** Every sample, token and second under one heading; the last row is the totals. */
export function accountTable({ status }: ReportView): Content {
  if (status.ledger.length === 0) return null
  const sum = (of: (row: LedgerEntry) => number): number => status.ledger.reduce((total, row) => total + of(row), 0)
  return htmlTable<Entry>(
    'The account: where everything went. The time of a phase is split by that of its requests; what came from the cache cost nothing.',
    [
      { title: 'Account', cell: (row) => row.account },
      { title: 'Completions', number: true, cell: (row) => count(row.completions) },
      { title: 'From the cache', number: true, cell: (row) => count(row.cached) },
      { title: 'Attempts without result', number: true, cell: (row) => count(row.attempts) },
      { title: 'Tokens', number: true, cell: (row) => count(row.tokens) },
      { title: 'Time', number: true, cell: (row) => duration(row.seconds) },
      { title: 'Cost', number: true, cell: (row) => amount(row.cost) },
    ],
    status.ledger,
    {
      account: 'all',
      completions: sum((row) => row.completions),
      cached: sum((row) => row.cached),
      attempts: sum((row) => row.attempts),
      tokens: sum((row) => row.tokens),
      seconds: sum((row) => row.seconds),
      cost: sum((row) => row.cost),
    },
  )
}

type Sums = Pick<ReportLedgerRow, 'completions' | 'promptTokens' | 'completionTokens' | 'latencyMs'> & {
  readonly purpose: string
  readonly fate: string
}

/** Completions and tokens by purpose and fate, over all iterations. */
export function ledgerTable({ ledger }: ReportView): Content {
  if (ledger.length === 0) return html`<p class="quiet">The ledger is empty.</p>`
  const sums = new Map<string, Sums>()
  for (const row of ledger) {
    const purpose = row.purpose
    const fate = describeFate(row)
    const key = `${purpose}\n${fate}`
    sums.set(key, plus(sums.get(key) ?? { ...EMPTY, purpose, fate }, row))
  }
  const rows = [...sums.values()].sort((a, b) => order(a) - order(b) || b.completions - a.completions)
  const total = rows.reduce<Sums>((sum, row) => plus(sum, row), { ...EMPTY, purpose: 'all', fate: '' })
  return htmlTable<Sums>(
    'Completions and tokens by purpose and fate. Server time is summed over requests, which run side by side.',
    [
      { title: 'Purpose', cell: (row) => row.purpose },
      { title: 'Fate', cell: (row) => row.fate },
      { title: 'Completions', number: true, cell: (row) => count(row.completions) },
      { title: 'Prompt tokens', number: true, cell: (row) => count(row.promptTokens) },
      { title: 'Completion tokens', number: true, cell: (row) => count(row.completionTokens) },
      { title: 'Tokens each', number: true, cell: (row) => count(row.completionTokens / row.completions) },
      { title: 'Server time', number: true, cell: (row) => duration(row.latencyMs / 1000) },
    ],
    rows,
    total,
  )
}

const EMPTY = { completions: 0, promptTokens: 0, completionTokens: 0, latencyMs: 0 } as const
const PURPOSE_ORDER = ['train', 'hint', 'probe', 'pilot', 'evaluate', 'greedy', 'gate']

function order({ purpose }: Sums): number {
  const place = PURPOSE_ORDER.indexOf(purpose)
  return place < 0 ? PURPOSE_ORDER.length : place
}

function plus<T extends Sums>(sum: T, row: Pick<Sums, keyof typeof EMPTY>): T {
  return {
    ...sum,
    completions: sum.completions + row.completions,
    promptTokens: sum.promptTokens + row.promptTokens,
    completionTokens: sum.completionTokens + row.completionTokens,
    latencyMs: sum.latencyMs + row.latencyMs,
  }
}

/** For training the disposition, with the verdict where it says more; otherwise the verdict. */
function describeFate(row: ReportLedgerRow): string {
  if (row.purpose === 'hint' && row.disposition) return row.disposition
  if (row.purpose === 'train') {
    const fate = fateOf(row)
    return fate === 'wrong' && row.verdict ? `wrong: ${row.verdict}` : fate
  }
  if (row.finishReason === 'failed') return 'failed'
  if (row.finishReason === 'length') return 'truncated'
  return row.verdict ?? 'not verified'
}

/** HTTP attempts by how they ended: what the retries cost. */
export function attemptsTable({ attempts }: ReportView): Content {
  if (attempts.length === 0) return null
  return htmlTable(
    'Requests by how they ended, retries included.',
    [
      { title: 'Outcome', cell: (row) => row.outcome },
      { title: 'Requests', number: true, cell: (row) => count(row.attempts) },
      { title: 'Time', number: true, cell: (row) => duration(row.durationMs / 1000) },
    ],
    attempts,
  )
}

/** Seconds of the run's own activity, a column for each phase. */
export function activityTable({ activity }: ReportView): Content {
  if (activity.length === 0) return null
  const phases = [...new Set(activity.map((row) => row.phase))].filter((phase) => seconds(activity, phase) > 0)
  const iterations = [...new Set(activity.map((row) => row.iteration))].sort((a, b) => a - b)
  const cell = (phase: string | undefined) => (iteration: number | undefined) =>
    duration(seconds(activity, phase, iteration))
  return htmlTable<number | undefined>(
    'Time by iteration and phase, over all processes of the run.',
    [
      { title: 'Iteration', cell: (iteration) => (iteration === undefined ? 'all' : nameOf(iteration)) },
      ...phases.map((phase) => ({ title: phase, number: true, cell: cell(phase) })),
      { title: 'all', number: true, cell: cell(undefined) },
    ],
    iterations,
    undefined,
  )
}

function seconds(rows: readonly ReportActivityRow[], phase?: string, iteration?: number): number {
  return rows
    .filter(
      (row) => (phase === undefined || row.phase === phase) && (iteration === undefined || row.iteration === iteration),
    )
    .reduce((sum, row) => sum + row.seconds, 0)
}
