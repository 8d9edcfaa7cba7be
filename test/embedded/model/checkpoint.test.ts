import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createVocabulary } from '../../../scripts/vocabulary.ts'
import { hashCheckpoint, readCheckpoint, writeCheckpoint } from '../../../src/embedded/model/checkpoint.ts'
import { initialParameters, parameterLayout } from '../../../src/embedded/model/model.ts'

const vocabulary = createVocabulary([])
const shape = { vocabulary: vocabulary.length, width: 16, layers: 1, heads: 2, hidden: 16, context: 16 }
const { total } = parameterLayout(shape)
const checkpoint = { shape, vocabulary, parameters: initialParameters(shape, 1), optimizer: undefined }

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'checkpoint-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

test('a checkpoint comes back as it was written, with and without the state of its optimizer', () => {
  writeCheckpoint(directory, checkpoint)
  expect(readCheckpoint(directory)).toEqual(checkpoint)
  const optimizer = { steps: 12, first: new Float32Array(total).fill(0.5), second: new Float32Array(total).fill(2) }
  writeCheckpoint(directory, { ...checkpoint, optimizer })
  expect(readCheckpoint(directory)).toEqual({ ...checkpoint, optimizer })
})

test('the hash of a checkpoint is that of its weights', () => {
  writeCheckpoint(directory, checkpoint)
  const hash = createHash('sha256')
    .update(readFileSync(join(directory, 'weights.bin')))
    .digest('hex')
  expect(hashCheckpoint(directory)).toBe(`sha256:${hash}`)
})

test.each([
  ['config.json', '{', 'not valid JSON'],
  ['config.json', '{"format":"other"}', 'not that of an embedded model'],
  ['vocabulary.json', '["<pad>","<eos>","<unk>"]', 'holds 3 tokens'],
  ['weights.bin', 'abc', 'does not hold'],
])('a damaged %s is refused with a sentence', (file, text, message) => {
  writeCheckpoint(directory, checkpoint)
  writeFileSync(join(directory, file), text)
  expect(() => readCheckpoint(directory)).toThrow(message)
})

test('a directory without a checkpoint is refused by its name', () => {
  expect(() => readCheckpoint(join(directory, 'nothing'))).toThrow('config.json cannot be read')
  expect(() => hashCheckpoint(directory)).toThrow('weights.bin cannot be read')
})
