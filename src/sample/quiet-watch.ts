/** Says which endpoints are quiet, for how long and what that may be, now and then while it lasts. */

import { ServerError } from '../core/errors.ts'
import type { Failure } from './failure.ts'
import type { Member } from './member.ts'
import { duration, isRefusedByAll, nextWordMs, type Quiet, quietOf } from './quiet.ts'

export interface QuietWatch {
  /** @throws ServerError where all endpoints have refused everybody for too long */
  refused(member: Member, failure: Failure): void
  close(): void
}

export interface QuietWatchOptions {
  readonly members: () => readonly Member[]
  readonly timeoutMs: number
  /** Longest time that all may refuse everybody. */
  readonly refusedMs: number
  readonly onNote: (text: string) => void
}

const LOOK_MS = 10_000
/** One that still lists its models is up, and its engine may hang. */
const PULSE_MS = 5_000

export function createQuietWatch({ members, timeoutMs, refusedMs, onNote }: QuietWatchOptions): QuietWatch {
  const ended = new AbortController()
  /** For whom something has been said, and from how long on more is said. */
  const said = new Map<Member, number>()
  let lastRefusal = ''

  const look = (): void => {
    for (const member of members()) {
      const quiet = member.expelled() === undefined ? quietOf(member.signs(), performance.now()) : undefined
      if (quiet === undefined) {
        if (said.delete(member) && member.expelled() === undefined) onNote(`${member.name} answers again.`)
        continue
      }
      if (quiet.forMs < (said.get(member) ?? 0)) continue
      said.set(member, nextWordMs(quiet.forMs))
      void say(member, quiet)
    }
  }
  const say = async (member: Member, { kind, forMs }: Quiet): Promise<void> => {
    if (kind === 'refusing') {
      onNote(
        `${member.name} has refused every request for ${duration(forMs)} (${lastRefusal}); it is asked now and then whether that is over${members().length > 1 ? '' : `, and the run stops after ${duration(refusedMs)} of it`}.`,
      )
      return
    }
    const { inFlight } = member.signs()
    const pulse = await member
      .models(AbortSignal.any([ended.signal, AbortSignal.timeout(PULSE_MS)]))
      .then(() => 'it still lists its models, so its engine may hang or be far too slow')
      .catch(() => 'nor does it list its models')
    if (ended.signal.aborted) return
    onNote(
      `${member.name} has not answered for ${duration(forMs)}, with ${inFlight} requests under way; ${pulse}. Each is waited for up to ${duration(timeoutMs)} (sample.timeoutSeconds).`,
    )
  }
  const timer = setInterval(look, LOOK_MS)
  timer.unref()

  return {
    refused(member, { status, message }) {
      lastRefusal = `${status}: ${message}`
      // Of many members most are looked at for nothing.
      if (!isRefusedByAll([member.signs().refusingSince], performance.now(), refusedMs)) return
      const left = members().filter((member) => member.expelled() === undefined)
      const since = left.map((member) => member.signs().refusingSince)
      if (!isRefusedByAll(since, performance.now(), refusedMs)) return
      const [first] = left
      const who = left.length > 1 ? `All ${left.length} endpoints have` : `${first?.name ?? 'The endpoint'} has`
      throw new ServerError(
        `${who} refused every request for ${duration(refusedMs)} (${lastRefusal}); see to its quota or its load and run again, everything is stored.`,
      )
    },
    close() {
      clearInterval(timer)
      ended.abort(new Error('The sampler was closed while it was in use.'))
    },
  }
}
