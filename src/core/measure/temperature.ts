/** The temperature probe: a few samples at several temperatures, and the one that an iteration samples at. */

export const PROBE_RULES = ['coverage', 'yield'] as const
/**
 * What a temperature is chosen by. `coverage`: the share of the probed problems with an accepted trace. `yield`: accepted traces a sample,
 * duplicates not counted. B-STaR's balance score (arXiv 2412.17256) is neither: with a verifier that says right or wrong it comes to the mean over
 * problems of min(different right answers / 8, 1), which up to 8 samples a problem orders temperatures as `yield` does.
 */
export type ProbeRule = (typeof PROBE_RULES)[number]

/** What a temperature brought. */
export interface ProbeScore {
  readonly temperature: number
  /** Completions that came back. */
  readonly sampled: number
  /** Of these, those the acceptance rules would take. */
  readonly eligible: number
  readonly problems: number
  /** Problems with an eligible one. */
  readonly solved: number
}

/**
 * The temperature that is best by the rule; the other rule decides between equals, then the order in which they are listed.
 * @param scores at least one
 */
export function chooseTemperature(scores: readonly ProbeScore[], by: ProbeRule): number {
  const [first, ...others] = scores
  if (!first) throw new RangeError('A probe compares at least one temperature.')
  const other = by === 'coverage' ? 'yield' : 'coverage'
  const best = others.reduce((top, next) => {
    const ahead = scoreOf(next, by) - scoreOf(top, by) || scoreOf(next, other) - scoreOf(top, other)
    return ahead > 0 ? next : top
  }, first)
  return best.temperature
}

/** A share in [0, 1]; 0 where nothing came back. */
export function scoreOf(score: ProbeScore, by: ProbeRule): number {
  const [of, among] = by === 'coverage' ? [score.solved, score.problems] : [score.eligible, score.sampled]
  return among === 0 ? 0 : of / among
}
