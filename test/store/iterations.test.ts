/** The run's own row and the loop's state: every step is a row that can be written twice. */

import { describe, expect, test } from 'vitest'
import type { TrainJob, TrainMetrics } from '../../src/core/trainer.ts'
import { openStore } from '../../src/store/store.ts'
import { createRun, PROBLEMS, PROMPTS, RUN, temporaryFolder } from './hand-made-run.ts'

const JOB: TrainJob = {
  key: '0-0',
  iteration: 0,
  base: '/base',
  dataset: '/run/dataset.jsonl',
  datasetSha256: 'cd'.repeat(32),
  rows: 2,
  output: '/run/checkpoints/000',
  log: '/run/train.log',
  seed: 1,
  optimization: {
    epochs: 1,
    steps: undefined,
    batch: 2,
    lrStart: 1e-6,
    lrEnd: 0,
    warmupSteps: 0,
    optimizerState: 'reset',
  },
  recipe: { shard: 'auto', master: 'keep', templateKwargs: {}, stopSeconds: 20 },
}
const METRICS: TrainMetrics = {
  schema: 1,
  dataset: { sha256: JOB.datasetSha256, rows: 2 },
  steps: 1,
  tokens: 10,
  seconds: 1.5,
  loss: { first: 1, last: 0.5 },
  seed: 1,
  checkpoint: { sha256: 'ef'.repeat(32) },
}

describe('the run', () => {
  test('comes back with its problems in the order of import and its prompts', () => {
    const folder = temporaryFolder()
    createRun(folder).close()
    const store = openStore(folder, { readonly: true })
    expect(store.run.read()).toEqual(RUN)
    expect(store.run.problems('train')).toEqual(PROBLEMS.slice(0, 3))
    expect(store.run.problems('gate')).toEqual(PROBLEMS.slice(3, 4))
    expect(store.run.problems('evaluate')).toEqual(PROBLEMS.slice(4))
    expect(store.run.prompts()).toEqual(PROMPTS)
    store.close()
  })

  test('is stored whole or not at all', () => {
    const store = openStore(temporaryFolder())
    const twice = [...PROBLEMS, ...PROBLEMS.slice(0, 1)]
    expect(() => store.run.create(RUN, twice, PROMPTS)).toThrow(/UNIQUE/)
    expect(store.run.read()).toBeUndefined()
    expect(store.run.problems('train')).toEqual([])
    expect(() => store.run.prompts()).toThrow('the run has no sampling prompt')
    store.close()
  })

  test('is one a folder', () => {
    const store = createRun()
    expect(() => store.run.create(RUN, [], PROMPTS)).toThrow(/UNIQUE/)
  })

  test('tells its state and why, and takes a changed configuration', () => {
    const store = createRun()
    store.run.setState('capped', 'The cap of 10 samples is reached.')
    store.run.setConfig('{"seed":2}', '/elsewhere/run.yaml')
    expect(store.run.read()).toMatchObject({
      state: 'capped',
      reason: 'The cap of 10 samples is reached.',
      config: '{"seed":2}',
      configPath: '/elsewhere/run.yaml',
    })
    store.run.setState('running', null)
    expect(store.run.read()).toMatchObject({ state: 'running', reason: null })
  })
})

describe('an iteration', () => {
  test('can be planned again until it begins', () => {
    const store = createRun()
    const { iterations } = store
    iterations.plan(0, { kind: 'accepted', count: 10 })
    iterations.plan(0, { kind: 'sampled', count: 30 })
    expect(iterations.get(0)).toEqual({
      iteration: 0,
      state: 'planned',
      target: { kind: 'sampled', count: 30 },
      attempt: 0,
      sampledFrom: undefined,
    })
    iterations.startSampling(0, 1)
    iterations.plan(0, { kind: 'accepted', count: 99 })
    expect(iterations.get(0)).toMatchObject({ state: 'sampling', target: { count: 30 }, sampledFrom: 1 })
    expect(iterations.get(1)).toBeUndefined()
  })

  test('goes back to training with the next attempt', () => {
    const { iterations } = createRun()
    iterations.plan(0, { kind: 'accepted', count: 10 })
    iterations.setState(0, 'evaluating')
    iterations.retry(0)
    expect(iterations.all()).toMatchObject([{ iteration: 0, state: 'training', attempt: 1 }])
  })

  test('changes together with others or not at all', () => {
    const { iterations } = createRun()
    iterations.plan(0, { kind: 'accepted', count: 10 })
    const work = (): void =>
      iterations.together(() => {
        iterations.setState(0, 'done')
        throw new Error('stop')
      })
    expect(work).toThrow('stop')
    expect(iterations.get(0)?.state).toBe('planned')
  })
})

describe('a checkpoint', () => {
  const made = { iteration: 0, attempt: 0, kind: 'full', path: 'checkpoints/000', hash: 'sha256:1' } as const

  test('is added once for each iteration and attempt', () => {
    const { iterations } = createRun()
    const first = iterations.addCheckpoint(made)
    expect(first).toMatchObject({ ...made, proven: false, served: undefined })
    expect(iterations.addCheckpoint({ ...made, hash: 'sha256:other' })).toEqual(first)
    expect(iterations.addCheckpoint({ ...made, attempt: 1 }).id).not.toBe(first.id)
    expect(iterations.checkpoints().map(({ iteration, attempt }) => [iteration, attempt])).toEqual([
      [-1, 0],
      [0, 0],
      [0, 1],
    ])
  })

  test('can be proven, and be served under a name of somebody else', () => {
    const { iterations } = createRun()
    const { id } = iterations.addCheckpoint({ ...made, kind: 'name', served: 'theirs' })
    expect(iterations.checkpoints()[1]).toMatchObject({ proven: false, served: 'theirs' })
    iterations.setProven(id)
    iterations.setServed(id, 'ours')
    expect(iterations.checkpoints()[1]).toMatchObject({ proven: true, served: 'ours' })
  })
})

describe('a job', () => {
  test('is intended, then has a handle, then an end', () => {
    const { iterations } = createRun()
    expect(iterations.job(0, 0)).toBeUndefined()
    iterations.intend(0, JOB)
    // What is undefined has no place in JSON.
    const job = JSON.parse(JSON.stringify(JOB))
    expect(iterations.job(0, 0)).toEqual({ job, handle: undefined, state: 'pending', metrics: undefined })
    const handle = { engine: 'command', id: '12@34' }
    iterations.setHandle(0, 0, handle)
    expect(iterations.job(0, 0)).toEqual({ job, handle, state: 'running', metrics: undefined })
    iterations.endJob(0, 0, 'succeeded', METRICS)
    expect(iterations.job(0, 0)).toEqual({ job, handle, state: 'succeeded', metrics: METRICS })
  })

  test('intended again forgets its handle', () => {
    const { iterations } = createRun()
    iterations.intend(0, JOB)
    iterations.setHandle(0, 0, { engine: 'command', id: '12@34' })
    iterations.intend(0, { ...JOB, seed: 2 })
    expect(iterations.job(0, 0)).toMatchObject({ job: { seed: 2 }, handle: undefined, state: 'pending' })
    expect(iterations.job(0, 1)).toBeUndefined()
  })
})

test('a gate result is written once and keeps infinite bounds', () => {
  const { iterations } = createRun()
  const row = {
    iteration: 0,
    attempt: 0,
    decision: 'undecided',
    difference: -0.1,
    n: 1,
    alpha: 0.005,
    saved: null,
  } as const
  const bounds = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
  iterations.addGate({ ...row, ...bounds })
  iterations.addGate({ ...row, low: 0, high: 0 })
  expect(iterations.gates()).toEqual([{ ...row, ...bounds }])
})

test('what a policy decided for an iteration is kept, and a later decision does not take its place', () => {
  const { iterations } = createRun()
  expect(iterations.decision(0)).toBeUndefined()
  const decision = { kind: 'grow', size: 120, growth: 1.1, low: 1.05, high: 1.2, reason: 'It was measured.' } as const
  iterations.decide(0, decision)
  iterations.decide(1, { ...decision, size: 132 })
  iterations.decide(1, { ...decision, size: 7 })
  expect(iterations.decision(0)).toEqual(decision)
  expect([...iterations.decisions()]).toEqual([
    [0, decision],
    [1, { ...decision, size: 132 }],
  ])
})
