/**
 * Whether a server computes with the weights that it was given: log-probabilities of fixed tokens, compared with the trainer's,
 * with the server's own before, and with those of a server that has just been started. "The output changed" is not enough: a
 * layer that stays behind changes it as well.
 */

/** One list for each text, one natural log-probability for each token but the first. */
export type Logprobs = readonly (readonly number[])[]

/** What a trainer says of the weights that it made (metrics.json). */
export interface Canary {
  readonly tokens: readonly (readonly number[])[]
  /** Of `tokens` under the new weights. */
  readonly logprobs: Logprobs
  /** Of `tokens` under the weights that training started from. */
  readonly before?: Logprobs | undefined
  /** Hash of the weights that training started from, as a checkpoint's. */
  readonly startedFrom?: string | undefined
}

/** Readings of the same texts in a row, which show how much a server varies by itself. */
export const REPEATS = 5
/** So many times what varies by itself. */
const TOLERANCE = 3
/** Nats a token: what rounding alone may make of it between two processes. */
const FLOOR = 1e-4

/** Mean absolute difference over all tokens, in nats; infinite where the two are not of the same texts. */
export function gapBetween(a: Logprobs, b: Logprobs): number {
  let sum = 0
  let count = 0
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  for (const [i, row] of a.entries()) {
    const other = b[i]
    if (row.length !== other?.length) return Number.POSITIVE_INFINITY
    for (const [j, value] of row.entries()) sum += Math.abs(value - (other[j] ?? Number.NaN))
    count += row.length
  }
  const mean = sum / count
  return Number.isFinite(mean) ? mean : Number.POSITIVE_INFINITY
}

/** The largest gap between any two readings of the same weights. */
export function spreadOf(readings: readonly Logprobs[]): number {
  let most = 0
  for (const [i, one] of readings.entries()) {
    for (const other of readings.slice(0, i)) most = Math.max(most, gapBetween(one, other))
  }
  return most
}

/** Nats a token that two readings of the same weights may be apart, given what varies by itself. */
export function toleranceOf(noise: number): number {
  return Math.max(FLOOR, TOLERANCE * noise)
}

/**
 * `proven`: the new weights are there. `refuted`: others are. `unmoved`: near enough to the new ones, but the server answers
 * exactly as before, so that nothing may have happened. `coarse`: near enough, but rounding would hide an output layer that is tied to
 * the embeddings and stayed behind. `unknown`: there is nothing to compare with.
 */
export type Proof = 'proven' | 'refuted' | 'unmoved' | 'coarse' | 'unknown'

export interface Comparison {
  readonly now: Logprobs
  /** Several readings before the switch; undefined where it is not known what was served then. */
  readonly old: readonly Logprobs[] | undefined
  /** Of the new weights, by the trainer or by a server that has just been started with them. */
  readonly wanted: Logprobs | undefined
  /** Of the old weights, by the trainer; undefined where it did not start from what was served. */
  readonly before?: Logprobs | undefined
  /** How far a server with the wanted weights is from `wanted`; undefined where nothing has shown it. */
  readonly noise: number | undefined
  /** The output layer is the embeddings': the one part that is known to stay behind. */
  readonly isTied?: boolean
}

export function judgeSwitch({ now, old, before, wanted, noise, isTied = false }: Comparison): Proof {
  if (wanted === undefined || noise === undefined) return 'unknown'
  if (gapBetween(now, wanted) > toleranceOf(noise)) return 'refuted'
  if (old && !hasMoved(now, old)) return 'unmoved'
  const [first] = old ?? []
  const way = before && first && wayGone(first, now, before, wanted)
  if (way && way.share < 1 - Math.max(MISSING, SURE * way.error)) return 'refuted'
  return isTied && noise > EXACT ? 'coarse' : 'proven'
}

/** Nats a token: at 16 bits server and trainer are ten times as far apart, and a tied output layer that stayed behind changes less. */
const EXACT = 1e-3

/** Share of what training has changed that may seem to be missing. */
const MISSING = 0.1
/** Standard errors that are no chance. */
const SURE = 4

/**
 * How much of what training has changed the server has changed too: the slope of its differences on the trainer's, over all tokens.
 * Rounding changes single tokens and not the slope; a layer that stays behind changes few of them by much, and the slope by its part.
 *
 * @returns the share, 1 for all of it, with its standard error (least squares without an intercept); undefined where training has
 * changed nothing
 */
export function wayGone(
  old: Logprobs,
  now: Logprobs,
  before: Logprobs,
  wanted: Logprobs,
): { readonly share: number; readonly error: number } | undefined {
  const [a, b, c, d] = [old.flat(), now.flat(), before.flat(), wanted.flat()]
  const moves = c.map((value, i) => ({ trainer: (d[i] ?? value) - value, server: (b[i] ?? 0) - (a[i] ?? 0) }))
  const squares = moves.reduce((sum, { trainer }) => sum + trainer ** 2, 0)
  if (squares === 0 || moves.length < 2) return undefined
  const share = moves.reduce((sum, { trainer, server }) => sum + trainer * server, 0) / squares
  const rest = moves.reduce((sum, { trainer, server }) => sum + (server - share * trainer) ** 2, 0)
  return { share, error: Math.sqrt(rest / (moves.length - 1) / squares) }
}

/** Whether the server answers otherwise than it did, beyond how it varies by itself. */
export function hasMoved(now: Logprobs, old: readonly Logprobs[]): boolean {
  const [first] = old
  return first !== undefined && gapBetween(now, first) > TOLERANCE * spreadOf(old)
}

/**
 * The distance between server and trainer for the same weights, measured on those that are served before the switch.
 * @returns undefined where the trainer did not start from what is served, or has not moved it by more than could be seen
 */
export function noiseBetween(canary: Canary, old: readonly Logprobs[], served: string): number | undefined {
  const { before, logprobs, startedFrom } = canary
  const [first] = old
  if (before === undefined || startedFrom !== served || first === undefined) return undefined
  const noise = Math.max(gapBetween(first, before), spreadOf(old))
  // Also where something else is served than it is said to be.
  return toleranceOf(noise) < gapBetween(before, logprobs) ? noise : undefined
}
