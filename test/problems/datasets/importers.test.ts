import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Split } from '../../../src/core/problem.ts'
import { loadProblems } from '../../../src/problems/load.ts'
import type { SourceSpec } from '../../../src/problems/source.ts'
import { folderWith, hasSharedDatasets, sharedDatasets } from '../files.ts'

const load = (folder: string, spec: SourceSpec, split: Split = 'train') =>
  loadProblems([spec], split, 1, folder).problems
const gsm8k = (answer: string) => ({ question: 'How many?', answer })

describe('GSM8K', () => {
  test.each([
    ['So <<2+2=4>>4.\n#### 4', '4'],
    ['It is <<1000+80=1080>>1080.\n#### 1,080', '1080'],
    ['The marks say <<1+1=2>>2 but no.\n#### -7', '-7'],
    ['#### 1,234,567.5\n', '1234567.5'],
    ['A list.\n#### 1,2', '1,2'],
  ])('%j gives %s', (answer, expected) => {
    expect(load(folderWith({ 'train.jsonl': [gsm8k(answer)] }), { dataset: 'gsm8k', path: 'train.jsonl' })).toEqual([
      {
        id: 'gsm8k/train/000000',
        split: 'train',
        source: 'gsm8k',
        level: undefined,
        question: 'How many?',
        answer: expected,
      },
    ])
  })

  test.each(['no answer line', '#### ', '#### 3\n#### 4', '#### 3\nand so on'])(
    '%j is refused with file and line',
    (answer) => {
      const folder = folderWith({ 'train.jsonl': [gsm8k('#### 1'), gsm8k(answer)] })
      expect(() => load(folder, { dataset: 'gsm8k', path: 'train.jsonl' })).toThrow(
        /train\.jsonl:2 {2}"answer" must end in/,
      )
    },
  )

  test('questions are kept as they are', () => {
    const question = ' Tom’s cat – “Mia” – costs $5\u00a0or so\n\nHow much? '
    const folder = folderWith({ 'test.jsonl': [{ question, answer: '#### 5' }] })
    expect(load(folder, { dataset: 'gsm8k', path: 'test.jsonl', name: 'school' })[0]).toMatchObject({
      id: 'school/test/000000',
      question,
    })
  })

  test.skipIf(!hasSharedDatasets)(
    'the published files (skipped where they do not lie next to the project) come in whole',
    () => {
      const folder = join(sharedDatasets, 'gsm8k')
      const train = load(folder, { dataset: 'gsm8k', path: 'train.jsonl' })
      const evaluate = load(folder, { dataset: 'gsm8k', path: 'test.jsonl' }, 'evaluate')
      expect(train).toHaveLength(7473)
      expect(evaluate).toHaveLength(1319)
      expect([...train, ...evaluate].filter((problem) => !/^-?\d+$/.test(problem.answer))).toEqual([])
      expect(train[0]).toMatchObject({ id: 'gsm8k/train/000000', answer: '72' })
      expect(train.at(-1)?.id).toBe('gsm8k/train/007472')
      expect(evaluate.at(-1)).toMatchObject({ id: 'gsm8k/test/001318', split: 'evaluate' })
    },
  )
})

describe('JSONL', () => {
  test('own ids, numbers as answers and levels are taken over', () => {
    const rows = [
      { id: 'a', question: 'One?', answer: '3/4', level: 2 },
      { id: 7, question: 'Two?', answer: 0.5 },
      { question: 'Three?', answer: -12 },
    ]
    expect(load(folderWith({ 'own.jsonl': rows }), { dataset: 'jsonl', path: 'own.jsonl' })).toEqual([
      { id: 'a', split: 'train', source: 'own', level: '2', question: 'One?', answer: '3/4' },
      { id: '7', split: 'train', source: 'own', level: undefined, question: 'Two?', answer: '0.5' },
      { id: 'own/000002', split: 'train', source: 'own', level: undefined, question: 'Three?', answer: '-12' },
    ])
  })

  test('columns can be mapped and levels chosen', () => {
    const rows = [1, 2, 3].map((level) => ({ unique_id: `p${level}`, problem: 'Why?', answer: 'x', level }))
    const fields = { question: 'problem', id: 'unique_id' }
    const chosen = load(folderWith({ 'm.jsonl': rows }), {
      dataset: 'jsonl',
      path: 'm.jsonl',
      fields,
      level: ['1', '3'],
    })
    expect(chosen.map((problem) => problem.id)).toEqual(['p1', 'p3'])
  })

  test.skipIf(!hasSharedDatasets)(
    'MATH-500 is read by mapping columns (skipped where it does not lie next to the project)',
    () => {
      const fields = { question: 'problem', id: 'unique_id' }
      const problems = load(join(sharedDatasets, 'math500'), {
        dataset: 'jsonl',
        path: 'test.jsonl',
        fields,
        name: 'math500',
      })
      expect(problems).toHaveLength(500)
      expect([...new Set(problems.map((problem) => problem.level))].sort()).toEqual(['1', '2', '3', '4', '5'])
    },
  )

  test('a byte order mark, Windows line ends and blank lines do no harm', () => {
    const folder = folderWith({
      'w.jsonl': '\uFEFF{"question":"A?","answer":1}\r\n\r\n{"question":"B?","answer":2}\r\n',
    })
    expect(load(folder, { dataset: 'jsonl', path: 'w.jsonl' }).map((problem) => problem.id)).toEqual([
      'w/000000',
      'w/000001',
    ])
  })

  test.each([
    ['{"question":"A?"', /bad\.jsonl:1 {2}is not valid JSON/],
    ['["A?", 1]', /bad\.jsonl:1 {2}is not a JSON object/],
    ['\n{"question":"A?"}', /bad\.jsonl:2 {2}"answer" is missing/],
    ['{"question":" ","answer":1}', /bad\.jsonl:1 {2}"question" is empty/],
    ['{"question":"A?","answer":true}', /bad\.jsonl:1 {2}has an answer that is not a text or a number/],
    ['{"question":"A?","answer":12345678901234567890}', /bad\.jsonl:1 {2}"answer" is a number too large/],
    ['\n\n', /bad\.jsonl {2}holds no problems/],
  ])('%j is refused with file and line', (text, message) => {
    expect(() => load(folderWith({ 'bad.jsonl': text }), { dataset: 'jsonl', path: 'bad.jsonl' })).toThrow(message)
  })

  test('a file that does not exist is named', () => {
    expect(() => load(folderWith({}), { dataset: 'jsonl', path: 'gone.jsonl' })).toThrow(
      /gone\.jsonl {2}does not exist/,
    )
  })
})

describe('steps', () => {
  test('levels share the count, by default all of the shipped file', () => {
    const problems = load('/', { dataset: 'steps', count: 20 }, 'gate')
    const levels = ['main', 'P1', 'P2'].map((level) => problems.filter((problem) => problem.level === level).length)
    expect(levels).toEqual([7, 7, 6])
    expect(load('/', { dataset: 'steps', count: 20, level: 'P2' }, 'gate').map((problem) => problem.level)).toEqual(
      Array(20).fill('P2'),
    )
  })

  test('worked solutions do not travel with the problems', () => {
    expect(load('/', { dataset: 'steps', count: 3 })[0]).not.toHaveProperty('solution')
  })
})
