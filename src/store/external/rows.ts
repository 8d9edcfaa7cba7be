/** Completions that were generated elsewhere: verified and kept next to the run, never part of any iteration. */

import type { Candidate } from '../../core/accept/accept.ts'
import type { FinishReason } from '../../core/completion.ts'
import type { ExternalCounts } from '../../core/status.ts'
import type { Disposition } from '../../core/trace.ts'
import type { Verdict, VerdictKind } from '../../core/verdict.ts'
import type { Db } from '../open.ts'

export interface ExternalCompletion {
  /** Id of a train problem. */
  readonly problem: string
  readonly text: string
  readonly finishReason: FinishReason
  /** Of the completion; undefined where the file has none. */
  readonly tokenIds: readonly number[] | undefined
  /** SHA-256 of what the line says, hexadecimal: equal lines are one completion. */
  readonly hash: string
  /** `file:line` */
  readonly place: string
  readonly verdict: Verdict
}

export interface ExternalCandidate extends Candidate {
  readonly id: number
}

export interface ExternalQueries {
  /** Of these hashes, the ones that were judged by this checker already. */
  known(hashes: readonly string[], checker: string): Set<string>
  /** Adds completions, or gives those that are there another verdict. @returns how many are new */
  put(rows: readonly ExternalCompletion[]): number
  /** All, in the order they came. */
  candidates(): IterableIterator<ExternalCandidate>
  /** What became of each, written in one transaction. */
  dispose(fates: Iterable<{ readonly id: number; readonly disposition: Disposition }>): void
  counts(): ExternalCounts | null
  tokenIds(id: number): number[] | undefined
}

interface RawCandidate extends Omit<ExternalCandidate, 'verdict' | 'extracted'> {
  readonly verdict: VerdictKind
  readonly extracted: string | null
}

export function externalQueries(db: Db): ExternalQueries {
  const known = db
    .prepare<[object], string>(
      'select hash from external where checker = :checker and hash in (select value from json_each(:hashes))',
    )
    .pluck()
  const exists = db.prepare<[string], number>('select 1 from external where hash = ?').pluck()
  const put = db.prepare(`
    insert into external (hash, place, problem, text, finish_reason, tokens, token_ids, kind, rule, method, extracted, checker, ms, at)
    values (:hash, :place, (select number from problem where id = :problem), :text, :finishReason, :tokens, :tokenIds, :kind, :rule,
      :method, :extracted, :checker, :ms, :at)
    on conflict (hash) do update set kind = :kind, rule = :rule, method = :method, extracted = :extracted, checker = :checker, ms = :ms`)
  const candidates = db.prepare<[], RawCandidate>(`
    select e.id, p.id as problem, e.text, e.finish_reason as finishReason, e.tokens as completionTokens, e.kind as verdict, e.extracted,
      p.question, p.answer as gold
    from external e join problem p on p.number = e.problem order by e.id`)
  const dispose = db.prepare('update external set disposition = :disposition where id = :id')
  const counts = db.prepare<[], ExternalCounts>(`
    select count(*) as completions, coalesce(sum(disposition = 'accepted'), 0) as accepted,
      coalesce(sum(kind = 'correct'), 0) as correct, coalesce(sum(finish_reason = 'length'), 0) as truncated from external`)
  const tokenIds = db.prepare<[number], string | null>('select token_ids from external where id = ?').pluck()
  const putAll = db.transaction((rows: readonly ExternalCompletion[]): number => {
    let added = 0
    for (const { verdict, tokenIds: ids, ...row } of rows) {
      if (exists.get(row.hash) !== 1) added++
      const { kind, rule, method = null, extracted = null, checker, ms } = verdict
      put.run({
        ...row,
        ...{ kind, rule, method, extracted, checker, ms },
        tokens: ids?.length ?? 0,
        tokenIds: ids === undefined ? null : JSON.stringify(ids),
        at: Date.now(),
      })
    }
    return added
  })
  return {
    known: (hashes, checker) => new Set(known.all({ hashes: JSON.stringify(hashes), checker })),
    put: (rows) => putAll(rows),
    *candidates() {
      for (const { extracted, ...row } of candidates.iterate()) yield { ...row, extracted: extracted ?? undefined }
    },
    dispose: db.transaction((fates: Iterable<{ readonly id: number; readonly disposition: Disposition }>) => {
      for (const fate of fates) dispose.run(fate)
    }),
    counts() {
      const row = counts.get()
      return row && row.completions > 0 ? row : null
    },
    tokenIds(id) {
      const found = tokenIds.get(id)
      return found ? (JSON.parse(found) as number[]) : undefined
    },
  }
}
