/** Completions and their attempts: what was drawn, each key once. */

import type { Completion, FinishReason, Purpose } from '../core/completion.ts'
import type { Disposition } from '../core/trace.ts'
import type { VerdictKind } from '../core/verdict.ts'
import type { Db } from './open.ts'
import { thoughtQueries, tokenIdQueries } from './token-ids.ts'

/** A stored completion as acceptance and resumption need it. */
export interface DrawnRow {
  readonly id: number
  readonly problem: string
  readonly index: number
  readonly issue: number
  readonly text: string
  readonly finishReason: FinishReason
  readonly completionTokens: number
  /** Characters at the text's beginning that are thinking. */
  readonly thinking: number
  /** undefined while it waits for the verifier. */
  readonly verdict: VerdictKind | undefined
  readonly question: string
  readonly gold: string
  readonly extracted: string | undefined
  /** In [0, 1], where a verifier graded it. */
  readonly reward: number | undefined
}

export interface CompletionQueries {
  /**
   * Stores a batch of completions of one checkpoint in one transaction; a key that is there already keeps its first text,
   * unless that was a failed request: then the new try takes its place, and all attempts stay.
   * @returns the row ids, in order
   */
  insert(completions: readonly Completion[], checkpoint: number): number[]
  /** All of one purpose and iteration, in issue order. */
  drawn(purpose: Purpose, iteration: number): DrawnRow[]
  /** The same of the issue numbers in [from, to). */
  issued(purpose: Purpose, iteration: number, from: number, to: number): DrawnRow[]
  /** The same as `drawn`, however many there are: read some thousand at a time. */
  eachDrawn(purpose: Purpose, iteration: number): Iterable<DrawnRow>
  /** Those of one purpose and iteration that wait for the verifier, read some hundred at a time. */
  eachUnverified(purpose: Purpose, iteration: number): Iterable<readonly DrawnRow[]>
  /**
   * Closes an iteration's sampling: each completion's fate, asked for in issue order, all in one transaction.
   * @throws what `fateOf` and `check` throw; nothing is written then
   */
  closeEach(purpose: Purpose, iteration: number, fateOf: (row: DrawnRow) => Disposition, check: () => void): void
  /** Writes fates, all in one transaction. */
  close(rows: readonly { readonly completion: number; readonly disposition: Disposition }[]): void
  /** Whether the iteration's dispositions are written. */
  isClosed(purpose: Purpose, iteration: number): boolean
  /** Traces accepted for training from an iteration's sampling, hinted ones not counted. */
  accepted(iteration: number): number
  /** Requests of one purpose and iteration that never brought an answer. */
  failed(purpose: Purpose, iteration: number): number
  /** Per problem id, the share of its samples in [from, to) that are correct and not cut off. */
  scores(purpose: Purpose, iteration: number, from?: number, to?: number): Map<string, number>
}

interface RawDrawn extends Omit<DrawnRow, 'verdict' | 'extracted' | 'reward'> {
  readonly extracted: string | null
  readonly reward: number | null
  readonly verdict: VerdictKind | null
}

/** Rows with their texts that are in memory at once. */
const PAGE_ROWS = 2_000
const UNVERIFIED_ROWS = 512

export function completionQueries(db: Db): CompletionQueries {
  const problemNumber = db.prepare<[string], number>('select number from problem where id = ?').pluck()
  const insert = db.prepare(`
    insert into completion (purpose, iteration, problem, idx, issue, checkpoint, text, finish_reason, prompt_tokens, completion_tokens,
      model, seed, latency_ms, cached, thinking, altered)
    values (:purpose, :iteration, :problem, :index, :issue, :checkpoint, :text, :finishReason, :promptTokens, :completionTokens,
      :model, :seed, :latencyMs, :cached, :thinking, :altered)`)
  const existing = db.prepare<object, { readonly id: number; readonly finishReason: FinishReason }>(`
    select id, finish_reason as finishReason from completion
    where purpose = :purpose and iteration = :iteration and problem = :problem and idx = :index`)
  const replace = db.prepare(`
    update completion set text = :text, finish_reason = :finishReason, prompt_tokens = :promptTokens,
      completion_tokens = :completionTokens, model = :model, latency_ms = :latencyMs, cached = :cached,
      thinking = :thinking, altered = :altered
    where id = :id`)
  const attemptCount = db.prepare<[number], number>('select count(*) from attempt where completion = ?').pluck()
  const insertAttempt = db.prepare(`
    insert into attempt (completion, ordinal, outcome, status, message, started_at, duration_ms, endpoint)
    values (:completion, :ordinal, :outcome, :status, :message, :startedAt, :durationMs, :endpoint)`)
  const tokenIds = tokenIdQueries(db)
  const thoughts = thoughtQueries(db)
  const selectDrawn = `
    select c.id, p.id as problem, c.idx as "index", c.issue, c.text, c.finish_reason as finishReason,
      c.completion_tokens as completionTokens, c.thinking, v.kind as verdict, v.extracted as extracted,
      p.question as question, p.answer as gold, v.reward
    from completion c join problem p on p.number = c.problem left join verdict v on v.completion = c.id
    where c.purpose = ? and c.iteration = ?`
  const drawn = db.prepare<[string, number], RawDrawn>(`${selectDrawn} order by c.issue`)
  const issued = db.prepare<[string, number, number, number], RawDrawn>(
    `${selectDrawn} and c.issue >= ? and c.issue < ? order by c.issue`,
  )
  const page = db.prepare<[string, number, number, number, number], RawDrawn>(
    `${selectDrawn} and (c.issue, c.id) > (?, ?) order by c.issue, c.id limit ?`,
  )
  const unverified = db.prepare<[string, number, number, number], RawDrawn>(
    `${selectDrawn} and v.completion is null and c.finish_reason <> 'failed' and c.id > ? order by c.id limit ?`,
  )
  const insertDisposition = db.prepare(
    'insert into disposition (completion, disposition) values (:completion, :disposition) on conflict (completion) do nothing',
  )
  const isClosed = db
    .prepare<[string, number], number>(`
      select exists (select 1 from disposition d join completion c on c.id = d.completion where c.purpose = ? and c.iteration = ?)`)
    .pluck()
  const accepted = db
    .prepare<[number], number>(`
      select count(*) from disposition d join completion c on c.id = d.completion
      where c.purpose = 'train' and d.disposition = 'accepted' and c.iteration = ?`)
    .pluck()
  const failed = db
    .prepare<[string, number], number>(
      `select count(*) from completion where purpose = ? and iteration = ? and finish_reason = 'failed'`,
    )
    .pluck()
  const scores = db.prepare<[string, number, number, number], { problem: string; score: number }>(`
    select p.id as problem, avg(coalesce(v.kind = 'correct' and c.finish_reason = 'stop', 0)) as score
    from completion c join problem p on p.number = c.problem left join verdict v on v.completion = c.id
    where c.purpose = ? and c.iteration = ? and c.idx >= ? and c.idx < ?
    group by c.problem order by c.problem`)
  // The same few thousand problems are named again and again; their numbers are kept in memory.
  const numbers = new Map<string, number>()
  const numberOf = (problem: string): number => {
    const known = numbers.get(problem) ?? problemNumber.get(problem)
    if (known === undefined) throw new Error(`problem ${problem} is not in this run`)
    numbers.set(problem, known)
    return known
  }
  const insertOne = (completion: Completion, checkpoint: number): number => {
    const { key, attempts, promptTokenIds, completionTokenIds, cached, thinking = 0, altered, ...drawn } = completion
    const rest = { ...drawn, cached: cached ? 1 : 0, thinking, altered: altered ? 1 : 0 }
    const unique = { ...key, problem: numberOf(key.problem) }
    const stored = existing.get(unique)
    if (stored && stored.finishReason !== 'failed') return stored.id
    if (stored) replace.run({ ...rest, id: stored.id })
    const id = stored?.id ?? Number(insert.run({ ...unique, ...rest, checkpoint }).lastInsertRowid)
    const before = stored ? (attemptCount.get(id) ?? 0) : 0
    for (const [i, attempt] of attempts.entries())
      insertAttempt.run({ endpoint: null, completion: id, ordinal: before + i, ...attempt })
    tokenIds.insert(id, completion)
    thoughts.insert(id, completion)
    return id
  }

  function* eachDrawn(purpose: Purpose, iteration: number): Generator<DrawnRow> {
    for (let after = { issue: -1, id: 0 }; ; ) {
      const rows = page.all(purpose, iteration, after.issue, after.id, PAGE_ROWS)
      for (const row of rows) yield toDrawn(row)
      const last = rows.at(-1)
      if (last === undefined) return
      after = last
    }
  }
  function* eachUnverified(purpose: Purpose, iteration: number): Generator<readonly DrawnRow[]> {
    for (let after = 0; ; ) {
      const rows = unverified.all(purpose, iteration, after, UNVERIFIED_ROWS)
      const last = rows.at(-1)
      if (last === undefined) return
      yield rows.map(toDrawn)
      after = last.id
    }
  }

  // What is read decides what is written, so nobody may write in between: immediate transactions wait for others, others fail.
  const insertAll = db.transaction((completions: readonly Completion[], checkpoint: number) =>
    completions.map((completion) => insertOne(completion, checkpoint)),
  )
  const closeAll = db.transaction(
    (purpose: Purpose, iteration: number, fateOf: (row: DrawnRow) => Disposition, check: () => void) => {
      for (const row of eachDrawn(purpose, iteration))
        insertDisposition.run({ completion: row.id, disposition: fateOf(row) })
      check()
    },
  )

  return {
    insert: (completions, checkpoint) => insertAll.immediate(completions, checkpoint),
    drawn: (purpose, iteration) => drawn.all(purpose, iteration).map(toDrawn),
    issued: (purpose, iteration, from, to) => issued.all(purpose, iteration, from, to).map(toDrawn),
    eachDrawn,
    eachUnverified,
    closeEach: (...asked) => closeAll.immediate(...asked),
    close: db.transaction((rows: readonly { readonly completion: number; readonly disposition: Disposition }[]) => {
      for (const row of rows) insertDisposition.run(row)
    }),
    isClosed: (purpose, iteration) => isClosed.get(purpose, iteration) === 1,
    accepted: (iteration) => accepted.get(iteration) ?? 0,
    failed: (purpose, iteration) => failed.get(purpose, iteration) ?? 0,
    scores: (purpose, iteration, from = 0, to = Number.MAX_SAFE_INTEGER) =>
      new Map(scores.all(purpose, iteration, from, to).map((row) => [row.problem, row.score])),
  }
}

function toDrawn(row: RawDrawn): DrawnRow {
  return {
    ...row,
    verdict: row.verdict ?? undefined,
    extracted: row.extracted ?? undefined,
    reward: row.reward ?? undefined,
  }
}
