/** Measuring a checkpoint: fixed draws, with the seeds of the base, subtracted from what is there; and a pilot before a run. */

import { expect, test } from 'vitest'
import { ConfigError } from '../../../src/core/errors.ts'
import { evaluateCheckpoint, evaluationDraws, measureGate } from '../../../src/loop/measure/evaluation.ts'
import { drawPilot } from '../../../src/loop/sample/pilot.ts'
import { type Script, scriptRun } from '../scripted-run.ts'

const stage = (yaml: string, script: Script = {}) => {
  const run = scriptRun({ yaml, problems: { train: 4, gate: 2, evaluate: 3 }, concurrency: 16, ...script })
  const at = (checkpoint = run.base) => ({ checkpoint, model: 'served', baseURL: '' })
  return { ...run, at }
}

test('every problem is asked so often at the temperature of the evaluation, and once greedily', async () => {
  const { context, asked, at, events } = stage('evaluate: { samples: 2, temperature: 0.6 }', { sample: 'topK: 5' })
  await evaluateCheckpoint(context, at())
  const of = (purpose: string) => asked.filter(({ key }) => key.purpose === purpose)
  expect([of('evaluate').length, of('greedy').length]).toEqual([6, 3])
  // Sample by sample over all problems.
  expect(of('evaluate').map(({ key }) => `${key.problem} ${key.index}`)).toEqual(
    [0, 1].flatMap((index) => [0, 1, 2].map((i) => `evaluate/${i} ${index}`)),
  )
  expect(of('evaluate')[0]).toMatchObject({ model: 'served', parameters: { temperature: 0.6, topK: 5 } })
  expect(of('greedy')[0]?.parameters).toMatchObject({ temperature: 0, topK: null })
  expect(events.at(-1)).toMatchObject({ kind: 'evaluated', iteration: -1, accuracy: 1, greedy: 1 })
  asked.length = 0
  expect(await evaluationDraws(context, at())).toEqual([])
  await evaluateCheckpoint(context, at())
  expect(asked).toEqual([])
})

test('the accuracy is that of the share that is right, and greedy only where it was asked for', async () => {
  const says: Script['says'] = ({ key }, { answer }) => (key.problem === 'evaluate/0' ? answer : 'wrong')
  const { context, at, events } = stage('evaluate: { samples: 2, greedy: false }', { says })
  await evaluateCheckpoint(context, at())
  const told = events.find((event) => event.kind === 'evaluated')
  expect(told).toMatchObject({ greedy: null })
  expect(told?.accuracy).toBeCloseTo(1 / 3, 10)
  expect(told?.low).toBeLessThan(1 / 3)
  expect(told?.high).toBeGreaterThan(1 / 3)
})

test('a checkpoint is asked with the seeds of the base, each of its attempts too', async () => {
  const { context, asked, at, made } = stage('gate: { onFail: retry, retries: 1 }\nevaluate: { samples: 2 }')
  await measureGate(context, at())
  await measureGate(context, at(made(0)))
  await measureGate(context, at(made(0, 1)))
  const seeds = (iteration: number, from: number) =>
    asked
      .filter(({ key }) => key.iteration === iteration && key.index >= from && key.index < from + 2)
      .map(({ key, seed }) => `${key.problem} ${key.index - from} ${seed}`)
  expect(seeds(-1, 0)).toHaveLength(4)
  expect(seeds(0, 0)).toEqual(seeds(-1, 0))
  expect(seeds(0, 2)).toEqual(seeds(-1, 0))
  const old = stage('evaluate: { samples: 2 }')
  const context010 = { ...old.context, commonSeeds: false }
  await measureGate(context010, old.at())
  await measureGate(context010, old.at(old.made(0)))
  const [base, other] = [-1, 0].map((it) => old.asked.filter(({ key }) => key.iteration === it).map(({ seed }) => seed))
  expect(other).not.toEqual(base)
})

test('requests that were never answered count as wrong, and that is said', async () => {
  const says: Script['says'] = ({ key }, { answer }) => (key.problem === 'gate/0' ? { finishReason: 'failed' } : answer)
  const { context, asked, at, notes, made } = stage('evaluate: { samples: 1 }', { says })
  await measureGate(context, at())
  expect(asked.filter(({ key }) => key.problem === 'gate/0')).toHaveLength(2)
  expect(notes()).toEqual([
    'Measuring the base (gate): 1 request was never answered, though asked twice, and counts as wrong.',
  ])
  expect([...context.store.completions.scores('gate', -1)]).toEqual([
    ['gate/0', 0],
    ['gate/1', 1],
  ])
  const twice = stage('evaluate: { samples: 2 }', { says })
  await measureGate(twice.context, twice.at(twice.made(0)))
  expect(twice.notes()).toEqual([
    'Measuring iteration 0 (gate): 2 requests were never answered, though asked twice, and count as wrong.',
  ])
  expect(made(0).iteration).toBe(0)
})

test('a cap that the last answer reaches does not end a measurement that is whole; one that more would pass does', async () => {
  const says: Script['says'] = (_, { answer }) => new Promise((resolve) => setTimeout(resolve, 30, answer))
  const capped = (tokens: number) =>
    stage('evaluate: { samples: 1 }', {
      problems: { gate: 4 },
      concurrency: 1,
      budget: `caps: { tokens: ${tokens} }`,
      says,
    })
  const enough = capped(60)
  await measureGate(enough.context, enough.at())
  expect(enough.asked).toHaveLength(4)
  const short = capped(15)
  await expect(measureGate(short.context, short.at())).rejects.toThrow(/cap of 15 tokens is reached/)
  expect(short.asked.length).toBeLessThan(4)
})

test('without problems there is nothing to measure', async () => {
  const { context, asked, at, events } = stage('', { problems: { evaluate: 0, gate: 0 } })
  await evaluateCheckpoint(context, at())
  await measureGate(context, at())
  expect([asked.length, events.length]).toEqual([0, 0])
})

test('a pilot asks the problems that come first, twice each, once and for all', async () => {
  const run = stage('')
  const pilot = (samples: number) => drawPilot(run.context, samples)
  expect(await pilot(6)).toEqual({
    state: 'new',
    reason: 'A pilot of 6 samples is stored; nothing else has been spent.',
  })
  const keys = () => run.asked.map(({ key }) => `${key.problem} ${key.index}`)
  expect(run.asked).toHaveLength(6)
  expect(new Set(keys()).size).toBe(6)
  expect(new Set(run.asked.map(({ key }) => key.problem)).size).toBe(3)
  expect(new Set(run.asked.map(({ key }) => key.purpose))).toEqual(new Set(['pilot']))
  await pilot(6)
  expect(run.asked).toHaveLength(6)
  expect(run.served).toEqual([-1])
  expect((await stagePilot(1)).reason).toMatch(/^A pilot of 1 sample is stored/)
})

const stagePilot = (samples: number) => drawPilot(stage('').context, samples)

test('of few problems each is asked more often, never under the same number', async () => {
  const run = stage('')
  await drawPilot(run.context, 20)
  expect(new Set(run.asked.map(({ key }) => `${key.problem} ${key.index}`)).size).toBe(20)
  expect(new Set(run.asked.map(({ key }) => key.problem)).size).toBe(4)
})

test('a run that has begun needs no pilot', async () => {
  const run = stage('')
  run.context.store.iterations.plan(0, { kind: 'accepted', count: 4 })
  await drawPilot(run.context, 2)
  run.begin(4)
  await expect(drawPilot(run.context, 2)).rejects.toThrow(ConfigError)
})
