/** Goodput in proportion to faults, in virtual time: 128 in flight, answers of about 200 ms, refusals at once. */

import { expect, test, vi } from 'vitest'
import { createEndpointPool } from '../../src/sample/endpoint-pool.ts'
import { atOnce, NEVER, requestOf, startServer } from './requests.ts'
import {
  bucketOf,
  enterVirtualTime,
  type Fault,
  type Goodput,
  goodputOf,
  limitOf,
  refusal,
  reset,
  virtualSend,
} from './virtual-time.ts'

const AT_ONCE = { inFlight: 128, latencyMs: 200, settle: 8, seconds: 4 }
/** Without faults. */
const WHOLE = 640

const share =
  (part: number, make: () => Error): Fault =>
  (chance) =>
    chance() < part ? make() : undefined

const mix: Fault = (chance) => {
  const at = chance()
  if (at < 0.05) return refusal(500)
  if (at < 0.1) return refusal(429, 1)
  if (at < 0.12) return reset()
  if (at < 0.13) return refusal(502)
  return at < 0.14 ? refusal(422) : undefined
}

test.each<[string, Fault, number]>([
  ['nothing', () => undefined, 0.98],
  ['429 with Retry-After 1 to 1%', share(0.01, () => refusal(429, 1)), 0.97],
  ['429 with Retry-After 1 to 5%', share(0.05, () => refusal(429, 1)), 0.95],
  ['429 with Retry-After 1 to 20%', share(0.2, () => refusal(429, 1)), 0.9],
  ['429 with Retry-After 30 to 1%', share(0.01, () => refusal(429, 30)), 0.95],
  ['429 without Retry-After to 20%', share(0.2, () => refusal(429)), 0.9],
  ['503 with Retry-After 1 to 5%', share(0.05, () => refusal(503, 1)), 0.95],
  ['500 to 20%', share(0.2, () => refusal(500)), 0.95],
  ['500 to 50%', share(0.5, () => refusal(500)), 0.9],
  ['a lost connection to 20%', share(0.2, reset), 0.95],
  ['a mix of all', mix, 0.95],
])('%s leaves so much of the work', async (_, fault, wanted) => {
  const { answered, lost } = await goodputOf({ ...AT_ONCE, fault })
  expect(answered / WHOLE).toBeGreaterThan(wanted)
  expect(lost).toBeLessThan(0.02 * WHOLE * (AT_ONCE.settle + AT_ONCE.seconds))
})

const expectJustBelow = ({ answered, failed }: Goodput, limit: number): void => {
  expect(answered / limit).toBeGreaterThan(0.95)
  expect(failed).toBeLessThan(0.05)
}

test.each<[string, () => Fault, number]>([
  ['300 in each second', () => limitOf(300, 1, 1), 300],
  ['300 in each second, told by when', () => limitOf(300, 1, 'next'), 300],
  ['a bucket of 300 a second', () => bucketOf(300, 1), 300],
  ['a bucket of 60 a second, told to wait a minute', () => bucketOf(60, 60), 60],
  ['a bucket of 60 a second, told nothing', () => bucketOf(60, undefined), 60],
])('the limit of %s is found, and kept just below', async (_, fault, limit) => {
  expectJustBelow(await goodputOf({ ...AT_ONCE, settle: 20, seconds: 10, fault: fault() }), limit)
})

test('a limit of 60 in each second is still kept just below after minutes', async () => {
  const load = { ...AT_ONCE, settle: 150, seconds: 30 }
  expectJustBelow(await goodputOf({ ...load, fault: limitOf(60, 1, 1) }), 60)
})

test.each<[string, 'next' | number | undefined]>([
  ['by when', 'next'],
  ['to wait a minute', 60],
  ['nothing', undefined],
])('a limit of 600 a minute, told %s, is found after a few minutes', async (_, form) => {
  const load = { ...AT_ONCE, inFlight: 32, settle: 180, seconds: 120 }
  expectJustBelow(await goodputOf({ ...load, fault: limitOf(600, 60, form) }), 10)
})

test('a server that takes 16 at once and answers after 5 s is kept full', async () => {
  let busyUntil: number[] = []
  const fault: Fault = (_, now) => {
    busyUntil = busyUntil.filter((at) => at > now)
    if (busyUntil.length >= 16) return refusal(429)
    busyUntil.push(now + 5000)
    return undefined
  }
  const { answered } = await goodputOf({ inFlight: 128, latencyMs: 5000, settle: 60, seconds: 120, fault })
  expect(answered / (16 / 5)).toBeGreaterThan(0.85)
})

test('one replica of four that refuses nearly all it is given does not hold up the others', async () => {
  let [tokens, at] = [0, 0]
  const fault: Fault = (chance, now) => {
    if (chance() < 0.75) return undefined
    tokens = Math.min(2, tokens + ((now - at) / 1000) * 10)
    at = now
    return --tokens < 0 ? refusal(429, 1) : undefined
  }
  expect((await goodputOf({ ...AT_ONCE, settle: 12, fault })).answered / WHOLE).toBeGreaterThan(0.85)
})

test('bursts in which all fails cost little more than their own time', async () => {
  const fault: Fault = (_, now) => (now % 10_000 < 2_000 ? refusal(500) : undefined)
  const { answered, lost } = await goodputOf({ ...AT_ONCE, settle: 10, seconds: 20, fault })
  expect(answered / WHOLE).toBeGreaterThan(0.7)
  expect(lost).toBeLessThan(10)
})

test.each([
  ['a few at a time', 2, 500, 4, 0.85],
  ['one after the other', 1, 200, 5, 0.75],
])('refusals by chance slow nobody down for good, %s', async (_, inFlight, latencyMs, whole, wanted) => {
  // At first everybody is refused, as by a server that is just being loaded.
  const fault: Fault = (chance, now) => (now < 3_000 ? refusal(429) : chance() < 0.07 ? refusal(429) : undefined)
  const { answered } = await goodputOf({ inFlight, latencyMs, settle: 120, seconds: 300, fault })
  expect(answered / whole).toBeGreaterThan(wanted)
})

test('of two endpoints the one that fails at everything is left out after a quarter of a second', async () => {
  const servers = await Promise.all([startServer(), startServer()])
  enterVirtualTime()
  const asked = [0, 0]
  const faults: readonly Fault[] = [() => refusal(500), () => undefined]
  const pool = createEndpointPool({
    endpoints: servers.map(({ baseURL }, i) => ({
      endpoint: { baseURL, apiKey: undefined, apiKeyEnv: undefined },
      send: virtualSend(faults[i] ?? (() => undefined), 20, () => (asked[i] = (asked[i] ?? 0) + 1)),
      concurrency: 64,
    })),
  })
  const drawn = atOnce(1000, 10, (i) => pool.sample(requestOf(i), NEVER))
  await vi.advanceTimersByTimeAsync(60_000)
  const completions = await drawn
  await pool.close()
  expect(completions.every(({ finishReason }) => finishReason === 'stop')).toBe(true)
  expect(asked[1]).toBe(1000)
  // Ten at a time of some 20 ms are 110 requests in a quarter of a second, and each asks it once at most; then one tries now and then.
  expect(asked[0]).toBeGreaterThan(10)
  expect(asked[0]).toBeLessThan(130)
})
