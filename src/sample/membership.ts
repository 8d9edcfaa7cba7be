/**
 * How endpoints come into a pool and leave it. Pure.
 *
 *     joined --drain--> draining --its last request ends--> left
 *        '-----lose--------'-----lose-----------------------> lost
 *
 * Only one that has joined is given requests. One that drains keeps those that it has. Those at a lost one are taken from it and asked
 * elsewhere, as the same requests: an index that an endpoint took along is drawn again and never replaced by a fresh one, or the
 * completions that are slow to write would be accepted too rarely.
 */

export const MEMBER_STATES = ['joined', 'draining', 'left', 'lost'] as const
export type MemberState = (typeof MEMBER_STATES)[number]

export const MEMBER_EVENTS = ['drain', 'emptied', 'lose'] as const
/** `emptied`: its last request has ended. */
export type MemberEvent = (typeof MEMBER_EVENTS)[number]

const NEXT: Readonly<Record<MemberState, Partial<Record<MemberEvent, MemberState>>>> = {
  joined: { drain: 'draining', lose: 'lost' },
  draining: { emptied: 'left', lose: 'lost' },
  left: {},
  lost: {},
}

/** The state after an event; the same where the event changes nothing, as for whoever is gone. */
export function stateAfter(state: MemberState, event: MemberEvent): MemberState {
  return NEXT[state][event] ?? state
}

export function takesRequests(state: MemberState): boolean {
  return state === 'joined'
}

export function isGone(state: MemberState): boolean {
  return state === 'left' || state === 'lost'
}

/**
 * Requests that a newcomer is given at once: as many as its like have come to take, so that one that replaces another does not
 * begin from the bottom. The median, which one that is sick or fresh does not move.
 *
 * @returns undefined where there is nobody to go by
 */
export function limitOfNewcomer(others: readonly number[]): number | undefined {
  if (others.length === 0) return undefined
  return [...others].sort((a, b) => a - b)[Math.floor(others.length / 2)]
}
