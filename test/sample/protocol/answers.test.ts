/** What servers write, read as the protocol's own words: why a text ended, what it says, how long it is, whether it is one at all. */

import { describe, expect, test } from 'vitest'
import { readFinishReason } from '../../../src/sample/protocol/finish-reason.ts'
import { HttpFailure } from '../../../src/sample/protocol/http.ts'
import { MalformedAnswer } from '../../../src/sample/protocol/malformed-answer.ts'
import { readMessage } from '../../../src/sample/protocol/message-text.ts'
import { createStreamedAnswer, readAnyAnswer } from '../../../src/sample/protocol/stream-answer.ts'
import { PLAIN_THINKING, wholeText } from '../../../src/sample/protocol/thinking.ts'
import { ReasoningRefused, readAnswer } from '../../../src/sample/protocol/wire.ts'

describe('why a text ended', () => {
  test.each<[unknown, string]>([
    ['stop', 'stop'],
    ['STOP', 'stop'],
    ['FinishReason.STOP', 'stop'],
    ['end_turn', 'stop'],
    ['eos_token', 'stop'],
    ['length', 'length'],
    ['MAX_TOKENS', 'length'],
    ['content_filter', 'filtered'],
    [{ type: 'stop' }, 'stop'],
    [{ reason: 'length' }, 'length'],
    [{ value: 'stop' }, 'stop'],
    [{ name: 'max_new_tokens' }, 'length'],
    [{ type: 7, name: 'eos' }, 'stop'],
  ])('%j is known', (told, reason) => {
    expect(readFinishReason(told)).toEqual({ reason, isInterrupted: false, unread: undefined })
  })

  test.each<[unknown, string]>([
    ['tool_calls', '"tool_calls"'],
    ['', '""'],
    [null, 'null'],
    [undefined, 'null'],
    [7, '7'],
    [{}, '{}'],
    [{ type: 7 }, '{"type":7}'],
  ])('%j says nothing, and is told as it came', (told, unread) => {
    expect(readFinishReason(told)).toEqual({ reason: 'filtered', isInterrupted: false, unread })
  })

  test('a generation that the server ended in the middle is none', () => {
    for (const told of ['abort', 'error', 'Cancelled']) expect(readFinishReason(told).isInterrupted).toBe(true)
  })
})

describe('the text of a message', () => {
  test.each<[string, object | null | undefined, string, string]>([
    ['is its content', { content: 'fine' }, 'fine', ''],
    ['is empty where there is none', { content: null }, '', ''],
    ['is empty without a message', null, '', ''],
    ['is empty without any', undefined, '', ''],
    ['is no number', { content: 7 }, '', ''],
    ['is its parts', { content: ['a', { type: 'text', text: 'b' }, { text: 'c' }] }, 'abc', ''],
    ['skips what is no part', { content: ['a', null, 7, [], { image: 'x' }, { text: 8 }, 'b'] }, 'ab', ''],
    [
      'has thinking apart where parts are thinking',
      { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }, { text: '!' }] }, { text: 'so' }] },
      'so',
      'hm!',
    ],
    ['has thinking that is a string', { content: [{ thinking: 'hm' }, 'so'] }, 'so', 'hm'],
    ['has thinking in a field', { content: 'so', reasoning: 'hm' }, 'so', 'hm'],
    ['has it in the older field', { content: 'so', reasoning_content: 'hm' }, 'so', 'hm'],
    ['takes the field that says something', { content: 'so', reasoning: '', reasoning_content: 'hm' }, 'so', 'hm'],
    ['takes a field before parts', { content: [{ thinking: 'in parts' }], reasoning: 'apart' }, '', 'apart'],
    ['takes no number for thinking', { content: 'so', reasoning: 7 }, 'so', ''],
  ])('%s', (_, message, text, reasoning) => {
    expect(readMessage(message)).toEqual({ text, reasoning })
  })
})

const chat = (fields: object = {}, choice: object = {}): string =>
  JSON.stringify({
    model: 'm',
    choices: [{ index: 0, message: { content: 'fine' }, finish_reason: 'stop', ...choice }],
    usage: { prompt_tokens: 7, completion_tokens: 3 },
    ...fields,
  })

describe('an answer', () => {
  test('is its first choice, in our words', () => {
    expect(readAnswer('chat', chat(), PLAIN_THINKING)).toEqual({
      text: 'fine',
      thinking: 0,
      altered: false,
      unreadReason: undefined,
      finishReason: 'stop',
      promptTokens: 7,
      completionTokens: 3,
      model: 'm',
    })
  })

  test('of the completions API has its text beside', () => {
    const body = chat({}, { text: 'as text' })
    expect(readAnswer('completions', body, PLAIN_THINKING).text).toBe('as text')
    expect(readAnswer('chat', body, PLAIN_THINKING).text).toBe('fine')
    expect(readAnswer('completions', chat({}, { text: null }), PLAIN_THINKING).text).toBe('')
  })

  test.each<[unknown, unknown]>([
    [{ prompt_tokens: -1, completion_tokens: 2.5 }, [0, 0]],
    [{ prompt_tokens: '7', completion_tokens: null }, [0, 0]],
    [null, [0, 0]],
    [{ prompt_tokens: 0, completion_tokens: 12 }, [0, 12]],
  ])('with the usage %j counts what is a count', (usage, counts) => {
    const { promptTokens, completionTokens } = readAnswer('chat', chat({ usage }), PLAIN_THINKING)
    expect([promptTokens, completionTokens]).toEqual(counts)
  })

  test.each<[unknown, unknown]>([
    [
      [3, 0, 4],
      [3, 0, 4],
    ],
    [[3, -1], undefined],
    [[3, 1.5], undefined],
    [['3'], undefined],
    [[], undefined],
    ['3', undefined],
    [null, undefined],
  ])('with the token ids %j has %j', (ids, read) => {
    const of = (fields: object, choice: object) => readAnswer('chat', chat(fields, choice), PLAIN_THINKING)
    expect(of({}, { token_ids: ids }).completionTokenIds).toEqual(read)
    expect(of({ prompt_token_ids: ids }, {}).promptTokenIds).toEqual(read)
    expect(of({}, { prompt_token_ids: ids }).promptTokenIds).toEqual(read)
  })

  test('without a name tells none', () => {
    expect(readAnswer('chat', chat({ model: 7 }), PLAIN_THINKING).model).toBe('')
  })

  test.each<[string, string, boolean]>([
    ['no JSON', 'fine', true],
    ['no object', '7', true],
    ['nothing', 'null', true],
    ['without choices', chat({ choices: [] }), true],
    ['with choices that are none', chat({ choices: [null, 'x'] }), true],
    ['ended by the server', chat({}, { finish_reason: 'abort' }), false],
  ])('%s is malformed', (_, body, isForeign) => {
    try {
      readAnswer('chat', body, PLAIN_THINKING)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(MalformedAnswer)
      expect(error).toMatchObject({ isForeign })
    }
  })

  test('that is an error is one, wherever it says so', () => {
    expect(() => readAnswer('chat', chat({ error: { message: 'no', code: 429 } }), PLAIN_THINKING)).toThrow(HttpFailure)
    expect(() => readAnswer('chat', chat({}, { error: { message: 'no' } }), PLAIN_THINKING)).toThrow(HttpFailure)
  })
})

describe('thinking that is kept apart', () => {
  const form = (changes: Partial<typeof PLAIN_THINKING>) => ({ ...PLAIN_THINKING, opens: '<think>', ...changes })

  test('is put back before the answer, as the model wrote it', () => {
    expect(wholeText('so', 'hm', form({}))).toEqual({ text: '<think>hm</think>so', thinking: 17, isAltered: false })
    expect(wholeText('', 'hm', form({}))).toEqual({ text: '<think>hm', thinking: 9, isAltered: false })
    expect(wholeText('so', 'hm', form({ handling: 'drop' }))).toEqual({ text: 'so', thinking: 0, isAltered: true })
    expect(wholeText('so', 'hm', form({ isOff: true }))).toEqual({ text: 'hmso', thinking: 0, isAltered: false })
  })

  test('is found in a text that has it', () => {
    expect(wholeText('<think>a</think>b</think>c', '', form({}))).toMatchObject({ thinking: 25 })
    expect(wholeText('<think>without an end', '', form({}))).toMatchObject({ thinking: 21 })
    expect(wholeText('a <think> in the middle', '', form({}))).toMatchObject({ thinking: 0 })
  })

  test('may be refused', () => {
    const body = chat({}, { message: { content: 'so', reasoning: 'hm' } })
    expect(() => readAnswer('chat', body, form({ handling: 'refuse' }))).toThrow(ReasoningRefused)
    expect(readAnswer('chat', chat(), form({ handling: 'refuse' })).text).toBe('fine')
  })
})

/** The answer to a stream of these events, in pieces of this many bytes. */
function streamed(events: readonly (object | string)[], { api = 'chat' as const, bytes = 7 } = {}) {
  const text = events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('')
  const answer = createStreamedAnswer(api, PLAIN_THINKING)
  const all = Buffer.from(text)
  for (let at = 0; at < all.length; at += bytes) answer.push(all.subarray(at, at + bytes))
  return answer.end()
}

const piece = (content: string, more: object = {}) => ({
  model: 'm',
  choices: [{ index: 0, delta: { content }, ...more }],
})

describe('a stream', () => {
  test('is put together from its pieces, ids, usage and reason to end included', () => {
    const answer = streamed([
      { choices: [{ index: 0, delta: { role: 'assistant', reasoning: 'hm' }, prompt_token_ids: [1, 2] }] },
      piece('fü', { token_ids: [3] }),
      { choices: [{ index: 1, delta: { content: 'another choice' } }] },
      piece('nf', { token_ids: [4, 5], finish_reason: 'length' }),
      { model: 'm', choices: [], usage: { prompt_tokens: 2, completion_tokens: 3 } },
      '[DONE]',
    ])
    expect(answer).toMatchObject({ text: 'hm</think>fünf', finishReason: 'length', model: 'm' })
    expect(answer).toMatchObject({ promptTokens: 2, completionTokens: 3 })
    expect(answer).toMatchObject({ promptTokenIds: [1, 2], completionTokenIds: [3, 4, 5] })
  })

  test('may say its last word as a whole message', () => {
    expect(streamed([{ choices: [{ message: { content: 'fine' }, finish_reason: 'stop' }] }]).text).toBe('fine')
  })

  test('that only says that it is done has ended for no known reason', () => {
    expect(streamed([piece('fine'), '[DONE]'])).toMatchObject({ finishReason: 'filtered', unreadReason: 'null' })
  })

  test.each<[string, (object | string)[]]>([
    ['breaks off', [piece('fi')]],
    ['has an event that is no object', [piece('fi'), '7', '[DONE]']],
    ['has an event that is no JSON', [piece('fi'), 'ne', '[DONE]']],
    ['is ended by its server', [piece('fi', { finish_reason: 'abort' }), '[DONE]']],
  ])('that %s is malformed', (_, events) => {
    expect(() => streamed(events)).toThrow(MalformedAnswer)
  })

  test('with an error in its middle is that error', () => {
    expect(() => streamed([piece('fi'), { error: { message: 'gone', code: 503 } }])).toThrow(HttpFailure)
    expect(() => streamed([piece('fi'), { choices: [{ index: 0, error: { message: 'gone' } }] }])).toThrow(HttpFailure)
  })

  test('that was asked for may come as one document, and the other way round', () => {
    const whole = createStreamedAnswer('chat', PLAIN_THINKING)
    for (const part of ['\n ', chat().slice(0, 9), chat().slice(9)]) whole.push(Buffer.from(part))
    expect(whole.end().text).toBe('fine')
    expect(readAnyAnswer('chat', chat(), PLAIN_THINKING).text).toBe('fine')
    const events = `event: x\ndata: ${JSON.stringify(piece('fine', { finish_reason: 'stop' }))}\n\n: alive\n\ndata: [DONE]\n\n`
    for (const before of ['', '\n', ': hello\n\n'])
      expect(readAnyAnswer('chat', before + events, PLAIN_THINKING).text, before).toBe('fine')
  })
})
