/** The laws of the limit, on servers that exist only as numbers. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../../src/core/seed.ts'
import {
  type ConcurrencyLimit,
  climb,
  type EngineLoad,
  restart,
  startingLimit,
  steer,
} from '../../src/sample/concurrency.ts'

/** Throughput of a server whose answers take `latency` seconds until `slots` are taken; beyond, they queue. */
function throughputAt(limit: number, slots: number, latency: number): number {
  return Math.min(limit, slots) / latency
}

function climbOn(slots: number, latency: number, turns: number, noise = 0): ConcurrencyLimit[] {
  const random = createRandom(slots)
  const seen: ConcurrencyLimit[] = [startingLimit(64, 4096)]
  for (let i = 0; i < turns; i++) {
    const state = seen.at(-1) ?? startingLimit(64, 4096)
    const throughput = throughputAt(state.limit, slots, latency) * (1 + noise * (random() - 0.5))
    seen.push(climb(state, { throughput, inFlight: state.limit }))
  }
  return seen
}

describe('climbing on throughput', () => {
  test.each([64, 100, 256, 700, 2048])('finds the %i places of a server within a factor of two', (slots) => {
    const seen = climbOn(slots, 10, 60)
    for (const { limit } of seen.slice(30)) {
      expect(limit).toBeGreaterThanOrEqual(slots * 0.75)
      expect(limit).toBeLessThanOrEqual(slots * 2)
    }
  })

  test('finds them through noise of a tenth', () => {
    const late = climbOn(512, 10, 200, 0.1).slice(100)
    const served = late.reduce((sum, { limit }) => sum + Math.min(limit, 512), 0) / late.length
    expect(served).toBeGreaterThan(512 * 0.8)
    expect(Math.max(...late.map(({ limit }) => limit))).toBeLessThanOrEqual(2048)
  })

  test('does not step up where the limit is not what holds it down', () => {
    const state = startingLimit(64, 4096)
    expect(climb(state, { throughput: 10, inFlight: 20 }).limit).toBe(64)
  })

  test('never leaves the range from 1 to the ceiling, whatever is seen', () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('climb' as const),
        throughput: fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        inFlight: fc.nat(5000),
      }),
      fc.record({ kind: fc.constant('restart' as const) }),
    )
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.array(step, { maxLength: 60 }), (ceiling, steps) => {
        let state = startingLimit(64, ceiling)
        for (const one of steps) {
          if (one.kind === 'climb') state = climb(state, one)
          else state = restart(state)
          if (!(state.limit >= 1 && state.limit <= ceiling && Number.isInteger(state.limit))) return false
        }
        return true
      }),
    )
  })
})

describe('after trouble', () => {
  test('an endpoint that was away starts at an eighth and doubles back to what it had', () => {
    let state = restart({ ...startingLimit(100, 4096), limit: 100 })
    const limits = [state.limit]
    while (state.recoverTo !== undefined) {
      state = climb(state, { throughput: 1, inFlight: 1 })
      limits.push(state.limit)
    }
    expect(limits).toEqual([13, 26, 52, 100])
  })
})

describe('steering by the engine', () => {
  const calm: EngineLoad = { running: 64, waiting: 0, kvCacheUse: 0.3, newPreemptions: 0, queuedFor: 0 }
  const state = startingLimit(64, 4096)

  test.each([
    ['grows while there is room', {}, 64, 80],
    ['stays where the limit does not bind', {}, 20, 64],
    ['stays while something queues', { waiting: 3 }, 64, 64],
    ['stays at the cache it aims for', { kvCacheUse: 0.7 }, 64, 64],
    ['shrinks a little above 80%', { kvCacheUse: 0.85 }, 64, 57],
    ['shrinks much above 90%', { kvCacheUse: 0.95 }, 64, 48],
    ['shrinks on preemptions', { newPreemptions: 1 }, 64, 48],
    ['shrinks when the queue stays', { waiting: 50, queuedFor: 6 }, 64, 57],
  ])('%s', (_, load, inFlight, limit) => {
    expect(steer(state, { ...calm, ...load }, inFlight).limit).toBe(limit)
  })

  test('fills an engine whose cache is the bottleneck, without ever overfilling it', () => {
    let now = state
    const uses: number[] = []
    for (let i = 0; i < 50; i++) {
      const kvCacheUse = Math.min(1, now.limit / 900)
      uses.push(kvCacheUse)
      now = steer(now, { ...calm, running: now.limit, kvCacheUse }, now.limit)
    }
    expect(uses.at(-1)).toBeGreaterThan(0.55)
    expect(Math.max(...uses)).toBeLessThan(0.85)
  })
})
