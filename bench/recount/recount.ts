/**
 * Every number of `status --json` of a stored run, counted a second time: from the raw rows alone, in plain loops, without any of the program's
 * sums, queries or formulas. For costs by fixed prices.
 */

import { join } from 'node:path'
import Database from 'better-sqlite3'
import { gateNumbers } from './gate.ts'
import { type Raw, seconds, shareOf, type Tables } from './second-path.ts'

export interface Recount {
  /** Numbers that were compared. */
  readonly compared: number
  readonly differences: readonly { readonly path: string; readonly said: unknown; readonly counted: unknown }[]
}

/** @param status as `status --json` prints it */
export function recount(directory: string, status: object): Recount {
  const counted = new Map(Object.entries(countAll(readTables(directory))))
  const differences: { path: string; said: unknown; counted: unknown }[] = []
  for (const [path, value] of counted) {
    const said = at(status, path.split('.'))
    const isSame =
      typeof said === 'number' && typeof value === 'number'
        ? Math.abs(said - value) <= 1e-8 * Math.max(1, Math.abs(value))
        : said === value
    if (!isSame) differences.push({ path, said, counted: value })
  }
  // What the status says in these parts and was not counted would be a number that nobody looked at.
  for (const path of leavesOf(status)) {
    if (COUNTED.test(path) && !counted.has(path))
      differences.push({ path, said: at(status, path.split('.')), counted: undefined })
  }
  return { compared: counted.size, differences }
}

/** The parts of a status that are counted again as a whole. */
const COUNTED =
  /^(ledger|totals)\.|^iterations\.\d+\.(?!iteration$|temperature$)([a-zA-Z]+$|(evaluation|health|gate)\.)|^base\.evaluation\./

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (Array.isArray(inner)) return inner.find((item) => item?.account === key) ?? inner[Number(key)]
    return (inner as Record<string, unknown> | null | undefined)?.[key]
  }, value)
}

function leavesOf(value: unknown, path = ''): string[] {
  if (typeof value === 'number') return [path]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = Array.isArray(value) ? ((inner as { account?: string }).account ?? key) : key
    return leavesOf(inner, path === '' ? name : `${path}.${name}`)
  })
}

function readTables(directory: string): Tables {
  const db = new Database(join(directory, 'spendwise.sqlite'), { readonly: true })
  try {
    const all = <T>(sql: string): T[] => db.prepare<[], T>(sql).all()
    const rows = all<Omit<Raw, 'isRight'>>(`
      select c.purpose, c.iteration, p.id as problem, p.split, p.level, c.idx, c.issue, c.text, c.finish_reason as finish,
        c.prompt_tokens as prompt, c.completion_tokens as completion, c.latency_ms as latency, c.cached, v.kind, d.disposition as fate
      from completion c join problem p on p.number = c.problem left join verdict v on v.completion = c.id
        left join disposition d on d.completion = c.id`)
    const [run] = all<{ config: string }>('select config from run')
    const config = JSON.parse(run?.config ?? '{}')
    return {
      rows: rows.map((row) => ({ ...row, isRight: row.kind === 'correct' && row.finish === 'stop' })),
      attempts: all(`
        select c.purpose, c.iteration, a.outcome, a.ordinal, a.duration_ms as ms from attempt a join completion c on c.id = a.completion`),
      activity: all('select iteration, phase, (ended_at - started_at) / 1000.0 as seconds from activity'),
      votes: all('select tokens from vote'),
      iterations: all('select iteration, state, target_kind as kind, target, attempt from iteration order by 1'),
      beside: all<{ requests: number }>('select requests from beside union all select requests from endpoint').reduce(
        (sum, { requests }) => sum + requests,
        0,
      ),
      prices: config.budget.costs,
      samples: config.evaluate.samples,
      gate: config.gate,
      planned: typeof config.budget.iterations === 'number' ? config.budget.iterations : null,
      tests: all('select iteration, attempt, alpha from gate'),
      looks: all('select iteration, attempt, samples, level from gate_look order by iteration, attempt, samples'),
    }
  } finally {
    db.close()
  }
}

const MEASURING = ['gate', 'evaluate', 'greedy']
const isFailed = (row: Raw): boolean => row.finish === 'failed'
const isDraw = (row: Raw): boolean => row.purpose === 'train'

/** By the path of each number in the status; entries of the ledger by their account. */
function countAll(tables: Tables): Record<string, unknown> {
  const { rows, iterations, prices } = tables
  const out: Record<string, unknown> = {}
  const isPriced = (row: Raw): boolean => !isFailed(row) && !MEASURING.includes(row.purpose) && row.cached === 0
  const costOf = (own: readonly Raw[], begun: number): number =>
    prices.sample * own.filter(isPriced).length +
    prices.train * own.filter(({ fate }) => fate === 'accepted').length +
    prices.iteration * begun
  for (const [place, { iteration, state, kind, target }] of iterations.entries()) {
    const own = rows.filter((row) => row.iteration === iteration)
    const drawn = own.filter(isDraw)
    const many = (of: (row: Raw) => boolean): number => drawn.filter(of).length
    const set = (name: string, value: unknown): void => {
      out[`iterations.${place}.${name}`] = value
    }
    const accepted = many(({ fate }) => fate === 'accepted')
    const sampled = many((row) => !isFailed(row))
    const right = many(({ isRight }) => isRight)
    const surplus = many(({ fate }) => fate === 'surplus')
    const isOpen = state === 'planned' || state === 'sampling'
    set('target', kind === 'accepted' ? target : null)
    set('accepted', accepted)
    set('sampled', sampled)
    set('correct', right)
    set('surplus', surplus)
    set(
      'truncated',
      many(({ finish }) => finish === 'length'),
    )
    set('failed', many(isFailed))
    set(
      'tooLong',
      many(({ fate }) => fate === 'too-long'),
    )
    set(
      'unanswered',
      many(({ fate }) => fate === 'unanswered'),
    )
    set('hinted', own.filter((row) => row.purpose === 'hint' && row.fate === 'accepted').length)
    set('acceptanceRate', sampled === 0 ? null : (isOpen ? right : accepted + surplus) / sampled)
    set('cost', costOf(own, state === 'planned' ? 0 : 1))
    const last = Math.max(-1, ...drawn.filter(({ fate }) => fate === 'accepted').map(({ issue }) => issue))
    const counted = drawn.filter((row) => !isFailed(row) && row.issue <= (kind === 'sampled' ? target - 1 : last))
    const asked = new Set(counted.map(({ problem }) => problem))
    if (accepted > 0) {
      set('coverage.asked', asked.size)
      set('coverage.solved', new Set(counted.filter(({ isRight }) => isRight).map(({ problem }) => problem)).size)
    }
    Object.assign(out, shareOf(tables, iteration, `iterations.${place}.evaluation`), gateNumbers(tables, place))
  }
  Object.assign(out, shareOf(tables, -1, 'base.evaluation'))
  for (const key of ['accepted', 'sampled', 'correct', 'surplus', 'truncated', 'failed', 'tooLong']) {
    const sum = iterations.reduce((total, _, place) => total + Number(out[`iterations.${place}.${key}`]), 0)
    out[`totals.${key}`] = sum
  }
  const begun = iterations.filter(({ state }) => state !== 'planned').length
  const votes = tables.votes.reduce((sum, { tokens }) => sum + tokens, 0)
  out['totals.retried'] = tables.attempts.filter(({ ordinal }) => ordinal > 0).length
  out['totals.cached'] = rows.filter(({ cached }) => cached === 1).length
  out['totals.cost'] = costOf(rows, begun)
  out['totals.tokens'] =
    votes + rows.filter(({ cached }) => cached === 0).reduce((sum, row) => sum + row.prompt + row.completion, 0)
  out['totals.seconds'] = tables.activity.reduce((sum, row) => sum + row.seconds, 0)
  return { ...out, ...ledgerOf(tables, begun) }
}

function accountOf(row: Raw): string {
  if (isFailed(row)) return 'failed'
  if (['hint', 'probe', 'pilot'].includes(row.purpose)) return row.purpose
  if (!isDraw(row)) return 'evaluation'
  if (row.fate === null) return 'open'
  return ['accepted', 'surplus', 'truncated'].includes(row.fate) ? row.fate : 'rejected'
}

function ledgerOf(tables: Tables, begun: number): Record<string, number> {
  const { rows, attempts, votes, prices, beside } = tables
  const sums: Record<string, Record<string, number>> = {}
  const add = (account: string, key: string, amount: number): void => {
    sums[account] ??= { completions: 0, cached: 0, attempts: 0, tokens: 0, seconds: 0, cost: 0 }
    const sum = sums[account]
    sum[key] = (sum[key] ?? 0) + amount
  }
  for (const row of rows) {
    const account = accountOf(row)
    add(account, 'completions', 1)
    if (row.cached === 1) add(account, 'cached', 1)
    else {
      add(account, 'tokens', row.prompt + row.completion)
      if (!isFailed(row) && !MEASURING.includes(row.purpose)) add(account, 'cost', prices.sample)
    }
    if (row.fate === 'accepted') add('training', 'cost', prices.train)
  }
  for (const { outcome } of attempts) if (outcome !== 'ok') add('retried', 'attempts', 1)
  for (const { tokens } of votes) {
    add('judge', 'attempts', 1)
    add('judge', 'tokens', tokens)
  }
  add('overhead', 'cost', prices.iteration * begun)
  add('overhead', 'attempts', beside)
  for (const [account, amount] of seconds(tables, accountOf)) add(account, 'seconds', amount)
  return Object.fromEntries(
    Object.entries(sums)
      .filter(([, sum]) => Object.values(sum).some((amount) => amount !== 0))
      .flatMap(([account, sum]) => Object.entries(sum).map(([key, amount]) => [`ledger.${account}.${key}`, amount])),
  )
}
