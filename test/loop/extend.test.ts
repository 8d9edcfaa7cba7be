/** run --extend: a run that has ended by its budget continues as if it had been that long, and says where. */

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clampPlan } from '../../src/core/budget/next-target.ts'
import { extendRun } from '../../src/loop/extend.ts'
import { runLoop } from '../../src/loop/loop.ts'
import { type FoundRun, findRun } from '../../src/run/find-run.ts'
import { readRun } from './database.ts'
import { createWorkplace, type Workplace } from './workplace.ts'

const yaml = (budget: string, more = ''): string => `name: small
problems: { train: [{ dataset: steps, count: 600 }] }
sample: { kind: embedded, maxTokens: 60 }
budget: ${budget}
${more}`
const POLICY = 'policy: { kind: exponential, initial: 20, growth: 2 }'

let place: Workplace
beforeAll(() => {
  place = createWorkplace()
})
afterAll(() => place.remove())

const find = (name: string): FoundRun => findRun(place.at(`${name}.yaml`), { directory: place.at('runs', name) })

async function run(name: string): Promise<number[]> {
  await runLoop({
    ...find(name),
    checkpoint: undefined,
    command: `spendwise run ${name}.yaml`,
    only: undefined,
    cache: false,
    emit: () => undefined,
    signal: new AbortController().signal,
  })
  return place.status(name).iterations.map((row) => row.accepted)
}

const extend = (name: string, ...requests: string[]): void => extendRun(find(name), requests, `${name}.yaml`)

/** What a run that is not interrupted must end with, too. */
function outcome(name: string): object {
  const store = readRun(place.at('runs', name))
  return {
    keys: store.rows(
      `select c.iteration, p.id, c.idx, c.text from disposition d join completion c on c.id = d.completion
       join problem p on p.number = c.problem where d.disposition = 'accepted' order by c.iteration, c.issue`,
    ),
    weights: store.rows('select iteration, hash from checkpoint order by 1'),
  }
}

describe('a run that has ended by its iterations', () => {
  test('ends, once extended, with the problems, keys and weights of one that was that long from the start', async () => {
    place.write('long.yaml', yaml(`{ ${POLICY}, iterations: 3 }`))
    place.write('short.yaml', yaml(`{ ${POLICY}, iterations: 2 }`))
    expect(await run('long')).toEqual([20, 40, 80])
    expect(await run('short')).toEqual([20, 40])
    extend('short', 'iterations=3')
    // Killed after that, the same command finds it done; and so does a run.yaml that still says 2.
    extend('short', 'iterations=3')
    expect(() => extend('short', 'iterations=4')).toThrow(
      /this one is interrupted; let it end first: spendwise run short\.yaml/,
    )
    expect(place.status('short')).toMatchObject({ state: 'interrupted', extensions: [{ was: 2, now: 3, after: 1 }] })
    expect(await run('short')).toEqual([20, 40, 80])
    expect(outcome('short')).toEqual(outcome('long'))
    const report = readFileSync(place.at('runs/short/report.html'), 'utf8')
    expect(report).toContain('Extended after iteration 1: budget.iterations from 2 to 3')
    expect(report).toContain('budget extended')
    // At its end the same command is as good as `run`: there is nothing left to do.
    extend('short', 'iterations=3')
    expect(await run('short')).toEqual([20, 40, 80])
  })

  test('is refused what would bring nothing, and stays as it was', () => {
    const before = place.status('short')
    const cases: readonly (readonly [request: string, sentence: RegExp])[] = [
      ['iterations=2', /--extend iterations=2 {2}is not more than the 3 of this run/],
      ['iterations=1', /not more than the 3/],
      ['cost=100', /this run has no budget\.cost, so it has not ended by it/],
      ['policy=5', /--extend policy {2}is not a budget that a run ends by\. Write one of iterations, total, cost/],
      ['iterations', /needs the new value as a number above 0/],
      ['iterations=many', /needs the new value as a number above 0/],
      ['iterations=2000', /iterations/],
    ]
    for (const [request, sentence] of cases) expect(() => extend('short', request), request).toThrow(sentence)
    expect(place.status('short')).toEqual(before)
  })
})

test('a run that its cost has ended takes the next n_t by the formula; its cut iteration stays', async () => {
  place.write('cost.yaml', yaml(`{ ${POLICY}, iterations: auto, cost: 200, mergeLast: false }`))
  const first = await run('cost')
  expect(first.length).toBeGreaterThan(1)
  const cut = first.at(-1) ?? 0
  expect(cut).toBeLessThan(20 * 2 ** (first.length - 1))
  expect(() => extend('cost', 'cost=201')).toThrow(/brings no further iteration: .* give --extend cost=\d+ for all/)
  expect(() => extend('cost', 'iterations=1001')).toThrow()
  extend('cost', 'cost=900')
  const more = await run('cost')
  expect(more.slice(0, first.length)).toEqual(first)
  expect(more.length).toBeGreaterThan(first.length)
  expect(more[first.length]).toBeLessThanOrEqual(20 * 2 ** first.length)
})

test('a run that has not ended is not extended', async () => {
  place.write('new.yaml', yaml(`{ ${POLICY}, iterations: 1 }`))
  expect(() => extend('new', 'iterations=3')).toThrow(/there is none at/)
  place.write('decay.yaml', yaml(`{ ${POLICY}, iterations: 1 }`, 'train: { kind: embedded, lrSchedule: run-decay }'))
  await run('decay')
  expect(() => extend('decay', 'iterations=3')).toThrow(/run-decay: its learning rate has reached zero/)
})

test('within a total, what was merged stays merged, and nothing new goes into it', () => {
  expect(clampPlan([8, 16, 32, 64], 31)).toEqual([8, 23])
  expect(clampPlan([8, 23, 32, 64], 100, 0.8, 2)).toEqual([8, 23, 69])
  // What is left is less than 0.8 of the next n_t: it cannot go to an iteration that has ended.
  expect(clampPlan([8, 23, 32, 64], 50, 0.8, 2)).toEqual([8, 23, 19])
})
