/**
 * Samples from many endpoints that speak the OpenAI protocol as from one: work goes to the least loaded, a sick endpoint is left
 * out until it is back, and a run continues while one is left.
 *
 *     const sampler = createEndpointPool({ endpoints: [{ endpoint: { baseURL: 'http://127.0.0.1:8000/v1', … } }] })
 *     const completion = await sampler.sample(request, signal)
 *
 * Endpoints may come and go while it is in use: `join`, `drain`, `lose`; what was under way at a lost one is asked elsewhere.
 *
 * One request asks for one completion: a server returns `n` of them only when the slowest has ended, and until then nothing could
 * be saved. Every attempt is counted here and nowhere below.
 */

import type { Attempt, Completion } from '../core/completion.ts'
import { NobodyAnswers, refused } from '../core/endpoint.ts'
import { ServerError } from '../core/errors.ts'
import { ATTEMPTS, type SampleRequest } from '../core/sampler.ts'
import { type Endings, endedSo, failsTooOften } from './endings.ts'
import { doubtsAddress, type Failure } from './failure.ts'
import { createMember, type Member } from './member.ts'
import { isGone, limitOfNewcomer } from './membership.ts'
import { onAbort } from './on-abort.ts'
import { createPlacement } from './placement.ts'
import {
  type EndpointPool,
  type EndpointPoolOptions,
  memberOptions,
  type PoolEndpoint,
  TIMEOUT_MS,
} from './pool-options.ts'
import { createDispatcher } from './protocol/dispatcher.ts'
import type { Answer } from './protocol/wire.ts'
import { createQuietWatch } from './quiet-watch.ts'
import { BACKOFF_MS, placesGivenBack, triesSpent, waitMs } from './retry.ts'
import { createRetryBudget } from './retry-budget.ts'
import { createRoster } from './roster.ts'

/** @throws ConfigError where there is no endpoint, or a base URL is none */
export function createEndpointPool(options: EndpointPoolOptions): EndpointPool {
  const {
    attempts: attemptLimit = ATTEMPTS,
    fewestFailures = 20,
    backoffMs: baseMs = BACKOFF_MS,
    onNote = () => undefined,
  } = options
  const { unreachableSeconds = 30, concurrency = 'auto', onExpelled } = options
  // A server that restarts between two requests breaks none: its closed connections are all there is to see of it.
  const dispatcher = createDispatcher((origin) => {
    for (const member of members.values()) if (new URL(member.endpoint.baseURL).origin === origin) member.doubt()
  })
  const roster = createRoster()
  const members = new Map<string, Member>()
  const patienceMs = onExpelled ? Number.POSITIVE_INFINITY : unreachableSeconds * 1000
  const placement = createPlacement({
    roster,
    count: () => members.size,
    patienceMs,
    firstContactMs: onExpelled ? patienceMs : Math.min((options.firstContactSeconds ?? 2) * 1000, patienceMs),
    onExpelled: onExpelled && ((member, error) => onExpelled(member.name, error)),
    onNote,
  })
  const quiet = createQuietWatch({
    members: () => [...members.values()],
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    refusedMs: onExpelled ? patienceMs : (options.refusedSeconds ?? 3_600) * 1000,
    onNote,
  })
  const budget = createRetryBudget()
  let endings: Endings = []
  /** Requests that hold no place: they wait for their next try, or for their answer to count. */
  let aside = 0
  const listeners = new Set<() => void>()
  const tellOfRoom = (): void => {
    for (const listener of listeners) listener()
  }
  let closed = false
  /** Why nobody comes any more. */
  let hopeless: Error | undefined

  function add(one: PoolEndpoint, name: string): void {
    const alike = [...members.values()].filter(({ kind }) => kind !== undefined && kind === one.kind)
    const startLimit = limitOfNewcomer(alike.map(({ limiter }) => limiter.limit()))
    const onChange = (changed: Member): void => {
      roster.touch(changed)
      tellOfRoom()
    }
    const member = createMember(memberOptions(one, options, { dispatcher, startLimit, onChange }))
    members.set(name, member)
    roster.add(member)
  }
  function take(baseURL: string): Member | undefined {
    const member = members.get(baseURL)
    if (member === undefined) return undefined
    members.delete(baseURL)
    roster.remove(member)
    return member
  }
  // One address may stand there twice, with a model each.
  for (const [i, one] of options.endpoints.entries())
    add(one, i === 0 ? one.endpoint.baseURL : `${one.endpoint.baseURL} #${i}`)

  async function sample(request: SampleRequest, signal: AbortSignal): Promise<Completion> {
    try {
      return await draw(request, signal)
    } catch (error) {
      const all = [...members.values()]
      if (!(error instanceof NobodyAnswers) || all.some((member) => !member.isNew())) throw error
      const wrong = await Promise.all(all.map((member) => member.wrongAddress(request, signal)))
      throw wrong.find((one) => one !== undefined) ?? error
    }
  }

  async function draw(request: SampleRequest, signal: AbortSignal): Promise<Completion> {
    const attempts: Attempt[] = []
    let counted = 0
    let failures = 0
    let failedAt: Member | undefined
    for (;;) {
      signal.throwIfAborted()
      if (closed) throw new Error('The sampler was closed while it was in use.')
      if (hopeless !== undefined) throw hopeless
      const member = placement.now(request, failedAt) ?? (await placement.wait(request, failedAt, signal))
      const wasTrial = member.isOnTrial()
      const tried = await member.ask(request, signal).finally(() => placement.leave(member))
      attempts.push(tried.attempt)
      if (tried.kind === 'answered') {
        placement.succeeded(member, tried.attempt.durationMs)
        budget.earn()
        try {
          const settled = member.settled(request, signal)
          if (settled) await withoutPlace(settled)
        } catch (error) {
          // Whoever answers at its address by now is another, and says nothing of this answer: it is drawn again.
          if (isGone(member.state()) && !signal.aborted) continue
          throw error
        }
        endings = endedSo(endings, false)
        return complete(request, tried.answer, attempts)
      }
      const { failure } = tried
      // It was taken away with this request, which begins again elsewhere as if it had never been there.
      if (isGone(member.state())) continue
      placement.failed(member, failure)
      failedAt = failure.reaction === 'here' ? undefined : member
      await resolveRefusal(member, request, failure, signal)
      if (failure.reaction === 'absent' || member.expelled() !== undefined) continue
      failures++
      if (failure.reaction === 'overloaded') quiet.refused(member, failure)
      // Whoever asks for all whether an endpoint is back, or is refused with everybody else, pays for it with no try of its own.
      if (!wasTrial && !member.isShut()) counted += triesSpent(failure.reaction)
      if (isHopeless(failure) || counted >= attemptLimit) return giveUp(request, member, attempts, failure)
      const ms = Math.max(ownWaitMs(failure, failures, failedAt), budget.take(performance.now()))
      if (ms > 0) await withoutPlace(pause(ms, signal))
    }
  }

  /** The place is another's meanwhile. */
  async function withoutPlace(work: Promise<void>): Promise<void> {
    aside++
    tellOfRoom()
    await work.finally(() => aside--)
  }

  /** Where others can take the request at once nobody waits. */
  function ownWaitMs({ retryAfterMs }: Failure, failures: number, failedAt: Member | undefined): number {
    // Out of order it has a clock of its own, and the line waits for that.
    if (failedAt?.isOpen()) return 0
    if (failedAt !== undefined && failures <= 1 && roster.hasOther(failedAt)) return 0
    // At a pace it is the rate that was too much, and the request takes its turn again.
    const named = failedAt?.isPaced() ? undefined : retryAfterMs
    return waitMs(failures, named, baseMs, Math.random())
  }

  /**
   * An endpoint that does not let us in, is not where it is said to be, or does not have the model, is left out.
   * @throws ServerError where it was the last
   */
  async function resolveRefusal(
    member: Member,
    request: SampleRequest,
    failure: Failure,
    signal: AbortSignal,
  ): Promise<void> {
    if (failure.reaction === 'refused') placement.expel(member, refused(member.endpoint, saidBy(failure)))
    if (member.isNew() && doubtsAddress(failure)) {
      const wrong = await member.wrongAddress(request, signal)
      if (wrong) return placement.expel(member, wrong)
    }
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
    endings = endedSo(endings, true)
    if (failsTooOften(endings, fewestFailures)) {
      const failed = endings.filter((hasFailed) => hasFailed).length
      const many =
        failed === endings.length ? `${failed} requests in a row` : `${failed} of the last ${endings.length} requests`
      throw new ServerError(`${member.endpoint.baseURL} failed ${many}, the last with: ${saidBy(failure)}.`)
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
    join(one) {
      const { baseURL } = one.endpoint
      if (members.has(baseURL)) throw new Error(`${baseURL} is in the pool already.`)
      add(one, baseURL)
      hopeless = undefined
      placement.look()
      tellOfRoom()
    },
    async drain(baseURL) {
      await take(baseURL)?.drain()
    },
    lose(baseURL) {
      take(baseURL)?.lose()
      placement.look()
    },
    giveUp(error) {
      hopeless = error
      placement.fail(error)
    },
    get concurrency() {
      const taken = roster.limit()
      const limit = concurrency === 'auto' ? taken : Math.min(concurrency, taken)
      return limit + placesGivenBack(aside, limit)
    },
    onRoom(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      closed = true
      placement.close()
      quiet.close()
      for (const member of members.values()) member.close()
      await dispatcher.destroy()
    },
  }
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
  answer: Omit<Answer, 'finishReason' | 'thinking' | 'altered' | 'unreadReason'> &
    Pick<Completion, 'finishReason' | 'thinking' | 'altered'> & { readonly unreadReason?: string | undefined },
  attempts: Attempt[],
): Completion {
  const { key, issue, seed } = request
  const { unreadReason: _, ...said } = answer
  return { key, issue, seed, ...said, latencyMs: attempts.at(-1)?.durationMs ?? 0, attempts }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stopListening = onAbort(signal, () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
    const timer = setTimeout(() => {
      stopListening()
      resolve()
    }, ms)
  })
}
