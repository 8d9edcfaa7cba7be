/** `plan --pilot`: draws once, stores, forecasts; the run then continues in the same folder. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PlanWithWarnings } from '../../../src/commands/plan/plan.ts'
import { createOwnLoop, ownLoopYaml } from '../own-loop.ts'
import type { Workplace } from '../workplace.ts'

let place: Workplace

beforeAll(async () => {
  place = createOwnLoop(120, 0)
  const budget = '{ policy: { kind: constant, initial: 60 }, iterations: 1, costs: { sample: 1, train: 2 } }'
  place.write('run.yaml', await ownLoopYaml({ budget, more: 'accept: { deduplicate: none }' }))
})
afterAll(() => place.remove())

async function planWith(...flags: string[]): Promise<PlanWithWarnings['plan']> {
  const ended = await place.run(['plan', 'run.yaml', '--json', ...flags])
  expect(ended.code).toBe(0)
  return JSON.parse(ended.stdout)
}

test('a pilot is stored, predicts N_t and cost, and is no part of the run', async () => {
  const { pilot, forecast, totals } = await planWith('--pilot', '100')
  expect(pilot).toMatchObject({ samples: 100, problems: 50 })
  expect(totals.samples).toBe(Math.ceil(60 / (pilot?.acceptanceRate ?? 1)))
  const band = forecast?.[0]?.samples
  expect(band?.low ?? 0).toBeLessThan(band?.high ?? 0)
  expect(forecast?.[0]?.cost?.median).toBe((band?.median ?? 0) + 120)

  const capped = await place.run([
    'plan',
    'run.yaml',
    '--set',
    'accept.maxPerProblem=1',
    '--set',
    'budget.policy.initial=120',
  ])
  expect(capped).toMatchObject({ code: 0, stderr: expect.stringMatching(/the pool is used up before/) })

  const shown = await place.run(['plan', 'runs/small'])
  expect(shown.stdout.replace(/\s+/g, ' ')).toMatch(
    /0 ▇+ 60 Pilot: 100 samples of 50 problems, \d+\.\d% fit for training/,
  )

  expect(await place.run(['run', 'run.yaml', '--quiet'])).toMatchObject({ code: 0 })
  const status = place.status('runs/small')
  expect(status.iterations[0]).toMatchObject({ accepted: 60, state: 'done' })
  const sampled = status.iterations[0]?.sampled ?? 0
  expect(sampled).toBeLessThan(2 * (band?.high ?? 0))
  const refused = await place.run(['plan', 'run.yaml', '--pilot', '100'])
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/The run has begun/) })
}, 240_000)
