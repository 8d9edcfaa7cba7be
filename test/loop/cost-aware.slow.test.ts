/** A cost-aware policy in a real run: n_t follows the price of an accepted trace, and depends on nothing but the accepted traces. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Plan } from '../../src/core/budget/plan.ts'
import type { RunStatus } from '../../src/core/status.ts'
import { createOwnLoop, ownLoopYaml } from './own-loop.ts'
import { trainSection, type Workplace } from './workplace.ts'

let place: Workplace

beforeAll(async () => {
  place = createOwnLoop(300, -2)
  const policy = '{ kind: cost-aware, initial: 60, growth: 1.5 }'
  const budget = `{ policy: ${policy}, iterations: 4, costs: { sample: 1, train: 0.2 } }`
  place.write('run.yaml', await ownLoopYaml({ budget, train: trainSection(['--gain', '3']) }))
})
afterAll(() => place.remove())

async function runWith(folder: string, concurrency: number): Promise<RunStatus> {
  const directory = `${folder}/runs/small`
  const args = ['run', 'run.yaml', '--dir', directory, '--json', '--set', `sample.concurrency=${concurrency}`]
  expect(await place.run(args)).toMatchObject({ code: 0, stderr: '' })
  return JSON.parse((await place.run(['status', directory, '--json'])).stdout)
}

test('n_t grows faster as traces become cheaper, whatever was drawn in parallel', async () => {
  const { iterations } = await runWith('wide', 16)
  const targets = iterations.map((row) => row.target ?? 0)
  expect(iterations.map((row) => row.accepted)).toEqual(targets)
  // Only the rate of the first iteration is known when the second begins.
  expect(targets.slice(0, 2)).toEqual([60, 90])
  const price = iterations.map((row) => 0.2 + row.sampled / row.accepted)
  for (const t of [2, 3]) {
    const exponential = 60 * 1.5 ** t
    // About: what was drawn beyond the last accepted trace is in `sampled` and not in the rate that n_t went by.
    const expected = exponential * Math.sqrt((price[0] ?? 0) / (price[t - 1] ?? 1))
    expect(targets[t]).toBeGreaterThan(exponential)
    expect(Math.abs((targets[t] ?? 0) / expected - 1)).toBeLessThan(0.25)
  }
  const narrow = await runWith('narrow', 1)
  expect(narrow.iterations.map((row) => row.target)).toEqual(targets)

  const plan = JSON.parse((await place.run(['plan', 'wide/runs/small', '--json'])).stdout) as Plan
  expect(plan.iterations.map((row) => row.accepted)).toEqual(targets)
})

test('before anything is measured the plan is exponential, or follows the rates that are expected', async () => {
  const planned = async (...flags: string[]) =>
    (JSON.parse((await place.run(['plan', 'run.yaml', '--json', ...flags])).stdout) as Plan).iterations.map(
      (row) => row.accepted,
    )
  expect(await planned()).toEqual([60, 90, 135, 203])
  expect(await planned('--rate', '0.4')).toEqual([60, 90, 135, 203])
  // w = 10.2, 5.2, 2.7: sqrt(10.2 / 5.2) and sqrt(10.2 / 2.7) more, an iteration later.
  expect(await planned('--rate', '0.1,0.2,0.4,0.5')).toEqual([60, 90, 189, 394])
})
