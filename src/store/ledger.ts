/**
 * The ledger: everything is paid for, so every sample, token and second is attributed. Of ended iterations it reads the stored sums,
 * of the others it counts what is stored.
 */

import type { LedgerActivity, LedgerDraws, LedgerRetries, LedgerTrained } from '../core/budget/ledger.ts'
import type { AttemptOutcome, Purpose } from '../core/completion.ts'
import type { VerdictKind } from '../core/verdict.ts'
import type { Db } from './open.ts'
import { ATTEMPT_SUMS, DRAW_SUMS, IN_OPEN, ORDER_SUMS, type OrderSum } from './sums.ts'

/** Sums over the completions of one purpose, iteration and fate. */
export interface LedgerRow extends LedgerDraws {
  readonly verdict: VerdictKind | null
}

export interface AttemptRow {
  readonly outcome: AttemptOutcome
  readonly attempts: number
  readonly durationMs: number
}

/** Failed attempts that came to the same, counted. */
export interface FailureRow {
  readonly outcome: AttemptOutcome
  /** Of HTTP; 0 where there was none. */
  readonly status: number
  readonly message: string
  readonly endpoint: string | null
  readonly attempts: number
  /** Milliseconds since 1970. */
  readonly firstAt: number
}

export interface LedgerFilter {
  readonly iteration?: number
  readonly purposes?: readonly Purpose[]
}

export interface LedgerQueries {
  /** @param only of these alone; left out, everything */
  completions(only?: LedgerFilter): LedgerRow[]
  attempts(): AttemptRow[]
  /** What failed attempts said, what came first before the others, so many at most. */
  firstFailures(limit: number): FailureRow[]
  /** Attempts beyond the first one of each completion. */
  retried(): number
  /** Attempts that brought nothing, by what they were made for. */
  retries(): LedgerRetries[]
  /**
   * What the iterations before one came to whose sampling is closed, in order. What was drawn beyond the issue number at which n_t was
   * reached depends on timing and does not count; where nothing was accepted, all that was drawn does.
   */
  inOrder(before: number): OrderSum[]
  /** Of these, accepted over sampled; iterations where nothing was accepted are left out. */
  acceptanceRates(before: number): number[]
  /** `tokens` (prompt and completion) of everything drawn, and completions that cost c_g each; what came from the cache is in neither. */
  totals(): { readonly tokens: number; readonly priced: number }
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

/** @param open the iterations whose sums are not stored */
export function ledgerQueries(db: Db, open: () => readonly number[]): LedgerQueries {
  const completions = db.prepare<object, LedgerRow>(`
    select * from (
      select purpose, iteration, disposition, verdict, finish_reason as finishReason, cached, completions,
        prompt_tokens as promptTokens, completion_tokens as completionTokens, latency_ms as latencyMs from draw_sum
      union all
      select * from (${DRAW_SUMS} where ${IN_OPEN} group by 1, 2, 3, 4, 5, 6)
    )
    where (:iteration is null or iteration = :iteration) and (:purposes is null or purpose in (select value from json_each(:purposes)))
    order by 1, 2, 3, 4, 5, 6`)
  const allAttempts = `
    select purpose, iteration, outcome, attempts, again, duration_ms as durationMs from attempt_sum
    union all select * from (${ATTEMPT_SUMS})`
  const attempts = db.prepare<object, AttemptRow>(`
    select outcome, sum(attempts) as attempts, sum(durationMs) as durationMs from (${allAttempts}) group by 1 order by 1`)
  const firstFailures = db.prepare<[number], FailureRow>(`
    select outcome, status, message, endpoint, count(*) as attempts, min(started_at) as firstAt from attempt
    where outcome <> 'ok' group by 1, 2, 3, 4 order by firstAt limit ?`)
  const retried = db.prepare<object, number>(`select coalesce(sum(again), 0) from (${allAttempts})`).pluck()
  const retries = db.prepare<object, LedgerRetries>(`
    select purpose, iteration, sum(attempts) as attempts, sum(durationMs) as durationMs
    from (${allAttempts}) where outcome <> 'ok' group by 1, 2 order by 1, 2`)
  const ordered = db.prepare<object, OrderSum>(`
    select iteration, accepted, sampled, tokens, asked, solved from closed_iteration where iteration < :before and sampled > 0
    union all select * from (${ORDER_SUMS}) where iteration < :before
    order by 1`)
  const totals = db.prepare<object, { readonly tokens: number; readonly priced: number }>(`
    select coalesce(sum(tokens), 0) as tokens, coalesce(sum(completions * is_priced), 0) as priced from (
      select prompt_tokens + completion_tokens as tokens, completions,
        purpose not in ('gate', 'evaluate', 'greedy') and finish_reason <> 'failed' as is_priced from draw_sum where cached = 0
      union all
      select c.prompt_tokens + c.completion_tokens, 1,
        c.purpose not in ('gate', 'evaluate', 'greedy') and c.finish_reason <> 'failed' from completion c where c.cached = 0 and ${IN_OPEN}
      union all
      select tokens, 1, 0 from vote
    )`)
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
  const inOrder = (before: number): OrderSum[] => ordered.all({ ...live(), before })
  const live = (): { readonly open: string } => ({ open: JSON.stringify(open()) })
  return {
    completions({ iteration, purposes } = {}) {
      const live = iteration === undefined ? open() : open().filter((it) => it === iteration)
      return completions.all({
        open: JSON.stringify(live),
        iteration: iteration ?? null,
        purposes: purposes ? JSON.stringify(purposes) : null,
      })
    },
    attempts: () => attempts.all(live()),
    firstFailures: (limit) => firstFailures.all(limit),
    retried: () => retried.get(live()) ?? 0,
    retries: () => retries.all(live()),
    inOrder,
    acceptanceRates: (before) =>
      inOrder(before)
        .filter(({ accepted }) => accepted > 0)
        .map(({ accepted, sampled }) => accepted / sampled),
    totals: () => totals.get(live()) ?? { tokens: 0, priced: 0 },
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
