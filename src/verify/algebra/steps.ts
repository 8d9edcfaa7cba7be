/** A budget of steps: what a comparison may cost, counted and not timed, so that a verdict never depends on the machine. */

export interface Steps {
  /** @throws StepsExceeded when the budget is used up */
  spend(count?: number): void
}

/** Thrown inside the checker only; `judge` turns it into the verdict `too-large` by `limit:steps`. */
export class StepsExceeded extends Error {
  override readonly name = 'StepsExceeded'
}

export function createSteps(most: number): Steps {
  let left = most
  return {
    spend(count = 1) {
      left -= count
      if (left < 0) throw new StepsExceeded('the comparison needs more steps than its limit')
    },
  }
}
