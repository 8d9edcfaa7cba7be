/** What a trainer says of the weights it made: read whole, or not at all. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readCanary } from '../../src/train/canary.ts'

const directory = mkdtempSync(join(tmpdir(), 'spendwise-canary-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const CANARY = {
  tokens: [
    [1, 2, 3],
    [4, 5],
  ],
  logprobs: [[-0.5, -1], [-2]],
}

function read(metrics: object) {
  writeFileSync(join(directory, 'metrics.json'), JSON.stringify(metrics))
  return readCanary(directory)
}

test('log-probabilities of rows of tokens, one for each token but the first', () => {
  expect(read({ canary: CANARY })).toEqual({ ...CANARY, before: undefined, startedFrom: undefined })
})

test('with those of the weights before, and the hash of what training started from', () => {
  const before = [[-3, -4], [-5]]
  expect(read({ base: { sha256: 'ab' }, canary: { ...CANARY, before } })).toEqual({
    ...CANARY,
    before,
    startedFrom: 'sha256:ab',
  })
  expect(read({ canary: { ...CANARY, before: null } })).toMatchObject({ before: undefined })
})

test.each([
  ['of fewer rows', [[-3, -4]]],
  ['of more rows', [[-3, -4], [-5], [-6]]],
  ['with a row that is too short', [[-3], [-5]]],
  ['with a row that is too long', [[-3, -4, -5], [-5]]],
])('values %s fit no tokens: as those before they are left out, as those of now there is no canary', (_, rows) => {
  expect(read({ canary: { ...CANARY, before: rows } })).toEqual({
    ...CANARY,
    before: undefined,
    startedFrom: undefined,
  })
  expect(read({ canary: { ...CANARY, logprobs: rows } })).toBeUndefined()
})

test.each([
  ['no canary', {}],
  ['a canary of no rows', { canary: { tokens: [], logprobs: [] } }],
  ['a row of one token', { canary: { tokens: [[1]], logprobs: [[]] } }],
  [
    'a token that is no number',
    {
      canary: {
        ...CANARY,
        tokens: [
          ['a', 2, 3],
          [4, 5],
        ],
      },
    },
  ],
  [
    'a token below 0',
    {
      canary: {
        ...CANARY,
        tokens: [
          [-1, 2, 3],
          [4, 5],
        ],
      },
    },
  ],
  [
    'half a token',
    {
      canary: {
        ...CANARY,
        tokens: [
          [1.5, 2, 3],
          [4, 5],
        ],
      },
    },
  ],
  ['a value that is none', { canary: { ...CANARY, logprobs: [[null, -1], [-2]] } }],
  ['a base without a hash', { base: {}, canary: CANARY }],
])('%s proves nothing', (_, metrics) => {
  expect(read(metrics)).toBeUndefined()
})

test('a file that is cut, or not there, proves nothing', () => {
  writeFileSync(join(directory, 'metrics.json'), '{"canary":')
  expect(readCanary(directory)).toBeUndefined()
  expect(readCanary(join(directory, 'nowhere'))).toBeUndefined()
})
