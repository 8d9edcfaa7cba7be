/** The sentence of an error body, wherever a server puts it, and no way down that has no end. */

import { expect, test } from 'vitest'
import { readErrorBody } from '../../src/core/error-body.ts'

test.each([
  ['{"error": {"message": "no such model"}}', 'no such model'],
  ['{"message": "no such model"}', 'no such model'],
  ['{"error": "Unauthorized"}', 'Unauthorized'],
  ['{"detail": "too long"}', 'too long'],
  ['{"detail": [{"loc": ["body", "seed"], "msg": "not a number"}, {"msg": "no"}]}', 'body.seed: not a number; no'],
  ['<!DOCTYPE html><title>502 Bad Gateway</title>', 'a web page, "502 Bad Gateway"'],
  ['plain\n words', 'plain words'],
  ['{"other": 1}', '{"other": 1}'],
])('%s says %s', (body, sentence) => {
  expect(readErrorBody(body)).toBe(sentence)
})

test.each(['error', 'detail', 'message'])('a sentence eight times within %s is found, one far below is not', (key) => {
  const within = (times: number): string => [`{"${key}":`.repeat(times), '"deep"', '}'.repeat(times)].join('')
  expect(readErrorBody(within(8))).toBe('deep')
  expect(readErrorBody(within(10))).toBe(within(10))
  const listed = (times: number): string => ['['.repeat(times), `{"${key}":"deep"}`, ']'.repeat(times)].join('')
  expect(readErrorBody(listed(7))).toBe('deep')
  expect(readErrorBody(listed(10))).toBe(listed(10))
})
