/** The stored sums of ended iterations: written here once, read by the ledger and the status in place of their completions. */

import { PURPOSES } from '../core/completion.ts'
import type { Db } from './open.ts'

/** What an iteration's sampling came to, counted as sequential rejection sampling would have drawn it. */
export interface OrderSum {
  readonly iteration: number
  readonly accepted: number
  /** Up to the issue number at which n_t was reached; all that was drawn where nothing was accepted. */
  readonly sampled: number
  /** Of prompts and completions up to there, what came from the cache left out. */
  readonly tokens: number
  /** Problems with a completion, up to there. */
  readonly asked: number
  /** Of these, with a correct one. */
  readonly solved: number
}

export interface SumQueries {
  /**
   * Stores the sums of every iteration up to this one that has none. Only of iterations that have ended; what still changes one
   * of them afterwards forgets its sums again.
   */
  close(through: number): void
  /** Iterations (-1 is the base) that have completions and no stored sums, in order. */
  open(): number[]
  /** What a summary made by this version of the program holds, by iteration. */
  summaries(version: string): Map<number, string>
  /** Only of an iteration with stored sums. */
  addSummary(iteration: number, version: string, summary: string): void
  /** Deletes all sums: they are made again from the completions. */
  forget(): void
}

/** `iteration in (…)` for the iterations of a JSON array that is bound as `:open`. */
export const IN_OPEN = `
  c.purpose in (${PURPOSES.map((purpose) => `'${purpose}'`).join(', ')}) and c.iteration in (select value from json_each(:open))`

/** Sums of completions; with `IN_OPEN` or one iteration behind it. */
export const DRAW_SUMS = `
  select c.purpose, c.iteration, d.disposition, v.kind as verdict, c.finish_reason as finishReason, c.cached, count(*) as completions,
    sum(c.prompt_tokens) as promptTokens, sum(c.completion_tokens) as completionTokens, sum(c.latency_ms) as latencyMs
  from completion c left join verdict v on v.completion = c.id left join disposition d on d.completion = c.id`

export const ATTEMPT_SUMS = `
  select c.purpose, c.iteration, a.outcome, count(*) as attempts, sum(a.ordinal > 0) as again, sum(a.duration_ms) as durationMs
  from completion c cross join attempt a on a.completion = c.id where ${IN_OPEN} group by 1, 2, 3`

/** One row for each of the open iterations whose training sample is closed. */
export const ORDER_SUMS = `
  with reach as (
    select c.iteration, sum(d.disposition = 'accepted') as accepted,
      coalesce(max(case when d.disposition = 'accepted' then c.issue end), max(c.issue)) as last,
      case when sum(d.disposition = 'accepted') = 0 then -1 when i.target_kind = 'sampled' then i.target - 1
        else max(case when d.disposition = 'accepted' then c.issue end) end as counted
    from completion c cross join disposition d on d.completion = c.id left join iteration i on i.iteration = c.iteration
    where c.purpose = 'train' and c.iteration in (select value from json_each(:open)) group by c.iteration
  ), problems as (
    select c.iteration, c.problem, max(coalesce(v.kind = 'correct' and c.finish_reason = 'stop', 0)) as solved
    from reach r cross join completion c on c.purpose = 'train' and c.iteration = r.iteration and c.issue <= r.counted
      left join verdict v on v.completion = c.id
    where c.finish_reason <> 'failed' group by 1, 2
  )
  select r.iteration, r.accepted, 1 + r.last as sampled,
    (select coalesce(sum(c.prompt_tokens + c.completion_tokens), 0) from completion c
      where c.purpose = 'train' and c.iteration = r.iteration and c.issue <= r.last and c.cached = 0) as tokens,
    (select count(*) from problems p where p.iteration = r.iteration) as asked,
    (select coalesce(sum(p.solved), 0) from problems p where p.iteration = r.iteration) as solved
  from reach r`

export function sumQueries(db: Db): SumQueries {
  const closed = db.prepare<[], number>('select iteration from closed_iteration').pluck()
  const range = PURPOSES.map((purpose) =>
    db.prepare<[], { low: number | null; high: number | null }>(
      `select (select min(iteration) from completion where purpose = '${purpose}') as low,
        (select max(iteration) from completion where purpose = '${purpose}') as high`,
    ),
  )
  const addIteration = db.prepare(`
    insert into closed_iteration (iteration, accepted, sampled, tokens, asked, solved)
    select value, coalesce(o.accepted, 0), coalesce(o.sampled, 0), coalesce(o.tokens, 0), coalesce(o.asked, 0), coalesce(o.solved, 0)
    from json_each(:open) left join (${ORDER_SUMS}) o on o.iteration = value`)
  const addDraws = db.prepare(`
    insert into draw_sum (purpose, iteration, disposition, verdict, finish_reason, cached, completions, prompt_tokens,
      completion_tokens, latency_ms)
    ${DRAW_SUMS} where ${IN_OPEN} group by 1, 2, 3, 4, 5, 6`)
  const addAttempts = db.prepare(
    `insert into attempt_sum (purpose, iteration, outcome, attempts, again, duration_ms) ${ATTEMPT_SUMS}`,
  )
  const summaries = db.prepare<[string], { iteration: number; summary: string }>(
    'select iteration, summary from iteration_summary where version = ?',
  )
  const addSummary = db.prepare(`
    insert into iteration_summary (iteration, version, summary)
    select iteration, :version, :summary from closed_iteration where iteration = :iteration
    on conflict (iteration) do update set version = :version, summary = :summary`)
  const forget = db.prepare('delete from closed_iteration')

  const open = (): number[] => {
    const ends = range.flatMap((query) => {
      const { low, high } = query.get() ?? { low: null, high: null }
      return low === null || high === null ? [] : [low, high]
    })
    if (ends.length === 0) return []
    const known = new Set(closed.all())
    const [low, high] = [Math.min(...ends), Math.max(...ends)]
    return Array.from({ length: high - low + 1 }, (_, i) => low + i).filter((iteration) => !known.has(iteration))
  }
  const close = db.transaction((through: number) => {
    const due = open().filter((iteration) => iteration <= through)
    if (due.length === 0) return
    const bound = { open: JSON.stringify(due) }
    for (const insert of [addIteration, addDraws, addAttempts]) insert.run(bound)
  })
  return {
    close: (through) => close.immediate(through),
    open,
    summaries: (version) => new Map(summaries.all(version).map((row) => [row.iteration, row.summary])),
    addSummary: (iteration, version, summary) => void addSummary.run({ iteration, version, summary }),
    forget: () => void forget.run(),
  }
}
