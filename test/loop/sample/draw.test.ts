/** Drawing: requests go out as there is room, what comes back is stored, judged and counted, and a fault ends it cleanly. */

import { expect, test } from 'vitest'
import type { Completion } from '../../../src/core/completion.ts'
import { ServerError } from '../../../src/core/errors.ts'
import type { SampleRequest } from '../../../src/core/sampler.ts'
import type { RunCache } from '../../../src/loop/sample/cache.ts'
import { type DrawInput, type Drawn, draw, drawTogether, verifyLeftovers } from '../../../src/loop/sample/draw.ts'
import { sampleIteration } from '../../../src/loop/sample/sampling.ts'
import { problemOf, type Script, type ScriptedRun, scriptRun } from '../scripted-run.ts'

interface List {
  readonly input: DrawInput
  readonly drawn: Drawn[]
  /** Numbers of requests under way, as told now and then. */
  readonly ticks: number[]
  /** How many were out uncounted when the next one was asked for. */
  readonly out: number[]
}

/** A list of so many draws of the base. */
function listOf(run: ScriptedRun, count: number, changes: Partial<DrawInput> = {}): List {
  const drawn: Drawn[] = []
  const ticks: number[] = []
  const out: number[] = []
  let next = 0
  const input: DrawInput = {
    purpose: 'train',
    iteration: 0,
    checkpoint: run.base.id,
    model: 'base',
    prompt: run.context.prompts.sampling,
    parameters: run.context.config.sample,
    next(inFlight) {
      out.push(inFlight)
      if (next >= count) return undefined
      const issue = next++
      return { issue, problem: problemOf('train', issue % 4), index: Math.floor(issue / 4) }
    },
    onDrawn: (one) => void drawn.push(one),
    onTick: (inFlight) => void ticks.push(inFlight),
    ...changes,
  }
  return { input, drawn, ticks, out }
}

const stage = (script: Script = {}) => {
  const run = scriptRun({ problems: { train: 4, evaluate: 4 }, ...script })
  run.begin(4)
  return run
}

/** The most requests that were out at once. */
function counting(says: (request: SampleRequest) => Promise<string>) {
  let [out, most] = [0, 0]
  return {
    most: () => most,
    says: async (request: SampleRequest) => {
      most = Math.max(most, ++out)
      return await says(request).finally(() => out--)
    },
  }
}

const soon = (ms = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

test('everything wanted is drawn, stored, judged and counted, each once', async () => {
  const run = stage({ says: ({ issue }, { answer }) => (issue === 2 ? 'wrong' : answer), concurrency: 3 })
  const { input, drawn, ticks } = listOf(run, 8)
  await draw(run.context, input)
  expect(drawn.map(({ issue }) => issue).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  expect(drawn.find(({ issue }) => issue === 2)).toEqual({
    issue: 2,
    problem: 'train/2',
    text: 'wrong',
    finishReason: 'stop',
    index: 0,
    verdict: 'incorrect',
    question: 'What is 2?',
    gold: '2',
    extracted: 'wrong',
    reward: undefined,
    completionTokens: 5,
  })
  const rows = run.context.store.completions.drawn('train', 0)
  expect(rows.map(({ issue, verdict }) => [issue, verdict])).toEqual(
    [0, 1, 2, 3, 4, 5, 6, 7].map((issue) => [issue, issue === 2 ? 'incorrect' : 'correct']),
  )
  expect(run.context.spending.spent()).toMatchObject({ samples: 8, tokens: 120 })
  expect(ticks.at(-1)).toBe(0)
})

test('as many are under way as the servers take, and never more', async () => {
  const { says, most } = counting(async () => {
    await soon()
    return '0'
  })
  const run = stage({ says, concurrency: 5 })
  await draw(run.context, listOf(run, 20).input)
  expect(most()).toBe(5)
})

test('with no server there for the moment one request waits for the next to come', async () => {
  const { says, most } = counting(async () => {
    await soon(1)
    return '0'
  })
  const run = stage({ says, concurrency: 0 })
  await draw(run.context, listOf(run, 3).input)
  expect([run.asked.length, most()]).toEqual([3, 1])
})

test('an earlier list goes before a later one, which fills the places that are free', async () => {
  const run = stage({ concurrency: 4 })
  const first = listOf(run, 6)
  const second = listOf(run, 6, { purpose: 'evaluate', iteration: -1 })
  let next = 0
  const evaluate = () =>
    next < 6
      ? { issue: next, problem: problemOf('evaluate', next++ % 4), index: Math.floor((next - 1) / 4) }
      : undefined
  await drawTogether(run.context, [first.input, { ...second.input, next: evaluate }])
  expect(run.asked.map(({ key }) => key.purpose)).toEqual([...Array(6).fill('train'), ...Array(6).fill('evaluate')])
  expect([first.drawn.length, second.drawn.length]).toEqual([6, 6])
})

test('a temperature, and a seed, may be asked for in place of those of the list', async () => {
  const run = stage()
  const own = { issue: 0, problem: problemOf('train', 0), index: 0, temperature: 0.3, seed: 99 }
  const wanted = [own, { issue: 1, problem: problemOf('train', 1), index: 0 }]
  await draw(run.context, listOf(run, 0, { next: () => wanted.shift() }).input)
  expect(run.asked[0]).toMatchObject({ seed: 99, parameters: { temperature: 0.3, topP: 1 } })
  expect(run.asked[1]?.parameters.temperature).toBe(run.context.config.sample.temperature)
  expect(run.asked[1]?.seed).not.toBe(99)
})

test('a request that brought no text is stored and counted, and not judged', async () => {
  const run = stage({ says: ({ issue }, { answer }) => (issue === 1 ? { finishReason: 'failed' } : answer) })
  const { input, drawn } = listOf(run, 3)
  await draw(run.context, input)
  const inOrder = drawn.toSorted((a, b) => a.issue - b.issue)
  expect(inOrder.map(({ issue, verdict, finishReason }) => [issue, finishReason, verdict])).toEqual([
    [0, 'stop', 'correct'],
    [1, 'failed', undefined],
    [2, 'stop', 'correct'],
  ])
  expect(run.context.spending.spent().samples).toBe(2)
})

test('where the servers are gone it ends with their error, once what is out has come back', async () => {
  const run = stage({
    concurrency: 3,
    says: async ({ issue }, { answer }) => {
      if (issue === 1) throw new ServerError('the server is gone')
      await soon()
      return answer
    },
  })
  const { input, drawn } = listOf(run, 30)
  await expect(draw(run.context, input)).rejects.toThrow('the server is gone')
  expect(run.asked.length).toBeLessThan(6)
  expect(drawn.map(({ issue }) => issue)).toEqual(expect.arrayContaining([0, 2]))
  expect(drawn).toHaveLength(run.asked.length - 1)
})

test('what is told to stop asks nothing more and keeps what came back', async () => {
  const stop = new AbortController()
  const run = stage({
    concurrency: 2,
    context: { signal: stop.signal },
    says: async ({ issue }, { answer }) => {
      if (issue === 3) stop.abort(new Error('stopped'))
      return answer
    },
  })
  const { input } = listOf(run, 30)
  await expect(draw(run.context, input)).rejects.toThrow('stopped')
  expect(run.asked.length).toBeLessThan(8)
  expect(run.context.store.completions.drawn('train', 0).length).toBeGreaterThanOrEqual(3)
})

test('a fault in what is asked next ends it only when nothing is out any more', async () => {
  const run = stage({ concurrency: 4 })
  const { input, drawn } = listOf(run, 3)
  const failing: DrawInput = {
    ...input,
    next: (inFlight) => {
      const wanted = input.next(inFlight)
      if (!wanted) throw new Error('no more')
      return wanted
    },
  }
  await expect(draw(run.context, failing)).rejects.toThrow('no more')
  expect(drawn).toHaveLength(3)
})

test('a verifier that leaves out a verdict is at fault', async () => {
  const verifier = { verify: async () => [], close: async () => undefined }
  const run = stage({ context: { verifier } })
  await expect(draw(run.context, listOf(run, 1).input)).rejects.toThrow('returned 0 verdicts for 1 texts')
})

test('free places are counted while the last ones come in', async () => {
  const run = stage({
    concurrency: 4,
    says: async (_, { answer }) => {
      await soon(60)
      return answer
    },
  })
  const { idleSlotSeconds } = await draw(run.context, listOf(run, 1).input)
  // Three of four places for 60 ms, and all of them while the verdict is stored.
  expect(idleSlotSeconds).toBeGreaterThan(0.17)
  expect(idleSlotSeconds).toBeLessThan(60)
})

test('of the list that is under way it is told now and then how many requests the servers have', async () => {
  const run = stage({
    concurrency: 3,
    says: async (_, { answer }) => {
      await soon(250)
      return answer
    },
  })
  const first = listOf(run, 2)
  const second = listOf(run, 0)
  await drawTogether(run.context, [second.input, first.input])
  expect(first.ticks.length).toBeGreaterThan(1)
  expect(first.ticks[0]).toBe(2)
  expect(second.ticks).toEqual([0])
})

test('a request names the weights that it asks', async () => {
  const run = stage()
  const made = run.made(0)
  await draw(run.context, listOf(run, 1).input)
  await draw(run.context, listOf(run, 1, { checkpoint: made.id, purpose: 'evaluate' }).input)
  expect(run.asked.map(({ checkpoint }) => checkpoint)).toEqual(['sha256:base', 'sha256:0-0'])
})

test('completions that a killed process left unjudged are judged, whatever their list', async () => {
  const run = stage()
  run.drawn('train', 0, [
    { problem: 'train/1', text: '1', isUnjudged: true },
    { problem: 'train/2', issue: 1, text: '7', isUnjudged: true },
    { problem: 'train/3', issue: 2, text: '', finishReason: 'failed' },
  ])
  await verifyLeftovers(run.context, 'train', 0, run.context.problems.train)
  const rows = run.context.store.completions.drawn('train', 0)
  expect(rows.map(({ verdict }) => verdict)).toEqual(['correct', 'incorrect', undefined])
})

/** A cache that holds the right answers to these issues. */
function cacheOf(run: ScriptedRun, issues: readonly number[]): { cache: RunCache; kept: number[] } {
  const kept: number[] = []
  const cache: RunCache = {
    find({ key, issue, seed, model }) {
      if (!issues.includes(issue)) return undefined
      const answer = run.context.problems.train.find(({ id }) => id === key.problem)?.answer ?? ''
      const found: Completion = {
        ...{ key, issue, seed, model, text: answer, finishReason: 'stop', promptTokens: 10, completionTokens: 5 },
        ...{ latencyMs: 0, attempts: [], cached: true },
      }
      return found
    },
    keep: ({ issue }) => void kept.push(issue),
    close: () => undefined,
  }
  return { cache, kept }
}

test('what comes from the cache is counted before a server is asked, and costs nothing', async () => {
  const run = stage({ concurrency: 16, problems: { train: 40 } })
  const { cache } = cacheOf(run, [0, 1, 2, 3, 4, 5])
  const row = run.begin(4)
  await sampleIteration({ ...run.context, cache }, row, { checkpoint: run.base.id, model: 'base' }, 1)
  expect(run.asked).toEqual([])
  expect(run.context.spending.spent()).toMatchObject({ samples: 0, tokens: 0 })
  expect(run.context.store.completions.accepted(0)).toBe(4)
})

test('what the cache lacks is drawn, and kept for the next run', async () => {
  const run = stage({ concurrency: 4 })
  const { cache, kept } = cacheOf(run, [1, 3])
  const { input, drawn } = listOf(run, 5)
  await draw({ ...run.context, cache }, input)
  expect(run.asked.map(({ issue }) => issue)).toEqual([0, 2, 4])
  expect(drawn).toHaveLength(5)
  expect(kept.sort()).toEqual([0, 1, 2, 3, 4])
  expect(run.context.spending.spent().samples).toBe(3)
})
