/** One trace with everything that is stored of it, and all samples of one problem. */

import { type Attempt, PURPOSES } from '../../core/completion.ts'
import type { Split } from '../../core/problem.ts'
import type { SampleCell, StoredTrace } from '../../core/trace.ts'
import type { VerdictKind, VerdictMethod } from '../../core/verdict.ts'
import type { Db } from '../open.ts'

/** A verdict that was replaced. */
export interface PastVerdict {
  readonly replacedAt: number
  readonly verdict: VerdictKind
  readonly rule: string
  readonly method: VerdictMethod | null
  readonly extracted: string | null
  readonly checker: string
}

export interface StoredProblem {
  readonly number: number
  readonly id: string
  readonly split: Split
  readonly source: string
  readonly level: string | null
  readonly question: string
  readonly gold: string
  /** As published with the problem, in [0, 1]; null where nothing is. */
  readonly solveRate: number | null
}

export interface TraceDetailQueries {
  get(id: number): StoredTrace | undefined
  attempts(id: number): Attempt[]
  /** Verdicts that were replaced, the oldest first. */
  history(id: number): PastVerdict[]
  problem(id: string): StoredProblem | undefined
  /** All samples of a problem by purpose, iteration and index, at most `limit`. */
  samples(problem: number, limit: number): SampleCell[]
  /** Rows before and after one in the order of its purpose and iteration. */
  neighbours(id: number): { readonly previous: number | null; readonly next: number | null }
}

type RawTrace = Omit<StoredTrace, 'checkpoint' | 'cached'> & {
  readonly cached: number
  readonly checkpointIteration: number
  readonly checkpointPath: string
  readonly checkpointHash: string
}

export function traceDetailQueries(db: Db): TraceDetailQueries {
  const get = db.prepare<[number], RawTrace>(`
    select c.id, c.purpose, c.iteration, p.id as problem, c.idx as "index", c.issue, p.split, p.source, p.level, p.question,
      p.answer as gold, c.text, c.finish_reason as finishReason, c.prompt_tokens as promptTokens,
      c.completion_tokens as completionTokens, c.model, c.seed, c.latency_ms as latencyMs, c.cached, v.kind as verdict, v.rule, v.method,
      v.extracted, v.checker, v.ms as verdictMs, d.disposition, k.iteration as checkpointIteration, k.path as checkpointPath,
      k.hash as checkpointHash
    from completion c join problem p on p.number = c.problem join checkpoint k on k.id = c.checkpoint
      left join verdict v on v.completion = c.id left join disposition d on d.completion = c.id
    where c.id = ?`)
  const attempts = db.prepare<[number], Attempt>(`
    select outcome, status, message, started_at as startedAt, duration_ms as durationMs, endpoint
    from attempt where completion = ? order by ordinal`)
  const history = db.prepare<[number], PastVerdict>(`
    select replaced_at as replacedAt, kind as verdict, rule, method, extracted, checker
    from verdict_history where completion = ? order by id`)
  const problem = db.prepare<[string], StoredProblem>(
    'select number, id, split, source, level, question, answer as gold, solve_rate as solveRate from problem where id = ?',
  )
  // The unique key begins with purpose and iteration, of which there are a few dozen: a look-up each, in the order written.
  const samples = db.prepare<[string, number, number], SampleCell>(`
    with asked (iteration) as (select -1 union select iteration from iteration)
    select c.id, c.purpose, c.iteration, c.idx as "index", v.kind as verdict, c.finish_reason as finishReason, d.disposition,
      substr(v.extracted, 1, 200) as extracted, c.completion_tokens as tokens
    from json_each(?) j cross join asked a cross join completion c on c.purpose = j.value and c.iteration = a.iteration and c.problem = ?
      left join verdict v on v.completion = c.id left join disposition d on d.completion = c.id
    order by j.key, c.iteration, c.idx limit ?`)
  const previous = db
    .prepare<[number], number>(`
      select o.id from completion c join completion o on o.purpose = c.purpose and o.iteration = c.iteration and o.issue < c.issue
      where c.id = ? order by o.issue desc limit 1`)
    .pluck()
  const next = db
    .prepare<[number], number>(`
      select o.id from completion c join completion o on o.purpose = c.purpose and o.iteration = c.iteration and o.issue > c.issue
      where c.id = ? order by o.issue limit 1`)
    .pluck()
  return {
    get(id) {
      const row = get.get(id)
      if (!row) return undefined
      const { checkpointIteration, checkpointPath, checkpointHash, cached, ...rest } = row
      const checkpoint = { iteration: checkpointIteration, path: checkpointPath, hash: checkpointHash }
      return { ...rest, cached: cached === 1, checkpoint }
    },
    attempts: (id) => attempts.all(id),
    history: (id) => history.all(id),
    problem: (id) => problem.get(id),
    samples: (number, limit) => samples.all(JSON.stringify(PURPOSES), number, limit),
    neighbours: (id) => ({ previous: previous.get(id) ?? null, next: next.get(id) ?? null }),
  }
}
