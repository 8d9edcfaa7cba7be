/** How long a request that failed waits for its next try, and in which words a pool gives up. */

import { expect, test, vi } from 'vitest'
import type { Send } from '../../src/sample/protocol/attempt.ts'
import { NEVER, poolOf, requestOf } from './requests.ts'
import { enterVirtualTime, refusal, reset } from './virtual-time.ts'

const ANSWER = JSON.stringify({ model: 'm', choices: [{ message: { content: 'fine' }, finish_reason: 'stop' }] })
const answering: Send = async () => ANSWER
/** Fails so many times, then answers. */
function failing(times: number, error: () => Error): Send {
  let left = times
  return async () => {
    if (left-- > 0) throw error()
    return ANSWER
  }
}
const at = (send: Send, i = 0) => ({ baseURL: `http://virtual-${i}.invalid/v1`, send, concurrency: 4 })

/** Milliseconds until the request is answered. */
async function waited(sends: readonly Send[], backoffMs = 1000): Promise<number> {
  const pool = poolOf(sends.map(at), { backoffMs })
  const began = performance.now()
  let took = Number.NaN
  const drawn = pool.sample(requestOf(0), NEVER).then(() => (took = performance.now() - began))
  await vi.advanceTimersByTimeAsync(60_000)
  await drawn
  return took
}

test('where another can take it at once nobody waits for the first failure', async () => {
  enterVirtualTime()
  const broken = () => failing(1, () => refusal(500))
  // Whichever of the two is asked first.
  for (const sends of [
    [broken(), answering],
    [answering, broken()],
  ])
    expect(await waited(sends)).toBeLessThan(5)
  expect(await waited([failing(9, () => refusal(500)), failing(9, () => refusal(500))])).toBeGreaterThan(500)
})

test('alone, a request waits by chance, longer with each failure', async () => {
  enterVirtualTime()
  const chance = vi.spyOn(Math, 'random')
  chance.mockReturnValue(0.5)
  expect(await waited([failing(1, () => refusal(500))])).toBeCloseTo(500, -1)
  expect(await waited([failing(2, () => refusal(500))])).toBeCloseTo(1500, -1)
  expect(await waited([failing(3, () => refusal(500))])).toBeCloseTo(2500, -1)
})

test('and as long as the server asks for', async () => {
  enterVirtualTime()
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
  expect(await waited([failing(1, () => refusal(429, 7))])).toBeCloseTo(7500, -2)
})

test.each<[string, () => Error, RegExp]>([
  [
    'a broken connection',
    reset,
    /^http:\/\/virtual-0\.invalid\/v1 has been out of order for \d+(\.\d+)? s \(the last answer: other side closed\)/,
  ],
  [
    'a status',
    () => refusal(500),
    /^http:\/\/virtual-0\.invalid\/v1 has been out of order for \d+(\.\d+)? s \(the last answer: 500: no\)/,
  ],
])('the end names what came last: %s', async (_, error, sentence) => {
  enterVirtualTime()
  const pool = poolOf([at(failing(1e9, error))], { attempts: 1e6, unreachableSeconds: 20, firstContactSeconds: 20 })
  const drawn = pool.sample(requestOf(0), NEVER).catch((reason: Error) => reason.message)
  await vi.advanceTimersByTimeAsync(600_000)
  expect(await drawn).toMatch(sentence)
})
