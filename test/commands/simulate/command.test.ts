/** `simulate gaussian` as people and programs call it. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type Ended, runCommand } from '../../loop/command.ts'
import { REFERENCE, sum } from '../../simulate/reference.ts'
import { expectOneSentence } from '../sentence.ts'

const folder = mkdtempSync(join(tmpdir(), 'spendwise-simulate-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const MODEL = '--sigma2 1 --kappa2 4 --theta2 9 --dim 2'
const simulate = (args: string): Promise<Ended> =>
  runCommand(['simulate', 'gaussian', ...args.split(' ')], { cwd: folder })

interface Shape {
  readonly iterations: readonly Readonly<Record<string, number>>[]
  readonly totals: Readonly<Record<string, number>>
  readonly until?: { readonly reached: boolean }
  readonly monteCarlo?: Readonly<Record<'meanSquare' | 'reward' | 'samples', { readonly z: number }>>
}

async function json(args: string): Promise<Shape> {
  const { code, stdout, stderr } = await simulate(`${args} --json`)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as Shape
}

const POLICIES = ['constant:5', 'exponential:2,2', 'exponential:10,1.25', 'constant:10']

test.concurrent.each(REFERENCE.map((row, i) => [POLICIES[i], row] as const))(
  '%s gives the reference values, unrounded, a row an iteration',
  async (policy, { model, sizes, variance, meanSquare, expectedReward, expectedSamples }) => {
    const { sigma2, kappa2, theta2, dimension } = model
    const flags = `--sigma2 ${sigma2} --kappa2 ${kappa2} --theta2 ${theta2} --dim ${dimension}`
    const { iterations, totals } = await json(`${flags} --policy ${policy} --iterations ${sizes.length}`)
    expect(iterations.map(({ iteration }) => iteration)).toEqual(sizes.map((_, t) => t))
    expect(iterations.map(({ n }) => n)).toEqual(sizes)
    expect(Object.keys(iterations[0] ?? {})).toEqual([
      'iteration',
      'n',
      'variance',
      'meanSquare',
      'expectedReward',
      'expectedSamples',
    ])
    const last = iterations.at(-1)
    expect(Math.abs((last?.variance ?? 0) - variance)).toBeLessThan(1e-8)
    expect(Math.abs((last?.meanSquare ?? 0) - meanSquare)).toBeLessThan(1e-8)
    expect(Math.abs((last?.expectedReward ?? 0) - expectedReward)).toBeLessThan(1e-8)
    expect(totals.accepted).toBe(sum(sizes))
    expect(Math.abs((totals.expectedSamples ?? 0) - expectedSamples)).toBeLessThan(1e-8)
  },
)

test('optimal spends its total to the sample, and stays within a cost', async () => {
  const optimal = await json(`${MODEL} --policy optimal:1000 --iterations 10`)
  expect(optimal.iterations.map(({ n }) => n)).toEqual([30, 38, 47, 59, 73, 92, 115, 143, 179, 224])
  const aware = await json(`${MODEL} --policy optimal:20000 --costs 1,0.2 --iterations 10`)
  const { accepted = 0, expectedSamples = 0 } = aware.totals
  expect(0.2 * accepted + expectedSamples).toBeGreaterThan(19_900)
  expect(0.2 * accepted + expectedSamples).toBeLessThan(20_100)
})

test('--until ends at the first iteration that is near enough, or says that none is', async () => {
  const reached = await json(`${MODEL} --policy exponential:10,1.25 --iterations 100 --until 1e-3`)
  expect(reached).toMatchObject({ totals: { accepted: 4298 }, until: { reached: true } })
  expect(reached.iterations).toHaveLength(21)
  // What would come after the target need not be countable.
  const fast = await json(`${MODEL} --policy exponential:10,2 --iterations 100 --until 1e-3`)
  expect(fast.totals.accepted).toBe(655_350)
  const never = await json(`${MODEL} --policy constant:10 --iterations 100 --until 1e-3`)
  expect(never.until?.reached).toBe(false)
  expect(never.iterations).toHaveLength(100)
})

test('--monte-carlo puts the real loop next to the closed forms, the same for the same seed', async () => {
  const args = `${MODEL} --policy exponential:10,1.25 --iterations 5 --monte-carlo 500 --seed 3`
  const { monteCarlo } = await json(args)
  for (const estimate of Object.values(monteCarlo ?? {})) {
    if (typeof estimate === 'object') expect(Math.abs(estimate.z)).toBeLessThan(4)
  }
  expect((await json(args)).monteCarlo).toEqual(monteCarlo)
})

test('the table has a line an iteration, and --html writes a page without scripts', async () => {
  const { code, stdout } = await simulate(`${MODEL} --policy exponential:10,1.25 --iterations 12 --html page.html`)
  expect(code).toBe(0)
  expect(stdout.split('\n').filter((line) => /^ +\d/.test(line))).toHaveLength(12)
  expect(stdout).toMatch(/^total +544 +758$/m)
  const page = readFileSync(join(folder, 'page.html'), 'utf8')
  expect(page).toContain('<svg')
  expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/)
})

test.concurrent.each([
  ['a kind that is not there', '--policy linear:10 --iterations 3', /there is no kind linear\. Kinds: constant/],
  ['a policy without its growth', '--policy exponential:10 --iterations 3', /write exponential:INITIAL,GROWTH/],
  ['no number', '--policy constant:ten --iterations 3', /write constant:INITIAL/],
  ['a total too small', '--policy optimal:5 --iterations 10', /does not pay for one sample in each of 10/],
  ['growth past counting', '--policy exponential:1,9 --iterations 99', /more samples than can be counted/],
  ['no iteration', '--policy constant:1 --iterations 0', /whole number of at least 1/],
  ['endless drawing', '--policy constant:1e9 --iterations 3 --monte-carlo 9', /give fewer runs or a smaller policy/],
  ['costs of nothing', '--policy optimal:10 --costs 0,0 --iterations 3', /write c_g,c_t/],
  ['a page that cannot be written', '--policy constant:1 --iterations 3 --html no/page.html', /cannot be written/],
])('%s is refused in one sentence', async (_, args, says) => {
  expectOneSentence(await simulate(`${MODEL} ${args}`), 2, says)
})
