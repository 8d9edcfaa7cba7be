import { expect, test } from 'vitest'
import { mcnemarExact } from '../../src/core/measure/mcnemar.ts'
import { diffCheckpoints } from '../../src/run/diff.ts'
import type { Store } from '../../src/store/store.ts'
import { completion, createRun, temporaryFolder, verdict } from '../store/hand-made-run.ts'

function answer(store: Store, iteration: number, problem: string, correct: boolean, index = 0, said = '2'): void {
  const key = { purpose: 'evaluate' as const, iteration, problem, index }
  const [id = 0] = store.completions.insert([completion({ key })], 1)
  store.verdicts.insert([{ completion: id, verdict: verdict(correct ? 'correct' : 'incorrect', said) }])
}

test('two checkpoints of a run are compared problem by problem, those that differ first', () => {
  const folder = temporaryFolder()
  const store = createRun(folder)
  store.iterations.plan(0, { kind: 'accepted', count: 1 })
  answer(store, -1, 'test/0', true)
  answer(store, -1, 'test/1', false, 0, '7')
  answer(store, 0, 'test/0', true)
  answer(store, 0, 'test/1', true, 0, '6')
  const at = (iteration: number) => ({ directory: folder, run: 'hand-made', iteration })
  const diff = diffCheckpoints(at(-1), at(0))
  expect(diff).toMatchObject({ purpose: 'evaluate', gained: 1, lost: 0, p: 1 })
  expect(diff.table).toEqual([
    [1, 0],
    [1, 0],
  ])
  expect(diff.rows.map(({ problem, a, b }) => [problem, a.solved, b.solved, a.extracted, b.extracted])).toEqual([
    ['test/1', false, true, '7', '6'],
    ['test/0', true, true, '2', '2'],
  ])
})

test('several samples solve a problem by more than half of them', () => {
  const folder = temporaryFolder()
  const store = createRun(folder)
  for (const [index, correct] of [true, false].entries()) answer(store, -1, 'test/0', correct, index)
  store.iterations.plan(0, { kind: 'accepted', count: 1 })
  for (const [index, correct] of [true, true, false].entries()) answer(store, 0, 'test/0', correct, index)
  const [row] = diffCheckpoints(
    { directory: folder, run: 'a', iteration: -1 },
    { directory: folder, run: 'a', iteration: 0 },
  ).rows
  expect([row?.a.solved, row?.a.score, row?.b.solved]).toEqual([false, 0.5, true])
})

test('checkpoints that share no problem are refused in a sentence', () => {
  const [one, other] = [temporaryFolder(), temporaryFolder()]
  answer(createRun(one), -1, 'test/0', true)
  answer(createRun(other), -1, 'test/1', true)
  const at = (directory: string) => ({ directory, run: 'x', iteration: -1 })
  expect(() => diffCheckpoints(at(one), at(other))).toThrow(/no problem in common/)
})

// Values of R: binom.test(b, b + c)$p.value.
test.each([
  [0, 0, 1],
  [1, 0, 1],
  [5, 0, 0.0625],
  [10, 2, 0.03857421875],
  [129, 35, 7.452e-14],
  [50, 50, 1],
  [2000, 1500, 2.9424e-17],
])("McNemar's exact p of %d gained and %d lost is %d", (gained, lost, p) => {
  const found = mcnemarExact(gained, lost)
  expect(Math.abs(found - p) / p).toBeLessThan(0.01)
  expect(mcnemarExact(lost, gained)).toBe(found)
})
