/** The policy experiment end to end, at a size of seconds: all stages, stopped in the middle, and gone on with. */

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Results } from '../../bench/policy-experiment/results.ts'

const SCRIPT = fileURLToPath(new URL('../../bench/policy-experiment.ts', import.meta.url))
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spendwise-experiment-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Ends it by KILL as soon as stderr has said this. */
function rehearse(killAt?: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [SCRIPT, '--rehearse', '--lanes', '2', '--dir', folder])
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

test('killed in the confirmation, the experiment goes on to the end and repeats nothing of its tuning', async () => {
  const killed = await rehearse('s1001: done')
  expect(killed.code).toBeNull()
  const ended = await rehearse()
  expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('2 of 2 seeds complete (1001, 1002)') })
  expect(ended.stderr).not.toContain('-s900: starting')
  const results: Results = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8'))
  expect(results.arms.map(({ name, runs }) => [name, runs])).toEqual([
    ['constant', 2],
    ['exponential', 2],
    ['decay', 2],
    ['linear', 2],
  ])
  expect(results.finals.every(({ accuracy }) => accuracy > 0 && accuracy < 1)).toBe(true)
  expect(results.differences.map(({ of, to, accuracy }) => [of, to, accuracy.n])).toEqual([
    ['exponential', 'constant', 2],
    ['exponential', 'decay', 2],
    ['linear', 'constant', 2],
  ])
  expect(results.control.finals).toHaveLength(2)
  expect(results.sides.length).toBeGreaterThanOrEqual(3)
  expect(existsSync(join(folder, 'results.svg'))).toBe(true)
})
