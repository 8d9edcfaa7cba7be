/** `plan --budget` solves for what is left open, and says it as run.yaml takes it. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Plan } from '../../../src/core/budget/plan.ts'
import { createWorkplace, makeProblems, toRows, type Workplace } from '../../loop/workplace.ts'
import { expectOneSentence } from '../sentence.ts'

let place: Workplace

beforeAll(() => {
  place = createWorkplace()
  place.write('train.jsonl', toRows(makeProblems(20)))
  place.write(
    'run.yaml',
    `problems: { train: [{ dataset: jsonl, path: train.jsonl }] }
sample: { endpoints: [{ baseURL: "http://127.0.0.1:9/v1", model: base }] }
budget:
  policy: { kind: exponential, initial: 100, growth: 2 }
  iterations: 5
  total: 9999
  costs: { sample: 1, train: 2, iteration: 100 }
`,
  )
})
afterAll(() => place.remove())

const plan = (args: string) => place.run(['plan', 'run.yaml', ...args.split(' ')])

test.each([
  ['initial', '--budget 60000 --open initial --rate 0.4'],
  ['growth', '--budget 60000 --open growth --rate 0.4'],
  ['iterations', '--budget 600000 --open iterations --rate 0.2,0.3,0.4'],
  ['growth and initial', '--budget 60000 --open growth,initial --contraction 0.8 --rate 0.2,0.3,0.4'],
])('%s: written into run.yaml, what it says is the plan, which spends nearly all', async (_, args) => {
  const solved = JSON.parse((await plan(`${args} --json`)).stdout) as Plan
  const budget = Number(args.split(' ')[1])
  expect(solved.totals.cost).toBeLessThanOrEqual(budget)
  expect(solved.totals.cost).toBeGreaterThan(budget / 2.5)
  const { stdout } = await plan(args)
  const said = parse(/^Solved: budget: (\{.*\})$/m.exec(stdout)?.[1] ?? '') as Record<string, unknown>
  const sets = Object.entries(said).flatMap(([key, value]) => ['--set', `budget.${key}=${JSON.stringify(value)}`])
  const rate = args.split('--rate ')[1] ?? ''
  const again = await place.run(['plan', 'run.yaml', '--rate', rate, '--json', ...sets])
  expect(again.code).toBe(0)
  expect((JSON.parse(again.stdout) as Plan).iterations).toEqual(solved.iterations)
})

test.each([
  ['no rate', '--budget 60000 --open initial', /nothing is measured yet; give an expected one with --rate/],
  ['no budget', '--open initial --rate 0.4', /--budget COST and --open KEYS go together/],
  ['nothing to solve for', '--budget 60000 --rate 0.4', /--budget COST and --open KEYS go together/],
  ['a key that is not there', '--budget 9000 --open rate --rate 0.4', /--open rate: leave open initial, growth/],
  ['two unknowns and one equation', '--budget 9000 --open growth,initial --rate 0.4', /needs --contraction/],
  ['too little', '--budget 300 --open initial --rate 0.4', /is too little: with the smallest initial the run costs 6/],
  [
    'another policy',
    '--budget 9000 --open growth --rate 0.4 --set budget.policy={"kind":"constant","initial":5}',
    /--open growth is for the exponential and cost-aware policies, and run\.yaml has constant/,
  ],
  ['measured prices', '--budget 9000 --open growth --rate 0.4 --set budget.costs=measured', /--budget needs prices/],
])('%s is refused in one sentence', async (_, args, says) => {
  expectOneSentence(await plan(args), 2, says)
})
