/** Traces as people read them and exports carry them, streamed. */

import type { FinishReason, Purpose } from '../core/completion.ts'
import type { Disposition } from '../core/trace.ts'
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
}

export interface TraceFilter {
  readonly purpose: Purpose
  readonly iterations: readonly number[] | undefined
  readonly verdict: VerdictKind | undefined
  readonly disposition: Disposition | undefined
}

export interface TraceQueries {
  /** In order of iteration and issue, one row at a time. */
  iterate(filter: TraceFilter): IterableIterator<TraceRow>
  count(filter: TraceFilter): number
}

const FROM = `
  from completion c join problem p on p.number = c.problem join checkpoint k on k.id = c.checkpoint
    left join verdict v on v.completion = c.id left join disposition d on d.completion = c.id
  where c.purpose = :purpose
    and (:iterations is null or c.iteration in (select value from json_each(:iterations)))
    and (:verdict is null or v.kind = :verdict)
    and (:disposition is null or d.disposition = :disposition)`

export function traceQueries(db: Db): TraceQueries {
  const select = db.prepare<[object], TraceRow>(`
    select c.id, c.purpose, c.iteration, p.id as problem, c.idx as "index", p.split, p.source, p.level, p.question, p.answer as gold,
      c.text, c.finish_reason as finishReason, c.completion_tokens as completionTokens, v.kind as verdict, v.rule, v.method, v.extracted,
      d.disposition, k.hash as checkpoint
    ${FROM} order by c.iteration, c.issue`)
  const count = db.prepare<[object], number>(`select count(*) ${FROM}`).pluck()
  return {
    iterate: (filter) => select.iterate(parameters(filter)),
    count: (filter) => count.get(parameters(filter)) ?? 0,
  }
}

function parameters(filter: TraceFilter): object {
  return {
    purpose: filter.purpose,
    iterations: filter.iterations ? JSON.stringify(filter.iterations) : null,
    verdict: filter.verdict ?? null,
    disposition: filter.disposition ?? null,
  }
}
