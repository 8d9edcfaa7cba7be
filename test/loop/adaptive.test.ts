/** Policies that decide as they go, in real runs: decisions are stored and told with their reasons. */

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Plan } from '../../src/core/budget/plan.ts'
import type { RunStatus } from '../../src/core/status.ts'
import { createOwnLoop, ownLoopYaml } from './own-loop.ts'
import { trainSection, type Workplace } from './workplace.ts'

let place: Workplace

beforeAll(async () => {
  place = createOwnLoop(260, -1)
  const write = async (name: string, budget: string, others = '', more = ''): Promise<string> => {
    const problems = `gate: [{ dataset: jsonl, path: train.jsonl, take: last-60 }]${others}`
    const yaml = await ownLoopYaml({
      budget,
      problems,
      train: trainSection(['--gain', '3']),
      more: `gate: { onFail: continue }\n${more}`,
    })
    return place.write(name, yaml)
  }
  await write('adaptive.yaml', '{ policy: { kind: adaptive, initial: 40, stopBelow: 0 }, iterations: 3 }')
  const early = '{ policy: { kind: adaptive, initial: 40, stopBelow: 0.99 }, iterations: 4 }'
  const held = ', evaluate: [{ dataset: jsonl, path: train.jsonl, take: first-30 }]'
  await write('early.yaml', early, held, 'evaluate: { every: 4, greedy: false }\n')
  const auto = '{ kind: exponential, initial: auto, growth: auto }'
  await write('auto.yaml', `{ policy: ${auto}, iterations: 2, cost: 2000, costs: { sample: 1, train: 2 } }`)
})
afterAll(() => place.remove())

async function runWith(file: string, folder: string, ...flags: string[]): Promise<RunStatus> {
  const directory = `${folder}/runs/small`
  expect(await place.run(['run', file, '--dir', directory, '--json', ...flags])).toMatchObject({ code: 0, stderr: '' })
  return place.status(directory)
}

test.concurrent('adaptive: every n_t is decided, stored and told with a reason', async () => {
  const { iterations } = await runWith('adaptive.yaml', 'wide')
  expect(iterations.map((row) => row.decision?.kind)).toEqual(['start', expect.any(String), expect.any(String)])
  for (const row of iterations) expect(row.target).toBe(row.decision?.size)
  expect(iterations[1]?.decision?.reason).toMatch(/of the bias/)
  const events = readFileSync(place.at('wide/runs/small/events.jsonl'), 'utf8')
  expect(events.match(/"kind":"decided"/g)).toHaveLength(3)
  const { stdout } = await place.run(['status', 'wide/runs/small'])
  expect(stdout.replace(/\s+/g, ' ')).toContain(iterations[2]?.decision?.reason)

  const plan = JSON.parse((await place.run(['plan', 'wide/runs/small', '--json'])).stdout) as Plan
  expect(plan.iterations.map((row) => row.accepted)).toEqual(iterations.map((row) => row.target))
})

test.concurrent('a run that the policy ends early has measured what it hands out, though its turn had not come', async () => {
  const { iterations, state, reason } = await runWith('early.yaml', 'early')
  expect({ state, reason }).toEqual({ state: 'done', reason: expect.stringMatching(/^Stops: less than/) })
  expect(iterations.length).toBeLessThan(4)
  expect(iterations.at(-1)?.evaluation).toMatchObject({ n: 30 })
})

test.concurrent('growth: auto spends the budget, solved again before each iteration', async () => {
  const { iterations, totals } = await runWith('auto.yaml', 'auto')
  expect(iterations).toHaveLength(2)
  const targets = iterations.map((row) => row.target ?? 0)
  expect(targets).toEqual([...targets].sort((a, b) => a - b))
  expect(totals.cost).toBeGreaterThan(1700)
  expect(totals.cost).toBeLessThan(2300)
  expect(iterations[0]?.decision?.reason).toMatch(
    /^Plans \d+ now and 1\.\d+ times more each time: 2 iterations are to spend 2000/,
  )
  expect(iterations[1]?.decision?.reason).toMatch(/: 1 iteration is to spend/)
})

test.concurrent('the plan of such a run before it has begun', async () => {
  const plan = JSON.parse((await place.run(['plan', 'auto.yaml', '--rate', '0.4', '--json'])).stdout) as Plan
  expect(plan.iterations).toHaveLength(2)
  expect(plan.totals.cost).toBeGreaterThan(1900)
  expect(plan.totals.cost).toBeLessThanOrEqual(2000)
  const adaptive = JSON.parse((await place.run(['plan', 'adaptive.yaml', '--json'])).stdout) as Plan
  expect(adaptive.iterations.map((row) => row.accepted)).toEqual([40, 50, 62])
})
