/** Breaker, budget and routing as functions of given times and numbers. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBreaker } from '../../src/sample/breaker.ts'
import { createRetryBudget } from '../../src/sample/retry-budget.ts'
import { type Candidate, route } from '../../src/sample/route.ts'

const breaker = () => createBreaker({ silenceMs: 50, baseMs: 100, limitMs: 1000, chance: () => 0.999 })

describe('a breaker', () => {
  test('opens when time has passed with failures alone, not by their number', () => {
    const one = breaker()
    for (let i = 0; i < 100; i++) expect(one.failed(0)).toBe(false)
    expect(one.failed(60)).toBe(true)
    expect(one.state()).toBe('open')
  })

  test('an answer between them begins a new time', () => {
    const one = breaker()
    for (let i = 0; i < 100; i++) one.failed(0)
    one.succeeded()
    for (let i = 0; i < 20; i++) expect(one.failed(60)).toBe(false)
    expect(one.failed(120)).toBe(true)
  })

  test('opens at once where nobody is there', () => {
    const one = breaker()
    expect(one.absent(0)).toBe(true)
    expect(one.absent(1)).toBe(false)
  })

  test('stays open twice as long with each try that fails, up to its limit', () => {
    const one = breaker()
    let now = 0
    one.absent(now)
    const waits = Array.from({ length: 6 }, () => {
      const wait = one.probeAt() - now
      now = one.probeAt()
      one.probeFailed(now)
      return Math.round(wait / 100) * 100
    })
    expect(waits).toEqual([100, 200, 400, 800, 1000, 1000])
  })

  test('is closed by the answer to a trial, not by answers that were under way before', () => {
    const one = breaker()
    one.absent(0)
    expect(one.succeeded()).toBe(false)
    expect(one.state()).toBe('open')
    one.probed()
    expect(one.succeeded()).toBe(true)
    expect(one.state()).toBe('closed')
  })

  test('opens again when the trial fails', () => {
    const one = breaker()
    one.absent(0)
    one.probed()
    expect(one.failed(100)).toBe(false)
    expect(one.state()).toBe('open')
  })
})

describe('the budget on retries', () => {
  test('lets a burst through, then twenty a second and two for each answer', () => {
    const budget = createRetryBudget()
    const waits = Array.from({ length: 612 }, () => budget.take(0))
    expect(waits.slice(0, 512).every((ms) => ms === 0)).toBe(true)
    expect(waits.at(-1)).toBe(5000)
    for (let i = 0; i < 50; i++) budget.earn()
    expect(budget.take(0)).toBe(50)
    expect(budget.take(100)).toBe(0)
  })

  test('holds nothing back while every second attempt is answered', () => {
    const budget = createRetryBudget()
    for (let i = 0; i < 5000; i++) {
      budget.earn()
      expect(budget.take(0)).toBe(0)
    }
  })
})

describe('routing', () => {
  const candidate = (name: string, changes: Partial<Candidate> = {}): Candidate => ({
    name,
    weight: 1,
    inFlight: 0,
    limit: 100,
    latencyMs: 100,
    ...changes,
  })
  const prefixes = Array.from({ length: 3000 }, (_, i) => `problem/${i}`)

  test('an endpoint that leaves moves only its own prefixes', () => {
    const all = ['a', 'b', 'c'].map((name) => candidate(name))
    const before = prefixes.map((prefix) => route(all, prefix)?.name)
    const after = prefixes.map((prefix) => route(all.slice(0, 2), prefix)?.name)
    expect(before.filter((name) => name === 'c').length).toBeGreaterThan(800)
    expect(before.every((name, i) => name === 'c' || name === after[i])).toBe(true)
  })

  test('weights decide how many prefixes have an endpoint as their favourite', () => {
    const all = [candidate('a'), candidate('b', { weight: 3 })]
    const share = prefixes.filter((prefix) => route(all, prefix)?.name === 'b').length / prefixes.length
    expect(share).toBeGreaterThan(0.7)
    expect(share).toBeLessThan(0.8)
  })

  test('a favourite with more than its share of the work is passed over', () => {
    const all = [candidate('a', { inFlight: 40 }), candidate('b', { inFlight: 10 })]
    expect(new Set(prefixes.map((prefix) => route(all, prefix)?.name))).toEqual(new Set(['b']))
  })

  test('nobody beyond the limit is chosen, and the one that failed only where there is no other', () => {
    const any = fc.record({
      name: fc.string(),
      weight: fc.double({ min: 0.1, max: 10, noNaN: true }),
      inFlight: fc.nat(20),
      limit: fc.nat(20),
      latencyMs: fc.option(fc.nat(1000), { nil: undefined }),
    })
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 6 }), fc.string(), fc.nat(5), (all, prefix, at) => {
        const avoid = all[at % all.length]
        const found = route(all, prefix, avoid)
        const open = all.filter(({ inFlight, limit }) => inFlight < limit)
        if (open.length === 0) return found === undefined
        return found !== undefined && open.includes(found) && (found !== avoid || open.length === 1)
      }),
    )
  })
})
