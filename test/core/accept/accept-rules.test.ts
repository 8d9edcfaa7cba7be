/** Rules of acceptance beyond the verdict: by reward, repeated formulas, lengths, quotas. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Candidate, createAcceptance, type KeepDraws, keepDraw } from '../../../src/core/accept/accept.ts'
import type { Target } from '../../../src/core/budget/policy.ts'
import { accepted, candidate, DRAWS, judge, RULES } from './candidates.ts'

describe('by reward', () => {
  const rules = { ...RULES, by: 'reward' } as const
  const target = accepted(1000)

  test('each completion is kept with the probability of its reward, whatever its verdict', () => {
    const kept = (reward: number, verdict: Candidate['verdict']): number => {
      const acceptance = createAcceptance(rules, accepted(1e6), DRAWS)
      const rows = Array.from({ length: 4000 }, (_, index) => acceptance(candidate({ index, reward, verdict })))
      return rows.filter((fate) => fate === 'accepted').length / rows.length
    }
    // Five standard errors of a share of 4,000.
    expect(Math.abs(kept(0.3, 'incorrect') - 0.3)).toBeLessThan(0.037)
    expect(Math.abs(kept(0.8, 'correct') - 0.8)).toBeLessThan(0.032)
    expect([kept(0, 'correct'), kept(1, 'incorrect')]).toEqual([0, 1])
  })

  test('where nobody grades, a correct one is worth 1 and any other 0', () => {
    const acceptance = createAcceptance(rules, target, DRAWS)
    expect(acceptance(candidate())).toBe('accepted')
    expect(acceptance(candidate({ verdict: 'incorrect' }))).toBe('wrong')
    expect(acceptance(candidate({ finishReason: 'length', reward: 1 }))).toBe('truncated')
  })

  test('the draw depends on the key alone: judged again, in part or in another process, the same set is kept', () => {
    const rewards = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(rewards, fc.nat(), fc.integer({ min: 0, max: 50 }), (all, seed, from) => {
        const draws: KeepDraws = { seed, purpose: 'train', iteration: 3 }
        const rows = all.map((reward, index) => candidate({ index, reward, text: String(index) }))
        const whole = rows.map(createAcceptance(rules, accepted(1e6), draws))
        const later = rows.slice(from).map(createAcceptance(rules, accepted(1e6), draws))
        expect(later).toEqual(whole.slice(from))
        expect(whole.map((fate) => fate === 'accepted')).toEqual(
          rows.map((row) => keepDraw(draws, row) < (row.reward ?? 0)),
        )
      }),
    )
  })
})

describe('an answer that only repeats a formula of its question', () => {
  const target: Target = { kind: 'accepted', count: 5 }
  const asked = candidate({ question: 'Compute $17\\cdot 23$.', gold: '391', extracted: '17 \\times 23' })

  test('is held, and accepted where the rules say so', () => {
    expect(createAcceptance({ ...RULES, restated: 'hold' }, target, DRAWS)(asked)).toBe('restated')
    expect(createAcceptance({ ...RULES, restated: 'accept' }, target, DRAWS)(asked)).toBe('accepted')
  })

  test.each([
    ['the value', 'Compute $17\\cdot 23$.', '391', '391'],
    ["the gold answer's own text", 'Is $x^2+1$ or $x^2-1$ prime?', 'x^2+1', 'x^2 + 1'],
    ['a number of the question', 'Which of $12$ and $15$ is larger?', '15.0', '15'],
    ['another formula', 'Solve $2x+1=7$.', 'x=3', 'x=3'],
  ])('%s is no such answer', (_, question, gold, extracted) => {
    expect(
      createAcceptance({ ...RULES, restated: 'hold' }, target, DRAWS)(candidate({ question, gold, extracted })),
    ).toBe('accepted')
  })

  test.each([
    ['an equation', 'Solve \\(2x+1=7\\).', 'x=3', '2x + 1 = 7'],
    ['a side of one', 'If $y = 3^4 - 2$, find $y$.', '79', '3^4-2'],
    ['a display formula', 'Evaluate \\[\\sqrt{8}\\cdot\\sqrt{50}.\\]', '20', '\\sqrt{8} \\cdot \\sqrt{50}'],
  ])('%s is one', (_, question, gold, extracted) => {
    expect(
      createAcceptance({ ...RULES, restated: 'hold' }, target, DRAWS)(candidate({ question, gold, extracted })),
    ).toBe('restated')
  })
})

describe('a bound on the length', () => {
  const of = (completionTokens: number, changes: Partial<Candidate> = {}): Candidate =>
    candidate({ completionTokens, ...changes })

  test('refuses what is right and longer, and takes no place of its problem with it', () => {
    const list = [of(101), of(100), of(101, { verdict: 'incorrect' }), of(101, { finishReason: 'length' }), of(9)]
    const rules = { maxTokens: 100, maxPerProblem: 2 }
    expect(judge(list, accepted(5), rules)).toEqual(['too-long', 'accepted', 'wrong', 'truncated', 'accepted'])
  })

  test('is none where the server counted nothing, or where it is null', () => {
    expect(judge([of(0), candidate()], accepted(5), { maxTokens: 1 })).toEqual(['accepted', 'accepted'])
    expect(judge([of(1e6)], accepted(5), { maxTokens: null })).toEqual(['accepted'])
  })

  test('holds for the control and for rewards too', () => {
    const long = of(11, { verdict: 'incorrect', reward: 1 })
    expect(judge([long], accepted(5), { maxTokens: 10, verdict: 'any' })).toEqual(['too-long'])
    expect(judge([long], accepted(5), { maxTokens: 10, by: 'reward' })).toEqual(['too-long'])
  })
})

test('with quotas the first ones of each source are accepted, and what is over its quota is surplus', () => {
  const quotas = {
    sourceOf: (problem: string) => problem.charAt(0),
    most: new Map([
      ['a', 1],
      ['b', 3],
    ]),
  }
  const acceptance = createAcceptance(RULES, accepted(4), DRAWS, quotas)
  const fates = ['a1', 'a2', 'b1', 'c1', 'b2', 'b3', 'b4'].map((problem) => acceptance(candidate({ problem })))
  expect(fates).toEqual(['accepted', 'surplus', 'accepted', 'surplus', 'accepted', 'accepted', 'surplus'])
})
