/** Acceptance: the first n_t eligible completions in issue order, whatever order they arrived in. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type AcceptanceRules,
  type Candidate,
  createAcceptance,
  type KeepDraws,
  keepDraw,
} from '../../../src/core/accept/accept.ts'
import type { Target } from '../../../src/core/budget/policy.ts'
import { FINISH_REASONS } from '../../../src/core/completion.ts'
import type { Disposition } from '../../../src/core/trace.ts'
import { VERDICT_KINDS } from '../../../src/core/verdict.ts'

const RULES: AcceptanceRules = {
  maxPerProblem: null,
  deduplicate: 'none',
  verdict: 'correct',
  equations: 'ignore',
  restated: 'hold',
}

const DRAWS: KeepDraws = { seed: 1, purpose: 'train', iteration: 0 }

function candidate(changes: Partial<Candidate> = {}): Candidate {
  return {
    problem: 'p',
    text: 'A: 1',
    finishReason: 'stop',
    verdict: 'correct',
    question: 'What is it?',
    gold: '1',
    extracted: '1',
    ...changes,
  }
}

function judge(candidates: readonly Candidate[], target: Target, rules: Partial<AcceptanceRules> = {}): Disposition[] {
  const acceptance = createAcceptance({ ...RULES, ...rules }, target, DRAWS)
  return candidates.map(acceptance)
}

const accepted = (count: number): Target => ({ kind: 'accepted', count })
const sampled = (count: number): Target => ({ kind: 'sampled', count })

const anyCandidate = fc.record({
  problem: fc.constantFrom('p', 'q', 'r'),
  text: fc.constantFrom('a', 'b', '1+1=2', '1 + 1 = 2, so 2', '2*1=2'),
  finishReason: fc.constantFrom(...FINISH_REASONS),
  verdict: fc.constantFrom(...VERDICT_KINDS, undefined),
})
const anyRules = fc.record({
  maxPerProblem: fc.constantFrom(null, 1, 2),
  deduplicate: fc.constantFrom('none' as const, 'exact' as const, 'equations' as const),
  verdict: fc.constantFrom('correct' as const, 'any' as const),
})
const candidates = fc.array(anyCandidate, { maxLength: 60 })
const anyTarget = fc.oneof(fc.nat(20).map(accepted), fc.nat(60).map(sampled))

describe('a target in accepted traces', () => {
  test('takes the first ones in order and banks the rest as surplus', () => {
    const right = candidate()
    const wrong = candidate({ verdict: 'incorrect' })
    expect(judge([wrong, right, right, wrong, right, right], accepted(2))).toEqual([
      'wrong',
      'accepted',
      'accepted',
      'wrong',
      'surplus',
      'surplus',
    ])
  })

  test('is never exceeded, and reached as soon as there are enough eligible ones', () => {
    fc.assert(
      fc.property(candidates, anyRules, fc.nat(20), (list, rules, count) => {
        const fates = judge(list, accepted(count), rules)
        const of = (fate: Disposition): number => fates.filter((one) => one === fate).length
        expect(of('accepted')).toBe(Math.min(count, of('accepted') + of('surplus')))
        expect(fates.lastIndexOf('accepted')).toBeLessThanOrEqual(
          fates.includes('surplus') ? fates.indexOf('surplus') : fates.length,
        )
      }),
    )
  })
})

test('a target in samples takes every eligible one among the first so many', () => {
  const right = candidate()
  const wrong = candidate({ verdict: 'incorrect' })
  expect(judge([wrong, right, right, right], sampled(3))).toEqual(['wrong', 'accepted', 'accepted', 'surplus'])
})

test('the order of arrival does not matter: judging in issue order gives the same fates', () => {
  const arrivals = fc.array(fc.tuple(anyCandidate, fc.double({ noNaN: true })), { maxLength: 60 })
  fc.assert(
    fc.property(arrivals, anyRules, anyTarget, (arriving, rules, target) => {
      const issued = arriving.map(([one], issue) => ({ one, issue, at: arriving[issue]?.[1] ?? 0 }))
      const arrived = issued.toSorted((a, b) => a.at - b.at)
      const inOrder = arrived.toSorted((a, b) => a.issue - b.issue)
      const fates = judge(
        inOrder.map(({ one }) => one),
        target,
        rules,
      )
      expect(fates).toEqual(
        judge(
          issued.map(({ one }) => one),
          target,
          rules,
        ),
      )
    }),
  )
})

test('how many are eligible does not depend on the order, so that progress can be counted as completions arrive', () => {
  fc.assert(
    fc.property(candidates, anyRules, fc.infiniteStream(fc.nat()), (list, rules, numbers) => {
      const drawn = [...numbers.take(list.length)]
      const shuffled = list.map((one, i) => ({ one, at: drawn[i] ?? 0 })).toSorted((a, b) => a.at - b.at)
      const eligible = (some: readonly Candidate[]): number =>
        judge(some, accepted(1000), rules).filter((fate) => fate === 'accepted').length
      expect(eligible(shuffled.map(({ one }) => one))).toBe(eligible(list))
    }),
  )
})

describe('what is never accepted', () => {
  test.each<[string, Partial<Candidate>, Disposition]>([
    ['a truncated completion, whatever its last number is', { finishReason: 'length' }, 'truncated'],
    ['a completion the server withheld', { finishReason: 'filtered' }, 'failed'],
    ['a request without an answer', { finishReason: 'failed', verdict: undefined }, 'failed'],
    ['one the verifier has not seen', { verdict: undefined }, 'wrong'],
    ...VERDICT_KINDS.filter((kind) => kind !== 'correct').map((verdict): [string, Partial<Candidate>, Disposition] => [
      `verdict ${verdict}`,
      { verdict },
      'wrong',
    ]),
  ])('%s', (_, changes, fate) => {
    expect(judge([candidate(changes)], accepted(5))).toEqual([fate])
    expect(judge([candidate(changes)], sampled(5))).toEqual([fate])
  })

  test('truncation decides before everything else, also for the control', () => {
    fc.assert(
      fc.property(candidates, anyRules, anyTarget, (list, rules, target) => {
        const fates = judge(list, target, rules)
        for (const [i, one] of list.entries()) {
          expect(fates[i] === 'truncated').toBe(one.finishReason === 'length')
          if (fates[i] === 'accepted' || fates[i] === 'surplus') expect(one.finishReason).toBe('stop')
        }
      }),
    )
  })
})

test('the control takes every completion that ended by itself, right or wrong', () => {
  const texts = VERDICT_KINDS.map((verdict) => candidate({ verdict }))
  expect(judge(texts, accepted(100), { verdict: 'any' })).toEqual(texts.map(() => 'accepted'))
  expect(judge([candidate({ finishReason: 'length' })], accepted(1), { verdict: 'any' })).toEqual(['truncated'])
})

describe('a cap per problem', () => {
  test('lets the first ones of each problem through', () => {
    const list = ['p', 'p', 'q', 'p', 'q', 'q'].map((problem) => candidate({ problem }))
    expect(judge(list, accepted(10), { maxPerProblem: 2 })).toEqual([
      'accepted',
      'accepted',
      'accepted',
      'over-cap',
      'accepted',
      'over-cap',
    ])
  })

  test('is not used up by wrong ones and duplicates', () => {
    const list = [
      candidate({ verdict: 'incorrect' }),
      candidate({ text: 'a' }),
      candidate({ text: 'a' }),
      candidate({ text: 'b' }),
    ]
    expect(judge(list, accepted(10), { maxPerProblem: 2, deduplicate: 'exact' })).toEqual([
      'wrong',
      'accepted',
      'duplicate',
      'accepted',
    ])
  })

  test('holds for every problem', () => {
    fc.assert(
      fc.property(candidates, anyRules, (list, rules) => {
        const fates = judge(list, accepted(1000), rules)
        for (const problem of ['p', 'q', 'r']) {
          const taken = list.filter((one, i) => one.problem === problem && fates[i] === 'accepted').length
          expect(taken).toBeLessThanOrEqual(rules.maxPerProblem ?? list.length)
        }
      }),
    )
  })
})

describe('duplicates', () => {
  const pair = (a: string, b: string): Candidate[] => [candidate({ text: a }), candidate({ text: b })]
  test.each([
    ['none', 'a', 'a', false],
    ['exact', 'a', 'a', true],
    ['exact', 'a', 'a ', false],
    ['exact', '3*4=12', '3 * 4 = 12', false],
    ['equations', 'Tom has 3*4=12 pens.', 'So 3 x 4 = $12.', true],
    ['equations', '1+2=3, 3*4=12', '3*4=12, 1+2=3', false],
    ['equations', '1+2=3', '1+2=3 and 3+4=7', false],
    ['equations', 'It is plainly twelve.', 'A dozen it is.', false],
    ['equations', 'It is plainly twelve.', 'It is plainly twelve.', true],
  ] as const)('%s: %j then %j', (deduplicate, first, second, isDuplicate) => {
    expect(judge(pair(first, second), accepted(5), { deduplicate })).toEqual([
      'accepted',
      isDuplicate ? 'duplicate' : 'accepted',
    ])
  })

  test('are so within one problem only, and a wrong text does not make a right one a duplicate', () => {
    const list = [candidate({ verdict: 'incorrect' }), candidate(), candidate({ problem: 'q' })]
    expect(judge(list, accepted(5), { deduplicate: 'exact' })).toEqual(['wrong', 'accepted', 'accepted'])
  })
})

test('a correct answer behind a false equation is unsound only where the rules ask for it', () => {
  const lucky = candidate({ text: '5+17=20. 20-2=18. #### 18' })
  const target = { kind: 'accepted', count: 1 } as const
  expect(createAcceptance(RULES, target, DRAWS)(lucky)).toBe('accepted')
  expect(createAcceptance({ ...RULES, equations: 'hold' }, target, DRAWS)(lucky)).toBe('unsound')
  expect(
    createAcceptance({ ...RULES, equations: 'hold' }, target, DRAWS)(candidate({ text: '5+17=22. #### 22' })),
  ).toBe('accepted')
})

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
