/** Chat templates, those that TRL ships and some that are modelled: what is trained on is what a server samples. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ENV, PYTHON, skipped, TIMEOUT_MS } from './recipe.ts'

/** As templates.py prints it; counts are of `rows`. */
interface Look {
  readonly name: string
  readonly rows: number
  readonly samePrompt: number
  readonly kept: number
  readonly ended: number
  readonly rewritten: number
  readonly refused: readonly string[]
}

/** These take no system message, and say so. */
const NO_SYSTEM = ['gemma', 'no system role']

describe.skipIf(PYTHON === undefined)(`chat templates${skipped}`, { timeout: TIMEOUT_MS }, () => {
  test('each gives the prompt as a server gets it, keeps every completion to the byte and ends it with the token that ends a turn', () => {
    const folder = mkdtempSync(join(tmpdir(), 'spendwise-templates-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const script = join(import.meta.dirname, 'templates.py')
    const { stdout, stderr } = spawnSync(PYTHON ?? '', [script, folder], { env: ENV, encoding: 'utf8' })
    const looks = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Look)
    expect(looks.length, stderr).toBeGreaterThanOrEqual(39)
    for (const { name, rows, samePrompt, kept, ended, refused } of looks) {
      expect({ name, samePrompt, kept, ended }).toEqual({ name, samePrompt: rows, kept: rows, ended: rows })
      expect({ name, rows }).toEqual({ name, rows: NO_SYSTEM.includes(name) ? 6 : 12 })
      expect(refused, name).toHaveLength(NO_SYSTEM.includes(name) ? 1 : 0)
    }
    // Through the whole template, as trainers usually have it, most of them would rewrite completions.
    expect(looks.filter(({ rewritten }) => rewritten > 0).length).toBeGreaterThan(20)
  })
})
