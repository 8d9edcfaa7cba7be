/** Lengths of thinking: summed by iteration without reading a text, replaced with the completion, gone with it. */

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DATABASE_FILE } from '../../src/store/place/place.ts'
import { openStore } from '../../src/store/store.ts'
import { truncateDatabase } from '../../src/store/truncate.ts'
import { completion, createRun, temporaryFolder } from './hand-made-run.ts'

const thinks = (index: number, thought: string, answer: string, completionTokens: number, iteration = 0) =>
  completion({
    key: { index, iteration },
    issue: index,
    text: thought + answer,
    thinking: thought.length,
    completionTokens,
  })

test('means are over completions that think, and answers over those that have one', () => {
  const store = createRun()
  store.completions.insert(
    [
      // 30 of 40 characters, and of 400 tokens; then 10 of 20 and of 100; then thinking to its end.
      thinks(0, 'a'.repeat(30), 'b'.repeat(10), 400),
      thinks(1, 'a'.repeat(10), 'b'.repeat(10), 100),
      thinks(2, 'a'.repeat(50), '', 512),
      completion({ key: { index: 3 }, issue: 3, text: 'no thinking', completionTokens: 7 }),
      { ...thinks(4, 'aa', 'b', 9), key: { ...thinks(4, 'aa', 'b', 9).key, purpose: 'pilot' } },
    ],
    1,
  )
  expect([...store.thoughts.byIteration()]).toEqual([
    [0, { completions: 3, tokens: (300 + 50 + 512) / 3, answerTokens: (100 + 50) / 2, unended: 1 }],
  ])
})

test('a failed request that is drawn again has the lengths of what came', () => {
  const store = createRun()
  store.completions.insert([completion({ text: '', finishReason: 'failed' })], 1)
  expect(store.thoughts.byIteration().size).toBe(0)
  store.completions.insert([thinks(0, 'aaa', 'b', 40)], 1)
  store.completions.insert([thinks(0, 'a', 'b', 1000)], 1)
  expect(store.thoughts.byIteration().get(0)).toEqual({ completions: 1, tokens: 30, answerTokens: 10, unended: 0 })
})

test('a run that is taken back forgets them', () => {
  const folder = temporaryFolder()
  const store = createRun(folder)
  store.completions.insert([thinks(0, 'aaa', 'b', 40), thinks(0, 'aaa', 'b', 40, 1)], 1)
  store.close()
  truncateDatabase(join(folder, DATABASE_FILE), 1)
  const back = openStore(folder)
  expect([...back.thoughts.byIteration().keys()]).toEqual([0])
  back.close()
})
