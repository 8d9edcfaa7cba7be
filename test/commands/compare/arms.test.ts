/** Arms of a comparison as people write them: n_0 is solved with the settings that an arm brings. */

import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { readArms } from '../../../src/commands/compare/arms.ts'
import { parseRunConfig } from '../../../src/config/parse.ts'

const configPath = resolve('run.yaml')
const text = `problems: { train: [{ dataset: steps, count: 600 }] }
sample: { kind: embedded }
budget: { policy: { kind: constant, initial: 60 }, iterations: 4 }
train: { kind: embedded, steps: 2 }
`
const config = parseRunConfig({ text, file: configPath })

function runsOf(...arms: string[]): { initial: number; iterations: number; cost: number | null }[] {
  return readArms(arms, config, { cost: 4000, rate: 0.5, configPath }).map(({ candidates: [first] }) => {
    const { budget } = parseRunConfig({ text, file: configPath, sets: first?.sets ?? [] })
    const { policy, iterations, cost } = budget
    return { initial: policy.kind === 'constant' ? policy.initial : 0, iterations, cost }
  })
}

test('an arm with a number of iterations of its own spends the cost over these', () => {
  expect(runsOf('constant', 'constant+budget.iterations=10')).toEqual([
    { initial: 250, iterations: 8, cost: 4000 },
    { initial: 100, iterations: 20, cost: 4000 },
  ])
})

test('a rate that is laid over the run gets the iterations it is laid over', () => {
  expect(runsOf('constant+train.lrSchedule=run-decay+train.steps=2+budget.iterations=5', 'constant')[0]).toEqual({
    initial: 200,
    iterations: 5,
    cost: 4000,
  })
})

test('a setting that run.yaml would refuse is refused', () => {
  expect(() => runsOf('constant', 'linear+budget.iteration=3')).toThrow('budget.iteration')
})
