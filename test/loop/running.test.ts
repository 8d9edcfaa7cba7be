/** A run in this process, from its lock to its last word: what is refused before anything is said, and what is charged. */

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { parseRunConfig } from '../../src/config/parse.ts'
import { ConfigError } from '../../src/core/errors.ts'
import type { RunEvent } from '../../src/core/events.ts'
import { type RunOptions, runLoop } from '../../src/loop/loop.ts'
import { createTools } from '../../src/loop/tools.ts'
import { readStatus } from '../../src/run/status.ts'
import { createJudgeServer } from '../server/judge-server.ts'
import { createTestServer } from '../server/openai-server.ts'
import { temporaryFolder } from '../store/hand-made-run.ts'
import { makeProblems, toRows } from './workplace.ts'

const PROBLEMS = makeProblems(12)

interface Started {
  readonly directory: string
  readonly events: RunEvent[]
  run(changes?: Partial<RunOptions>, yaml?: string): ReturnType<typeof runLoop>
}

/** A folder with problems and a run.yaml, and the run that it describes. */
function place(yaml: string, rows = toRows(PROBLEMS)): Started {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'train.jsonl'), rows)
  const directory = join(folder, 'runs', 'small')
  const events: RunEvent[] = []
  return {
    directory,
    events,
    run: (changes = {}, text = yaml) =>
      runLoop({
        config: parseRunConfig({ text, file: 'run.yaml' }),
        configPath: join(folder, 'run.yaml'),
        named: 'file',
        directory,
        checkpoint: undefined,
        command: 'spendwise run run.yaml',
        only: undefined,
        cache: false,
        emit: (event) => void events.push(event),
        signal: new AbortController().signal,
        ...changes,
      }),
  }
}

const YAML = (baseURL: string, { endpoint = '', budget = '', more = '' } = {}): string => `name: small
base: base
problems: { train: [{ dataset: jsonl, path: train.jsonl }] }
sample: { endpoints: [{ baseURL: "${baseURL}", model: base${endpoint} }], concurrency: 2 }
budget: { policy: { kind: constant, initial: 5 }, iterations: 1${budget} }
train: none
verify: { threads: 1${more} }
`

async function serveModel(): Promise<string> {
  const server = await createTestServer({ problems: PROBLEMS, modelNames: ['base'], skill: 3 })
  onTestFinished(() => server.close())
  return server.baseURL
}

test('a run without a trainer samples, says what it waits for, and continues there', async () => {
  const { run, events, directory } = place(YAML(await serveModel()))
  const end = await run()
  expect(end).toMatchObject({
    state: 'waiting',
    reason: expect.stringMatching(/5 traces.*spendwise run run\.yaml --checkpoint/),
  })
  expect(existsSync(end.report ?? '')).toBe(true)
  expect(events[0]).toMatchObject({ kind: 'run-started', name: 'small', directory, resumed: false, iterations: 1 })
  expect(events.at(-1)).toMatchObject({ kind: 'run-ended', state: 'waiting' })
  expect(readStatus(directory)).toMatchObject({ state: 'waiting', iterations: [{ accepted: 5 }] })
  expect(events.filter(({ kind }) => kind === 'note')).toEqual([])
  const before = events.length
  await run()
  expect(events[before]).toMatchObject({ kind: 'run-started', resumed: true })
  expect(events.slice(before).some(({ kind }) => kind === 'sampled')).toBe(false)
})

test('a key that run.yaml names and that is empty is missed before anything is asked', async () => {
  const { run, events } = place(YAML(await serveModel(), { endpoint: ', apiKeyEnv: TEST_LOOP_KEY' }))
  onTestFinished(() => void vi.unstubAllEnvs())
  for (const value of [undefined, '', ' \n']) {
    vi.stubEnv('TEST_LOOP_KEY', value)
    await expect(run()).rejects.toThrow(
      'The environment variable TEST_LOOP_KEY is empty, and run.yaml names it for a key (apiKeyEnv); set it and run again.',
    )
  }
  expect(events).toEqual([])
  vi.stubEnv('TEST_LOOP_KEY', 'sk-1')
  expect(await run()).toMatchObject({ state: 'waiting' })
})

test('what a judge takes is charged to the run as it comes', async () => {
  const isSame = (gold: string): boolean => gold === '\\zeta(3)'
  const judge = await createJudgeServer({ isSame, sampled: 'So it is \\boxed{\\sum_{n=1}^\\infty n^{-3}}.' })
  onTestFinished(() => judge.close())
  const rows = (prefix: string): string =>
    Array.from({ length: 5 }, (_, i) => ({ id: `${prefix}${i}`, question: `${prefix} ${i}?`, answer: '\\zeta(3)' }))
      .map((row) => `${JSON.stringify(row)}\n`)
      .join('')
  const judging = `, judge: { endpoint: { baseURL: "${judge.baseURL}", model: judge } }`
  const text = YAML(judge.baseURL, { more: judging, budget: ', costs: { unit: tokens }' }).replace(
    'train.jsonl }] }',
    'train.jsonl }], evaluate: [{ dataset: jsonl, path: test.jsonl }] }',
  )
  const { run, events, directory } = place(`${text}evaluate: { overlap: false }\n`, rows('Train'))
  writeFileSync(join(directory, '..', '..', 'test.jsonl'), rows('Test'))
  await run()
  const evaluated = events.find((event) => event.kind === 'evaluated')
  // Five answers at temperature and five greedy ones; their votes cost as much for each question that was asked.
  const asked = judge.answered.filter(({ problem }) => problem.includes('Test')).length
  expect(asked).toBeGreaterThan(5)
  expect(evaluated).toMatchObject({ accuracy: 1, cost: 110 * (10 + asked) })
})

test('a fault ends the run with its state and reason, and the next start continues', async () => {
  const baseURL = await serveModel()
  const { run, directory } = place(YAML(baseURL))
  const stop = new AbortController()
  stop.abort(new Error('no'))
  await expect(run({ signal: stop.signal })).rejects.toThrow()
  expect(readStatus(directory).state).toBe('interrupted')
  expect(await run()).toMatchObject({ state: 'waiting' })
})

test('a pilot draws its samples and nothing else', async () => {
  const { run, directory } = place(YAML(await serveModel()))
  expect(await run({ pilot: 6 })).toMatchObject({
    state: 'new',
    reason: expect.stringMatching(/A pilot of 6 samples is stored/),
  })
  expect(readStatus(directory).iterations.every(({ state }) => state === 'planned')).toBe(true)
  await run()
  await expect(run({ pilot: 6 })).rejects.toThrow(ConfigError)
})

test('endpoints that name the model differently, and a run that takes wrong answers, are told of', async () => {
  const baseURL = await serveModel()
  const text = YAML(baseURL).replace('model: base }]', `model: base }, { baseURL: "${baseURL}", model: other }]`)
  const { run, events } = place(`${text}accept: { verdict: any }\n`)
  await run().catch(() => undefined)
  const notes = events.flatMap((event) => (event.kind === 'note' ? [event.text] : []))
  expect(notes).toContain('The endpoints name the model differently (base, other); they must serve the same weights.')
  expect(notes).toContain('Control run: every finished completion is accepted, right or wrong.')
})

async function toolsOf(sample: string, serve = 'external') {
  const text = `name: small
base: base
problems: { train: [{ dataset: steps, count: 10 }] }
sample: ${sample}
budget: { policy: { kind: constant, initial: 5 }, iterations: 1 }
verify: { threads: 1 }
${serve === '' ? '' : `serve: ${serve}\ntrain: none`}
`
  const directory = temporaryFolder()
  const config = parseRunConfig({ text, file: 'run.yaml' })
  const tools = await createTools({ config, directory, configDirectory: directory })
  onTestFinished(() => tools.close())
  return tools
}

test('servers find their own number of requests, the toy has one, and what is written counts', async () => {
  const endpoints = 'endpoints: [{ baseURL: "http://127.0.0.1:1/v1", model: base }]'
  const concurrencyOf = async (sample: string, serve?: string) => (await toolsOf(sample, serve)).sampler.concurrency
  const own = await concurrencyOf(`{ ${endpoints} }`)
  const toy = await concurrencyOf('{ kind: embedded }', '')
  expect(own).toBeGreaterThan(8)
  expect(own).toBeLessThan(256)
  expect(toy).toBe(256)
  expect(await concurrencyOf(`{ ${endpoints}, concurrency: 7 }`)).toBe(7)
  expect(await concurrencyOf('{ kind: embedded, concurrency: 7 }', '')).toBe(7)
})

test('requests to Hugging Face go by its own client', async () => {
  const { sampler, trainer, handOver } = await toolsOf(
    '{ kind: huggingface, provider: auto, endpoints: [{ baseURL: "https://router.huggingface.co/v1", model: base }] }',
  )
  expect(sampler.concurrency).toBeGreaterThan(0)
  expect(trainer).toBeUndefined()
  expect(handOver.server).toBe('elsewhere')
})
