/**
 * The servers of a fleet, each taken from step to step: every step is stored before the next is begun, so that a spendwise that is
 * killed between any two finds its jobs again and starts none twice.
 */

import { EngineAway, ServerError } from '../../core/errors.ts'
import type { FleetJournal, FleetMember, FleetPool, MemberStep } from '../../core/fleet.ts'
import type { JobHandle, JobState } from '../../core/job.ts'
import type { Job, JobEngine } from '../../jobs/contract.ts'
import { crashPoint } from '../../process/crash-point.ts'
import { baseURLOf, readAddress } from './job.ts'
import { hasEnded, type MemberView } from './plan-fleet.ts'

/** What is to be served, under which name. */
export interface Target {
  readonly name: string
  readonly weights: string
  /** Where it lies for the servers. */
  readonly place: string
}

/** A member and what has been seen of it. */
export interface Hand {
  readonly job: Job
  member: FleetMember
  state: JobState
  runsSince: number | undefined
  missedLooks: number
  /** Its proof, or its end, is under way. */
  busy: Promise<void> | undefined
  /** Why its last proof failed. */
  lastError: string | undefined
  /** It was proven, and has turned a request down for its key or its model since. */
  isExpelled: boolean
}

export interface CrewOptions {
  readonly engine: JobEngine
  readonly journal: FleetJournal
  /** Where servers say where they are. */
  readonly folder: string
  readonly jobOf: (key: string, target: Target) => Job
  readonly drainMs: number
  readonly stopMs: number
  /** Undefined as long as nobody draws. */
  readonly pool: () => FleetPool | undefined
  readonly onNote: (text: string) => void
}

export interface Crew {
  /** All that have not ended, the oldest first. */
  readonly hands: () => readonly Hand[]
  /** Finds the jobs of an earlier process; those whose submission it cannot tell of are asked for by their keys, now or at the next look. */
  adopt(): Promise<void>
  /** @throws EngineAway, JobError */
  submit(target: Target): Promise<void>
  /** Asks the engine about every job, and the shared folder about every address. */
  look(now: number): Promise<void>
  /** What was said of the engine's last silence. */
  readonly silence: () => string
  /** It has been shown to answer with the right weights. */
  proven(hand: Hand): void
  /** It gets no more work for now; returns when what it has is over, or the time for that. */
  rest(hand: Hand): Promise<void>
  /** It gets no more work, ends what it has, and its job is ended. Returns when that is so. @throws EngineAway */
  retire(hand: Hand): Promise<void>
  /** It is gone: what it had is asked elsewhere, and what is left of its job is ended. @throws EngineAway */
  lose(hand: Hand): Promise<void>
}

/** Questions to the engine at a time. */
const AT_ONCE = 8

export function createCrew(options: CrewOptions): Crew {
  const { engine, journal, folder, pool } = options
  const hands: Hand[] = []
  let made = journal.count()
  let silence = ''

  const handOf = (member: FleetMember, target: Target): Hand => ({
    job: options.jobOf(member.key, target),
    member,
    state: 'pending',
    runsSince: undefined,
    missedLooks: 0,
    busy: undefined,
    lastError: undefined,
    isExpelled: false,
  })
  const record = (hand: Hand, step: MemberStep, more: Partial<FleetMember> = {}): void => {
    hand.member = { ...hand.member, ...more, step }
    journal.record(hand.member)
  }
  const end = async (hand: Hand): Promise<void> => {
    const { handle } = hand.member
    if (handle) await engine.cancel(handle, hand.job, options.stopMs)
    // One whose submission got no answer may be there all the same, or come later.
    else await engine.withdraw(hand.job, options.stopMs)
    record(hand, 'ended')
    crashPoint('fleet-ended')
    const at = hands.indexOf(hand)
    if (at >= 0) hands.splice(at, 1)
  }
  const place = (hand: Hand): string | undefined => hand.member.address && baseURLOf(hand.member.address)

  return {
    hands: () => hands,
    silence: () => silence,
    async adopt() {
      for (const member of journal.members()) {
        // Where its weights lie tells its job's command, which nobody needs any more.
        const hand = handOf(member, { name: member.name, weights: member.weights, place: '' })
        // The handle may be lost where the process ended between the submission and its record.
        const handle = member.handle ?? (await found(hand))
        if (handle === 'away') hand.state = 'unknown'
        else if (handle && !member.handle) record(hand, 'submitted', { handle })
        hands.push(hand)
        if (!handle) await ended(hand)
      }
    },
    async submit(target) {
      // The checkpoint's hash, behind the word for its kind.
      const [hash = ''] = target.weights.split(' ')
      const mark = hash
        .replace(/^\w+:/, '')
        .replaceAll(/[^A-Za-z0-9]/g, '')
        .slice(-8)
      const key = `${mark}-${made++}`
      const hand = handOf({ key, name: target.name, weights: target.weights, step: 'intended' }, target)
      record(hand, 'intended')
      crashPoint('fleet-intended')
      hands.push(hand)
      try {
        const handle = await engine.submit(hand.job)
        crashPoint('fleet-job-submitted')
        record(hand, 'submitted', { handle })
        crashPoint('fleet-handle-stored')
      } catch (error) {
        // It may have been taken all the same: the next look finds it, or misses it.
        if (error instanceof EngineAway) {
          silence = error.message
          return
        }
        record(hand, 'ended')
        hands.splice(hands.indexOf(hand), 1)
        throw error
      }
    },
    async look(now) {
      const list = [...hands].values()
      const work = async (): Promise<void> => {
        for (const hand of list) await lookAt(hand, now)
      }
      await Promise.all(Array.from({ length: AT_ONCE }, work))
    },
    proven(hand) {
      const baseURL = place(hand)
      if (baseURL === undefined || hand.member.step === 'retired') return
      if (hand.member.step !== 'proven') record(hand, 'proven')
      crashPoint('fleet-proven')
      hand.missedLooks = 0
      pool()?.join(baseURL)
    },
    async rest(hand) {
      const baseURL = place(hand)
      if (baseURL !== undefined) await drained(baseURL)
    },
    async retire(hand) {
      const baseURL = place(hand)
      if (hand.member.step !== 'retired') record(hand, 'retired')
      crashPoint('fleet-retired')
      if (baseURL !== undefined) await drained(baseURL)
      await end(hand)
    },
    async lose(hand) {
      const baseURL = place(hand)
      if (hand.member.step !== 'retired') record(hand, 'retired')
      if (baseURL !== undefined) pool()?.lose(baseURL)
      await end(hand)
    },
  }

  async function drained(baseURL: string): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, options.drainMs)
    })
    await Promise.race([pool()?.drain(baseURL), late])
    clearTimeout(timer)
    pool()?.lose(baseURL)
  }

  /** Nothing is known of its job, which may yet come: an engine that gives no answer is asked again at the next look. */
  async function ended(hand: Hand): Promise<void> {
    try {
      await end(hand)
    } catch (error) {
      if (!(error instanceof EngineAway)) throw error
      hand.state = 'unknown'
    }
  }

  /** The handle of a job that may have been submitted; `away` where the engine gives no answer. */
  async function found(hand: Hand): Promise<JobHandle | 'away' | undefined> {
    try {
      return await engine.find(hand.job)
    } catch (error) {
      if (!(error instanceof EngineAway)) throw error
      silence = error.message
      return 'away'
    }
  }

  async function lookAt(hand: Hand, now: number): Promise<void> {
    const { handle, step } = hand.member
    // Its end is under way, and asks for itself.
    if (step === 'retired') return
    if (handle === undefined) {
      // A submission that got no answer.
      const seen = await found(hand)
      if (seen === 'away') hand.state = 'unknown'
      else if (seen) record(hand, 'submitted', { handle: seen })
      else hand.state = 'lost'
      return
    }
    const { state, reason } = await engine.status(handle, hand.job)
    hand.state = state
    if (state === 'unknown') silence = reason
    if (reason !== '' && hasEnded(state)) hand.lastError ??= reason
    if (state === 'running') hand.runsSince ??= now
    if (hand.member.step !== 'submitted') return
    const address = readAddress(folder, hand.member.key)
    if (address === undefined) return
    // An address may be another's for the moment in which two compete for a port.
    const baseURL = baseURLOf(address)
    if (hands.some((other) => other !== hand && place(other) === baseURL && other.member.step !== 'retired')) return
    record(hand, 'published', { address })
    crashPoint('fleet-published')
  }
}

/** A member as the laws see it. */
export function viewOf({ member, state, runsSince, missedLooks, isExpelled }: Hand, target: Target): MemberView {
  const ends = member.address?.ends
  return {
    key: member.key,
    isWanted: member.name === target.name && member.weights === target.weights,
    step: member.step,
    job: state,
    endsAt: ends == null ? undefined : ends * 1000,
    runsSince,
    missedLooks,
    isExpelled,
  }
}

/** @returns the error where servers are proven and then turn requests down, one after the other */
export function expelledAgain(why: string | undefined, times: number): ServerError {
  return new ServerError(
    `${times} servers of the fleet answered their proof and then turned requests down, one after the other (the last: ${why}); correct serve.apiKeyEnv, serve.env or serve.command and run again.`,
  )
}

/** @throws ServerError where nobody has come up in as many tries as are sensible */
export function neverReady(log: string, why: string | undefined, tries: number): ServerError {
  return new ServerError(
    `${tries} servers of the fleet ended or did not get ready, one after the other${why === undefined ? '' : ` (the last: ${why})`}; the last one's words are in ${log}; correct serve.command or serve.readySeconds and run again.`,
  )
}
