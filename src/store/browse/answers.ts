/** What a measured checkpoint answered, problem by problem. */

import type { FinishReason, Purpose } from '../../core/completion.ts'
import type { VerdictKind } from '../../core/verdict.ts'
import type { Db } from '../open.ts'

export interface MeasuredAnswer {
  readonly id: number
  /** Problem id. */
  readonly problem: string
  readonly question: string
  readonly gold: string
  readonly level: string | null
  readonly index: number
  readonly verdict: VerdictKind | null
  readonly finishReason: FinishReason
  readonly extracted: string | null
}

export interface AnswerQueries {
  /** Answers of one purpose and iteration, by problem and index. */
  of(purpose: Purpose, iteration: number): MeasuredAnswer[]
  /** Iterations that have answers of a purpose. */
  iterations(purpose: Purpose): number[]
}

export function answerQueries(db: Db): AnswerQueries {
  const of = db.prepare<[string, number], MeasuredAnswer>(`
    select c.id, p.id as problem, p.question, p.answer as gold, p.level, c.idx as "index", v.kind as verdict,
      c.finish_reason as finishReason, substr(v.extracted, 1, 200) as extracted
    from completion c join problem p on p.number = c.problem left join verdict v on v.completion = c.id
    where c.purpose = ? and c.iteration = ? order by c.problem, c.idx`)
  // One look-up an iteration: the rows of a purpose can be a million.
  const iterations = db
    .prepare<[string], number>(`
      with asked (iteration) as (select -1 union select iteration from iteration)
      select a.iteration from asked a
      where exists (select 1 from completion c where c.purpose = ? and c.iteration = a.iteration) order by a.iteration`)
    .pluck()
  return {
    of: (purpose, iteration) => of.all(purpose, iteration),
    iterations: (purpose) => iterations.all(purpose),
  }
}
