/**
 * Testing one hypothesis again and again while samples come in, at one error probability in all: group-sequential boundaries by alpha
 * spending (Lan and DeMets 1983). Estimates at the looks are taken to have independent increments, with information in proportion to the samples
 * of each problem (Jennison and Turnbull 2000, chapters 7 and 19). Where problems differ in how much they lost, estimates at two looks are more
 * alike than that, and less than alpha is spent.
 */

import { normalTail } from './normal.ts'

/** Share of alpha that may be spent once a share t of the information is there: 0 at 0, 1 at 1. */
export type Spending = (t: number) => number

/** Alpha ln(1 + (e - 1) t), whose boundaries are nearly level, as Pocock's (Lan and DeMets 1983). */
export const pocockSpending: Spending = (t) => Math.log(1 + (Math.E - 1) * t)

/** A look's boundary. */
export interface LookLevel {
  /** Share of the full information, in (0, 1]. */
  readonly information: number
  /** The standardised estimate at which the look decides. */
  readonly boundary: number
  /** The same as a one-sided error probability, as if the look were the only one. */
  readonly level: number
}

/**
 * One-sided boundaries: under the null hypothesis the standardised estimate exceeds one of them with probability alpha, over all looks
 * together. By numerical integration (Armitage, McPherson and Rowe 1969).
 * @param information increasing shares, the last one 1
 * @param alpha in (0, 0.5)
 */
export function lookLevels(
  information: readonly number[],
  alpha: number,
  spending: Spending = pocockSpending,
): LookLevel[] {
  let going = START
  let spent = 0
  let before = 0
  return information.map((t) => {
    const state = advance(going, t - before, 0, CELLS.levels)
    const total = alpha * spending(t)
    const edge = upperQuantile(state, total - spent)
    going = within(state, Number.NEGATIVE_INFINITY, edge)
    spent = total
    before = t
    const boundary = edge / Math.sqrt(t)
    return { information: t, boundary, level: normalTail(boundary) }
  })
}

/** Where a look decides nothing: between these bounds of the score, a Brownian motion in the information. */
export interface LookRegion {
  readonly information: number
  readonly low: number
  readonly high: number
}

/** Probabilities of coming to a look, and of deciding there at either side. */
export interface LookChance {
  readonly reached: number
  readonly below: number
  readonly above: number
}

/** How often each look decides where the score has this drift: its expectation at full information. */
export function lookChances(regions: readonly LookRegion[], drift: number): LookChance[] {
  let going = START
  let before = 0
  return regions.map(({ information, low, high }) => {
    const reached = massOf(going)
    const state = advance(going, information - before, drift, CELLS.chances)
    const below = massOf(within(state, Number.NEGATIVE_INFINITY, low))
    const above = massOf(within(state, high, Number.POSITIVE_INFINITY))
    going = within(state, low, high)
    before = information
    return { reached, below, above }
  })
}

/** Probability masses of cells of one width. */
interface Masses {
  /** Middle of the first cell. */
  readonly from: number
  readonly width: number
  readonly mass: Float64Array
}

const START: Masses = { from: 0, width: 0, mass: Float64Array.of(1) }
/** Standard deviations that the cells reach out to. */
const REACH = 8
/** Boundaries are tail probabilities, and need them fine; what is predicted for people does not. */
const CELLS = { levels: 800, chances: 240 } as const

/** The motion some time later. */
function advance({ from, width, mass }: Masses, time: number, drift: number, cells: number): Masses {
  const deviation = Math.sqrt(time)
  const moved = from + drift * time
  const first = moved - REACH * deviation
  const last = moved + (mass.length - 1) * width + REACH * deviation
  const step = (last - first) / (cells - 1)
  const factor = step / (deviation * Math.sqrt(2 * Math.PI))
  const out = new Float64Array(cells)
  for (let cell = 0; cell < cells; cell++) {
    const state = first + cell * step - moved
    let sum = 0
    for (const [i, weight] of mass.entries()) {
      const z = (state - i * width) / deviation
      if (weight > 0 && Math.abs(z) < REACH) sum += weight * Math.exp((-z * z) / 2)
    }
    out[cell] = sum * factor
  }
  return { from: first, width: step, mass: out }
}

/** What lies between two bounds; a cell that a bound goes through counts in part. */
function within({ from, width, mass }: Masses, low: number, high: number): Masses {
  return {
    from,
    width,
    mass: mass.map((weight, i) => {
      const left = from + (i - 0.5) * width
      const part = Math.min(high, left + width) - Math.max(low, left)
      return weight * Math.min(1, Math.max(0, part / width))
    }),
  }
}

/** The state above which there is so much. */
function upperQuantile({ from, width, mass }: Masses, wanted: number): number {
  let above = 0
  for (let i = mass.length - 1; i >= 0; i--) {
    const weight = mass[i] ?? 0
    if (above + weight >= wanted) return from + (i + 0.5) * width - ((wanted - above) / weight) * width
    above += weight
  }
  return from
}

function massOf({ mass }: Masses): number {
  return mass.reduce((sum, weight) => sum + weight, 0)
}
