/** Completions that were generated elsewhere, as a browser lists and shows them: under ids below 0, so that they stand before the run's own. */

import type { Disposition, ListedTrace, SampleCell, StoredTrace, TraceText } from '../../core/trace.ts'
import type { VerdictKind, VerdictMethod } from '../../core/verdict.ts'
import type { Db } from '../open.ts'
import type { NarrowRow, TextRow } from './rows.ts'

/** What stands in the place of an iteration. */
export const NO_ITERATION = -2

export interface ExternalTrace extends Omit<StoredTrace, 'purpose' | 'checkpoint'> {
  readonly purpose: 'external'
  readonly checkpoint: null
}

export interface ExternalBrowseQueries {
  /** Lowest id, that of the last one imported; 0 where there is none. */
  lowest(): number
  /** The next `limit` rows above an id, ascending: the last imported come first. */
  after(id: number, limit: number): NarrowRow[]
  narrow(ids: readonly number[]): NarrowRow[]
  listed(ids: readonly number[]): ListedTrace[]
  /** Texts to index: rows below an id, descending. */
  texts(before: number, limit: number): TextRow[]
  get(id: number): ExternalTrace | undefined
  /** Those of a problem, in the order they came. */
  samples(problem: number, limit: number): SampleCell[]
}

/** Characters of a question or an answer in a list. */
const SHOWN = 200

interface RawTrace extends TraceText {
  readonly split: StoredTrace['split']
  readonly tokens: number
  readonly place: string
  readonly verdict: VerdictKind
  readonly rule: string
  readonly method: VerdictMethod | null
  readonly extracted: string | null
  readonly checker: string
  readonly ms: number
  readonly disposition: Disposition | null
}

export function externalBrowseQueries(db: Db): ExternalBrowseQueries {
  const narrow = `
    select -e.id as id, 'external' as purpose, ${NO_ITERATION} as iteration, e.problem, e.id as "index", e.finish_reason as finishReason,
      e.tokens, 0 as latencyMs, e.kind as verdict, e.rule, e.disposition
    from external e`
  const lowest = db.prepare<[], number>('select -coalesce(max(id), 0) from external').pluck()
  const after = db.prepare<[number, number], NarrowRow>(`${narrow} where e.id < -? order by e.id desc limit ?`)
  const these = db.prepare<[string], NarrowRow>(`${narrow} where e.id in (select -value from json_each(?))`)
  const listed = db.prepare<[string], ListedTrace>(`
    select -e.id as id, p.id as problem, ${NO_ITERATION} as iteration, e.kind as verdict, e.rule, null as "by",
      substr(e.extracted, 1, ${SHOWN}) as extracted, substr(p.answer, 1, ${SHOWN}) as gold, e.tokens, 'external' as purpose, e.id as "index",
      p.source, p.level, e.finish_reason as finishReason, e.disposition, substr(p.question, 1, ${SHOWN}) as question
    from json_each(?) j join external e on e.id = -j.value join problem p on p.number = e.problem order by j.key`)
  const texts = db.prepare<[number, number], TextRow>(
    'select -e.id as id, e.text, e.finish_reason as finishReason from external e where e.id > -? order by e.id limit ?',
  )
  const get = db.prepare<[number], RawTrace>(`
    select -e.id as id, p.id as problem, p.split, p.source, p.level, p.question, p.answer as gold, e.text, e.finish_reason as finishReason,
      e.tokens, e.place, e.kind as verdict, e.rule, e.method, e.extracted, e.checker, e.ms, e.disposition
    from external e join problem p on p.number = e.problem where e.id = -?`)
  const samples = db.prepare<[number, number], SampleCell>(`
    select -e.id as id, 'external' as purpose, ${NO_ITERATION} as iteration, e.id as "index", e.kind as verdict,
      e.finish_reason as finishReason, e.disposition, substr(e.extracted, 1, ${SHOWN}) as extracted, e.tokens
    from external e where e.problem = ? order by e.id limit ?`)
  return {
    lowest: () => lowest.get() ?? 0,
    after: (id, limit) => after.all(id, limit),
    narrow: (ids) => (ids.length === 0 ? [] : these.all(JSON.stringify(ids))),
    listed: (ids) => (ids.length === 0 ? [] : listed.all(JSON.stringify(ids))),
    texts: (before, limit) => texts.all(before, limit),
    samples: (problem, limit) => samples.all(problem, limit),
    get(id) {
      const row = get.get(id)
      if (!row) return undefined
      const { place, ms, tokens, ...rest } = row
      return {
        ...rest,
        ...{ purpose: 'external', iteration: NO_ITERATION, index: -row.id, issue: -row.id, checkpoint: null },
        ...{
          promptTokens: 0,
          completionTokens: tokens,
          model: place,
          seed: 0,
          latencyMs: 0,
          cached: false,
          verdictMs: ms,
        },
      }
    },
  }
}
