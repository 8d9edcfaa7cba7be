/** Errors that come with a good status: whose fault they are, and what they say. */

import { expect, test } from 'vitest'
import { HttpFailure } from '../../../src/sample/protocol/http.ts'
import { refuseToldError } from '../../../src/sample/protocol/told-error.ts'

test.each<[string, object, number, RegExp]>([
  ['a code that is a status', { error: { message: 'too many', code: 429 } }, 429, /too many/],
  ['a code in quotes', { error: { message: 'no such model', code: '404' } }, 404, /no such model/],
  ['a code that is no status', { error: { message: 'odd', code: 'invalid_api' } }, 502, /odd/],
  ['a number outside of errors', { error: { message: 'odd', code: 200 } }, 502, /odd/],
  ['a sentence alone', { error: 'the engine is gone' }, 502, /the engine is gone/],
  ["vLLM's older document", { object: 'error', message: 'too long', code: 400 }, 400, /too long/],
])('%s', (_, document, status, words) => {
  try {
    refuseToldError(document)
    expect.unreachable()
  } catch (error) {
    expect(error).toBeInstanceOf(HttpFailure)
    expect(error).toMatchObject({ status })
    expect(String(error)).toMatch(words)
  }
})

test.each([{}, { error: null }, { error: undefined }, { object: 'chat.completion', choices: [] }])(
  '%j is an answer',
  (document) => {
    expect(() => refuseToldError(document)).not.toThrow()
  },
)
