/** A signal of the run lives as long as the run: what listens to it in one iteration and stays keeps that iteration's memory. */

import { getEventListeners } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import { runLoop } from '../../src/loop/loop.ts'
import { findRun } from '../../src/run/find-run.ts'
import { createOwnLoop, ownLoopYaml } from './own-loop.ts'
import { createWorkplace, type Workplace } from './workplace.ts'

let place: Workplace
afterEach(() => {
  vi.restoreAllMocks()
  place.remove()
})

/** Of the listeners on each signal that the run has made, what `of` says at the end of each iteration. */
async function listenersByIteration(of: (listeners: readonly number[]) => number): Promise<number[]> {
  const { signal } = new AbortController()
  const signals = new Set<AbortSignal>()
  const add = EventTarget.prototype.addEventListener
  vi.spyOn(EventTarget.prototype, 'addEventListener').mockImplementation(function (this: EventTarget, ...args) {
    if (this instanceof AbortSignal) signals.add(this)
    add.apply(this, args)
  })
  const counts: number[] = []
  await runLoop({
    ...findRun(place.at('small.yaml'), { directory: place.at('runs', 'small') }),
    checkpoint: undefined,
    command: 'spendwise run small.yaml',
    only: undefined,
    cache: false,
    emit(event) {
      if (event.kind !== 'iteration-ended') return
      counts.push(of([...signals].map((each) => getEventListeners(each, 'abort').length)))
    },
    signal,
  })
  return counts
}

const BUDGET = '{ policy: { kind: constant, initial: 4 }, iterations: 4 }'

test('the embedded model leaves none behind', async () => {
  place = createWorkplace()
  place.write(
    'small.yaml',
    `name: small
problems: { train: [{ dataset: steps, count: 100 }], gate: [{ dataset: steps, count: 20 }] }
sample: { kind: embedded, maxTokens: 60 }
gate: { onFail: continue }
budget: ${BUDGET}
`,
  )
  const counts = await listenersByIteration((listeners) => listeners.reduce((sum, count) => sum + count, 0))
  expect(counts).toHaveLength(4)
  expect(new Set(counts).size, counts.join(', ')).toBe(1)
})

test('a trainer and a server of its own leave none behind on what lives longer than they do', async () => {
  place = createOwnLoop(40, 0.6)
  place.write('small.yaml', await ownLoopYaml({ budget: BUDGET, sample: 'concurrency: 8' }))
  const counts = await listenersByIteration((listeners) => Math.max(...listeners))
  expect(counts).toHaveLength(4)
  expect(new Set(counts).size, counts.join(', ')).toBe(1)
})
