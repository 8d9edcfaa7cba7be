/**
 * Hand-over `fleet`: several servers as jobs of an engine. Sampling continues as soon as the first are there and the rest joins as it
 * comes; who is lost, or will be by its time limit, is replaced; new weights are new servers, and the old ones are drained and ended.
 */

import type { Checkpoint } from '../../core/checkpoint.ts'
import { EngineAway, messageOf, ServerError, SpendwiseError } from '../../core/errors.ts'
import type { FleetPool } from '../../core/fleet.ts'
import type { InferenceServer, Serving } from '../../core/server.ts'
import { type CrewOptions, createCrew, expelledAgain, type Hand, neverReady, type Target, viewOf } from './crew.ts'
import { baseURLOf, logFile } from './job.ts'
import { type FleetNeeds, hasEnded, mayStartAgain, planFleet, waitAfterFailures } from './plan-fleet.ts'

export interface FleetOptions extends Omit<CrewOptions, 'drainMs' | 'stopMs' | 'pool'> {
  readonly servers: number
  readonly least: number
  readonly readySeconds: number
  readonly drainSeconds: number
  readonly stopSeconds: number
  /** Old servers hold what new ones need: they end before those are started. */
  readonly endsFirst: boolean
  /** What servers are started on for a checkpoint, and the name that is then asked for (an adapter's next to its base's). */
  readonly targetOf: (checkpoint: Checkpoint) => { readonly target: Target; readonly model: string }
  readonly isHealthy: (baseURL: string, signal: AbortSignal) => Promise<boolean>
  /** Shows that the server answers with the checkpoint's weights. @throws ServerError where it does not */
  readonly prove: (baseURL: string, checkpoint: Checkpoint, signal: AbortSignal) => Promise<void>
}

export interface FleetServer extends InferenceServer {
  /** Whom to tell who can be asked. */
  attach(pool: FleetPool): void
  /** The pool has left this one out for good, as it turns requests down: it is ended, and another takes its place. */
  expelled(baseURL: string, error: ServerError): void
}

/** The engine is asked about its jobs no more often than this, and servers whether they are well. */
const SHORTEST_LOOK_MS = 1_000
/** And this, as long as some are on their way. */
const STARTING_LOOK_MS = 200

export function createFleetServer(options: FleetOptions): FleetServer {
  const { engine, onNote } = options
  const needs: FleetNeeds = {
    servers: options.servers,
    readyMs: options.readySeconds * 1000,
    // Time for a successor to get ready, and then for what is under way to end.
    aheadMs: (options.readySeconds + options.drainSeconds + options.stopSeconds) * 1000,
    drainMs: (options.drainSeconds + options.stopSeconds) * 1000,
  }
  let pool: FleetPool | undefined
  const crew = createCrew({
    ...options,
    drainMs: options.drainSeconds * 1000,
    stopMs: options.stopSeconds * 1000,
    pool: () => pool,
  })
  let current: { readonly checkpoint: Checkpoint; readonly target: Target; readonly model: string } | undefined
  let ended = new AbortController()
  let watching: Promise<void> | undefined
  let failure: SpendwiseError | undefined
  let wake = (): void => undefined
  let isAdopted = false
  let failures = 0
  let expulsions = 0
  let notBefore = 0
  let awaySince: number | undefined

  const isCurrent = (hand: Hand): boolean => current !== undefined && viewOf(hand, current.target).isWanted
  const ready = (): Hand[] =>
    crew.hands().filter((hand) => hand.member.step === 'proven' && isCurrent(hand) && isProven.has(hand))
  /** Proven by this process, for the checkpoint that is served now. */
  let isProven = new WeakSet<Hand>()

  function work(hand: Hand, task: () => Promise<void>): void {
    hand.busy ??= task()
      .catch((error: unknown) => {
        if (!ended.signal.aborted) note(error)
      })
      .finally(() => {
        hand.busy = undefined
        wake()
      })
  }
  /** An engine that is away is asked again at the next look; anything else ends the fleet. */
  function note(error: unknown): void {
    if (error instanceof EngineAway) return
    failure ??= error instanceof SpendwiseError ? error : new ServerError(messageOf(error), { cause: error })
    pool?.giveUp(failure)
  }

  async function prove(hand: Hand): Promise<void> {
    const { checkpoint } = current ?? {}
    const { address } = hand.member
    if (checkpoint === undefined || address === undefined) return
    const baseURL = baseURLOf(address)
    if (!(await options.isHealthy(baseURL, ended.signal))) return
    try {
      await options.prove(baseURL, checkpoint, ended.signal)
    } catch (error) {
      if (ended.signal.aborted) return
      hand.lastError = messageOf(error)
      // It answers, but not as it should: the next look may find it better, until its time to get ready is over.
      return
    }
    if (current?.checkpoint !== checkpoint) return
    isProven.add(hand)
    failures = 0
    crew.proven(hand)
  }

  async function watchOver(hand: Hand): Promise<void> {
    const { address } = hand.member
    if (address === undefined) return
    const isWell = await options.isHealthy(baseURLOf(address), ended.signal)
    hand.missedLooks = isWell ? 0 : hand.missedLooks + 1
  }

  async function tick(target: Target): Promise<void> {
    const now = Date.now()
    await crew.look(now)
    const hands = crew.hands()
    const isAway = hands.length > 0 && hands.every(({ state }) => state === 'unknown')
    if (isAway !== (awaySince !== undefined)) tellOfSilence(isAway)
    awaySince = isAway ? (awaySince ?? now) : undefined
    const plan = planFleet(
      hands.map((hand) => viewOf(hand, target)),
      needs,
      now,
    )
    const handOf = (key: string): Hand | undefined => hands.find(({ member }) => member.key === key)
    for (const key of plan.lost) {
      const hand = handOf(key)
      if (hand === undefined || hand.busy) continue
      const wasProven = hand.member.step === 'proven'
      if (!wasProven) {
        failures++
        notBefore = now + waitAfterFailures(failures)
      }
      if (hand.isExpelled) expulsions++
      const why = hand.lastError ?? (hasEnded(hand.state) ? `its job is ${hand.state}` : 'it does not answer')
      if (!mayStartAgain(failures, options.servers)) throw neverReady(logFile(options.folder, key), why, failures)
      if (!mayStartAgain(expulsions, options.servers)) throw expelledAgain(why, expulsions)
      onNote(`A server of the fleet is lost (${key}: ${why}), and another is started.`)
      work(hand, () => crew.lose(hand))
    }
    for (const key of plan.retire) {
      const hand = handOf(key)
      if (hand) work(hand, () => crew.retire(hand))
    }
    for (const hand of hands) {
      if (hand.busy || hand.member.step === 'retired' || !isCurrent(hand)) {
        // One whose end was not finished: its engine was away, or spendwise was killed over it.
        if (!hand.busy && hand.member.step === 'retired') work(hand, () => crew.retire(hand))
        continue
      }
      if (isProven.has(hand)) work(hand, () => watchOver(hand))
      else if (hand.member.address !== undefined) work(hand, () => prove(hand))
    }
    const mustWait = options.endsFirst && hands.some((hand) => hand.member.step === 'retired' || !isCurrent(hand))
    if (mustWait || now < notBefore) return
    for (let i = 0; i < plan.submit; i++) await crew.submit(target)
  }

  function tellOfSilence(isAway: boolean): void {
    onNote(
      isAway
        ? `The engine that runs the fleet gives no answer, and is asked again; servers that are there continue. ${crew.silence()}`
        : 'The engine that runs the fleet answers again.',
    )
  }

  async function watch(target: Target, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await tick(target)
      } catch (error) {
        if (signal.aborted) return
        note(error)
        if (failure) return
      }
      await new Promise<void>((resolve) => {
        const isWhole = ready().length >= options.servers
        const timer = setTimeout(() => soon(), Math.max(isWhole ? SHORTEST_LOOK_MS : STARTING_LOOK_MS, engine.pollMs))
        const soon = (): void => {
          clearTimeout(timer)
          signal.removeEventListener('abort', soon)
          resolve()
        }
        // Something that was under way has ended: the next step need not wait.
        wake = () => setTimeout(soon, POLL_AFTER_WORK_MS)
        signal.addEventListener('abort', soon, { once: true })
        if (signal.aborted) soon()
      })
    }
  }

  async function stopWatching(): Promise<void> {
    ended.abort(new Error('The fleet is being changed.'))
    await watching
    await Promise.all(crew.hands().map(({ busy }) => busy))
    watching = undefined
    ended = new AbortController()
  }

  async function endAll(): Promise<void> {
    await stopWatching()
    current = undefined
    isProven = new WeakSet()
    if (!isAdopted) await crew.adopt()
    isAdopted = true
    try {
      await Promise.all(crew.hands().map((hand) => crew.retire(hand)))
    } catch (error) {
      if (!(error instanceof EngineAway)) throw error
      onNote(`Servers of the fleet may still be running: ${error.message} The next start of this run finds them.`)
    }
  }

  return {
    attach(to) {
      pool = to
    },
    expelled(baseURL, error) {
      const hand = ready().find(({ member: { address } }) => address && baseURLOf(address) === baseURL)
      if (hand === undefined) return
      hand.isExpelled = true
      hand.lastError = error.message
      wake()
    },
    async serve(checkpoint, signal) {
      const wanted = { checkpoint, ...options.targetOf(checkpoint) }
      if (current === undefined || current.model !== wanted.model || current.target.weights !== wanted.target.weights) {
        await stopWatching()
        if (!isAdopted) await crew.adopt()
        isAdopted = true
        // Whoever served other weights must not be asked for these: an adapter's servers are proven again, and then asked again.
        await Promise.all(crew.hands().map((hand) => crew.rest(hand)))
        isProven = new WeakSet()
        failures = 0
        expulsions = 0
        notBefore = 0
        failure = undefined
        current = wanted
      }
      if (watching === undefined || failure !== undefined) {
        failure = undefined
        failures = 0
        expulsions = 0
        watching = watch(wanted.target, ended.signal)
      }
      while (ready().length < Math.min(options.least, options.servers)) {
        signal.throwIfAborted()
        if (failure) throw failure
        if (awaySince !== undefined && Date.now() - awaySince > engine.patienceMs)
          throw new ServerError('The engine that runs the fleet gives no answer; look at it and run again.')
        await new Promise((resolve) => setTimeout(resolve, WAIT_MS))
      }
      const [first] = ready()
      const address = first?.member.address
      if (address === undefined) throw new Error('a server that is proven has an address')
      return { baseURL: baseURLOf(address), model: wanted.model, proven: true } satisfies Serving
    },
    release: endAll,
    freeDevices: endAll,
  }
}

const WAIT_MS = 50
const POLL_AFTER_WORK_MS = 20
