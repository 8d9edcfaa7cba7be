/** Costs and caps. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Caps, iterationCost, reachedCap, type Spent } from '../../../src/core/budget/costs.ts'

const NO_CAPS: Caps = { samples: null, tokens: null, seconds: null, cost: null }
const SPENT: Spent = { samples: 100, tokens: 5000, seconds: 60, cost: 300 }

test('an iteration costs c_g N + c_t n + F', () => {
  expect(iterationCost({ sample: 1, train: 2, iteration: 10 }, 100, 40)).toBe(190)
  expect(iterationCost({ sample: 0.5, train: 0, iteration: 0 }, 0, 0)).toBe(0)
})

test('without caps none is reached', () => {
  fc.assert(
    fc.property(fc.nat(), (n) => {
      expect(reachedCap(NO_CAPS, { samples: n, tokens: n, seconds: n, cost: n })).toBeUndefined()
    }),
  )
})

test.each(['samples', 'tokens', 'seconds', 'cost'] as const)(
  'a cap on %s is reached at its number, not before',
  (cap) => {
    const at = SPENT[cap]
    expect(reachedCap({ ...NO_CAPS, [cap]: at + 0.5 }, SPENT)).toBeUndefined()
    expect(reachedCap({ ...NO_CAPS, [cap]: at }, SPENT)).toEqual({ cap, limit: at, spent: at })
    expect(reachedCap({ ...NO_CAPS, [cap]: at - 1 }, SPENT)).toEqual({ cap, limit: at - 1, spent: at })
  },
)

test('a cap of 0 allows nothing, and the first of several reached is named', () => {
  expect(reachedCap({ ...NO_CAPS, cost: 0 }, { samples: 0, tokens: 0, seconds: 0, cost: 0 })?.cap).toBe('cost')
  expect(reachedCap({ ...NO_CAPS, cost: 1, tokens: 1 }, SPENT)?.cap).toBe('tokens')
})
