/** Endpoints from which nothing comes: said after minutes, ended after an hour of refusals. In virtual time. */

import { expect, onTestFinished, test, vi } from 'vitest'
import type { Sampler } from '../../src/core/sampler.ts'
import { createEndpointPool } from '../../src/sample/endpoint-pool.ts'
import type { EndpointPoolOptions } from '../../src/sample/pool-options.ts'
import type { Send } from '../../src/sample/protocol/attempt.ts'
import { quietOf } from '../../src/sample/quiet.ts'
import { NEVER, requestOf, startServer } from './requests.ts'
import { enterVirtualTime, refusal, virtualSend } from './virtual-time.ts'

const MINUTE = 60_000
const realTimeout = setTimeout
const realPause = (ms: number): Promise<void> => new Promise((resolve) => void realTimeout(resolve, ms))

/** A pool before servers that are functions. @param baseURLs of those that can also be asked for their models */
function poolInVirtualTime(
  sends: readonly Send[],
  options: Partial<EndpointPoolOptions>,
  baseURLs: readonly string[] = [],
): Sampler {
  const pool = createEndpointPool({
    endpoints: sends.map((send, i) => ({
      endpoint: { baseURL: baseURLs[i] ?? `http://virtual-${i}.invalid/v1`, apiKey: undefined, apiKeyEnv: undefined },
      send,
      concurrency: 16,
    })),
    ...options,
  })
  onTestFinished(() => pool.close())
  return pool
}

test.each([1, 2])('%i endpoints that refuse everybody are spoken of, and end the run after an hour', async (count) => {
  enterVirtualTime()
  const notes: string[] = []
  let asked = 0
  const send = virtualSend(
    () => refusal(429, 1),
    20,
    () => asked++,
  )
  const onNote = (text: string): void => void notes.push(`${Math.round(performance.now() / 60_000)}: ${text}`)
  const pool = poolInVirtualTime(Array(count).fill(send), { onNote })
  const began = performance.now()
  const drawn = Promise.allSettled(Array.from({ length: 20 }, (_, i) => pool.sample(requestOf(i), NEVER)))
  // As a run does when one of them has ended it.
  void drawn.finally(() => pool.close())
  await vi.advanceTimersByTimeAsync(2 * 3_600_000)
  const ended = (await drawn).map((one) => (one.status === 'rejected' ? one.reason : 'drawn'))
  expect(ended.map(({ exitCode }) => exitCode)).toEqual(Array(20).fill(3))
  const who = count === 1 ? 'http://virtual-0.invalid/v1 has' : 'All 2 endpoints have'
  expect(String(ended[0])).toContain(`${who} refused every request for 60 min (429: no); see to its quota`)
  expect(notes.length).toBe(5 * count)
  expect(notes[0]).toMatch(/ has refused every request for 3 min \(429: no\); it is asked now and then/)
  // About once a second, and not by everybody.
  expect(asked).toBeLessThan(1.2 * 3600 * count)
  expect(performance.now() - began).toBeGreaterThan(3_600_000)
})

test('an endpoint that stalls is named after three minutes, ever more rarely, and when it answers again', async () => {
  const { baseURL } = await startServer()
  enterVirtualTime()
  const notes: string[] = []
  const at = performance.now()
  const send: Send = async (_, __, signal) => {
    await new Promise((resolve, reject) => {
      setTimeout(resolve, performance.now() - at < MINUTE ? 1_000 : 21 * MINUTE)
      signal.addEventListener('abort', () => reject(signal.reason))
    })
    return JSON.stringify({ model: 'm', choices: [{ message: { content: 'x' }, finish_reason: 'stop' }] })
  }
  const pool = poolInVirtualTime([send], { onNote: (text) => notes.push(text), timeoutMs: 60 * MINUTE }, [baseURL])
  const end = new AbortController()
  onTestFinished(() => end.abort())
  const worker = async (first: number): Promise<void> => {
    for (let i = first; ; i += 4) await pool.sample(requestOf(i), end.signal)
  }
  const workers = [0, 1, 2, 3].map((first) => worker(first).catch(() => undefined))
  const counts = [4, 7, 13, 23]
  for (let minute = 1; minute <= 23; minute++) {
    await vi.advanceTimersByTimeAsync(MINUTE)
    // The list of models is asked for in real time.
    const wanted = counts.filter((count) => count <= minute).length
    for (let i = 0; notes.length < wanted && i < 1_000; i++) await realPause(10)
  }
  end.abort(new Error('enough'))
  await Promise.all(workers)
  const waits =
    'it still lists its models, so its engine may hang or be far too slow. Each is waited for up to 60 min (sample.timeoutSeconds).'
  expect(notes).toEqual([
    ...[3, 6, 12].map((many) => `${baseURL} has not answered for ${many} min, with 4 requests under way; ${waits}`),
    `${baseURL} answers again.`,
  ])
})

test('answers that take long are not a stall', () => {
  const signs = { lastSignAt: 0, inFlight: 8, refusingSince: undefined, latencyMs: undefined }
  expect(quietOf(signs, 3 * MINUTE - 1)).toBeUndefined()
  expect(quietOf(signs, 3 * MINUTE)).toEqual({ kind: 'stalled', forMs: 3 * MINUTE })
  expect(quietOf({ ...signs, latencyMs: 10 * MINUTE }, 39 * MINUTE)).toBeUndefined()
  expect(quietOf({ ...signs, latencyMs: 10 * MINUTE }, 40 * MINUTE)?.kind).toBe('stalled')
  expect(quietOf({ ...signs, inFlight: 0 }, 40 * MINUTE)).toBeUndefined()
})
