/** What comes from the cache counts before a request is made that it may spare. */

/** Whether a request is still needed, with so many others out whose outcome is not known. */
export type StillNeeded<T> = (wanted: T, inFlight: number) => boolean

export interface Sparing<T> {
  /** Resolves when the request may go to the server, or with false when what came from the cache was enough. */
  mayAsk(wanted: T): Promise<boolean>
  /** A completion that the server was asked for has been counted, or has failed. */
  answered(): void
  /** A completion comes from the cache. */
  recalled(): void
  /** One of these has been counted, or has failed. */
  counted(): void
}

/**
 * The cache answers at once, so that many of its completions are out uncounted where a server would have had a few: the estimate
 * of how many more are needed errs by their number. Requests therefore wait for those, in issue order, and are asked about again.
 * One that is not needed yet is held, never skipped: a hole in the issue order would prefer what came first.
 */
export function createSparing<T>(isNeeded: StillNeeded<T>): Sparing<T> {
  let uncounted = 0
  let asked = 0
  let held: { readonly wanted: T; readonly decide: (may: boolean) => void }[] = []

  const settle = (): void => {
    while (uncounted === 0) {
      const [first, ...rest] = held
      if (!first) return
      if (isNeeded(first.wanted, asked)) {
        held = rest
        asked++
        first.decide(true)
      } else if (asked === 0) {
        held = []
        for (const { decide } of [first, ...rest]) decide(false)
      } else {
        return
      }
    }
  }
  return {
    async mayAsk(wanted) {
      if (uncounted === 0 && held.length === 0) {
        asked++
        return true
      }
      return new Promise((decide) => held.push({ wanted, decide }))
    },
    answered() {
      asked--
      settle()
    },
    recalled() {
      uncounted++
    },
    counted() {
      uncounted--
      settle()
    },
  }
}
