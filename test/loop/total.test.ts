/** budget.total in a real run: the last iteration gets what is left, and the total stands for the whole run. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Plan } from '../../src/core/budget/plan.ts'
import type { RunStatus } from '../../src/core/status.ts'
import { createOwnLoop, ownLoopYaml } from './own-loop.ts'
import type { Workplace } from './workplace.ts'

let place: Workplace

beforeAll(async () => {
  place = createOwnLoop(200, 0.6)
  const budget = '{ policy: { kind: exponential, initial: 8, growth: 2 }, iterations: 4, total: 31 }'
  place.write('run.yaml', await ownLoopYaml({ budget, sample: 'concurrency: 8' }))
})
afterAll(() => place.remove())

async function accepted(): Promise<number[]> {
  return place.status('small').iterations.map((row) => row.accepted)
}

test('a run asks for its total exactly, and cannot be given another one', async () => {
  const { stdout } = await place.run(['plan', 'run.yaml', '--json'])
  expect((JSON.parse(stdout) as Plan).iterations.map((row) => row.accepted)).toEqual([8, 23])
  expect(await place.run(['run', 'run.yaml', '--json'])).toMatchObject({ code: 0 })
  expect(await accepted()).toEqual([8, 23])
  // What would have been 16 is 23 already: with another total these would be the iterations of another run.
  const raised = await place.run(['run', 'run.yaml', '--set', 'budget.total=40'])
  expect(raised).toMatchObject({ code: 2, stderr: expect.stringContaining('budget.total') })
  expect(await accepted()).toEqual([8, 23])
})

test('a total that the iterations cannot reach is said beforehand', async () => {
  const { stderr } = await place.run(['plan', 'run.yaml', '--set', 'budget.total=500'])
  expect(stderr).toMatch(/budget\.total is 500 \(accepted\), but 4 iterations ask for 120 only/)
})

test('a budget in cost ends the run when it is spent, and a second call adds nothing', async () => {
  const run = [
    'run',
    'run.yaml',
    '--json',
    '--set',
    'name=costed',
    '--set',
    'budget.total=null',
    '--set',
    'budget.cost=150',
  ]
  expect(await place.run(run)).toMatchObject({ code: 0 })
  const status = async (): Promise<RunStatus> => place.status('costed')
  const { state, iterations } = await status()
  expect(state).toBe('done')
  // In order, without what was drawn in parallel beyond: C is met to within the noise of the last iteration's rate.
  expect(iterations.map((row) => row.accepted).slice(0, -1)).toEqual([8, 16])
  expect(await place.run(run)).toMatchObject({ code: 0 })
  expect((await status()).iterations.map((row) => row.accepted)).toEqual(iterations.map((row) => row.accepted))
})
