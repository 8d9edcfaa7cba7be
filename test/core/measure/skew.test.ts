/** What counts as a skew between server and trainer, and what does not. */

import { expect, test } from 'vitest'
import {
  findSkew,
  type ServerTokens,
  type TokenPair,
  type TrainerTokens,
  templateSkew,
} from '../../../src/core/measure/skew.ts'

const SERVER: ServerTokens = {
  promptIds: [1, 5, 6, 2],
  promptCount: 4,
  completionIds: [7, 8, 0],
  completionCount: 3,
  hasEnded: true,
  endedAt: undefined,
  wholeIds: undefined,
  hidesThinking: false,
}
const TRAINER: TrainerTokens = { prompt: [1, 5, 6, 2], completion: [7, 8, 0], isKept: true }

const pair = (server: Partial<ServerTokens> = {}, trainer: Partial<TrainerTokens> = {}): TokenPair => ({
  server: { ...SERVER, ...server },
  trainer: { ...TRAINER, ...trainer },
})
const CHAT = { stops: false, isText: false }
const STOPS = { stops: true, isText: true }
/** Of a server that tells no ids of what it sampled, but tokenizes. */
const tokenized = (...wholeIds: number[]) => ({ completionIds: undefined, completionCount: 0, wholeIds })
const COUNTS = { promptIds: undefined, completionIds: undefined }

test.each([
  ['equal ids', pair(), CHAT],
  ['equal counts where the server tells no ids', pair(COUNTS), CHAT],
  ['no counts at all', pair({ ...COUNTS, promptCount: 0, completionCount: 0 }), CHAT],
  ['a completion that a stop string has ended', pair({ completionIds: [7, 8], completionCount: 2 }), STOPS],
  ['a stop string whose tokens are told too', pair({ completionIds: [7, 8, 4, 5], completionCount: 4 }), STOPS],
  ['a stop string that begins within a token', pair({ completionIds: [7, 9], endedAt: 'stop-string' }), STOPS],
  ['a completion that was cut off', pair({ hasEnded: false, completionIds: [7], completionCount: 1 }), CHAT],
  ['a chat as the server puts it together', pair(tokenized(1, 5, 6, 2, 7, 8, 0)), CHAT],
  ['what a template writes behind the end of a turn', pair(tokenized(1, 5, 6, 2, 7, 8, 0, 3)), CHAT],
  ['a text as the server puts it together, without an end', pair(tokenized(1, 5, 6, 2, 7, 8)), STOPS],
] as const)('%s are no skew', (_, one, rules) => {
  expect(findSkew([one], rules)).toBeUndefined()
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
  ['another end of text where the server puts the chat together', pair(tokenized(1, 5, 6, 2, 7, 8, 9)), 'token 6 is 9'],
  ['a completion that the template rewrites', pair({}, { isKept: false }), 'rewrites completions'],
  ['thinking that the server keeps back', pair({ hidesThinking: true }), 'without a reasoning parser'],
])('%s is told in one sentence', (_, one, sentence) => {
  const said = findSkew([one], CHAT)
  expect(said).toContain(sentence)
  expect(said).toMatch(/^[A-Z][^\n]*\.$/)
})

test('a text that was sampled in other tokens than it is written in is no skew while others agree', () => {
  expect(findSkew([pair(), pair({ completionIds: [7, 3, 4, 0], completionCount: 4 })], CHAT)).toBeUndefined()
})

test.each([
  ['other tokens, whatever ended it', pair({ completionIds: [9, 9], endedAt: 'stop-string' })],
  [
    'an end of text of its own, where the server says that no stop string came',
    pair({ completionIds: [7, 8, 3], endedAt: 'end-of-text' }),
  ],
  ['too few tokens', pair({ ...COUNTS, completionCount: 1 }, { completion: [7, 8, 9, 6, 0] })],
] as const)('with stop strings, %s are a skew still', (_, one) => {
  expect(findSkew([one], STOPS)).toContain('the tokens of the only completion')
})

test('another chat template is told in one sentence, and one that is not told is none', () => {
  expect(templateSkew('ab'.repeat(32), 'cd'.repeat(32))).toContain('(sha256 abababababab…) is another than the trainer')
  expect([templateSkew(undefined, 'ab'), templateSkew('ab', undefined), templateSkew('ab', 'ab')]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})
