/** From what an attempt threw to what it means for its request, its endpoint, and the address of that. */

import { expect, test } from 'vitest'
import { doubtsAddress, type Failure, readFailure } from '../../src/sample/failure.ts'
import { BrokenExchange, HttpFailure, OversizedBody } from '../../src/sample/protocol/http.ts'
import { MalformedAnswer } from '../../src/sample/protocol/malformed-answer.ts'
import { duration, isRefusedByAll, nextWordMs, quietOf } from '../../src/sample/quiet.ts'

const broken = (code: string, message = 'gone'): BrokenExchange =>
  new BrokenExchange(Object.assign(new Error(message), { code }))

test.each<[string, unknown, Partial<Failure>]>([
  ['a status', new HttpFailure(503, 'busy', 2000), { status: 503, message: 'busy', retryAfterMs: 2000 }],
  ['a status without a word', new HttpFailure(500, '', undefined), { status: 500, message: 'status 500' }],
  ['an answer that is none', new MalformedAnswer('no'), { outcome: 'malformed', status: 200, isForeign: false }],
  ['one of another protocol', new MalformedAnswer('no', true), { outcome: 'malformed', isForeign: true }],
  ['too long an answer', new OversizedBody('too long'), { outcome: 'malformed', isForeign: false }],
  ['one without an end', new RangeError('stack'), { outcome: 'malformed', message: 'the answer is nested too deeply' }],
  ['nobody there', broken('ECONNREFUSED'), { outcome: 'connection', reaction: 'absent', status: 0 }],
  ['a broken line', broken('UND_ERR_SOCKET'), { outcome: 'connection', reaction: 'elsewhere', message: 'gone' }],
  ['no HTTP', broken('HPE_INVALID_CONSTANT', 'x'), { isForeign: true, message: 'the answer is not HTTP: x' }],
  ['no HTTP, without a code', broken('HTTPParserError', 'x'), { isForeign: true, status: 0 }],
  ['no file left', broken('EMFILE'), { outcome: 'connection', reaction: 'overloaded' }],
  ['no file left at all', broken('ENFILE'), { reaction: 'overloaded', message: expect.stringMatching(/ulimit -n/) }],
])('%s', (_, error, failure) => {
  expect(readFailure(error)).toMatchObject(failure)
})

test('a mistake of our own is none of the server’s', () => {
  const mistake = new TypeError('no such property')
  expect(() => readFailure(mistake)).toThrow(mistake)
})

test.each<[unknown, boolean]>([
  [new HttpFailure(301, '', undefined), true],
  [new HttpFailure(300, '', undefined), true],
  [new HttpFailure(399, '', undefined), true],
  [new HttpFailure(400, '', undefined), true],
  [new HttpFailure(404, '', undefined), true],
  [new HttpFailure(401, '', undefined), false],
  [new HttpFailure(429, '', undefined), false],
  [new HttpFailure(500, '', undefined), false],
  [new HttpFailure(200, '', undefined), false],
  [new MalformedAnswer('no', true), true],
  [new MalformedAnswer('no'), false],
  [broken('UND_ERR_SOCKET'), true],
  [broken('ECONNREFUSED'), false],
  [broken('EMFILE'), false],
])('after %s the address is in doubt: %j', (error, isInDoubt) => {
  expect(doubtsAddress(readFailure(error))).toBe(isInDoubt)
})

const MINUTE = 60_000
const signs = { lastSignAt: 0, inFlight: 1, refusingSince: undefined, latencyMs: undefined }

test('an endpoint is quiet when nothing has ended for minutes, and four answers’ time', () => {
  expect(quietOf(signs, 3 * MINUTE - 1)).toBeUndefined()
  expect(quietOf(signs, 3 * MINUTE)).toEqual({ kind: 'stalled', forMs: 3 * MINUTE })
  expect(quietOf({ ...signs, inFlight: 0 }, 60 * MINUTE)).toBeUndefined()
  const slow = { ...signs, latencyMs: MINUTE }
  expect(quietOf(slow, 4 * MINUTE - 1)).toBeUndefined()
  expect(quietOf(slow, 4 * MINUTE)).toEqual({ kind: 'stalled', forMs: 4 * MINUTE })
})

test('one that only refuses is said to refuse, whatever is under way', () => {
  const refusing = { ...signs, inFlight: 0, refusingSince: MINUTE }
  expect(quietOf(refusing, 4 * MINUTE - 1)).toBeUndefined()
  expect(quietOf(refusing, 4 * MINUTE)).toEqual({ kind: 'refusing', forMs: 3 * MINUTE })
  expect(quietOf({ ...refusing, inFlight: 1 }, 4 * MINUTE)).toMatchObject({ kind: 'refusing' })
})

test('all have refused for long enough when each has', () => {
  expect(isRefusedByAll([0, 10], 110, 100)).toBe(true)
  expect(isRefusedByAll([0, 10], 109, 100)).toBe(false)
  expect(isRefusedByAll([0, undefined], 1000, 100)).toBe(false)
  expect(isRefusedByAll([], 1000, 100)).toBe(false)
})

test('times are told in the unit that people would use, ever more rarely', () => {
  expect([1000, 29_000, 31_000, 3 * MINUTE, 119 * MINUTE, 150 * MINUTE].map(duration)).toEqual([
    '1 s',
    '29 s',
    '1 min',
    '3 min',
    '119 min',
    '2.5 hours',
  ])
  expect(nextWordMs(3 * MINUTE)).toBe(6 * MINUTE)
})
