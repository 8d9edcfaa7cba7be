/** `simulate run` before a run, after its pilot, and in the middle of it; on the toy that is served by the process itself. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { WhatIf } from '../../../src/commands/simulate/what-if.ts'
import { runCommand } from '../../loop/command.ts'
import { makeWorkplace, removeWorkplace, SMALL_TOY } from '../../loop/killing.ts'
import { expectOneSentence } from '../sentence.ts'

let cwd: string
beforeAll(() => {
  cwd = makeWorkplace(SMALL_TOY.replace('iterations: 2', 'iterations: 3\n  cost: 1500'))
})
afterAll(() => removeWorkplace(cwd))

const simulate = (args: string) =>
  runCommand(['simulate', 'run', 'run.yaml', ...args.split(' ').filter(Boolean)], { cwd })

async function json(args: string): Promise<WhatIf> {
  const { code, stdout, stderr } = await simulate(`${args} --draws 60 --json`)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as WhatIf
}

test('nothing is predicted before anything is measured; then a pilot is enough, and the run continues from where it is', async () => {
  expectOneSentence(await simulate(''), 2, /Nothing is measured of small yet; draw a pilot first: spendwise plan/)
  expect(await runCommand(['plan', 'run.yaml', '--pilot', '60', '--json'], { cwd })).toMatchObject({ code: 0 })

  const plain = await json('')
  expect(plain).toMatchObject({
    over: 0,
    measured: { by: 'pilot', samples: 60 },
    curve: { from: 'nothing' },
    draws: 60,
  })
  expect(plain.policies.map(({ policy }) => policy.replace(/\d+$/, 'N'))).toEqual(['exponential:60,N', 'constant:N'])
  const [own, constant] = plain.policies
  expect(own?.iterations[0]?.accepted).toEqual({ median: 60, low: 60, high: 60 })
  expect(own?.totals.accuracy).toBeNull()
  expect(own?.regret).toBeNull()
  expect(Math.abs((constant?.totals.cost?.median ?? 0) / (own?.totals.cost?.median ?? 1) - 1)).toBeLessThan(0.1)

  const assumed = await simulate(
    '--policy linear:40 --policy adaptive --contraction 0.6,0.8 --best 0.9 --html what-if.html',
  )
  expect(assumed).toMatchObject({ code: 0, stderr: '' })
  const text = assumed.stdout.replace(/\s+/g, ' ')
  expect(text).toMatch(/Measured, by a pilot of the base: 60 samples of 30 problems/)
  expect(text).toMatch(
    /Learning curve, assumed, not measured: lambda 0\.72 \(95%: 0\.60 to 0\.80\), a best accuracy of 90\.0%/,
  )
  expect(text).toMatch(/median accuracy against cost: a exponential:60,2, b linear:40, c adaptive:60/)
  expect(text).toMatch(/Worst regret: the largest distance below the best of these policies at any of 8 budgets from/)
  expect(text).toMatch(/worst regret, points/)
  const page = readFileSync(join(cwd, 'what-if.html'), 'utf8')
  expect(page).toContain('Points below the best policy, by budget')
  expect(page).toContain('<svg class="wide"')
  expect(page).not.toMatch(/<script|undefined|NaN/)

  expect(await runCommand(['run', 'run.yaml', '--set', 'budget.iterations=1', '--quiet'], { cwd })).toMatchObject({
    code: 0,
  })
  const later = await json('--set budget.iterations=3')
  expect(later).toMatchObject({
    over: 1,
    measured: { by: 'iteration', iteration: 0 },
    curve: { from: 'run', of: 'gate' },
  })
  expect(later.policies[0]?.iterations[0]).toMatchObject({ iteration: 1, accepted: { median: 120 } })
  expect(later.policies[0]?.totals.accuracy?.low).toBeGreaterThan(0)
  expect(later.spent).toBeGreaterThan(100)
  expect(later.policies.map(({ regret }) => regret?.budgets.length)).toEqual([8, 8])
  expectOneSentence(await simulate('--set budget.iterations=1'), 2, /The run is over after 1 iteration,/)
  expect(existsSync(join(cwd, 'runs/small/spendwise.sqlite'))).toBe(true)
}, 240_000)

test.each([
  ['a kind that is not there', '--policy square:3', /there is no kind square/],
  ['too many numbers', '--policy constant:3,4', /write constant or constant:INITIAL, numbers above 0/],
  ['growth that shrinks', '--policy exponential:0.9', /growth must be above 1/],
  ['a best that is passed already', '--best 0.01 --contraction 0.8', /is less than the 0\.\d+ that has been measured/],
])(
  '%s is refused in one sentence',
  async (_, args, says) => {
    expectOneSentence(await simulate(`--set budget.iterations=3 ${args}`), 2, says)
  },
  60_000,
)
