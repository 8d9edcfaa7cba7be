/** Decontamination: runs of words in common with a test question, found whatever stands around them. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createContaminationCheck, createTestIndex } from '../../src/export/decontaminate.ts'
import { createWordReader } from '../../src/export/words.ts'

const QUESTION = 'Ada has 16 eggs a day. She eats 3 for breakfast, and bakes muffins with 4: how many are left?'
const SETS = [
  { name: 'gsm8k', questions: [{ id: 'g0', question: QUESTION }] },
  { name: 'short', questions: [{ id: 's0', question: 'What is 2 + 3?' }] },
]

test.each([
  ['as it stands', QUESTION],
  ['in capitals, without its punctuation', QUESTION.toUpperCase().replaceAll(/[.,:?]/g, ' ')],
  ['amid other words', `Let us see. ${QUESTION} We subtract.`],
  ['but for its beginning', `Now she ${QUESTION.slice(8)}`],
])('a question is found %s', (_, text) => {
  expect(createTestIndex(SETS, 13).overlapWith(text)).toMatchObject({ testSet: 'gsm8k', question: 'g0' })
})

test.each([
  ['with other numbers', QUESTION.replace('16', '17').replace('3', '5')],
  ['with one word fewer in common than a run has', QUESTION.split(' ').slice(0, 12).join(' ')],
  ['of no words', '!?'],
  ['that is empty', ''],
  ['that holds a short question', `We ask what is 2 + 3? ${'and so on '.repeat(5)}`],
])('a text %s is no hit', (_, text) => {
  expect(createTestIndex(SETS, 13).overlapWith(text)).toBeUndefined()
})

test('the words in common are told, as they are compared', () => {
  expect(createTestIndex(SETS, 5).overlapWith('so SHE eats 3, for breakfast')?.words).toBe('she eats 3 for breakfast')
})

test('a question shorter than a run is found only as the whole of a text', () => {
  const index = createTestIndex(SETS, 13)
  expect(index.overlapWith(' what is 2+3 ')).toEqual({ testSet: 'short', question: 's0', words: 'what is 2 3' })
})

test('a run of words is found exactly where it is in common', () => {
  const word = fc.constantFrom('a', 'b', 'c', 'é', '7', '数', '😀')
  const list = fc.array(word, { maxLength: 14 })
  fc.assert(
    fc.property(list, list, fc.integer({ min: 1, max: 4 }), (question, text, n) => {
      const index = createTestIndex([{ name: 't', questions: [{ id: 'q', question: question.join(' ') }] }], n)
      const runs = (words: readonly string[]): string[] =>
        words.slice(n - 1).map((_, i) => words.slice(i, i + n).join(' '))
      const common = runs(text).find((run) => runs(question).includes(run))
      const isWhole = question.length > 0 && question.length < n && question.join(' ') === text.join(' ')
      expect(index.overlapWith(text.join(', '))?.words).toBe(common ?? (isWhole ? question.join(' ') : undefined))
    }),
  )
})

test('every hit is listed: a question once with the number of its traces, each completion by its place', () => {
  const check = createContaminationCheck(createTestIndex(SETS, 13), (number) => ({
    id: `p/${number}`,
    question: number === 1 ? QUESTION : 'How many?',
  }))
  const traces = [
    { problem: 1, iteration: 0, index: 0, text: 'A: 9' },
    { problem: 1, iteration: 1, index: 0, text: QUESTION },
    { problem: 2, iteration: 1, index: 4, text: `It is like this: ${QUESTION}` },
    { problem: 2, iteration: 1, index: 5, text: 'A: 9' },
  ]
  expect(traces.map(check.isContaminated)).toEqual([true, true, true, false])
  expect(check.hits()).toMatchObject([
    { kind: 'question', problem: 'p/1', traces: 2, testSet: 'gsm8k', question: 'g0' },
    { kind: 'completion', problem: 'p/2', iteration: 1, index: 4, testSet: 'gsm8k', question: 'g0' },
  ])
})

const asked = (...questions: readonly string[]) => questions.map((question, i) => ({ id: `q${i}`, question }))
const indexOf = (n: number, ...questions: readonly string[]) =>
  createTestIndex([{ name: 't', questions: asked(...questions) }], n)

test('of a question as it stands the first run of words is told', () => {
  expect(createTestIndex(SETS, 13).overlapWith(QUESTION)?.words).toBe(
    'ada has 16 eggs a day she eats 3 for breakfast and bakes',
  )
  expect(indexOf(2, 'one two three').overlapWith('One two three')?.words).toBe('one two')
})

test('of several questions with the same words the first is told, short ones too', () => {
  expect(indexOf(2, 'one two three', 'zero one two').overlapWith('so one two')?.question).toBe('q0')
  expect(indexOf(5, 'one two', 'one two').overlapWith('one two')?.question).toBe('q0')
  const sets = ['first', 'second'].map((name) => ({ name, questions: asked('a b c') }))
  expect(createTestIndex(sets, 3).overlapWith('a b c')?.testSet).toBe('first')
})

test('a question of no words is found in no text', () => {
  for (const text of ['', '...', 'one']) expect(indexOf(3, '?!', '').overlapWith(text)).toBeUndefined()
})

test('words whose hashes agree by chance are told apart', () => {
  // Known pairs of FNV-1a.
  const read = createWordReader()
  const hashOf = (word: string): number => read(word).hashes[0] ?? 0
  expect(hashOf('costarring')).toBe(hashOf('liquid'))
  expect(indexOf(1, 'costarring').overlapWith('a liquid thing')).toBeUndefined()
  const both = indexOf(1, 'costarring', 'liquid', 'costarring')
  expect(both.overlapWith('a liquid thing')).toEqual({ testSet: 't', question: 'q1', words: 'liquid' })
  expect(both.overlapWith('he was costarring')).toEqual({ testSet: 't', question: 'q0', words: 'costarring' })
})

test('among thousands of words only those in common are found', () => {
  const words = (letter: string, count: number) => Array.from({ length: count }, (_, i) => `${letter}${i}`).join(' ')
  const index = indexOf(1, words('a', 20_000))
  const others = words('b', 5_000)
  expect(index.overlapWith(others)).toBeUndefined()
  expect(index.overlapWith(`${others} a7`)?.words).toBe('a7')
})
