/** The temperature probe: a fixed number of draws, a choice that is stored, and no second look. */

import { expect, test } from 'vitest'
import { temperatureOf } from '../../../src/loop/sample/temperature.ts'
import { type Script, scriptRun } from '../scripted-run.ts'

const PROBE = 'probe: { temperatures: [0.5, 1.5], problems: 3, samples: 2 }'

const stage = (says: Script['says'], yaml = PROBE) => {
  const run = scriptRun({ yaml, says, problems: { train: 10 }, concurrency: 16 })
  run.begin(4)
  const probe = (iteration = 0) => temperatureOf(run.context, iteration, { checkpoint: run.base.id, model: 'base' })
  return { ...run, probe }
}

/** Right at one temperature, and wrong at the other. */
const rightAt =
  (right: number): Script['says'] =>
  ({ parameters }, { answer }) =>
    parameters.temperature === right ? answer : 'wrong'

test('every temperature is tried as often, on the same problems, and the better one is taken', async () => {
  const run = stage(rightAt(1.5))
  expect(await run.probe()).toBe(1.5)
  const at = (temperature: number) => run.asked.filter(({ parameters }) => parameters.temperature === temperature)
  expect(run.asked).toHaveLength(12)
  const problems = new Set(run.asked.map(({ key }) => key.problem))
  expect(problems.size).toBe(3)
  for (const temperature of [0.5, 1.5]) {
    const own = at(temperature)
    expect(own).toHaveLength(6)
    expect(new Set(own.map(({ key }) => key.problem))).toEqual(problems)
    expect(new Set(own.map(({ key }) => `${key.problem}/${key.index}`)).size).toBe(6)
  }
  expect(new Set(run.asked.map(({ key }) => key.purpose))).toEqual(new Set(['probe']))
  expect(run.context.store.probes.get(0)).toMatchObject({
    temperature: 1.5,
    scores: [
      { temperature: 0.5, sampled: 6, eligible: 0, problems: 3, solved: 0 },
      { temperature: 1.5, sampled: 6, problems: 3, solved: 3 },
    ],
  })
  expect(run.notes()).toEqual(['Iteration 0 samples at temperature 1.5 (coverage at 0.5: 0%, 1.5: 100%).'])
  expect(await stage(rightAt(0.5)).probe()).toBe(0.5)
})

test('what was chosen once is not looked at again', async () => {
  const run = stage(rightAt(1.5))
  await run.probe()
  run.asked.length = 0
  expect(await run.probe()).toBe(1.5)
  expect(run.asked).toEqual([])
  expect(run.notes()).toHaveLength(1)
})

test('each iteration is probed on problems of its own', async () => {
  const run = stage(rightAt(1.5))
  await run.probe(0)
  await run.probe(1)
  const problemsOf = (iteration: number) =>
    [...new Set(run.asked.filter(({ key }) => key.iteration === iteration).map(({ key }) => key.problem))].sort()
  expect(problemsOf(1)).toHaveLength(3)
  expect(problemsOf(1)).not.toEqual(problemsOf(0))
})

test('without a probe the temperature is that of run.yaml, and nobody is asked', async () => {
  const run = scriptRun({ sample: 'temperature: 0.9' })
  expect(await temperatureOf(run.context, 0, { checkpoint: run.base.id, model: 'base' })).toBe(0.9)
  expect(run.asked).toEqual([])
})

test('a request that fails is no sample, and the yield is of those that came back', async () => {
  const says: Script['says'] = ({ parameters, key }, { answer }) => {
    if (parameters.temperature === 0.5 && key.index % 2 === 1) return { finishReason: 'failed' }
    return parameters.temperature === 0.5 ? answer : key.index % 2 === 1 ? 'wrong' : answer
  }
  const run = stage(says, PROBE.replace('samples: 2', 'samples: 2, by: yield'))
  expect(await run.probe()).toBe(0.5)
  expect(run.context.store.probes.get(0)?.scores).toMatchObject([
    { sampled: 3, eligible: 3 },
    { sampled: 6, eligible: 3 },
  ])
  expect(run.notes()).toEqual(['Iteration 0 samples at temperature 0.5 (yield at 0.5: 100%, 1.5: 50%).'])
})

test('of fewer problems than are to be probed, all are', async () => {
  const run = stage(rightAt(1.5), PROBE.replace('problems: 3', 'problems: 30'))
  await run.probe()
  expect(new Set(run.asked.map(({ key }) => key.problem)).size).toBe(10)
  expect(run.asked).toHaveLength(40)
})
