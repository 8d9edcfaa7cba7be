/** What each problem's answers have been is carried on from one iteration to the next, however often the carrying is stopped. */

import { expect, test } from 'vitest'
import type { Store } from '../../src/store/store.ts'
import { completion, createRun, verdict } from './hand-made-run.ts'

const MEMORY = 0.5

/** An iteration of four completions: two of each problem, of which the first is right. */
function sample(store: Store, iteration: number): void {
  store.iterations.plan(iteration, { kind: 'sampled', count: 4 })
  const ids = store.completions.insert(
    [0, 1, 2, 3].map((issue) =>
      completion({ key: { iteration, problem: `sums/${issue % 2}`, index: Math.floor(issue / 2) }, issue }),
    ),
    1,
  )
  store.verdicts.insert(
    ids.map((id, at) => ({ completion: id, verdict: verdict(at === 0 ? 'correct' : 'incorrect', '2') })),
  )
  store.completions.close(ids.map((id, at) => ({ completion: id, disposition: at === 0 ? 'accepted' : 'wrong' })))
  store.sums.close(iteration)
}

const read = (store: Store, memory = MEMORY) => Object.fromEntries(store.problemSums.all(memory))

test('taken in one by one they are what they are taken in together', () => {
  const [step, whole] = [createRun(), createRun()]
  for (const iteration of [0, 1, 2]) {
    expect(step.problemSums.through(MEMORY)).toBe(iteration - 1)
    sample(step, iteration)
    step.problemSums.advance(MEMORY)
    expect(step.problemSums.through(MEMORY)).toBe(iteration)
    sample(whole, iteration)
  }
  whole.problemSums.advance(MEMORY)
  expect(read(step)).toEqual(read(whole))
  // Two of each iteration, halved with each one after it: 2 + 1 + 1/2.
  expect(read(step)['sums/0']).toMatchObject({ last: 2, asked: 3.5, correct: 1.75, solved: true, askedInAll: 6 })
  expect(read(step)['sums/1']).toMatchObject({ last: 2, asked: 3.5, correct: 0, solved: false, askedInAll: 6 })
})

test('another memory begins afresh', () => {
  const store = createRun()
  sample(store, 0)
  store.problemSums.advance(MEMORY)
  expect(store.problemSums.through(1)).toBe(-1)
  expect(read(store, 1)).toEqual({})
  store.problemSums.advance(1)
  expect(store.problemSums.through(1)).toBe(0)
  expect(read(store, MEMORY)).toEqual({})
  expect(read(store, 1)['sums/0']).toMatchObject({ last: 0, asked: 2, correct: 1, askedInAll: 2 })
})
