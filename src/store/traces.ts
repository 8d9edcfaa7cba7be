/** Traces as people read them and exports carry them, streamed. */

import type { Disposition, TraceOrder, TracePurpose, TraceText } from '../core/trace.ts'
import type { VerdictKind, VerdictMethod, VerdictSource } from '../core/verdict.ts'
import type { Db } from './open.ts'
import { DECIDED_BY } from './verdicts.ts'

export interface TraceRow extends TraceText {
  /** Below 0 for one that was generated elsewhere. */
  readonly id: number
  readonly purpose: TracePurpose
  readonly iteration: number
  readonly index: number
  readonly split: string
  readonly completionTokens: number
  readonly verdict: VerdictKind | null
  readonly rule: string | null
  readonly by: VerdictSource | null
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
  readonly purpose: TracePurpose
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
  where c.purpose = :purpose`

/** Those that were generated elsewhere, under the names of the others; their place in the file stands where a model's name would. */
const EXTERNAL = `
  select -c.id as id, 'external' as purpose, c.iteration, p.id as problem, c.id as "index", p.split, p.source, p.level, p.question,
    p.answer as gold, c.text, c.finish_reason as finishReason, c.completion_tokens as completionTokens, v.kind as verdict, v.rule, v.method,
    v.extracted, d.disposition, '' as checkpoint, 0 as promptTokens, 0 as seed, 0 as latencyMs, c.place as model`
const FROM_EXTERNAL = `
  from (select *, -2 as iteration, id as issue, tokens as completion_tokens from external) c join problem p on p.number = c.problem
    join external v on v.id = c.id join external d on d.id = c.id
  where :purpose = 'external'`

/** Only those that are asked for stand in the statement: one that may be absent keeps an index from being used. */
const CONDITIONS: Readonly<Record<string, string>> = {
  iterations: 'c.iteration in (select value from json_each(:iterations))',
  verdict: 'v.kind = :verdict',
  disposition: 'd.disposition = :disposition',
  problems: 'p.id in (select value from json_each(:problems))',
  level: 'p.level = :level',
  rule: 'v.rule = :rule',
  source: 'p.source = :source',
  search: 'instr(lower(c.text), :search) > 0',
}

const ORDER_BY: Readonly<Record<TraceOrder, string>> = {
  run: 'c.iteration, c.issue',
  newest: 'c.id desc',
  longest: 'c.completion_tokens desc, c.id',
  shortest: 'c.completion_tokens, c.id',
}

export function traceQueries(db: Db): TraceQueries {
  const columns = `
    select c.id, c.purpose, c.iteration, p.id as problem, c.idx as "index", p.split, p.source, p.level, p.question, p.answer as gold,
      c.text, c.finish_reason as finishReason, c.completion_tokens as completionTokens, v.kind as verdict, v.rule, ${DECIDED_BY}, v.method, v.extracted,
      d.disposition, k.hash as checkpoint, c.prompt_tokens as promptTokens, c.seed, c.latency_ms as latencyMs, c.model`
  return {
    iterate(filter) {
      const { where, bound } = whereOf(filter)
      const order = ORDER_BY[filter.order ?? 'run']
      return db
        .prepare<[object], TraceRow>(
          `${filter.purpose === 'external' ? EXTERNAL : columns} ${where} order by ${order} limit :limit`,
        )
        .iterate({ ...bound, limit: filter.limit ?? -1 })
    },
    count(filter) {
      const { where, bound } = whereOf(filter)
      return db.prepare<[object], number>(`select count(*) ${where}`).pluck().get(bound) ?? 0
    },
  }
}

function whereOf(filter: TraceFilter): { readonly where: string; readonly bound: object } {
  const { purpose, iterations, verdict, disposition, problems, level, rule, source, search } = filter
  const asked = Object.entries({
    iterations: iterations && JSON.stringify(iterations),
    verdict,
    disposition,
    problems: problems && JSON.stringify(problems),
    level,
    rule,
    source,
    search: search?.toLowerCase(),
  }).filter(([, value]) => value !== undefined)
  const conditions = asked.map(([name]) => ` and ${CONDITIONS[name]}`)
  return {
    where: (purpose === 'external' ? FROM_EXTERNAL : FROM) + conditions.join(''),
    bound: { purpose, ...Object.fromEntries(asked) },
  }
}
