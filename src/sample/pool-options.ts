/** What a pool of endpoints is given, and what one of them gets of it. */

import type { Endpoint } from '../core/endpoint.ts'
import { ConfigError, type ServerError } from '../core/errors.ts'
import type { Sampler } from '../core/sampler.ts'
import type { MemberOptions } from './member.ts'
import type { Send } from './protocol/attempt.ts'
import { PLAIN_DIALECT } from './protocol/dialect.ts'
import { PLAIN_THINKING, type ThinkingForm } from './protocol/thinking.ts'
import type { Api } from './protocol/wire.ts'
import type { CapabilityRecords } from './server/records.ts'

export interface PoolEndpoint {
  readonly endpoint: Endpoint
  /** What all that are alike are known by, so that one of them is asked what it can do, and not each; default: its address. */
  readonly kind?: string
  /** Its own name for the model that a request asks for; default: the same. */
  readonly model?: (asked: string) => string
  /** Share of the work next to the others'; default 1. */
  readonly weight?: number
  /** Default `auto`. */
  readonly concurrency?: number | 'auto'
  /** How it is asked; default: by the protocol's own route. */
  readonly send?: Send
}

/** A sampler whose endpoints change. Those that join go by their base URL. */
export interface EndpointPool extends Sampler {
  /** From now on it is given work. @throws ConfigError where the base URL is none; Error where it is there already */
  join(one: PoolEndpoint): void
  /** No more work for it; resolves when what it had under way has ended. */
  drain(baseURL: string): Promise<void>
  /** It is gone, with all that it had under way: that is asked elsewhere. */
  lose(baseURL: string): void
  /** Nobody comes any more: whoever waits is sent away with this, and whoever comes before somebody joins. */
  giveUp(error: Error): void
}

export interface EndpointPoolOptions {
  readonly endpoints: readonly PoolEndpoint[]
  /**
   * Endpoints come and go, and somebody else sees to it that there are some: nobody's absence ends the run, and this is told of one that
   * does not let us in or does not have the model. Left out, those there are at the beginning are all there ever are.
   */
  readonly onExpelled?: ((baseURL: string, error: ServerError) => void) | undefined
  /** Default `chat`. */
  readonly api?: Api
  /** Ask for answers as streams; default false. */
  readonly stream?: boolean
  /** What becomes of thinking that servers keep apart; default: it is put before the answer. */
  readonly thinking?: Partial<Pick<ThinkingForm, 'handling' | 'isOff'>>
  /** Milliseconds one attempt may last; default 600,000. */
  readonly timeoutMs?: number
  /** Attempts a key gets; default `ATTEMPTS`. Those that found nobody there do not count, and those sent away by overload a quarter. */
  readonly attempts?: number
  /** Seconds without a break that all endpoints together may be away or sick once one has answered; default 30. */
  readonly unreachableSeconds?: number
  /** The same before any has answered; default 2, and never more than the others. */
  readonly firstContactSeconds?: number
  /** Seconds that all endpoints may refuse every request (429, 503), as where a quota is used up; default 3,600. */
  readonly refusedSeconds?: number
  /** Keys that fail for good before the servers are at fault, where they are most of the last ones that ended; default 20. */
  readonly fewestFailures?: number
  /** Ceiling over all endpoints together; default `auto`: what they take. */
  readonly concurrency?: number | 'auto'
  /** Upper bound of the first wait between attempts in milliseconds, doubled with each; default 500. */
  readonly backoffMs?: number
  /** Milliseconds between two looks at what each serves, to notice another model; default: only answers are watched. */
  readonly lookMs?: number | undefined
  /** Where what an endpoint can do is kept; it is probed once. Default: nothing is probed, and only what every server takes is sent. */
  readonly records?: CapabilityRecords | undefined
  /** Told when an endpoint is left out and when it is back. */
  readonly onNote?: (text: string) => void
}

/** Of one attempt, where nothing else is said. */
export const TIMEOUT_MS = 600_000

/** @throws ConfigError where the base URL is none */
export function memberOptions(
  one: PoolEndpoint,
  options: EndpointPoolOptions,
  more: Pick<MemberOptions, 'dispatcher' | 'startLimit' | 'onChange'>,
): MemberOptions {
  const { endpoint, kind, model, weight = 1, concurrency = 'auto', send } = one
  if (!URL.canParse(endpoint.baseURL)) {
    throw new ConfigError(`baseURL ${JSON.stringify(endpoint.baseURL)} is not a URL, such as http://127.0.0.1:8000/v1.`)
  }
  const { api = 'chat', timeoutMs = TIMEOUT_MS, stream = false, unreachableSeconds = 30 } = options
  const patienceMs = Math.min(options.firstContactSeconds ?? 2, unreachableSeconds) * 1000
  const { records, lookMs } = options
  const dialect = { ...PLAIN_DIALECT, stream, thinking: { ...PLAIN_THINKING, ...options.thinking } }
  return {
    ...more,
    endpoint,
    kind,
    send,
    model,
    weight,
    concurrency,
    api,
    timeoutMs,
    patienceMs,
    lookMs,
    dialect,
    records,
    onNote: options.onNote ?? (() => undefined),
    isAlone: options.endpoints.length === 1 && options.onExpelled === undefined,
  }
}
