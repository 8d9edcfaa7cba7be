import { expect, test } from 'vitest'
import { createVocabulary } from '../../../scripts/vocabulary.ts'
import { createRandom, randomInteger } from '../../../src/core/seed.ts'
import { createCompletionText } from '../../../src/embedded/model/completion-text.ts'
import {
  createGenerator,
  type GenerationEvent,
  type GenerationRequest,
} from '../../../src/embedded/model/generation.ts'
import { addGradient } from '../../../src/embedded/model/gradient.ts'
import { createWorkspace } from '../../../src/embedded/model/kernels.ts'
import { createModel, initialParameters } from '../../../src/embedded/model/model.ts'
import { createTokenizer } from '../../../src/embedded/model/tokenizer.ts'

const vocabulary = createVocabulary([])
const tokenizer = createTokenizer(vocabulary)
const shape = { vocabulary: vocabulary.length, width: 32, layers: 2, heads: 2, hidden: 64, context: 48 }
// Larger weights than a fresh model's, so that its choices are not all alike.
const parameters = initialParameters(shape, 4).map((x, i) => (i < 106 * 32 ? 8 * x : x))

type End = Extract<GenerationEvent, { kind: 'end' }>

function request(id: number, more: Partial<GenerationRequest> = {}): GenerationRequest {
  const random = createRandom(id)
  const prompt = Array.from({ length: 3 + (id % 17) }, () => 3 + randomInteger(random, vocabulary.length - 3))
  return {
    id,
    prompt,
    seed: 100 + id,
    temperature: 1,
    topP: 1,
    topK: 0,
    maxTokens: 20,
    stop: [],
    stream: false,
    ...more,
  }
}

/** Runs all requests through a generator with so many slots. */
function run(requests: readonly GenerationRequest[], slots: number): { ends: End[]; events: GenerationEvent[] } {
  const events: GenerationEvent[] = []
  const model = createModel(createWorkspace(), shape, parameters)
  const generator = createGenerator(model, tokenizer, slots, (event) => events.push(event))
  let next = 0
  while (next < requests.length || generator.active() > 0) {
    next += generator.admit(requests.slice(next))
    generator.step()
  }
  const ends = events.filter((event) => event.kind === 'end').sort((a, b) => a.id - b.id)
  return { ends, events }
}

const REQUESTS = Array.from({ length: 40 }, (_, id) => request(id))
const ALONE = REQUESTS.map((one) => run([one], 1).ends[0])

test('every text is the same alone and among others, in any slot and any order', () => {
  expect(new Set(ALONE.map((end) => end?.text)).size).toBeGreaterThan(35)
  expect(run(REQUESTS, 1).ends).toEqual(ALONE)
  expect(run(REQUESTS, 7).ends).toEqual(ALONE)
  expect(run(REQUESTS.toReversed(), 64).ends).toEqual(ALONE)
})

test('another seed gives another text; greedy ignores the seed', () => {
  expect(run([request(1, { seed: 5 })], 1).ends[0]?.text).not.toBe(ALONE[1]?.text)
  const greedy = [7, 8].map((seed) => run([request(1, { temperature: 0, seed })], 1).ends[0]?.text)
  expect(greedy[0]).toBe(greedy[1])
  expect(run([request(1, { temperature: 1e-6 })], 1).ends[0]?.text).toBe(greedy[0])
  expect(run([request(1, { topP: 1e-6 })], 1).ends[0]?.text).toBe(greedy[0])
  expect(run([request(1, { topK: 1 })], 1).ends[0]?.text).toBe(greedy[0])
})

test('cached generation agrees with the whole pass: a greedy text is also the likeliest next token there', () => {
  const greedy = request(3, { temperature: 0, maxTokens: 12 })
  const written = tokenizer.encode(run([greedy], 1).ends[0]?.text ?? '')
  const workspace = createWorkspace()
  const model = createModel(workspace, shape, parameters)
  const gradient = workspace.allocate(model.layout.total)
  expect(written.length).toBeGreaterThan(0)
  const loss = (tokens: number[]): number => addGradient(model, gradient, [{ tokens, start: tokens.length - 1 }], 1)
  written.forEach((token, at) => {
    const before = [...greedy.prompt, ...written.slice(0, at)]
    const others = [3, 20, 50, 80].filter((other) => other !== token)
    for (const other of others) expect(loss([...before, token])).toBeLessThan(loss([...before, other]) + 1e-4)
  })
})

test('sampled tokens follow the probabilities', () => {
  const draws = 4000
  const many = Array.from({ length: draws }, (_, id) => request(1, { id, seed: id, maxTokens: 1 }))
  const counts = new Map<string, number>()
  for (const end of run(many, 64).ends) counts.set(end.text, (counts.get(end.text) ?? 0) + 1)
  const workspace = createWorkspace()
  const model = createModel(workspace, shape, parameters)
  const gradient = workspace.allocate(model.layout.total)
  const { prompt } = request(1)
  for (let token = 3; token < vocabulary.length; token++) {
    const p = Math.exp(-addGradient(model, gradient, [{ tokens: [...prompt, token], start: prompt.length }], 1))
    const seen = (counts.get(tokenizer.textOf(token)) ?? 0) / draws
    expect(Math.abs(seen - p), tokenizer.textOf(token)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / draws) + 1e-3)
  }
})

test('a text ends before its stop text, and counts the tokens that were written', () => {
  const whole = ALONE[2]
  const stop = whole?.text.slice(4, 7) ?? ''
  const [cut] = run([request(2, { stop: [stop, 'never'] })], 1).ends
  expect(cut?.finish).toBe('stop')
  expect(cut?.text).toBe(whole?.text.slice(0, whole.text.indexOf(stop)))
  expect(ALONE[2]).toMatchObject({ finish: 'length', tokens: 20 })
})

test('streamed pieces make up the text, and never show a stop text', () => {
  const stop = ALONE[2]?.text.slice(4, 7) ?? ''
  const { events } = run([request(2, { stop: [stop], stream: true })], 1)
  expect(events.length).toBeGreaterThan(1)
  expect(events.map((event) => event.text).join('')).toBe(run([request(2, { stop: [stop] })], 1).ends[0]?.text)
})

test('a stop text that spans pieces is found, the first of several', () => {
  const text = createCompletionText(['END', 'ND!'])
  expect(text.push('abE')).toBe(false)
  expect(text.ready()).toBe('a')
  expect(text.push('N')).toBe(false)
  expect(text.ready()).toBe('b')
  expect(text.push('D!')).toBe(true)
  expect(text.rest()).toBe('')
})

test('a cancelled request frees its slot and says no more', () => {
  const events: GenerationEvent[] = []
  const model = createModel(createWorkspace(), shape, parameters)
  const generator = createGenerator(model, tokenizer, 1, (event) => events.push(event))
  expect(generator.admit([request(1), request(2)])).toBe(1)
  generator.cancel(1)
  expect(generator.active()).toBe(0)
  expect(generator.admit([request(2)])).toBe(1)
  while (generator.active() > 0) generator.step()
  expect(events).toEqual([ALONE[2]])
})
