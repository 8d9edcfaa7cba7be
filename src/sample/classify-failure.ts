/** What a failed attempt means. Pure. */

import type { AttemptOutcome } from '../core/completion.ts'

/**
 * What to do after a failure:
 * - `here`: the server asks to be asked again
 * - `elsewhere`: this endpoint did not manage; another one may, or the same one later
 * - `overloaded`: the endpoint has more than it can do: the request waits as long as it is told, others are asked
 * - `absent`: nobody is there; ask others without counting, until the patience with all of them ends
 * - `give-up`: this request will never succeed, others may
 * - `check-model`: the endpoint may not know the model; one that does not is left out, and with the last one the run stops
 * - `refused`: the endpoint does not let us in; the same
 */
export type Reaction = 'here' | 'elsewhere' | 'overloaded' | 'absent' | 'give-up' | 'check-model' | 'refused'

export interface Classification {
  readonly outcome: AttemptOutcome
  readonly reaction: Reaction
}

interface StatusRule extends Classification {
  readonly from: number
  readonly to: number
}

/** The first row that holds the status decides. */
const STATUS_RULES: readonly StatusRule[] = [
  // A login that has run out, a balancer that moves: another try may be let through.
  { from: 300, to: 399, outcome: 'rejected', reaction: 'elsewhere' },
  { from: 401, to: 401, outcome: 'rejected', reaction: 'refused' },
  { from: 403, to: 403, outcome: 'rejected', reaction: 'refused' },
  { from: 404, to: 404, outcome: 'rejected', reaction: 'check-model' },
  { from: 405, to: 405, outcome: 'rejected', reaction: 'check-model' },
  { from: 408, to: 408, outcome: 'timeout', reaction: 'here' },
  { from: 409, to: 409, outcome: 'server-error', reaction: 'here' },
  { from: 425, to: 425, outcome: 'server-error', reaction: 'here' },
  { from: 429, to: 429, outcome: 'rate-limited', reaction: 'overloaded' },
  { from: 503, to: 503, outcome: 'server-error', reaction: 'overloaded' },
  { from: 500, to: 599, outcome: 'server-error', reaction: 'elsewhere' },
]

/** A refusal by HTTP status. Statuses without a row of their own (400, 422, …) are about this one request. */
export function classifyStatus(status: number): Classification {
  const rule = STATUS_RULES.find(({ from, to }) => from <= status && status <= to)
  return rule ?? { outcome: 'rejected', reaction: 'give-up' }
}

/** Codes of Node and undici which say that the request never reached a server. */
const UNREACHABLE_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** A connection that failed, by the error's code. */
export function classifyConnection(code: string | undefined): Classification {
  const reaction = code !== undefined && UNREACHABLE_CODES.has(code) ? 'absent' : 'elsewhere'
  return { outcome: 'connection', reaction }
}

/** Longest Retry-After that is obeyed; a longer one is taken as this. */
export const RETRY_AFTER_LIMIT_MS = 60_000

/**
 * Reads a Retry-After header: seconds, also fractions, or an HTTP date.
 *
 * @param now milliseconds since 1970
 * @returns milliseconds from now, 0 to 60,000; undefined where the header is missing or says nothing
 */
export function readRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined || header.trim() === '') return undefined
  const seconds = Number(header)
  const ms = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1000
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), RETRY_AFTER_LIMIT_MS)
}
