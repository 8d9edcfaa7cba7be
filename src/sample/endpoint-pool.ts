/**
 * Samples from many endpoints that speak the OpenAI protocol as from one: work goes to the least loaded, a sick endpoint is left
 * out until it is back, and a run goes on while one is left.
 *
 *     const sampler = createEndpointPool({ endpoints: [{ endpoint: { baseURL: 'http://127.0.0.1:8000/v1', … } }] })
 *     const completion = await sampler.sample(request, signal)
 *
 * One request asks for one completion: a server returns `n` of them only when the slowest has ended, and until then nothing could
 * be saved. Every attempt is counted here and nowhere below.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Attempt, Completion } from '../core/completion.ts'
import { ConfigError, ServerError } from '../core/errors.ts'
import type { SampleRequest, Sampler } from '../core/sampler.ts'
import { type Endpoint, refused } from './endpoint.ts'
import type { Failure } from './failure.ts'
import { createMember, type Member } from './member.ts'
import { createPlacement } from './placement.ts'
import type { Send } from './protocol/attempt.ts'
import { PLAIN_DIALECT } from './protocol/dialect.ts'
import { createDispatcher } from './protocol/http.ts'
import type { Answer, Api } from './protocol/wire.ts'
import { backoffMs } from './retry.ts'
import { createRetryBudget } from './retry-budget.ts'
import type { CapabilityRecords } from './server/records.ts'

export interface PoolEndpoint {
  readonly endpoint: Endpoint
  /** Its own name for the model that a request asks for; default: the same. */
  readonly model?: (asked: string) => string
  /** Share of the work beside the others'; default 1. */
  readonly weight?: number
  /** Default `auto`. */
  readonly concurrency?: number | 'auto'
  /** How it is asked; default: by the protocol's own route. */
  readonly send?: Send
}

export interface EndpointPoolOptions {
  readonly endpoints: readonly PoolEndpoint[]
  /** Default `chat`. */
  readonly api?: Api
  /** Ask for answers as streams; default false. */
  readonly stream?: boolean
  /** Milliseconds one attempt may last; default 600,000. */
  readonly timeoutMs?: number
  /** Attempts a key gets; default 6. Those that found nobody there do not count, and those sent away by overload a quarter. */
  readonly attempts?: number
  /** Seconds without a break that all endpoints together may be away or sick once one has answered; default 30. */
  readonly unreachableSeconds?: number
  /** The same before any has answered; default 2, and never more than the others. */
  readonly firstContactSeconds?: number
  /** Keys that may fail in a row before the servers are at fault; default 20. */
  readonly failuresInARow?: number
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

/** No wait between attempts is longer, unless the server asks for it. */
const BACKOFF_LIMIT_MS = 30_000
/** An overload is no failure of the request; so many count as one attempt. */
const OVERLOADS_AN_ATTEMPT = 4

/** @throws ConfigError where there is no endpoint, or a base URL is none */
export function createEndpointPool(options: EndpointPoolOptions): Sampler {
  const { attempts: attemptLimit = 6, failuresInARow = 20, backoffMs: baseMs = 500, onNote = () => undefined } = options
  const { unreachableSeconds = 30, concurrency = 'auto' } = options
  const dispatcher = createDispatcher()
  const members = options.endpoints.map((one) => joinPool(one, options, dispatcher))
  const placement = createPlacement({
    members,
    patienceMs: unreachableSeconds * 1000,
    firstContactMs: Math.min(options.firstContactSeconds ?? 2, unreachableSeconds) * 1000,
    onNote,
  })
  const budget = createRetryBudget()
  let failedKeys = 0
  let closed = false

  async function sample(request: SampleRequest, signal: AbortSignal): Promise<Completion> {
    const attempts: Attempt[] = []
    let counted = 0
    let failedAt: Member | undefined
    for (;;) {
      signal.throwIfAborted()
      if (closed) throw new Error('The sampler was closed while it was in use.')
      const member = placement.now(request, failedAt) ?? (await placement.wait(request, failedAt, signal))
      const tried = await member.ask(request, signal).finally(() => placement.leave(member))
      attempts.push(tried.attempt)
      if (tried.kind === 'answered') {
        placement.succeeded(member, tried.attempt.durationMs)
        budget.earn()
        failedKeys = 0
        return complete(request, tried.answer, attempts)
      }
      const { failure } = tried
      placement.failed(member, failure)
      failedAt = failure.reaction === 'here' ? undefined : member
      await resolveRefusal(member, request, failure, signal)
      if (failure.reaction === 'refused' || failure.reaction === 'absent') continue
      counted += failure.reaction === 'overloaded' ? 1 / OVERLOADS_AN_ATTEMPT : 1
      if (isHopeless(failure) || counted >= attemptLimit) return giveUp(request, member, attempts, failure)
      await pause(Math.max(waitMs(failure, counted, failedAt), budget.take(performance.now())), signal)
    }
  }

  /** An endpoint that names a time is left alone by its own clock, and where others can take the request nobody waits. */
  function waitMs(failure: Failure, counted: number, failedAt: Member | undefined): number {
    if (failure.reaction === 'overloaded' && failure.retryAfterMs !== undefined) return Math.random() * baseMs
    // Out of order it has a clock of its own, and the line waits for that.
    if (failedAt?.isOpen()) return 0
    if (failedAt !== undefined && counted <= 1 && members.some((other) => other !== failedAt && other.limit > 0))
      return 0
    return backoffMs(Math.ceil(counted), failure.retryAfterMs, { baseMs, limitMs: BACKOFF_LIMIT_MS }, Math.random())
  }

  /** An endpoint that does not let us in, or does not have the model, is left out. @throws ServerError where it was the last */
  async function resolveRefusal(
    member: Member,
    request: SampleRequest,
    failure: Failure,
    signal: AbortSignal,
  ): Promise<void> {
    if (failure.reaction === 'refused') placement.expel(member, refused(member.endpoint, saidBy(failure)))
    if (failure.reaction !== 'check-model') return
    const model = member.modelFor(request.model)
    const served = (await member.models(signal)).map(({ id }) => id)
    if (served.includes(model)) return
    const list = served.length === 0 ? 'no model' : served.join(', ')
    placement.expel(
      member,
      new ServerError(
        `${member.endpoint.baseURL} does not serve "${model}" (${saidBy(failure)}) but ${list}; correct the endpoint's model or start the server with this name.`,
      ),
    )
  }

  /** @throws ServerError where the failure is not this key's alone */
  function giveUp(request: SampleRequest, member: Member, attempts: Attempt[], failure: Failure): Completion {
    failedKeys++
    if (failedKeys >= failuresInARow) {
      throw new ServerError(
        `${member.endpoint.baseURL} failed ${failuresInARow} requests in a row, the last with: ${saidBy(failure)}.`,
      )
    }
    const { model } = request
    return complete(
      request,
      { text: '', finishReason: 'failed', promptTokens: 0, completionTokens: 0, model },
      attempts,
    )
  }

  return {
    sample,
    get concurrency() {
      const inOrder = members.filter((member) => member.limit > 0)
      const taken = (inOrder.length > 0 ? inOrder : members).reduce((sum, member) => sum + member.limiter.limit(), 0)
      return concurrency === 'auto' ? taken : Math.min(concurrency, taken)
    },
    async close() {
      closed = true
      placement.close()
      for (const member of members) member.close()
      await dispatcher.destroy()
    },
  }
}

function joinPool(
  one: PoolEndpoint,
  options: EndpointPoolOptions,
  dispatcher: ReturnType<typeof createDispatcher>,
): Member {
  const { endpoint, model, weight = 1, concurrency = 'auto', send } = one
  if (!URL.canParse(endpoint.baseURL)) {
    throw new ConfigError(`baseURL ${JSON.stringify(endpoint.baseURL)} is not a URL, such as http://127.0.0.1:8000/v1.`)
  }
  const { api = 'chat', timeoutMs = 600_000, stream = false, unreachableSeconds = 30 } = options
  const patienceMs = Math.min(options.firstContactSeconds ?? 2, unreachableSeconds) * 1000
  const { records, lookMs } = options
  const dialect = { ...PLAIN_DIALECT, stream }
  return createMember({
    endpoint,
    send,
    model,
    weight,
    concurrency,
    api,
    timeoutMs,
    dispatcher,
    patienceMs,
    lookMs,
    dialect,
    records,
  })
}

/** Turned down for what it asks, or for a model that is there all the same: another try gets the same answer. */
function isHopeless({ reaction }: Failure): boolean {
  return reaction === 'give-up' || reaction === 'check-model'
}

function saidBy({ status, message }: Failure): string {
  return `${status === 0 ? '' : `${status}: `}${message}`
}

function complete(
  request: SampleRequest,
  answer: Omit<Answer, 'finishReason'> & Pick<Completion, 'finishReason'>,
  attempts: Attempt[],
): Completion {
  const { key, issue, seed } = request
  return { key, issue, seed, ...answer, latencyMs: attempts.at(-1)?.durationMs ?? 0, attempts }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return
  // The timer's own rejection hides the signal's reason.
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted())
}
