/** What counts as a skew between server and trainer, and what does not. */

import { expect, test } from 'vitest'
import { findSkew, type ServerTokens, type TokenPair, type TrainerTokens } from '../../src/core/skew.ts'

const SERVER: ServerTokens = {
  promptIds: [1, 5, 6, 2],
  promptCount: 4,
  completionIds: [7, 8, 0],
  completionCount: 3,
  hasEnded: true,
  hidesThinking: false,
}
const TRAINER: TrainerTokens = { prompt: [1, 5, 6, 2], completion: [7, 8, 0], isKept: true }

const pair = (server: Partial<ServerTokens> = {}, trainer: Partial<TrainerTokens> = {}): TokenPair => ({
  server: { ...SERVER, ...server },
  trainer: { ...TRAINER, ...trainer },
})
const COUNTS = { promptIds: undefined, completionIds: undefined }

test.each([
  ['equal ids', pair(), false],
  ['equal counts where the server tells no ids', pair(COUNTS), false],
  ['no counts at all', pair({ ...COUNTS, promptCount: 0, completionCount: 0 }), false],
  ['a completion that a stop string has ended', pair({ completionIds: [7, 8], completionCount: 2 }), true],
  ['a completion that was cut off', pair({ hasEnded: false, completionIds: [7], completionCount: 1 }), false],
])('%s are no skew', (_, one, stops) => {
  expect(findSkew([one], stops)).toBeUndefined()
})

test.each([
  ['another token in a prompt', pair({ promptIds: [1, 5, 9, 2] }), 'token 2 is 9 on the server and 6 in the trainer'],
  ['a token more in a prompt', pair({}, { prompt: [1, 5, 6, 2, 3] }), 'token 4 is missing on the server and 3'],
  ['another number of prompt tokens', pair({ ...COUNTS, promptCount: 9 }), '9 on the server, 4 in the trainer'],
  [
    'an end of text that the server does not end with',
    pair({ completionIds: [7, 8, 3] }),
    'token 2 is 3 on the server',
  ],
  ['a completion without its end of text', pair({ completionIds: [7, 8] }), 'the same end-of-text token'],
  ['a completion that the template rewrites', pair({}, { isKept: false }), 'rewrites completions'],
  ['thinking that the server keeps back', pair({ hidesThinking: true }), 'without a reasoning parser'],
])('%s is told in one sentence', (_, one, sentence) => {
  const said = findSkew([one], false)
  expect(said).toContain(sentence)
  expect(said).toMatch(/^[A-Z][^\n]*\.$/)
})

test('a text that was sampled in other tokens than it is written in is no skew while others agree', () => {
  expect(findSkew([pair(), pair({ completionIds: [7, 3, 4, 0], completionCount: 4 })], false)).toBeUndefined()
})
