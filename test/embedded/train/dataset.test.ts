import { expect, test } from 'vitest'
import { createVocabulary } from '../../../scripts/vocabulary.ts'
import { createBatches, stepCount } from '../../../src/embedded/model/batches.ts'
import { textAt } from '../../../src/embedded/model/packed-texts.ts'
import { createTokenizer } from '../../../src/embedded/model/tokenizer.ts'
import { readTexts } from '../../../src/embedded/train/dataset.ts'
import { row } from './program.ts'

const tokenizer = createTokenizer(createVocabulary([' apples']))

test('the loss counts the completion and its end, nothing of the prompt', () => {
  const texts = readTexts(`${row('2 apples?', '#### 2')}\n${row('3?', '3')}`, 'data', tokenizer, 48)
  const parts = [0, 1].map((at) => {
    const { tokens, start } = textAt(texts, at)
    return [tokens.subarray(0, start), tokens.subarray(start)].map((part) => Array.from(part, tokenizer.textOf))
  })
  expect(parts).toEqual([
    [
      ['2', ' apples', '?', '\n'],
      ['#### ', '2', ''],
    ],
    [
      ['3', '?', '\n'],
      ['3', ''],
    ],
  ])
})

test('epochs go through all rows each, freshly shuffled, the last batch smaller', () => {
  const plan = { rows: 10, batch: 4, seed: 3, length: { kind: 'epochs', epochs: 2 } } as const
  expect(stepCount(plan)).toBe(6)
  const batches = Array.from({ length: 6 }, (_, step) => createBatches(plan)(step))
  expect(batches.map((batch) => batch.length)).toEqual([4, 4, 2, 4, 4, 2])
  const epochs = [batches.slice(0, 3).flat(), batches.slice(3).flat()]
  for (const epoch of epochs) expect(epoch.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(epochs[0]).not.toEqual(epochs[1])
})

test('a part of an epoch is rounded to whole steps, at least one', () => {
  const steps = (epochs: number): number =>
    stepCount({ rows: 100, batch: 10, seed: 1, length: { kind: 'epochs', epochs } })
  expect([0.01, 0.5, 1.1, 2.25].map(steps)).toEqual([1, 5, 11, 23])
})

test('steps take full batches and run on into the next shuffle', () => {
  const plan = { rows: 5, batch: 4, seed: 3, length: { kind: 'steps', steps: 5 } } as const
  const rows = Array.from({ length: 5 }, (_, step) => createBatches(plan)(step)).flat()
  expect(rows).toHaveLength(20)
  for (const row of [0, 1, 2, 3, 4]) expect(rows.filter((other) => other === row)).toHaveLength(4)
})
