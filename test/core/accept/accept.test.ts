/** Acceptance: the first n_t eligible completions in issue order, whatever order they arrived in. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Candidate, createAcceptance } from '../../../src/core/accept/accept.ts'
import type { Disposition } from '../../../src/core/trace.ts'
import { VERDICT_KINDS } from '../../../src/core/verdict.ts'
import {
  accepted,
  anyCandidate,
  anyRules,
  anyTarget,
  candidate,
  candidates,
  DRAWS,
  judge,
  RULES,
  sampled,
} from './candidates.ts'

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
