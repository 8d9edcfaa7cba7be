/** The account of a run: every sample, token and second belongs to exactly one entry, so that the sums are the totals. */

import type { FinishReason, Purpose } from '../completion.ts'
import type { Disposition } from '../trace.ts'
import { type CostSettings, costRule } from './cost-settings.ts'

export const ACCOUNTS = [
  'accepted',
  'surplus',
  'rejected',
  'truncated',
  'open',
  'hint',
  'probe',
  'pilot',
  'evaluation',
  'failed',
  'retried',
  'judge',
  'training',
  'overhead',
] as const
/**
 * - `accepted`, `surplus`, `truncated`: as the disposition of a completion drawn for training; `rejected`: any other one;
 *   `open`: not judged yet
 * - `hint`, `probe`, `pilot`: drawn for that; `evaluation`: to measure a checkpoint, gate and greedy included
 * - `failed`: requests that were given up; `retried`: time of attempts that brought nothing
 * - `judge`: what a model was asked of answers that the checker leaves open
 * - `training`: of the jobs; `overhead`: everything else, such as starting servers and the fixed cost of an iteration
 */
export type Account = (typeof ACCOUNTS)[number]

/** Sums over completions of one purpose, iteration and fate. */
export interface LedgerDraws {
  readonly purpose: Purpose
  readonly iteration: number
  readonly disposition: Disposition | null
  readonly finishReason: FinishReason
  /** 1 for those that came from the cache: they cost nothing. */
  readonly cached: number
  readonly completions: number
  readonly promptTokens: number
  readonly completionTokens: number
  /** Milliseconds of the attempts that returned. */
  readonly latencyMs: number
}

/** Attempts that brought nothing, by what they were made for. */
export interface LedgerRetries {
  readonly purpose: Purpose
  readonly iteration: number
  readonly attempts: number
  readonly durationMs: number
}

/** Seconds of the run's own activity. */
export interface LedgerActivity {
  readonly iteration: number
  readonly phase: string
  readonly seconds: number
}

/** What a training job has said it went over. */
export interface LedgerTrained {
  readonly iteration: number
  readonly tokens: number
}

/** Questions to a judge about completions of an iteration. */
export interface LedgerJudged {
  readonly iteration: number
  readonly requests: number
  readonly tokens: number
}

export interface LedgerInput {
  readonly draws: readonly LedgerDraws[]
  readonly retries: readonly LedgerRetries[]
  readonly activity: readonly LedgerActivity[]
  /** Tokens that training went over; left out where nobody asks for their cost. */
  readonly trained?: readonly LedgerTrained[]
  /** Questions to a judge; left out where there are none. */
  readonly judged?: readonly LedgerJudged[]
  readonly costs: CostSettings
  /** Iterations that have begun: each has its fixed cost. */
  readonly begun: number
  /** HTTP requests next to all completions: probes of endpoints, canaries, single tokens; left out for one iteration's share. */
  readonly beside?: number
}

export interface LedgerEntry {
  readonly account: Account
  /** Completions that came back, those from the cache included; for `failed` the requests that were given up. */
  readonly completions: number
  /** Of these, from the cache. */
  readonly cached: number
  /** HTTP requests that brought no completion: those of `retried` and `judge`, and in `overhead` what was asked to know the servers. */
  readonly attempts: number
  /** Of prompts and completions that were paid for. */
  readonly tokens: number
  /** Of the run's own activity; what samples share is split by the time their requests took. */
  readonly seconds: number
  /** In the unit of the costs. */
  readonly cost: number
}

/** The entries with anything in them, in the order of `ACCOUNTS`. */
export function ledgerOf(input: LedgerInput): LedgerEntry[] {
  const sums = new Map(ACCOUNTS.map((account) => [account, { ...EMPTY }]))
  const add = (account: Account, amounts: Partial<Amounts>): void => {
    const sum = sums.get(account) ?? { ...EMPTY }
    for (const key of KEYS) sum[key] += amounts[key] ?? 0
  }
  const rule = costRule(input.costs)
  const prices = rule.kind === 'prices' ? rule.costs : { sample: 0, train: 0, iteration: 0 }
  const perToken = rule.kind === 'tokens' ? rule : { drawn: 0, trained: 0 }
  for (const row of input.draws) {
    const account = accountOf(row)
    const isPaid = row.cached === 0
    const tokens = isPaid ? row.promptTokens + row.completionTokens : 0
    const byCount = isPaid && isPriced(row) ? prices.sample * row.completions : 0
    add(account, {
      completions: row.completions,
      cached: isPaid ? 0 : row.completions,
      tokens,
      cost: byCount + perToken.drawn * tokens,
    })
    if (row.disposition === 'accepted') add('training', { cost: prices.train * row.completions })
  }
  for (const { tokens } of input.trained ?? []) add('training', { cost: perToken.trained * tokens })
  for (const { requests, tokens } of input.judged ?? [])
    add('judge', { attempts: requests, tokens, cost: perToken.drawn * tokens })
  for (const row of input.retries) add('retried', { attempts: row.attempts })
  add('overhead', { cost: prices.iteration * input.begun, attempts: input.beside ?? 0 })
  const draws = Map.groupBy(input.draws, ({ iteration }) => iteration)
  const retries = Map.groupBy(input.retries, ({ iteration }) => iteration)
  for (const row of input.activity) {
    const { iteration } = row
    splitSeconds(row, { draws: draws.get(iteration) ?? [], retries: retries.get(iteration) ?? [] }, add)
  }
  return ACCOUNTS.flatMap((account): LedgerEntry[] => {
    const sum = sums.get(account) ?? EMPTY
    if (KEYS.every((key) => sum[key] === 0)) return []
    return [{ account, ...sum, cost: rule.kind === 'seconds' ? rule.perSecond * sum.seconds : sum.cost }]
  })
}

const KEYS = ['completions', 'cached', 'attempts', 'tokens', 'seconds', 'cost'] as const
type Amounts = Record<(typeof KEYS)[number], number>
const EMPTY: Amounts = { completions: 0, cached: 0, attempts: 0, tokens: 0, seconds: 0, cost: 0 }

/** Purposes that measure a checkpoint. */
export const MEASURING: readonly Purpose[] = ['gate', 'evaluate', 'greedy']

/** Completions that cost c_g each: those drawn to train on, and to decide how. Measuring is in the fixed cost of an iteration. */
export function isPriced({ purpose, finishReason }: Pick<LedgerDraws, 'purpose' | 'finishReason'>): boolean {
  return finishReason !== 'failed' && !MEASURING.includes(purpose)
}

export function accountOf(row: Pick<LedgerDraws, 'purpose' | 'disposition' | 'finishReason'>): Account {
  if (row.finishReason === 'failed') return 'failed'
  if (row.purpose === 'hint' || row.purpose === 'probe' || row.purpose === 'pilot') return row.purpose
  if (row.purpose !== 'train') return 'evaluation'
  switch (row.disposition) {
    case null:
      return 'open'
    case 'accepted':
    case 'surplus':
    case 'truncated':
      return row.disposition
    default:
      return 'rejected'
  }
}

/** A phase that draws is shared by its iteration's requests in the ratio of their time; where there were none, it is overhead. */
function splitSeconds(
  { phase, seconds }: LedgerActivity,
  { draws, retries }: Pick<LedgerInput, 'draws' | 'retries'>,
  add: (account: Account, amounts: Partial<Amounts>) => void,
): void {
  if (phase === 'training') {
    add('training', { seconds })
    return
  }
  const isMeasuring = phase === 'evaluating'
  const belongs = (row: { readonly purpose: Purpose }): boolean =>
    MEASURING.includes(row.purpose) === isMeasuring && (row.purpose === 'pilot') === (phase === 'pilot')
  const shares: (readonly [Account, number])[] =
    phase === 'sampling' || phase === 'pilot' || isMeasuring
      ? [
          ...draws.filter(belongs).map((row) => [accountOf(row), row.latencyMs] as const),
          ...retries.filter(belongs).map((row) => ['retried', row.durationMs] as const),
        ]
      : []
  const all = shares.reduce((sum, [, amount]) => sum + amount, 0)
  if (all === 0) add('overhead', { seconds })
  else for (const [account, amount] of shares) add(account, { seconds: seconds * (amount / all) })
}
