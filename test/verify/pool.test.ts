import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { judge } from '../../src/verify/decide.ts'
import { createVerifierPool, type VerifierPool, type VerifierPoolOptions } from '../../src/verify/pool.ts'
import type { TimedJudgement } from '../../src/verify/worker.ts'
import { EAT_MEMORY, HANG } from '../fixtures/hanging-worker.ts'

const workerUrl = new URL('../fixtures/hanging-worker.ts', import.meta.url)
const pools: VerifierPool[] = []

function createPool(options: VerifierPoolOptions = {}): VerifierPool {
  // A thread costs a third of a second to start: two only where two are needed.
  const pool = createVerifierPool({ threads: 1, ...options })
  pools.push(pool)
  return pool
}

afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close()
})

const kindsOf = (verdicts: readonly TimedJudgement[]) => verdicts.map(({ kind }) => kind)
const withoutTime = (verdicts: readonly TimedJudgement[]) => verdicts.map(({ ms: _, ...judgement }) => judgement)
const manyPairs = Array.from({ length: 3_000 }, (_, n) => ({
  gold: `${n}`,
  text: `so\n#### ${n - (n % 3 === 0 ? 1 : 0)}`,
}))

describe('a pool of verifier threads', () => {
  test('gives the verdicts of the checker itself, in order, however many pairs there are', async () => {
    const pool = createPool({ threads: 2 })
    // Several callers at once.
    const [verdicts, b, none] = await Promise.all([
      pool.verify(manyPairs),
      pool.verify(manyPairs.slice(0, 5)),
      pool.verify([]),
    ])
    expect(withoutTime(verdicts)).toEqual(manyPairs.map(({ gold, text }) => judge(gold, text)))
    expect(verdicts.every(({ ms }) => ms >= 0)).toBe(true)
    expect(kindsOf(b)).toEqual(['incorrect', 'correct', 'correct', 'incorrect', 'correct'])
    expect(none).toEqual([])
  })

  test('passes the options of the checker on', async () => {
    const pairs = [{ gold: '50', text: 'A: 50%' }]
    expect(kindsOf(await createPool({ judge: { percent: 'hundredth' } }).verify(pairs))).toEqual(['incorrect'])
    expect(kindsOf(await createPool({ judge: { percent: 'drop' } }).verify(pairs))).toEqual(['correct'])
  })
})

describe('a thread that is lost costs only the pair it was lost to', () => {
  test('a pair that hangs is a timeout and its neighbours are judged', async () => {
    const pool = createPool({ workerUrl, timeoutMs: 500 })
    const pairs = ['1', HANG, '3', '4', HANG, '6'].map((text) => ({ gold: text, text }))
    const verdicts = await pool.verify(pairs)
    expect(kindsOf(verdicts)).toEqual(['correct', 'timeout', 'correct', 'correct', 'timeout', 'correct'])
    expect(verdicts[1]).toMatchObject({ rule: 'limit:time', extracted: undefined, ms: 500 })
    expect(kindsOf(await pool.verify([{ gold: '1', text: '1' }]))).toEqual(['correct'])
  })

  test('every thread may hang while other batches wait, and all get their verdicts', async () => {
    const pool = createPool({ threads: 2, workerUrl, timeoutMs: 500 })
    const pairs = manyPairs.slice(0, 1_000).map((pair, n) => (n % 250 === 0 ? { gold: '1', text: HANG } : pair))
    const expected = pairs.map(({ gold, text }) => (text === HANG ? 'timeout' : judge(gold, text).kind))
    expect(kindsOf(await pool.verify(pairs))).toEqual(expected)
  })

  test('a pair that exhausts the memory is too large and its neighbours are judged', async () => {
    const pool = createPool({ workerUrl, memoryMb: 32, timeoutMs: 20_000 })
    const verdicts = await pool.verify(['1', EAT_MEMORY, '3'].map((text) => ({ gold: text, text })))
    expect(kindsOf(verdicts)).toEqual(['correct', 'too-large', 'correct'])
    expect(verdicts[1]?.rule).toBe('limit:memory')
  })

  test('a worker module that cannot be loaded is an error and not a verdict', async () => {
    const pool = createPool({ workerUrl: new URL('./absent.ts', import.meta.url) })
    await expect(pool.verify([{ gold: '1', text: '1' }])).rejects.toThrow(/absent/)
  })
})

describe('a pool stops when it is told to', () => {
  test('an aborted verification ends with the reason, also while a pair hangs, and the pool goes on', async () => {
    const pool = createPool({ workerUrl, timeoutMs: 60_000 })
    const stop = new AbortController()
    const verifying = pool.verify([{ gold: '1', text: HANG }], stop.signal)
    setTimeout(() => stop.abort(new Error('enough')), 100)
    await expect(verifying).rejects.toThrow('enough')
    await expect(pool.verify([], stop.signal)).rejects.toThrow('enough')
    expect(kindsOf(await pool.verify([{ gold: '1', text: '1' }]))).toEqual(['correct'])
  })

  test('a process ends by itself after close, and also where the pool is left open and idle', async () => {
    const pool = new URL('../../src/verify/pool.ts', import.meta.url).href
    const script = (end: string) => `
      import { createVerifierPool } from '${pool}'
      const pool = createVerifierPool({ threads: 1 })
      console.log((await pool.verify([{ gold: '1', text: '1' }]))[0].kind)
      ${end}`
    const run = async (end: string): Promise<string> =>
      (await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script(end)], { timeout: 60_000 }))
        .stdout
    expect(await Promise.all([run('await pool.close()'), run('')])).toEqual(['correct\n', 'correct\n'])
  })
})
