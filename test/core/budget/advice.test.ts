/** The advice on policies: another one for another situation, and never more than the pages it links show. */

import { expect, test } from 'vitest'
import { adviceOn, type Situation } from '../../../src/core/budget/advice.ts'

const SITUATION: Situation = {
  policy: 'constant',
  lrSchedule: 'run-constant',
  fixedSteps: true,
  budgetKnown: false,
  hasGate: false,
}

test.each([
  ['no known budget', {}, /no known budget let n_t grow by 5% an iteration: .* was 3\.3 points/],
  ['a known budget', { budgetKnown: true }, /known budget a constant n_t tuned to it loses little/],
  ['a rate that falls', { lrSchedule: 'run-inverse-time' as const }, /a constant n_t is enough: .*2\.2 points above/],
  ['epochs over the data', { fixedSteps: false }, /policies hardly differ/],
  ['a poor first model', { acceptanceRate: 0.05 }, /acceptance rate of 5% early traces are dear/],
  [
    'an adaptive policy with a gate',
    { policy: 'adaptive' as const, hasGate: true },
    /did not earn it: .* was 14\.9 points/,
  ],
])('%s', (_, changes, words) => {
  const advice = adviceOn({ ...SITUATION, ...changes })
  expect(advice).toMatch(words)
  expect(advice).toContain('docs/policy-experiment.md')
})
