/** Signs of collapse: each is seen where it is, and a healthy model that differs by chance shows none. */

import { describe, expect, test } from 'vitest'
import { type Answer, findCollapse, healthOf } from '../../../src/core/measure/health.ts'
import { createRandom } from '../../../src/core/seed.ts'

const LIMITS = { truncated: 0.1, lengthFactor: 3, distinct: 0.3, coverage: 0.05 }

/** Four answers to each of two hundred problems, by a model of our making. */
function answers(
  seed: number,
  of: (chance: () => number, problem: number, index: number) => Partial<Answer>,
): Answer[] {
  const chance = createRandom(seed)
  return Array.from({ length: 800 }, (_, i) => {
    const problem = Math.floor(i / 4)
    const index = i % 4
    const usual = {
      text: `${index}`,
      correct: chance() < 0.5,
      truncated: false,
      tokens: 40 + Math.floor(chance() * 20),
    }
    return { problem: `p${problem}`, ...usual, ...of(chance, problem, index) }
  })
}

const base = answers(1, () => ({}))

test('what is measured', () => {
  const group = (correct: boolean, text: string): Answer => ({
    problem: 'a',
    text,
    correct,
    truncated: !correct,
    tokens: 10,
  })
  const other = (correct: boolean): Answer => ({ problem: 'b', text: 'same', correct, truncated: false, tokens: 30 })
  expect(healthOf([group(true, 'x'), group(false, 'y'), other(false), other(false)])).toEqual({
    problems: 2,
    samples: 2,
    passAt1: 0.25,
    passAtK: 0.5,
    distinct: 0.75,
    truncated: 0.25,
    tokens: 20,
  })
  expect(healthOf([])).toBeUndefined()
})

describe('signs', () => {
  test.each<[string, string, Parameters<typeof answers>[1]]>([
    ['truncated', 'do not end by themselves', (chance) => ({ truncated: chance() < 0.2 })],
    ['tokens', 'tokens on average', () => ({ tokens: 200 })],
    ['tokens', 'tokens on average', () => ({ tokens: 5 })],
    ['distinct', 'differ from one another', () => ({ text: 'always the same' })],
    // A model that is sure of half of the problems and never solves the others has pass@1 as before.
    ['passAtK', 'pass@4', (_, problem) => ({ correct: problem % 2 === 0 })],
  ])('%s is seen', (measure, words, of) => {
    const symptoms = findCollapse(base, answers(2, of), LIMITS)
    expect(symptoms.map((symptom) => symptom.measure)).toEqual([measure])
    expect(symptoms[0]?.text).toContain(words)
    const difference = symptoms[0]?.difference
    expect(difference && difference.low <= difference.mean && difference.mean <= difference.high).toBe(true)
  })

  test('chance alone shows none in two hundred models', () => {
    for (let seed = 10; seed < 210; seed++)
      expect(
        findCollapse(
          base,
          answers(seed, () => ({})),
          LIMITS,
        ),
      ).toEqual([])
  })

  test('nine problems are too few to say so', () => {
    const few = (all: readonly Answer[]): Answer[] => all.slice(0, 36)
    expect(findCollapse(few(base), few(answers(2, () => ({ tokens: 500 }))), LIMITS)).toEqual([])
  })
})
