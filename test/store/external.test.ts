/** Completions that were generated elsewhere: counted once each, judged again at will, listed below the run's own. */

import { expect, test } from 'vitest'
import { createRun, verdict } from './hand-made-run.ts'

const row = (hash: string, kind: 'correct' | 'incorrect') => ({
  ...{ problem: 'sums/1', text: `text ${hash}`, finishReason: 'stop' as const, tokenIds: undefined },
  ...{ hash, place: 'made.jsonl:1', verdict: verdict(kind, '3') },
})

test('a completion that is there already is judged again and not counted again', () => {
  const { external, externalBrowse } = createRun()
  expect(externalBrowse.lowest()).toBe(0)
  expect(external.put([row('a', 'incorrect'), row('b', 'correct')])).toBe(2)
  expect(external.put([row('a', 'correct'), row('c', 'correct'), row('c', 'correct')])).toBe(1)
  expect(externalBrowse.lowest()).toBe(-3)
  expect(external.counts()).toMatchObject({ completions: 3, correct: 3 })
})
