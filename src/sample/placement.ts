/** Gives requests their places at a pool's endpoints, probes those that are out of order, and knows when all hope is gone. */

import { nobodyAnswers, withoutKey } from '../core/endpoint.ts'
import { ServerError } from '../core/errors.ts'
import type { SampleRequest } from '../core/sampler.ts'
import type { Failure } from './failure.ts'
import type { Member } from './member.ts'
import type { Roster } from './roster.ts'
import { createWaitingLine } from './waiting-line.ts'

export interface Placement {
  /** A place, taken; undefined where nobody has room. */
  now(request: SampleRequest, avoid: Member | undefined): Member | undefined
  /** A place as soon as there is one. @throws ServerError when the patience with all endpoints has ended; the signal's reason */
  wait(request: SampleRequest, avoid: Member | undefined, signal: AbortSignal): Promise<Member>
  /** Gives the place back. */
  leave(member: Member): void
  succeeded(member: Member, durationMs: number): void
  failed(member: Member, failure: Failure): void
  /** Leaves it out for good. @throws the error where it was the last one and none is to come */
  expel(member: Member, error: ServerError): void
  /** Somebody has come, or one that was waited for has gone: whoever waits looks again. */
  look(): void
  /** Sends everybody away who waits. */
  fail(error: unknown): void
  close(): void
}

export interface PlacementOptions {
  readonly roster: Roster
  /** How many endpoints there are when all are well, for messages. */
  readonly count: () => number
  readonly patienceMs: number
  readonly firstContactMs: number
  /** Told of one that is left out for good, where others may yet come in its place; undefined: the last one's end is the run's. */
  readonly onExpelled: ((member: Member, error: ServerError) => void) | undefined
  readonly onNote: (text: string) => void
}

/** Longest sleep between two looks at who may be asked again. */
const LOOK_MS = 1000
/** Looks at an absence that lasts are never further apart, also on a machine that is very busy. */
const SAME_ABSENCE_MS = 20_000

export function createPlacement(options: PlacementOptions): Placement {
  const { roster, count, patienceMs, firstContactMs, onNote } = options
  const line = createWaitingLine<Member>()
  const ended = new AbortController()
  const probing = new Set<Member>()
  let isKnown = false
  /** Since when no endpoint at all has been in order; undefined while one is. */
  let downSince: number | undefined
  let lastFailure: { readonly member: Member; readonly failure: Failure } | undefined
  let timer: NodeJS.Timeout | undefined
  let lookedAt = Number.NEGATIVE_INFINITY

  const patience = (): number => (isKnown ? patienceMs : firstContactMs)

  const now: Placement['now'] = (request, avoid) => {
    const found = roster.find(request.key.problem, avoid)
    if (found !== undefined) {
      found.enter()
      roster.touch(found)
    }
    return found
  }
  /** Moves the line, and sees to it that somebody looks again while it does not move. */
  const look = (): void => {
    line.move()
    clearTimeout(timer)
    timer = undefined
    if (ended.signal.aborted || line.length() === 0) return
    const at = performance.now()
    // Nobody has looked for a while: what was down then and is down now are two absences.
    if (downSince !== undefined && at - lookedAt > SAME_ABSENCE_MS) downSince = undefined
    lookedAt = at
    if (downSince === undefined && roster.isDown()) {
      downSince = at
      for (const member of roster.all()) void probe(member)
    }
    // A probe that is under way may yet be answered, on a busy machine only after the patience has ended.
    if (downSince !== undefined && at - downSince >= patience() && probing.size === 0) {
      const why = whyDown()
      // Whoever asks after this has fixed something, and is given the whole time.
      downSince = undefined
      line.fail(why)
      return
    }
    probeThoseDue(at)
    // Where an endpoint is merely full, whoever leaves it moves the line.
    let soonest = LOOK_MS
    for (const member of roster.timed()) soonest = Math.min(soonest, member.waitMs(at) || LOOK_MS)
    timer = setTimeout(
      look,
      Math.max(5, downSince === undefined ? soonest : Math.min(soonest, downSince + patience() - at)),
    )
  }
  const probeThoseDue = (at: number): void => {
    for (const member of roster.timed()) if (member.isOpen() && member.waitMs(at) === 0) void probe(member)
  }
  const probe = async (member: Member): Promise<void> => {
    if (probing.has(member)) return
    probing.add(member)
    try {
      const isThere = await member.probe(ended.signal)
      if (isThere && lastFailure?.failure.reaction === 'absent') downSince = undefined
    } catch (error) {
      // Only closing the pool ends a probe.
      line.fail(error)
    } finally {
      probing.delete(member)
    }
    roster.touch(member)
    look()
  }
  const whyDown = (): ServerError => {
    const { member, failure } = lastFailure ?? {}
    const endpoint = (member ?? roster.first())?.endpoint
    if (endpoint === undefined) return new ServerError('There is no endpoint to ask.')
    const seconds = patience() / 1000
    if (failure === undefined || failure.reaction === 'absent')
      return nobodyAnswers(endpoint, seconds, failure?.message)
    const said = `${failure.status === 0 ? '' : `${failure.status}: `}${failure.message}`
    const many = count() > 1 ? `All ${count()} endpoints have` : `${endpoint.baseURL} has`
    return new ServerError(
      `${many} been out of order for ${seconds} s (the last answer: ${said}); fix the inference server and run again, everything is stored.`,
    )
  }

  return {
    now(request, avoid) {
      // Whoever waits already comes first.
      if (line.length() > 0) return undefined
      const found = now(request, avoid)
      if (found !== undefined) {
        probeThoseDue(performance.now())
      }
      return found
    },
    async wait(request, avoid, signal) {
      const given = line.wait(() => now(request, avoid), signal)
      look()
      try {
        return await given
      } finally {
        // With the last one gone nobody looks any more: whoever comes next finds another absence, and waits the whole time.
        if (line.length() === 0 && roster.isDown()) downSince = undefined
      }
    },
    leave(member) {
      member.leave()
      roster.touch(member)
      if (line.length() > 0) look()
    },
    succeeded(member, durationMs) {
      isKnown = true
      if (!member.isOpen()) downSince = undefined
      const isBack = member.succeeded(durationMs)
      roster.touch(member)
      if (isBack) onNote(`${member.name} answers again.`)
    },
    failed(member, failure) {
      lastFailure = { member, failure: { ...failure, message: withoutKey(member.endpoint, failure.message) } }
      if (failure.status > 0) isKnown = true
      const at = performance.now()
      lookedAt = at
      const opened = member.failed(failure, at)
      roster.touch(member)
      if (!roster.isDown()) downSince = failure.reaction === 'give-up' ? undefined : downSince
      else downSince ??= at
      if (opened && count() > 1) onNote(`${member.name} is left out until it answers again (${failure.message}).`)
    },
    expel(member, error) {
      if (member.expelled() === undefined) {
        member.expel(error)
        roster.touch(member)
        options.onExpelled?.(member, error)
        if (roster.left() > 0) onNote(`${error.message} The run continues with the other endpoints.`)
      }
      if (roster.left() > 0 || options.onExpelled !== undefined) return
      line.fail(error)
      throw error
    },
    look,
    fail: line.fail,
    close() {
      clearTimeout(timer)
      ended.abort(new Error('The sampler was closed while it was in use.'))
      line.fail(ended.signal.reason)
    },
  }
}
