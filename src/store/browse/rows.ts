/** Traces as a browser lists them: narrow rows in pages by key, what changed since, and the full rows of one page. */

import type { FinishReason } from '../../core/completion.ts'
import type { Disposition, ListedTrace, TracePurpose } from '../../core/trace.ts'
import type { VerdictKind } from '../../core/verdict.ts'
import type { Db } from '../open.ts'
import { DECIDED_BY } from '../verdicts.ts'

/** What traces are filtered, counted and sorted by. */
export interface NarrowRow {
  readonly id: number
  readonly purpose: TracePurpose
  readonly iteration: number
  /** Number of the problem within the run. */
  readonly problem: number
  readonly index: number
  readonly finishReason: FinishReason
  readonly tokens: number
  readonly latencyMs: number
  readonly verdict: VerdictKind | null
  readonly rule: string | null
  readonly disposition: Disposition | null
}

export interface NumberedProblem {
  readonly number: number
  readonly id: string
  readonly split: string
  readonly source: string
  readonly level: string | null
}

/** A text to index; a failed request has none yet. */
export interface TextRow {
  readonly id: number
  readonly text: string
  readonly finishReason: FinishReason
}

/** What shows that rows have changed: equal marks, equal rows. */
export interface Marks {
  readonly lastId: number
  readonly dispositions: number
  readonly lastHistory: number
  /** Latency of the last row: rows that were deleted and drawn again under its id have another. */
  readonly lastLatency: number
}

export interface BrowseQueries {
  /** Changes whenever another process has written. */
  version(): number
  marks(): Marks
  /** Latency of a row, which identifies it; undefined where it is gone. */
  latencyOf(id: number): number | undefined
  problems(): NumberedProblem[]
  /** The next `limit` rows after one, in the order they were stored. */
  after(id: number, limit: number): NarrowRow[]
  /** These rows, as far as they are there. */
  narrow(ids: readonly number[]): NarrowRow[]
  /** Completions whose verdict was replaced after a row of the history. */
  replacedSince(history: number): number[]
  /** Fates written since, for the completions in (from, to]. */
  dispositions(from: number, to: number): { readonly id: number; readonly disposition: Disposition }[]
  /** Full rows of a page, in the order asked for. */
  listed(ids: readonly number[]): ListedTrace[]
  /** Texts to index: rows after one. */
  texts(after: number, limit: number): TextRow[]
  /** Texts of these rows. */
  textsOf(ids: readonly number[]): TextRow[]
}

/** Characters of a question or an answer in a list. */
const SHOWN = 200

export function browseQueries(db: Db): BrowseQueries {
  const narrow = `
    select c.id, c.purpose, c.iteration, c.problem, c.idx as "index", c.finish_reason as finishReason, c.completion_tokens as tokens,
      c.latency_ms as latencyMs, v.kind as verdict, v.rule, d.disposition
    from completion c left join verdict v on v.completion = c.id left join disposition d on d.completion = c.id`
  const after = db.prepare<[number, number], NarrowRow>(`${narrow} where c.id > ? order by c.id limit ?`)
  const these = db.prepare<[string], NarrowRow>(`${narrow} where c.id in (select value from json_each(?))`)
  const marks = db.prepare<[], Marks>(`
    select coalesce(max(id), 0) as lastId, (select count(*) from disposition) as dispositions,
      (select coalesce(max(id), 0) from verdict_history) as lastHistory,
      coalesce((select latency_ms from completion order by id desc limit 1), 0) as lastLatency
    from completion`)
  const latency = db.prepare<[number], number>('select latency_ms from completion where id = ?').pluck()
  const problems = db.prepare<[], NumberedProblem>(
    'select number, id, split, source, level from problem order by number',
  )
  const replaced = db.prepare<[number], number>('select distinct completion from verdict_history where id > ?').pluck()
  const dispositions = db.prepare<[number, number], { readonly id: number; readonly disposition: Disposition }>(
    'select completion as id, disposition from disposition where completion > ? and completion <= ?',
  )
  const listed = db.prepare<[string], ListedTrace>(`
    select c.id, p.id as problem, c.iteration, v.kind as verdict, v.rule, ${DECIDED_BY}, substr(v.extracted, 1, ${SHOWN}) as extracted,
      substr(p.answer, 1, ${SHOWN}) as gold, c.completion_tokens as tokens, c.purpose, c.idx as "index", p.source, p.level,
      c.finish_reason as finishReason, d.disposition, substr(p.question, 1, ${SHOWN}) as question
    from json_each(?) j join completion c on c.id = j.value join problem p on p.number = c.problem
      left join verdict v on v.completion = c.id left join disposition d on d.completion = c.id
    order by j.key`)
  const texts = db.prepare<[number, number], TextRow>(
    'select id, text, finish_reason as finishReason from completion where id > ? order by id limit ?',
  )
  const textsOf = db.prepare<[string], TextRow>(
    'select id, text, finish_reason as finishReason from completion where id in (select value from json_each(?))',
  )
  return {
    version: () => Number(db.pragma('data_version', { simple: true })),
    marks: () => marks.get() ?? { lastId: 0, dispositions: 0, lastHistory: 0, lastLatency: 0 },
    latencyOf: (id) => latency.get(id),
    problems: () => problems.all(),
    after: (id, limit) => after.all(id, limit),
    narrow: (ids) => these.all(JSON.stringify(ids)),
    replacedSince: (history) => replaced.all(history),
    dispositions: (from, to) => dispositions.all(from, to),
    listed: (ids) => listed.all(JSON.stringify(ids)),
    texts: (id, limit) => texts.all(id, limit),
    textsOf: (ids) => textsOf.all(JSON.stringify(ids)),
  }
}
