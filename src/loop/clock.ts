/** The time for the ledger: of day, but steady, so that a clock that is set in mid-run neither books an hour nor takes one back. */

/** Whole milliseconds since 1970, as the machine's clock stood when the process began and at its pace since. */
export function steadyNow(): number {
  return Math.round(performance.timeOrigin + performance.now())
}
