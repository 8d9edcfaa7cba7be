/**
 * Requests that were given up get a second try, some time later or at the end: what fails may go by the answer (a long one that times out, or
 * text that a server chokes on), and an accepted set without such answers is not the one of sequential sampling.
 */

import type { Wanted } from './draw.ts'

export interface SecondTries {
  /** A request goes out. */
  out(wanted: Wanted): void
  /** It came back with a text. */
  answered(issue: number): void
  /**
   * It came back without one.
   * @param at completions that have ended so far
   * @returns whether it gets a second try
   */
  failed(issue: number, at: number): boolean
  /** Whether this is a second try. */
  isSecond(issue: number): boolean
  /**
   * The next second try that is due.
   * @param at completions that have ended so far; Infinity where there is nothing else to do
   * @param end issue number from which nobody is missed
   */
  next(at: number, end: number): Wanted | undefined
}

/** Completions that end before a second try: whatever was wrong has had time to pass. */
const LATER = 64

export function createSecondTries(): SecondTries {
  const underWay = new Map<number, Wanted>()
  const seconds = new Set<number>()
  let waiting: { readonly wanted: Wanted; readonly at: number }[] = []
  return {
    out: (wanted) => void underWay.set(wanted.issue, wanted),
    answered: (issue) => void underWay.delete(issue),
    failed(issue, at) {
      const wanted = underWay.get(issue)
      underWay.delete(issue)
      if (!wanted || seconds.has(issue)) return false
      waiting.push({ wanted, at })
      return true
    },
    isSecond: (issue) => seconds.has(issue),
    next(at, end) {
      const [first] = waiting
      if (!first || at - first.at < LATER) return undefined
      const found = waiting.find(({ wanted }) => wanted.issue < end)
      if (!found) return undefined
      waiting = waiting.filter((one) => one !== found)
      seconds.add(found.wanted.issue)
      underWay.set(found.wanted.issue, found.wanted)
      return found.wanted
    },
  }
}
