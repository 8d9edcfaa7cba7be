import { expect, test } from 'vitest'
import { createRun } from './hand-made-run.ts'

test('the waves of an iteration come back in their order, each with its problems in theirs', () => {
  const store = createRun()
  store.iterations.plan(0, { kind: 'accepted', count: 3 })
  store.iterations.plan(1, { kind: 'accepted', count: 3 })
  store.allocation.addWave(0, 0, ['sums/1', 'sums/0', 'sums/1'])
  store.allocation.addWave(1, 0, ['sums/0'])
  store.allocation.addWave(0, 1, ['sums/0', 'sums/1'])
  expect(store.allocation.waves(0)).toEqual([
    ['sums/1', 'sums/0', 'sums/1'],
    ['sums/0', 'sums/1'],
  ])
  expect(store.allocation.waves(1)).toEqual([['sums/0']])
  expect(store.allocation.waves(2)).toEqual([])
  store.close()
})
