/** The ledger: everything is paid for, so every sample, token and second is attributed. Sums over what is stored, kept nowhere twice. */

import type { LedgerActivity, LedgerDraws, LedgerRetries, LedgerTrained } from '../core/budget/ledger.ts'
import type { AttemptOutcome } from '../core/completion.ts'
import type { VerdictKind } from '../core/verdict.ts'
import type { Db } from './open.ts'

/** Sums over the completions of one purpose, iteration and fate. */
export interface LedgerRow extends LedgerDraws {
  readonly verdict: VerdictKind | null
}

export interface AttemptRow {
  readonly outcome: AttemptOutcome
  readonly attempts: number
  readonly durationMs: number
}

export interface LedgerQueries {
  completions(): LedgerRow[]
  attempts(): AttemptRow[]
  /** Attempts beyond the first one of each completion. */
  retried(): number
  /** Attempts that brought nothing, by what they were made for. */
  retries(): LedgerRetries[]
  /**
   * Tokens drawn to train on in the iterations before one whose sampling is closed, up to the issue number at which n_t was reached:
   * what was drawn beyond depends on timing. What came from the cache is left out.
   */
  tokensInOrder(before: number): { readonly iteration: number; readonly tokens: number }[]
  /** Tokens that the jobs of iterations have trained on, all attempts together. */
  trained(): LedgerTrained[]
  /** Seconds of the run's own activity by iteration and phase, over all its processes. */
  activity(): LedgerActivity[]
  /** Seconds since 1970 at which an iteration's last stretch of activity ended. */
  endedAt(): Map<number, number>
  seconds(): number
  /** Opens a stretch of activity; `beat` moves its end to now, so that a killed process loses seconds, not hours. */
  startActivity(iteration: number, phase: string, now: number): { beat(now: number): void }
}

export function ledgerQueries(db: Db): LedgerQueries {
  const completions = db.prepare<[], LedgerRow>(`
    select c.purpose, c.iteration, d.disposition, v.kind as verdict, c.finish_reason as finishReason, c.cached, count(*) as completions,
      sum(c.prompt_tokens) as promptTokens, sum(c.completion_tokens) as completionTokens, sum(c.latency_ms) as latencyMs
    from completion c left join verdict v on v.completion = c.id left join disposition d on d.completion = c.id
    group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6`)
  const attempts = db.prepare<[], AttemptRow>(
    'select outcome, count(*) as attempts, sum(duration_ms) as durationMs from attempt group by outcome order by outcome',
  )
  const retried = db.prepare<[], number>('select count(*) from attempt where ordinal > 0').pluck()
  const retries = db.prepare<[], LedgerRetries>(`
    select c.purpose, c.iteration, count(*) as attempts, sum(a.duration_ms) as durationMs
    from attempt a join completion c on c.id = a.completion where a.outcome <> 'ok' group by 1, 2 order by 1, 2`)
  const tokensInOrder = db.prepare<[number], { iteration: number; tokens: number }>(`
    with reach as (
      select c.iteration, coalesce(max(case when d.disposition = 'accepted' then c.issue end), max(c.issue)) as last
      from completion c join disposition d on d.completion = c.id
      where c.purpose = 'train' and c.iteration < ? group by c.iteration
    )
    select c.iteration, sum(c.prompt_tokens + c.completion_tokens) as tokens
    from completion c join reach r on r.iteration = c.iteration and c.issue <= r.last
    where c.purpose = 'train' and c.cached = 0 group by c.iteration order by c.iteration`)
  const trained = db.prepare<[], LedgerTrained>(`
    select iteration, sum(json_extract(metrics, '$.tokens')) as tokens from job
    where metrics is not null group by iteration order by iteration`)
  const endedAt = db.prepare<[], { readonly iteration: number; readonly at: number }>(
    'select iteration, max(ended_at) / 1000.0 as at from activity group by 1 order by 1',
  )
  const activity = db.prepare<[], LedgerActivity>(
    'select iteration, phase, sum(ended_at - started_at) / 1000.0 as seconds from activity group by 1, 2 order by 1, 2',
  )
  const seconds = db
    .prepare<[], number>('select coalesce(sum(ended_at - started_at), 0) / 1000.0 from activity')
    .pluck()
  const start = db.prepare('insert into activity (iteration, phase, started_at, ended_at) values (?, ?, ?, ?)')
  const beat = db.prepare('update activity set ended_at = ? where id = ?')
  return {
    completions: () => completions.all(),
    attempts: () => attempts.all(),
    retried: () => retried.get() ?? 0,
    retries: () => retries.all(),
    tokensInOrder: (before) => tokensInOrder.all(before),
    trained: () => trained.all(),
    activity: () => activity.all(),
    endedAt: () => new Map(endedAt.all().map(({ iteration, at }) => [iteration, at])),
    seconds: () => seconds.get() ?? 0,
    startActivity(iteration, phase, now) {
      const id = start.run(iteration, phase, now, now).lastInsertRowid
      return { beat: (then) => void beat.run(then, id) }
    },
  }
}
