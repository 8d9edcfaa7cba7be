/** Steps of hand-overs and looks at what is served, as they come back. */

import { expect, test } from 'vitest'
import type { CanaryRow } from '../../src/store/hand-overs.ts'
import { createRun } from './hand-made-run.ts'

const look = (changes: Partial<CanaryRow> = {}): CanaryRow => ({
  checkpoint: 1,
  root: '/base',
  answered: 'base',
  texts: ['a', 'b'],
  repeats: true,
  changed: 'first',
  ...changes,
})

test('every step is kept in its order, with its server where there is one', () => {
  const { handOvers } = createRun()
  expect(handOvers.last()).toBeUndefined()
  expect(handOvers.all()).toEqual([])
  const intended = { name: 'base', weights: 'name:base /base', step: 'intended', server: undefined } as const
  const started = { ...intended, step: 'started', server: { pid: 12, startTime: 'boot/34' } } as const
  handOvers.record(intended)
  handOvers.record(started)
  expect(handOvers.last()).toEqual(started)
  expect(handOvers.all()).toEqual([intended, started])
})

test('the newest look at a checkpoint is told from the newest of all', () => {
  const store = createRun()
  const { handOvers } = store
  const { id: next } = store.iterations.addCheckpoint({
    iteration: 0,
    attempt: 0,
    kind: 'full',
    path: '/next',
    hash: 'sha256:n',
  })
  expect(handOvers.lastCanary()).toBeUndefined()
  handOvers.addCanary(look())
  handOvers.addCanary(look({ root: null, answered: null, texts: [], repeats: false, changed: 'unknown' }))
  handOvers.addCanary(look({ checkpoint: next, changed: 'yes' }))
  expect(handOvers.canaryOf(1)).toEqual(
    look({ root: null, answered: null, texts: [], repeats: false, changed: 'unknown' }),
  )
  expect(handOvers.lastCanary()).toEqual(look({ checkpoint: next, changed: 'yes' }))
  handOvers.startAnew(next)
  expect([handOvers.all(), handOvers.canaryOf(next), handOvers.lastCanary()]).toEqual([[], undefined, undefined])
})
