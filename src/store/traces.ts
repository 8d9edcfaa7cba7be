/** Traces as people read them and exports carry them, streamed. */

import type { FinishReason, Purpose } from '../core/completion.ts'
import type { Disposition, TraceOrder } from '../core/trace.ts'
import type { VerdictKind, VerdictMethod } from '../core/verdict.ts'
import type { Db } from './open.ts'

export interface TraceRow {
  readonly id: number
  readonly purpose: Purpose
  readonly iteration: number
  readonly problem: string
  readonly index: number
  readonly split: string
  readonly source: string
  readonly level: string | null
  readonly question: string
  readonly gold: string
  readonly text: string
  readonly finishReason: FinishReason
  readonly completionTokens: number
  readonly verdict: VerdictKind | null
  readonly rule: string | null
  /** Null where it is not known, or nothing was verified. */
  readonly method: VerdictMethod | null
  readonly extracted: string | null
  readonly disposition: Disposition | null
  /** Content hash of the checkpoint that wrote it. */
  readonly checkpoint: string
  readonly promptTokens: number
  /** Of the request. */
  readonly seed: number
  readonly latencyMs: number
  /** The model name the server answered with. */
  readonly model: string
}

export interface TraceFilter {
  readonly purpose: Purpose
  readonly iterations: readonly number[] | undefined
  readonly verdict: VerdictKind | undefined
  readonly disposition: Disposition | undefined
  /** Problem ids. */
  readonly problems?: readonly string[] | undefined
  readonly level?: string | undefined
  readonly rule?: string | undefined
  readonly source?: string | undefined
  /** Words that stand in the completion as they are written, capital letters or not. */
  readonly search?: string | undefined
  /** Default: `run`. */
  readonly order?: TraceOrder | undefined
  /** At most this many; undefined for all. */
  readonly limit?: number | undefined
}

export interface TraceQueries {
  /** One row at a time. */
  iterate(filter: TraceFilter): IterableIterator<TraceRow>
  count(filter: TraceFilter): number
}

const FROM = `
  from completion c join problem p on p.number = c.problem join checkpoint k on k.id = c.checkpoint
    left join verdict v on v.completion = c.id left join disposition d on d.completion = c.id
  where c.purpose = :purpose
    and (:iterations is null or c.iteration in (select value from json_each(:iterations)))
    and (:verdict is null or v.kind = :verdict)
    and (:disposition is null or d.disposition = :disposition)
    and (:problems is null or p.id in (select value from json_each(:problems)))
    and (:level is null or p.level = :level)
    and (:rule is null or v.rule = :rule)
    and (:source is null or p.source = :source)
    and (:search is null or instr(lower(c.text), :search) > 0)`

const ORDER_BY: Readonly<Record<TraceOrder, string>> = {
  run: 'c.iteration, c.issue',
  newest: 'c.id desc',
  longest: 'c.completion_tokens desc, c.id',
  shortest: 'c.completion_tokens, c.id',
}

export function traceQueries(db: Db): TraceQueries {
  const columns = `
    select c.id, c.purpose, c.iteration, p.id as problem, c.idx as "index", p.split, p.source, p.level, p.question, p.answer as gold,
      c.text, c.finish_reason as finishReason, c.completion_tokens as completionTokens, v.kind as verdict, v.rule, v.method, v.extracted,
      d.disposition, k.hash as checkpoint, c.prompt_tokens as promptTokens, c.seed, c.latency_ms as latencyMs, c.model`
  const count = db.prepare<[object], number>(`select count(*) ${FROM}`).pluck()
  return {
    // Prepared when it is asked for: the order is part of the statement.
    iterate: (filter) =>
      db
        .prepare<[object], TraceRow>(`${columns} ${FROM} order by ${ORDER_BY[filter.order ?? 'run']} limit :limit`)
        .iterate(parameters(filter)),
    count: (filter) => count.get(parameters(filter)) ?? 0,
  }
}

function parameters(filter: TraceFilter): object {
  return {
    purpose: filter.purpose,
    iterations: filter.iterations ? JSON.stringify(filter.iterations) : null,
    verdict: filter.verdict ?? null,
    disposition: filter.disposition ?? null,
    problems: filter.problems ? JSON.stringify(filter.problems) : null,
    level: filter.level ?? null,
    rule: filter.rule ?? null,
    source: filter.source ?? null,
    search: filter.search?.toLowerCase() ?? null,
    limit: filter.limit ?? -1,
  }
}
