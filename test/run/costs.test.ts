/** A run whose budget is in FLOPs: planned from its pilot, ended by what it measures, and accounted for to the token. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PlanWithWarnings } from '../../src/commands/plan/plan.ts'
import type { RunStatus } from '../../src/core/status.ts'
import { runCommand } from '../loop/command.ts'
import { makeWorkplace, removeWorkplace, SMALL_TOY } from '../loop/killing.ts'

const PARAMETERS = 1_000_000
const BUDGET = 3e11
let cwd: string

beforeAll(() => {
  const costs = `  cost: ${BUDGET}\n  costs: { unit: flops, parameters: ${PARAMETERS} }\n  iterations: 9`
  cwd = makeWorkplace(SMALL_TOY.replace('  iterations: 2', costs).replace('growth: 2', 'growth: 1.2'))
})
afterAll(() => removeWorkplace(cwd))

const run = (...args: string[]) => runCommand(args, { cwd })
const planned = async (...flags: string[]): Promise<PlanWithWarnings['plan']> => {
  const { code, stdout } = await run('plan', 'run.yaml', '--json', ...flags)
  expect(code).toBe(0)
  return JSON.parse(stdout)
}

test('a budget in FLOPs is planned from a pilot, kept by the run, and every token is in the account', async () => {
  const before = await run('plan', 'run.yaml', '--json')
  expect(JSON.parse(before.stdout)).toMatchObject({
    costUnit: 'FLOPs',
    prices: { sample: null },
    totals: { cost: null },
  })
  expect(before.stderr).toMatch(/What a sample and training on a trace costs in FLOPs is not measured yet/)

  const { prices, forecast, totals } = await planned('--pilot', '60')
  expect(prices.sample).toBeGreaterThan(20 * 2 * PARAMETERS)
  expect(prices.train).toBeGreaterThan(20 * 6 * PARAMETERS)
  expect(forecast?.[0]?.cost?.median).toBeGreaterThan(60 * (prices.train ?? 0))
  expect(totals.cost).toBeGreaterThan(BUDGET / 2)

  expect(await run('run', 'run.yaml', '--quiet')).toMatchObject({ code: 0 })
  const status = JSON.parse((await run('status', 'runs/small', '--json')).stdout) as RunStatus
  expect(status.costUnit).toBe('FLOPs')
  expect(status.iterations.length).toBeGreaterThan(1)
  expect(status.iterations.length).toBeLessThan(9)

  const database = new Database(join(cwd, 'runs/small/spendwise.sqlite'), { readonly: true })
  const drawn = database
    .prepare('select sum(prompt_tokens + completion_tokens) from completion')
    .pluck()
    .get() as number
  const trained = database.prepare(`select sum(json_extract(metrics, '$.tokens')) from job`).pluck().get() as number
  database.close()
  expect(status.totals.cost).toBe(2 * PARAMETERS * drawn + 6 * PARAMETERS * trained)
  const training = status.ledger.find(({ account }) => account === 'training')
  expect(training?.cost).toBe(6 * PARAMETERS * trained)
  // The pilot comes before the budget; what parallel drawing brought beyond n_t, and the last measurement, come on top of it.
  const pilot = status.ledger.find(({ account }) => account === 'pilot')?.cost ?? 0
  expect(Math.abs((status.totals.cost - pilot) / BUDGET - 1)).toBeLessThan(0.35)
  expect((await run('status', 'runs/small')).stdout.replace(/\s+/g, ' ')).toMatch(/cost \d\.\d+e11 FLOPs/)
  expect(readFileSync(join(cwd, 'runs/small/report.html'), 'utf8')).toContain(
    '2,000,000 a token drawn, 6,000,000 a token trained on',
  )
}, 240_000)
