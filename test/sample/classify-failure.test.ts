import { describe, expect, test } from 'vitest'
import { readErrorBody } from '../../src/core/error-body.ts'
import { classifyConnection, classifyStatus, readRetryAfter } from '../../src/sample/classify-failure.ts'
import { doubtsAddress } from '../../src/sample/failure.ts'

describe('what a status means', () => {
  test.each([
    [400, 'rejected', 'give-up'],
    [401, 'rejected', 'refused'],
    [403, 'rejected', 'refused'],
    [404, 'rejected', 'check-model'],
    [408, 'timeout', 'here'],
    [422, 'rejected', 'give-up'],
    [429, 'rate-limited', 'overloaded'],
    [301, 'rejected', 'elsewhere'],
    [500, 'server-error', 'elsewhere'],
    [503, 'server-error', 'overloaded'],
    [529, 'server-error', 'elsewhere'],
  ])('%i is %s, so %s', (status, outcome, reaction) => {
    expect(classifyStatus(status)).toMatchObject({ outcome, reaction })
  })

  test('a refused connection is waited for, a broken one tried again', () => {
    expect(classifyConnection('ECONNREFUSED').reaction).toBe('absent')
    expect(classifyConnection('UND_ERR_SOCKET').reaction).toBe('elsewhere')
  })
})

test('a first answer that is no API’s makes the address doubtful; one of an API in trouble does not', () => {
  const doubtful = (status: number): boolean =>
    doubtsAddress({ ...classifyStatus(status), status, message: '', retryAfterMs: undefined })
  expect([300, 301, 399, 400, 404].filter((status) => !doubtful(status))).toEqual([])
  expect([401, 403, 408, 422, 429, 500, 503].filter(doubtful)).toEqual([])
  const broken = (code: string) => ({ ...classifyConnection(code), status: 0, message: '', retryAfterMs: undefined })
  expect(doubtsAddress(broken('UND_ERR_SOCKET'))).toBe(true)
  expect(doubtsAddress(broken('ECONNREFUSED'))).toBe(false)
  expect(doubtsAddress({ ...broken('ECONNREFUSED'), isForeign: true })).toBe(true)
})

describe('Retry-After', () => {
  const now = Date.parse('2026-03-01T12:00:00Z')
  test.each([
    ['0', 0],
    ['2', 2000],
    ['0.25', 250],
    ['Sun, 01 Mar 2026 12:00:07 GMT', 7000],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['-5', 0],
    ['86400', 60_000],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s is %s ms', (header, ms) => {
    expect(readRetryAfter(header, now)).toBe(ms)
  })
})

describe('the sentence in an error body', () => {
  test.each([
    ['{"error":{"message":"too long","type":"BadRequestError","code":400}}', 'too long'],
    ['{"error":"Unauthorized"}', 'Unauthorized'],
    ['{"detail":"unexpected field: top_k"}', 'unexpected field: top_k'],
    ['{"detail":[{"loc":["body","seed"],"msg":"not an integer"},{"msg":"b"}]}', 'body.seed: not an integer; b'],
    ['{"object":"error","message":"no such adapter"}', 'no such adapter'],
    ['<html>\n  Bad Gateway</html>', '<html> Bad Gateway</html>'],
    ['{"unknown":1}', '{"unknown":1}'],
    ['', ''],
  ])('of %s is %s', (body, message) => {
    expect(readErrorBody(body)).toBe(message)
  })

  test('is cut at 300 characters', () => {
    expect(readErrorBody(JSON.stringify({ detail: 'x'.repeat(5000) }))).toHaveLength(300)
  })
})
