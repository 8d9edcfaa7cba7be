/** One endpoint of a pool: whether it may be asked, how much at once, and what it has shown of itself so far. */

import type { Dispatcher } from 'undici'
import { type Endpoint, NobodyAnswers } from '../core/endpoint.ts'
import type { ServerError } from '../core/errors.ts'
import type { SampleRequest } from '../core/sampler.ts'
import { createBreaker } from './breaker.ts'
import type { Failure } from './failure.ts'
import { createLimiter, type Limiter } from './limiter.ts'
import { isGone, type MemberEvent, type MemberState, stateAfter, takesRequests } from './membership.ts'
import { createPacer } from './pacer.ts'
import { type Asker, createAsker, goneBefore, type Send, type Tried } from './protocol/attempt.ts'
import type { Dialect } from './protocol/dialect.ts'
import type { Api } from './protocol/wire.ts'
import type { Signs } from './quiet.ts'
import type { Candidate } from './route.ts'
import { findWrongAddress } from './server/address.ts'
import { createIntroduction } from './server/introduction.ts'
import { createModelWatch } from './server/model-watch.ts'
import { listModels, type ServedModel } from './server/questions.ts'
import type { CapabilityRecords } from './server/records.ts'

export interface MemberOptions {
  readonly send: Send | undefined
  readonly endpoint: Endpoint
  readonly model: ((asked: string) => string) | undefined
  readonly weight: number
  readonly concurrency: number | 'auto'
  readonly api: Api
  readonly timeoutMs: number
  readonly dispatcher: Dispatcher
  /** How long the pool waits when all are away: it is probed several times before. */
  readonly patienceMs: number
  /** Milliseconds between two looks at what it serves; undefined for none. */
  readonly lookMs: number | undefined
  /** How it is asked before anything is known of it. */
  readonly dialect: Dialect
  readonly records: CapabilityRecords | undefined
  readonly onNote: (text: string) => void
  /** Whether it is the pool's only endpoint, for good. */
  readonly isAlone: boolean
  /** What it is known by in the records; its address where nothing else is said. */
  readonly kind: string | undefined
  /** What it is given at once before it has shown how much it takes; undefined: a small number. */
  readonly startLimit: number | undefined
  /** Called when its limit has changed by itself. */
  readonly onChange: (member: Member) => void
}

export interface Member extends Candidate {
  readonly endpoint: Endpoint
  /** See `MemberOptions`. */
  readonly kind: string | undefined
  readonly limiter: Limiter
  inFlight: number
  /** Why it is left out for good; undefined while it is not. */
  readonly expelled: () => ServerError | undefined
  expel(error: ServerError): void
  /** Milliseconds until it may be asked or probed again; 0 where it may now, undefined where it never will. */
  waitMs(now: number): number | undefined
  readonly isOpen: () => boolean
  /** One request at a time tries whether it is back. */
  readonly isOnTrial: () => boolean
  /** Whether it refuses everybody: that says nothing against a request. */
  readonly isShut: () => boolean
  /** What shows whether anything comes of it. */
  readonly signs: () => Signs
  /** A pace is kept, and that is the clock of whoever it refuses. */
  readonly isPaced: () => boolean
  /** Neither left out, nor away, nor on trial. */
  readonly isInOrder: () => boolean
  /** Whether it may be given work again, or more of it, by time alone. */
  readonly isTimed: () => boolean
  /** How far it has come and gone. */
  readonly state: () => MemberState
  /** It takes no more requests; resolves when it has none. */
  drain(): Promise<void>
  /** It is gone: what it has under way fails there at once. */
  lose(): void
  /** Takes a place for one request. */
  enter(): void
  leave(): void
  /** @throws ServerError where the endpoint has changed its model; the signal's reason */
  ask(request: SampleRequest, signal: AbortSignal): Promise<Tried>
  /**
   * Waits until an answer may count: others may have lost their connection while it was under way. undefined: it counts at once.
   * @throws as `ask` does
   */
  settled(request: SampleRequest, signal: AbortSignal): Promise<void> | undefined
  /** See `ModelWatch`. */
  doubt(): void
  /** @returns whether this brought it back after trouble */
  succeeded(durationMs: number): boolean
  /** @returns whether this put it out of order */
  failed(failure: Failure, now: number): boolean
  /** Nothing has come of it yet. */
  readonly isNew: () => boolean
  /** What to say where its address is a wrong one; looked at once. @throws the signal's reason */
  wrongAddress(request: SampleRequest, signal: AbortSignal): Promise<ServerError | undefined>
  /** Is somebody there? */
  probe(signal: AbortSignal): Promise<boolean>
  /** Lists what it serves. */
  models(signal: AbortSignal): Promise<ServedModel[]>
  /** Its own name for the model. */
  modelFor(asked: string): string
  close(): void
}

/** Milliseconds of failures without an answer that put an endpoint out of order: fewer where others can take its work. */
const SILENCE_MS = 3_000
const SILENCE_AMONG_OTHERS_MS = 250
/** A server that restarts is found soon after it is back. */
const PROBE_MS = 250
const PROBE_LIMIT_MS = 2_000
/** Weight of the newest answer in the mean latency. */
const NEWEST = 0.1

export function createMember(options: MemberOptions): Member {
  const { endpoint, weight, concurrency } = options
  const gone = new AbortController()
  const asker: Asker = createAsker({ ...options, gone: gone.signal })
  const limiter = createLimiter(concurrency, options.startLimit)
  const introduction = createIntroduction({
    ...options,
    limiter: concurrency === 'auto' ? steered() : undefined,
    inFlight: () => member.inFlight,
  })
  const breaker = createBreaker({
    silenceMs: options.isAlone ? SILENCE_MS : SILENCE_AMONG_OTHERS_MS,
    baseMs: Math.min(PROBE_MS, options.patienceMs / 8),
    limitMs: Math.min(PROBE_LIMIT_MS, options.patienceMs / 4),
    chance: Math.random,
  })
  const watch = createModelWatch(endpoint, options.lookMs)
  const pacer = createPacer(performance.now(), limiter.limit)
  let latencyMs: number | undefined
  let address: Promise<ServerError | undefined> | undefined
  let expelled: ServerError | undefined
  let lastSignAt = performance.now()
  let refusingSince: number | undefined
  /** The one request that tries a half-open endpoint is under way. */
  let isTrying = false
  let state: MemberState = 'joined'
  let whenEmpty: (() => void)[] = []

  const happen = (event: MemberEvent): void => {
    state = stateAfter(state, event)
    if (!isGone(state)) return
    for (const resolve of whenEmpty) resolve()
    whenEmpty = []
    introduction.close()
  }
  function steered(): Limiter {
    const looked: Limiter['looked'] = (load, inFlight) => {
      limiter.looked(load, inFlight)
      options.onChange(member)
    }
    return { ...limiter, looked }
  }
  const limit = (inFlight: number): number => {
    if (!takesRequests(state)) return 0
    // What hangs from before the trouble must not keep the trial out.
    if (expelled === undefined && breaker.state() === 'half-open') return isTrying ? 0 : inFlight + 1
    if (expelled !== undefined || breaker.state() === 'open' || !pacer.isDue(performance.now())) return 0
    return limiter.limit()
  }
  const modelFor = (asked: string): string => options.model?.(asked) ?? asked

  const member: Member = {
    endpoint,
    kind: options.kind,
    name: endpoint.baseURL,
    weight,
    limiter,
    inFlight: 0,
    get limit() {
      return limit(this.inFlight)
    },
    get latencyMs() {
      return latencyMs
    },
    expelled: () => expelled,
    expel(error) {
      expelled = error
    },
    isOpen: () => breaker.state() === 'open',
    isOnTrial: () => breaker.state() === 'half-open',
    isShut: () => pacer.state().isShut,
    signs: () => ({ lastSignAt, inFlight: member.inFlight, refusingSince, latencyMs }),
    isPaced: () => pacer.state().rate !== undefined,
    isInOrder: () => expelled === undefined && breaker.state() === 'closed',
    isTimed: () => breaker.state() !== 'closed' || pacer.state().rate !== undefined || !pacer.isDue(performance.now()),
    state: () => state,
    drain() {
      happen('drain')
      return new Promise((resolve) => {
        whenEmpty.push(resolve)
        if (member.inFlight === 0) happen('emptied')
      })
    },
    lose() {
      happen('lose')
      gone.abort()
    },
    waitMs(now) {
      if (expelled !== undefined) return undefined
      return breaker.state() === 'open' ? Math.max(0, breaker.probeAt() - now) : pacer.waitMs(now)
    },
    enter() {
      if (this.inFlight === 0) lastSignAt = performance.now()
      this.inFlight++
      breaker.begun()
      pacer.begun(performance.now())
      isTrying = breaker.state() === 'half-open'
    },
    leave() {
      this.inFlight--
      isTrying = false
      if (this.inFlight === 0) happen('emptied')
    },
    async ask(request, signal) {
      const model = modelFor(request.model)
      let dialect: Dialect
      try {
        await watch.look(request, model, signal)
        dialect = await introduction.made(request, model, signal)
      } catch (error) {
        signal.throwIfAborted()
        if (!isGone(state)) throw error
        return goneBefore(endpoint)
      }
      const tried = await asker.ask(request, model, dialect, signal)
      if (tried.kind === 'answered') watch.answered(request, model, tried.answer.model)
      else if (tried.attempt.outcome === 'connection') watch.doubt()
      return tried
    },
    doubt: watch.doubt,
    settled: (request, signal) => watch.settled(request, modelFor(request.model), signal),
    succeeded(durationMs) {
      lastSignAt = performance.now()
      refusingSince = undefined
      latencyMs = latencyMs === undefined ? durationMs : latencyMs + NEWEST * (durationMs - latencyMs)
      limiter.answered(this.inFlight)
      pacer.answered(performance.now())
      const isBack = breaker.succeeded()
      if (isBack) limiter.cameBack()
      return isBack
    },
    failed(failure, now) {
      lastSignAt = now
      if (failure.reaction === 'overloaded') refusingSince ??= now
      switch (failure.reaction) {
        case 'absent':
          return breaker.absent(now)
        case 'overloaded':
          pacer.refused(now)
          return failure.status === 503 ? breaker.failed(now) : false
        case 'elsewhere':
          return breaker.failed(now)
        default:
          // Whoever turns down one request is there and works.
          if (breaker.succeeded()) limiter.cameBack()
          return false
      }
    },
    isNew: () => latencyMs === undefined,
    async wrongAddress(request, signal) {
      // Its own way of sending goes elsewhere.
      if (options.send !== undefined) return undefined
      address ??= findWrongAddress(endpoint, modelFor(request.model), signal)
      return await address.catch((error) => {
        address = undefined
        throw error
      })
    },
    async probe(signal) {
      try {
        await listModels(endpoint, signal)
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof NobodyAnswers) {
          breaker.probeFailed(performance.now())
          return false
        }
        // Somebody who does not know the route is there all the same; the request that tries will show.
      }
      breaker.probed()
      return true
    },
    models: (signal) => listModels(endpoint, signal),
    modelFor,
    close: introduction.close,
  }
  return member
}
