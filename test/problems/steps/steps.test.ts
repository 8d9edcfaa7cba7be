import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { STEPS_PIECE, stepsVocabulary } from '../../../scripts/vocabulary.ts'
import { ConfigError } from '../../../src/core/errors.ts'
import { SPLITS } from '../../../src/core/problem.ts'
import { readStepsFile } from '../../../src/problems/steps/file.ts'
import { generateSteps, splitOf } from '../../../src/problems/steps/steps.ts'

const file = readStepsFile()
const LEVELS = Object.keys(file.levels)
const everything = (seed: number, count: number) =>
  SPLITS.flatMap((split) => LEVELS.flatMap((level) => generateSteps({ file, level, count, seed, split })))

describe('step problems', () => {
  test('every equation of a solution holds, stays in bounds, and the last one gives the answer', () => {
    for (const { solution, answer, level } of everything(7, 500)) {
      const [chain = '', final] = solution.split('. #### ')
      expect(final).toBe(answer)
      const equations = chain.split('. ')
      expect(equations).toHaveLength(file.levels[level] ?? 0)
      for (const equation of equations) {
        const [, left, sign, right, result] = /^(\d+)([-+*/])(\d+)=(\d+)$/.exec(equation) ?? []
        const a = Number(left)
        const b = Number(right)
        expect({ '+': a + b, '-': a - b, '*': a * b, '/': a / b }[sign ?? '']).toBe(Number(result))
        expect(Number(result)).toBeGreaterThanOrEqual(2)
        expect(Number(result)).toBeLessThanOrEqual(99)
      }
      expect(equations.at(-1)?.endsWith(`=${answer}`)).toBe(true)
    }
  })

  test('every number of a solution that is not a result stands in the question', () => {
    for (const { question, solution } of everything(8, 200)) {
      const results = new Set<string>()
      for (const [, left, right, result] of solution.matchAll(/(\d+)[-+*/](\d+)=(\d+)/g)) {
        for (const operand of [left ?? '', right ?? '']) {
          expect(results.has(operand) || new RegExp(`\\b${operand}\\b`).test(question)).toBe(true)
        }
        results.add(result ?? '')
      }
    }
  })

  test('questions are plain words, digits, spaces and full stops, and end in a question', () => {
    for (const { question } of everything(9, 300)) expect(question).toMatch(/^[A-Za-z0-9 .]+\. How many [a-zA-Z ]+\?$/)
  })

  test('every piece of question and solution is in the vocabulary', () => {
    const vocabulary = new Set(stepsVocabulary(file))
    expect(vocabulary.size).toBeLessThan(180)
    const pieces = everything(10, 1000).flatMap(
      ({ question, solution }) => `${question}${solution}`.match(STEPS_PIECE) ?? [],
    )
    expect([...new Set(pieces)].filter((piece) => !vocabulary.has(piece))).toEqual([])
  })

  test('no question is in two splits, whatever the seeds', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(...LEVELS), fc.constantFrom(...SPLITS), (seed, level, split) => {
        for (const { question } of generateSteps({ file, level, count: 20, seed, split })) {
          expect(splitOf(question)).toBe(split)
        }
      }),
    )
  })

  test('questions and ids are distinct, and a longer list begins with the shorter one', () => {
    const long = generateSteps({ file, level: 'main', count: 3000, seed: 3, split: 'train' })
    expect(new Set(long.map((problem) => problem.question)).size).toBe(3000)
    expect(new Set(long.map((problem) => problem.id)).size).toBe(3000)
    expect(generateSteps({ file, level: 'main', count: 100, seed: 3, split: 'train' })).toEqual(long.slice(0, 100))
  })

  test('instances are the ones the shipped small model was trained on', () => {
    const [problem] = generateSteps({ file, level: 'P1', count: 1, seed: 1, split: 'train' })
    expect(problem).toMatchObject({
      question:
        'Igor packs 5 crates of 4 corks. Later Igor loses 2. Igor makes 6 equal piles and keeps one. How many corks does Igor have now?',
      solution: '5*4=20. 20-2=18. 18/6=3. #### 3',
    })
  })

  test('another seed gives other problems', () => {
    const questionsOf = (seed: number) =>
      generateSteps({ file, level: 'P2', count: 200, seed, split: 'train' }).map((problem) => problem.question)
    const first = new Set(questionsOf(1))
    expect(questionsOf(2).filter((question) => first.has(question)).length).toBeLessThan(3)
  })

  test('id, source and level say where an instance comes from', () => {
    const [problem] = generateSteps({ file, level: 'P1', count: 1, seed: 1, split: 'gate', name: 'toy' })
    expect(problem).toMatchObject({ id: 'toy/gate/P1/000000', source: 'toy/P1', level: 'P1', split: 'gate' })
  })

  test('prompts and solutions stay within what the small model can read', () => {
    const lengths = everything(11, 1000).map(
      ({ question, solution }) => `${question}${solution}`.match(STEPS_PIECE)?.length ?? 0,
    )
    expect(Math.max(...lengths)).toBeLessThanOrEqual(108)
  })

  test('an unknown level is refused by name', () => {
    expect(() => generateSteps({ file, level: 'P9', count: 1, seed: 1, split: 'train' })).toThrow(
      /Level P9.*main, P1, P2/,
    )
  })

  test('a file that cannot give enough distinct problems is refused with the number it can give', () => {
    const tiny = {
      ...file,
      openings: [
        {
          weight: 1,
          text: 'One {a} {b}.',
          numbers: { a: [2, 3] as const, b: [2, 3] as const },
          equations: ['total = a + b'],
        },
      ],
    }
    const small = { ...tiny, levels: { main: 1 }, shops: [], questions: ['How many?'] }
    expect(() => generateSteps({ file: small, level: 'main', count: 50, seed: 1, split: 'train' })).toThrow(ConfigError)
  })

  test('a sentence that names a value nobody gives is refused', () => {
    const broken = { ...file, clauses: [{ weight: 1, text: '{name} gets {c}.', numbers: {}, equations: [] }] }
    expect(() => generateSteps({ file: broken, level: 'main', count: 1, seed: 1, split: 'train' })).toThrow(/uses c/)
  })
})
