/** Where cost, tokens and time went, as parts of a whole. Pure sums over the ledger. */

import { fixedPrices } from '../core/budget/cost-settings.ts'
import { type Account, isPriced } from '../core/budget/ledger.ts'
import { DISPOSITIONS } from '../core/trace.ts'
import type { ColorName } from './chart/chart.ts'
import type { ReportLedgerRow, ReportView } from './view.ts'

export interface Part {
  readonly name: string
  readonly amount: number
  readonly color: ColorName
}

export interface Spending {
  readonly what: 'cost' | 'tokens' | 'time'
  readonly total: number
  /** Only parts above zero, in one order for all three. */
  readonly parts: readonly Part[]
}

/** Parts in the order they are stacked. */
const PARTS = {
  accepted: 'one',
  surplus: 'five',
  duplicate: 'seven',
  'over-cap': 'eight',
  unsound: 'two',
  restated: 'two',
  'too-long': 'eight',
  leaked: 'two',
  wrong: 'four',
  'not-kept': 'eight',
  truncated: 'two',
  failed: 'ink',
  unanswered: 'ink',
  open: 'faint',
  sampling: 'one',
  training: 'three',
  serving: 'seven',
  'fixed per iteration': 'seven',
  hint: 'three',
  probe: 'eight',
  pilot: 'soft',
  evaluation: 'six',
  gate: 'soft',
  other: 'faint',
} as const satisfies Record<string, ColorName>

type PartName = keyof typeof PARTS

/** What is known of the three: nothing of it is made up where nothing was spent. */
export function spendings(view: ReportView): Spending[] {
  const out = [costSpending(view), tokenSpending(view), timeSpending(view)]
  return out.filter((spending): spending is Spending => spending !== undefined && spending.total > 0)
}

/** The fate of a completion, or the purpose of one that is not for training. */
export function fateOf(row: ReportLedgerRow): PartName {
  if (row.purpose === 'evaluate' || row.purpose === 'greedy') return 'evaluation'
  if (row.purpose === 'gate') return 'gate'
  if (row.purpose === 'hint' || row.purpose === 'probe' || row.purpose === 'pilot') return row.purpose
  if (row.disposition) return row.disposition
  return row.finishReason === 'failed' ? 'failed' : 'open'
}

/** The price list applied to the counts; where cost comes from tokens or time, as the account has it. Seconds have a bar of their own. */
function costSpending({ costs: settings, ledger, status }: ReportView): Spending | undefined {
  if (settings === null || settings === 'measured') return undefined
  const costs = fixedPrices(settings)
  if (!costs) {
    const parts = new Map<PartName, number>()
    for (const { account, cost } of status.ledger) add(parts, ACCOUNT_PARTS[account], cost)
    return spending('cost', parts)
  }
  const amounts = new Map<PartName, number>()
  for (const row of ledger) {
    const fate = fateOf(row)
    if (row.disposition === 'accepted') add(amounts, 'training', row.completions * costs.train)
    if (row.cached === 0 && isPriced(row)) add(amounts, fate, row.completions * costs.sample)
  }
  const begun = status.iterations.filter((row) => row.state !== 'planned').length
  add(amounts, 'fixed per iteration', begun * costs.iteration)
  return spending('cost', amounts)
}

const ACCOUNT_PARTS: Readonly<Record<Account, PartName>> = {
  accepted: 'accepted',
  surplus: 'surplus',
  rejected: 'wrong',
  truncated: 'truncated',
  open: 'open',
  hint: 'hint',
  probe: 'probe',
  pilot: 'pilot',
  evaluation: 'evaluation',
  failed: 'failed',
  retried: 'other',
  judge: 'other',
  training: 'training',
  overhead: 'other',
}

function tokenSpending({ ledger }: ReportView): Spending {
  const amounts = new Map<PartName, number>()
  for (const row of ledger) {
    if (row.cached === 0) add(amounts, fateOf(row), row.promptTokens + row.completionTokens)
  }
  return spending('tokens', amounts)
}

const PHASE_PARTS: Readonly<Record<string, PartName>> = {
  sampling: 'sampling',
  training: 'training',
  serving: 'serving',
  evaluating: 'evaluation',
}

function timeSpending({ activity }: ReportView): Spending {
  const amounts = new Map<PartName, number>()
  for (const row of activity) add(amounts, PHASE_PARTS[row.phase] ?? 'other', row.seconds)
  return spending('time', amounts)
}

function add(amounts: Map<PartName, number>, name: PartName, amount: number): void {
  if (Number.isFinite(amount)) amounts.set(name, (amounts.get(name) ?? 0) + amount)
}

function spending(what: Spending['what'], amounts: ReadonlyMap<PartName, number>): Spending {
  const names = Object.keys(PARTS) as PartName[]
  const parts = names.flatMap((name) => {
    const amount = amounts.get(name) ?? 0
    return amount > 0 ? [{ name: nameOfPart(name, what), amount, color: PARTS[name] }] : []
  })
  return { what, total: parts.reduce((sum, part) => sum + part.amount, 0), parts }
}

/** In the bar of time, evaluating includes the gate's measurement. */
function nameOfPart(name: PartName, what: Spending['what']): string {
  if (what === 'time') return name === 'evaluation' ? 'evaluation and gate' : name
  const isFate = DISPOSITIONS.some((disposition) => disposition === name)
  return isFate && what === 'cost' ? `sampling: ${name}` : name
}
