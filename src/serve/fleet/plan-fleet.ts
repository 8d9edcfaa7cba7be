/** What a fleet needs next, from what is known of its members. Pure: times in milliseconds since 1970. */

import type { MemberStep } from '../../core/fleet.ts'
import type { JobState } from '../../core/job.ts'

export interface MemberView {
  readonly key: string
  /** Whether it was started on the weights that are wanted. */
  readonly isWanted: boolean
  readonly step: MemberStep
  readonly job: JobState
  /** When its job's time is over; undefined where nothing tells. */
  readonly endsAt: number | undefined
  /** Since when its job has been running; undefined while it waits. */
  readonly runsSince: number | undefined
  /** Looks in a row at which it did not answer, since it was proven. */
  readonly missedLooks: number
  /** The pool has left it out: it turns requests down for their key or their model. */
  readonly isExpelled: boolean
}

export interface FleetNeeds {
  readonly servers: number
  /** How long a server takes to be ready at most: after that, one that is not is given up. */
  readonly readyMs: number
  /** How long before its end a successor is submitted, and how long before it the server gets no more requests. */
  readonly aheadMs: number
  readonly drainMs: number
}

export interface FleetPlan {
  /** How many jobs to submit. */
  readonly submit: number
  /** Members that are gone, or as good as gone. */
  readonly lost: readonly string[]
  /** Members that are to end well: of other weights, too many, or near their time limit. */
  readonly retire: readonly string[]
}

/** Looks without an answer after which a server that was proven is taken for gone: a busy one may miss a few. */
export const MOST_MISSED_LOOKS = 6

const ENDED: ReadonlySet<JobState> = new Set(['succeeded', 'failed', 'cancelled', 'preempted', 'lost'])

export function hasEnded(job: JobState): boolean {
  return ENDED.has(job)
}

/** An engine that gives no answer (`unknown`) says nothing of its jobs: whether they are there is for their own answers to show. */
export function planFleet(members: readonly MemberView[], needs: FleetNeeds, now: number): FleetPlan {
  const isLost = ({ step, job, missedLooks, runsSince, isExpelled }: MemberView): boolean =>
    hasEnded(job) ||
    isExpelled ||
    (step === 'proven' && missedLooks >= MOST_MISSED_LOOKS) ||
    (step !== 'proven' && runsSince !== undefined && now - runsSince > needs.readyMs)
  const here = members.filter(({ step }) => step !== 'retired' && step !== 'ended')
  const lost = here.filter(isLost)
  const alive = here.filter((member) => !isLost(member))
  const others = alive.filter(({ isWanted }) => !isWanted)
  const wanted = alive.filter(({ isWanted }) => isWanted)
  const remains = ({ endsAt }: MemberView): number => (endsAt === undefined ? Number.POSITIVE_INFINITY : endsAt - now)
  const isEnding = (member: MemberView): boolean => remains(member) <= Math.min(needs.aheadMs, lifeOf(member) / 2)
  const ending = wanted.filter(isEnding)
  const staying = wanted.filter((member) => !isEnding(member))
  const isReplaced = staying.filter(({ step }) => step === 'proven').length >= needs.servers
  const out = ending.filter((member) => isReplaced || remains(member) <= Math.min(needs.drainMs, lifeOf(member) / 4))
  // The youngest first: they are least likely to be at work.
  const tooMany = staying.slice(needs.servers)
  return {
    submit: Math.max(0, Math.min(needs.servers - staying.length, MOST_TIMES * needs.servers - wanted.length)),
    lost: lost.map(({ key }) => key),
    retire: [...others, ...out, ...tooMany].map(({ key }) => key),
  }
}

/** Those that end and those that take their places may be there side by side; more is a mistake of ours. */
const MOST_TIMES = 2

/** A job whose whole time is short would otherwise be near its end from its beginning. */
function lifeOf({ endsAt, runsSince }: MemberView): number {
  return endsAt === undefined || runsSince === undefined ? Number.POSITIVE_INFINITY : endsAt - runsSince
}

/** Failures of starts in a row, none ever proven between them, after which the weights or the command are at fault. */
export function mayStartAgain(failures: number, servers: number): boolean {
  return failures < Math.max(FEWEST_FAILURES, 2 * servers)
}

const FEWEST_FAILURES = 4
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000

/** Milliseconds until the next submission after so many failures in a row. */
export function waitAfterFailures(failures: number): number {
  return failures === 0 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1))
}
