/** budget.total in a real run: the last iteration gets what is left, and the total stands for the whole run. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Plan } from '../../src/core/budget/plan.ts'
import type { RunStatus } from '../../src/core/status.ts'
import { readRun } from './database.ts'
import { createOwnLoop, ownLoopYaml } from './own-loop.ts'
import { trainSection, type Workplace } from './workplace.ts'

let place: Workplace

beforeAll(async () => {
  place = createOwnLoop(200, 0.6)
  const budget = '{ policy: { kind: exponential, initial: 8, growth: 2 }, iterations: 4, total: 31 }'
  const costed = await ownLoopYaml({
    budget: '{ policy: { kind: exponential, initial: 8, growth: 2 }, iterations: auto, cost: 200 }',
    problems: 'gate: [{ dataset: jsonl, path: train.jsonl, take: last-20 }]',
    sample: 'concurrency: 8',
    more: 'gate: { onFail: continue }',
    train: trainSection().replace(/}$/, ', lrSchedule: run-decay }'),
  })
  place.write('costed.yaml', costed.replace('name: small', 'name: costed'))
  place.write('run.yaml', await ownLoopYaml({ budget, sample: 'concurrency: 8' }))
})
afterAll(() => place.remove())

async function accepted(): Promise<number[]> {
  return place.status('small').iterations.map((row) => row.accepted)
}

test.concurrent('a run asks for its total exactly, and cannot be given another one', async () => {
  const { stdout } = await place.run(['plan', 'run.yaml', '--json'])
  expect((JSON.parse(stdout) as Plan).iterations.map((row) => row.accepted)).toEqual([8, 23])
  expect(await place.run(['run', 'run.yaml', '--json'])).toMatchObject({ code: 0 })
  expect(await accepted()).toEqual([8, 23])
  // What would have been 16 is 23 already: with another total these would be the iterations of another run.
  const raised = await place.run(['run', 'run.yaml', '--set', 'budget.total=40'])
  expect(raised).toMatchObject({ code: 2, stderr: expect.stringContaining('budget.total') })
  expect(await accepted()).toEqual([8, 23])
})

test.concurrent('a total that the iterations cannot reach is said beforehand', async () => {
  const { stderr } = await place.run(['plan', 'run.yaml', '--set', 'budget.total=500'])
  expect(stderr).toMatch(/budget\.total is 500 \(accepted\), but 4 iterations ask for 120 only/)
})

test.concurrent('as many iterations as the cost pays for share the error budget of the gate and the decay of the learning rate', async () => {
  const run = ['run', 'costed.yaml', '--json']
  expect(await place.run(run)).toMatchObject({ code: 0 })
  const status = async (): Promise<RunStatus> => place.status('costed')
  const { state, iterations } = await status()
  expect(state).toBe('done')
  // In order, without what was drawn in parallel beyond: C is met to within the noise of the last iteration's rate.
  expect(iterations.map((row) => row.accepted).slice(0, 2)).toEqual([8, 16])
  const store = readRun(place.at('runs/costed'))
  const alphas = store.rows('select alpha from gate order by iteration').map(({ alpha }) => Number(alpha))
  expect(alphas.reduce((sum, alpha) => sum + alpha, 0)).toBeCloseTo(0.05, 10)
  expect(Math.min(...alphas)).toBeGreaterThan(0.05 / 6)
  const rates = store
    .rows('select job from job order by iteration')
    .map(({ job }) => JSON.parse(String(job)).optimization)
  expect(rates.map(({ lrStart }) => lrStart)).toEqual([
    rates[0].lrStart,
    ...rates.slice(0, -1).map(({ lrEnd }) => lrEnd),
  ])
  expect(rates.at(-1)?.lrEnd).toBe(0)
  expect(rates[0]?.lrEnd).toBeLessThan(0.95 * rates[0]?.lrStart)
  expect(await place.run(run)).toMatchObject({ code: 0 })
  expect((await status()).iterations.map((row) => row.accepted)).toEqual(iterations.map((row) => row.accepted))
})
