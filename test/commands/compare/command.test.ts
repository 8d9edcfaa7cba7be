/** Policies side by side in real runs of the toy: equal cost, the same seeds, and no work done twice. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Comparison } from '../../../src/commands/compare/compare.ts'
import { type Ended, runCommand } from '../../loop/command.ts'
import { makeWorkplace, removeWorkplace } from '../../loop/killing.ts'

let folder: string

beforeAll(() => {
  folder = makeWorkplace(`name: small
problems:
  train: [{ dataset: steps, count: 600 }]
  gate: [{ dataset: steps, count: 20 }]
  evaluate: [{ dataset: steps, count: 40 }]
sample: { kind: embedded, maxTokens: 60, concurrency: 8 }
budget: { policy: { kind: constant, initial: 60 }, iterations: 2 }
evaluate: { greedy: false }
gate: { onFail: continue }
train: { kind: embedded, steps: 2, lr: 1.0e-4 }
`)
})
afterAll(() => removeWorkplace(folder))

const compare = (policies: string, ...more: string[]): Promise<Ended> =>
  runCommand(['compare', 'run.yaml', '--policies', policies, '--rate', '0.5', ...more], { cwd: folder })

test('arms spend one cost from one base, the page is written, and a second call draws nothing', async () => {
  const args = ['constant,exponential:2', '--seeds', '1', '--cost', '400', '--json'] as const
  const first = await compare(...args)
  expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining('constant-s1001: starting') })
  const comparison = JSON.parse(first.stdout) as Comparison
  expect(comparison.arms.map(({ arm }) => arm)).toEqual(['constant', 'exponential:2'])
  const [constant, growing] = comparison.runs
  expect(growing?.points[0]).toEqual(constant?.points[0])
  // What parallel drawing brought beyond n_t is charged too, so runs this small end a little above.
  for (const { points } of comparison.runs) {
    expect(points.at(-1)?.cost).toBeGreaterThan(360)
    expect(points.at(-1)?.cost).toBeLessThan(480)
  }
  expect(readFileSync(join(folder, 'runs', 'compare-small', 'compare.html'), 'utf8')).toMatch(
    /^<!doctype html>[\s\S]*<svg/,
  )
  const again = await compare(...args)
  expect(again.stdout).toBe(first.stdout)
  expect(again.stderr).not.toContain('starting')
})

test.each([
  ['constant', [], 'two arms at least'],
  ['constant,constant', [], 'names an arm twice'],
  ['constant,cubic', [], 'there is no policy cubic'],
  ['constant,exponential:x', [], 'write exponential:GROWTH'],
  ['constant,exponential:1.1|1.2', [], 'the same number of tuning trials'],
  ['constant,linear', ['--set', 'problems.evaluate=[]'], 'needs problems.evaluate'],
] as const)('%s %j is refused in one sentence', async (policies, more, sentence) => {
  const { code, stderr } = await compare(policies, '--cost', '400', ...more)
  expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 2, lines: 1 })
  expect(stderr).toContain(sentence)
})

test('without a cost there is nothing to hold equal', async () => {
  expect(await compare('constant,linear')).toMatchObject({ code: 2, stderr: expect.stringContaining('--cost') })
})
