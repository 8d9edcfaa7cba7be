/** Which checkpoints are the best by the gate's problems, and stay for it. */

import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pruneCheckpoints } from '../../src/loop/keep.ts'
import { scriptRun } from './scripted-run.ts'

/** Iterations that are left of a run whose checkpoints solved so many of four gate problems; null: it was not measured. */
function left(keep: string, solved: readonly (number | null)[], samples = 1): number[] {
  const run = scriptRun({ yaml: `keep: ${keep}\nevaluate: { samples: ${samples} }`, problems: { gate: 4 } })
  const { context, drawn, ended } = run
  const folderOf = (iteration: number): string => join(context.directory, 'checkpoints', `${iteration}-0`)
  for (const [iteration, count] of solved.entries()) {
    ended(iteration)
    mkdirSync(folderOf(iteration), { recursive: true })
    if (count === null) continue
    const rows = [0, 1, 2, 3].map((i) => ({ problem: `gate/${i}`, text: i < count ? `${i}` : 'wrong' }))
    drawn('gate', iteration, rows)
  }
  pruneCheckpoints(context)
  return solved.flatMap((_, iteration) => (existsSync(folderOf(iteration)) ? [iteration] : []))
}

test('the best on the gate problems stay, next to the newest', () => {
  expect(left('{ last: 1, best: 1 }', [1, 4, 2, 0])).toEqual([1, 3])
  expect(left('{ last: 1, best: 2 }', [3, 1, 4, 2])).toEqual([0, 2, 3])
  expect(left('{ last: 2, best: 1 }', [4, 3, 2, 1])).toEqual([0, 2, 3])
})

test('a checkpoint that was not measured is none of the best', () => {
  expect(left('{ last: 1, best: 2 }', [null, 1, null, 0])).toEqual([1, 3])
})

test('without a best one only the newest stay', () => {
  expect(left('{ last: 2, best: 0 }', [4, 3, 2, 1])).toEqual([2, 3])
})

test('what spendwise has not made is never deleted', () => {
  const { context, ended } = scriptRun({ yaml: 'keep: { last: 1, best: 0 }' })
  const { iterations } = context.store
  const elsewhere = join(context.directory, 'elsewhere')
  for (const folder of [elsewhere, join(context.directory, 'checkpoints', 'mine')])
    mkdirSync(folder, { recursive: true })
  iterations.addCheckpoint({ iteration: 0, attempt: 1, kind: 'full', path: elsewhere, hash: 'sha256:x' })
  iterations.addCheckpoint({ iteration: 0, attempt: 2, kind: 'name', path: 'checkpoints/mine', hash: 'name:x' })
  ended(1)
  mkdirSync(join(context.directory, 'checkpoints', '1-0'))
  pruneCheckpoints(context)
  expect(existsSync(elsewhere)).toBe(true)
  expect(existsSync(join(context.directory, 'checkpoints', 'mine'))).toBe(true)
})

test('a run without any checkpoint yet is tidied up as well', () => {
  const { context } = scriptRun()
  expect(() => pruneCheckpoints(context)).not.toThrow()
})
