/** The shapes that machines read, field by field: a name that is renamed is a broken promise. */

import { expect } from 'vitest'

const WHOLE = expect.toSatisfy((value: unknown) => Number.isInteger(value) && Number(value) >= 0, 'a whole number')
const NUMBER = expect.any(Number)
const SHARE = expect.toSatisfy(
  (value: unknown) => typeof value === 'number' && value >= 0 && value <= 1,
  'a share from 0 to 1',
)
const TEXT = expect.any(String)

const RUN_STATES = ['new', 'running', 'interrupted', 'waiting', 'capped', 'done', 'failed']
const ITERATION_STATES = ['planned', 'sampling', 'training', 'serving', 'evaluating', 'done', 'rejected']

const accuracy = { accuracy: SHARE, low: SHARE, high: SHARE, n: WHOLE }
const evaluation = expect.objectContaining({ ...accuracy, greedy: nullOr(expect.objectContaining(accuracy)) })
const checkpoint = expect.objectContaining({ path: TEXT, hash: TEXT, weights: oneOf(['proven', 'unproven']) })

/** `status RUN --json`. */
export const STATUS = expect.objectContaining({
  name: TEXT,
  state: oneOf(RUN_STATES),
  base: expect.objectContaining({ checkpoint: nullOr(checkpoint), evaluation: nullOr(evaluation) }),
  totals: expect.objectContaining({ accepted: WHOLE, sampled: WHOLE, cost: NUMBER }),
})

/** A row of its `iterations`. */
export const ITERATION = expect.objectContaining({
  iteration: WHOLE,
  state: oneOf(ITERATION_STATES),
  target: nullOr(WHOLE),
  accepted: WHOLE,
  sampled: WHOLE,
  correct: WHOLE,
  surplus: WHOLE,
  truncated: WHOLE,
  tooLong: WHOLE,
  failed: WHOLE,
  acceptanceRate: nullOr(SHARE),
  cost: NUMBER,
  checkpoint: nullOr(checkpoint),
  evaluation: nullOr(evaluation),
})

/** `plan RUN.yaml --json`. */
export const PLAN = expect.objectContaining({
  totals: expect.objectContaining({ accepted: nullOr(WHOLE), samples: nullOr(WHOLE), cost: nullOr(NUMBER) }),
})

/** A row of its `iterations`. */
export const PLANNED = expect.objectContaining({
  iteration: WHOLE,
  accepted: nullOr(WHOLE),
  expectedSamples: nullOr(WHOLE),
  cost: nullOr(NUMBER),
})

function nullOr(matcher: unknown): unknown {
  return expect.toSatisfy((value: unknown) => {
    if (value === null) return true
    expect(value).toEqual(matcher)
    return true
  }, 'null, or what is expected')
}

function oneOf(words: readonly string[]): unknown {
  return expect.toSatisfy((value: unknown) => words.includes(String(value)), `one of ${words.join(', ')}`)
}
