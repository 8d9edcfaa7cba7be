/** Units of cost: what a token, a second and a GPU come to, by hand. */

import { describe, expect, test } from 'vitest'
import {
  type CostSettings,
  costRule,
  costUnitName,
  fixedPrices,
  type MeasuredUsage,
  pricesOf,
  wholePrices,
} from '../../../src/core/budget/cost-settings.ts'

/** 200 samples of 120 tokens each in 50 s; 80 traces trained on, 9,600 tokens in 40 s; two measurements of 1,000 tokens and 5 s each. */
const USED: MeasuredUsage = {
  drawn: { completions: 200, tokens: 24_000, seconds: 50 },
  trained: { accepted: 80, tokens: 9600, seconds: 40 },
  tokensPerAccepted: 110,
  fixed: { times: 2, tokens: 2000, seconds: 10 },
}
const NOTHING: MeasuredUsage = {
  drawn: { completions: 0, tokens: 0, seconds: 0 },
  trained: { accepted: 0, tokens: 0, seconds: 0 },
  tokensPerAccepted: null,
  fixed: { times: 0, tokens: 0, seconds: 0 },
}
const PILOT: MeasuredUsage = { ...NOTHING, drawn: USED.drawn, tokensPerAccepted: 110 }

test.each<[CostSettings, string, readonly [number, number, number]]>([
  [{ sample: 1, train: 2, iteration: 3 }, '', [1, 2, 3]],
  [{ unit: 'samples' }, 'samples', [1, 0, 0]],
  // 24,000 tokens / 200; training is not charged; 2,000 tokens / 2.
  [{ unit: 'tokens' }, 'tokens', [120, 0, 1000]],
  // 2 P 120; 6 P 9,600 / 80; 2 P 1,000.
  [{ unit: 'flops', parameters: 1e9 }, 'FLOPs', [2.4e11, 7.2e11, 2e12]],
  // 8 GPUs: 50 s / 200, 40 s / 80, 10 s / 2.
  [{ unit: 'gpu-seconds', gpus: 8 }, 'GPU-seconds', [2, 4, 40]],
  // The same at 3.6 an hour, which is a thousandth a second.
  [{ unit: 'money', gpus: 8, perGpuHour: 3.6 }, 'money', [0.002, 0.004, 0.04]],
  ['measured', 'seconds', [0.25, 0.5, 5]],
])('%j is counted in %s', (settings, unit, prices) => {
  expect(costUnitName(settings)).toBe(unit)
  const { sample, train, iteration } = pricesOf(costRule(settings), USED)
  for (const [i, price] of [sample, train, iteration].entries()) {
    expect(Math.abs((price ?? Number.NaN) - (prices[i] ?? 0))).toBeLessThanOrEqual(1e-12 * (prices[i] ?? 0))
  }
})

describe('before everything is measured', () => {
  test('a pilot is enough for tokens and FLOPs: accepted traces are trained on as long as they are', () => {
    expect(wholePrices(pricesOf(costRule({ unit: 'tokens' }), PILOT))).toEqual({ sample: 120, train: 0, iteration: 0 })
    const flops = pricesOf(costRule({ unit: 'flops', parameters: 1e9 }), PILOT)
    expect(flops).toEqual({ sample: 2.4e11, train: 6e9 * 110, iteration: 0 })
  })

  test('time of training is not known from a pilot, unless it is expected', () => {
    const gpus = { unit: 'gpu-seconds', gpus: 8 } as const
    expect(pricesOf(costRule(gpus), PILOT)).toEqual({ sample: 2, train: null, iteration: 0 })
    expect(wholePrices(pricesOf(costRule(gpus), PILOT))).toBeNull()
    const expecting = { ...gpus, expect: { sample: 9, train: 5, iteration: 60 } }
    expect(pricesOf(costRule(expecting), PILOT)).toEqual({ sample: 2, train: 5, iteration: 60 })
    expect(pricesOf(costRule(expecting), NOTHING)).toEqual({ sample: 9, train: 5, iteration: 60 })
  })

  test('nothing is known of nothing', () => {
    expect(pricesOf(costRule({ unit: 'flops', parameters: 1 }), NOTHING)).toEqual({
      sample: null,
      train: null,
      iteration: 0,
    })
    expect(fixedPrices({ unit: 'flops', parameters: 1 })).toBeUndefined()
    expect(fixedPrices({ unit: 'samples' })).toEqual({ sample: 1, train: 0, iteration: 0 })
  })
})
