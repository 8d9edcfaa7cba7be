/** The policy experiment end to end, at a size of seconds: killed in the middle, continued by two processes at once. */

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { analyze } from '../../bench/policy-experiment/analysis.ts'
import { REHEARSAL } from '../../bench/policy-experiment/plan.ts'
import type { RunLine } from '../../bench/policy-experiment/results-file.ts'

const SCRIPT = fileURLToPath(new URL('../../bench/policy-experiment.ts', import.meta.url))
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spendwise-experiment-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Ends it by KILL as soon as stderr has said this. */
function rehearse(killAt?: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [SCRIPT, '--rehearse', '--dir', folder])
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (text) => {
    stdout += text
  })
  child.stderr.on('data', (text) => {
    stderr += text
    if (killAt !== undefined && stderr.includes(killAt)) child.kill('SIGKILL')
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
}

test('killed in the confirmation, two processes finish the experiment together and repeat nothing that had ended', async () => {
  const killed = await rehearse('confirmation-constant-400')
  expect(killed.code).toBeNull()
  const file = join(folder, 'results.jsonl')
  const before = readFileSync(file, 'utf8')
  const [one, other] = await Promise.all([rehearse(), rehearse()])
  expect([one.code, other.code]).toEqual([0, 0])
  const after = readFileSync(file, 'utf8')
  expect(after.startsWith(before)).toBe(true)
  const lines = after
    .trimEnd()
    .split('\n')
    .map((line): RunLine => JSON.parse(line))
  const keys = lines.map(({ stage, arm, trial, seed }) => `${stage}/${arm}/${trial}/${seed}`)
  expect(new Set(keys).size).toBe(keys.length)
  expect(lines.filter(({ stage }) => stage === 'tuning')).toHaveLength(14)
  expect(lines.filter(({ stage }) => stage === 'confirmation')).toHaveLength(14)
  const results = analyze(REHEARSAL, lines)
  expect(results.seeds).toEqual([3001, 3002])
  expect(results.arms.every(({ regrets, curve }) => regrets.every((regret) => regret >= 0) && curve.length === 3)).toBe(
    true,
  )
  expect(results.tests.map(({ name, difference }) => [name, difference.n])).toEqual([
    ['regret', 2],
    ['end', 2],
    ['decay', 2],
  ])
  expect(lines.every(({ points }) => points.every(({ cost, budget }) => cost <= budget))).toBe(true)
  expect(results.sides.length).toBeGreaterThanOrEqual(3)
  expect(one.stdout).toContain('2 of 2 seeds complete (3001, 3002)')
  expect(existsSync(join(folder, 'results.svg'))).toBe(true)
})
