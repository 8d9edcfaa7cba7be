/** Requests wait for what the cache may spare them, and none is skipped that is needed. */

import { expect, test } from 'vitest'
import type { Wanted } from '../../../src/loop/sample/draw.ts'
import { createSparing } from '../../../src/loop/sample/sparing.ts'

const wanted = (issue: number): Wanted => ({
  issue,
  index: 0,
  problem: { id: `p${issue}`, source: 's', split: 'train', level: undefined, question: 'q', answer: '1' },
})

test('without completions from the cache nothing waits', async () => {
  const sparing = createSparing(() => false)
  expect(await sparing.mayAsk(wanted(0))).toBe(true)
  expect(await sparing.mayAsk(wanted(1))).toBe(true)
})

test('a request is spared when those from the cache are enough', async () => {
  let eligible = 0
  const sparing = createSparing(() => eligible < 2)
  sparing.recalled()
  sparing.recalled()
  const third = sparing.mayAsk(wanted(2))
  const fourth = sparing.mayAsk(wanted(3))
  eligible++
  sparing.counted()
  eligible++
  sparing.counted()
  expect(await Promise.all([third, fourth])).toEqual([false, false])
})

test('what is not needed yet is held in issue order until those before it have been counted', async () => {
  let eligible = 0
  const sparing = createSparing((_, inFlight) => eligible + inFlight < 2)
  sparing.recalled()
  const decisions: string[] = []
  const ask = (issue: number): Promise<number> =>
    sparing.mayAsk(wanted(issue)).then((may) => decisions.push(`${issue} ${may}`))
  const all = [ask(1), ask(2), ask(3)]
  eligible++
  sparing.counted()
  await all[0]
  expect(decisions).toEqual(['1 true'])
  // The one out brought nothing: the next is needed after all.
  sparing.answered()
  await all[1]
  expect(decisions).toEqual(['1 true', '2 true'])
  eligible++
  sparing.answered()
  await all[2]
  expect(decisions).toEqual(['1 true', '2 true', '3 false'])
})
