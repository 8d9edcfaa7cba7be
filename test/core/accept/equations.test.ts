/** Equations in a text: found in linear time, and called false only where they are. */

import { describe, expect, test } from 'vitest'
import { equationsOf, hasFalseEquation, isEquationTrue } from '../../../src/core/accept/equations.ts'
import { sharedRows } from '../../verify/shared-data.ts'

describe('equations of a text', () => {
  test.each([
    ['no numbers', []],
    ['2 = 2', []],
    ['3 * 4 = 12', ['3*4=12']],
    ['3×4=12 and 12÷4=3', ['3*4=12', '12/4=3']],
    ['$1,200 + $300 = $1,500', ['1200+300=1500']],
    ['<<48/2=24>>24', ['48/2=24']],
    ['1.5+2.5=4.', ['1.5+2.5=4']],
    ['2+3=5+1=6', ['2+3=5', '5+1=6']],
    ['10 - 12 = -2', ['10-12=-2']],
    ['2x + 3 = 7', []],
  ])('%j', (text, equations) => {
    expect(equationsOf(text)).toEqual(equations)
  })

  // Each would take minutes at quadratic cost.
  test.each([
    ['a sum without end', '1+'.repeat(300_000)],
    ['digits without end', '1'.repeat(600_000)],
    ['dots', `1+1=${'.'.repeat(600_000)}`],
    ['blanks', `1${' '.repeat(600_000)}`.repeat(2)],
    ['separators', '1,000'.repeat(120_000)],
  ])('are read from hostile text as well: %s', (_, text) => {
    expect(equationsOf(text).length).toBeLessThanOrEqual(1)
  })
})

describe('an equation', () => {
  test.each([
    ['7*2=14', true],
    ['7*2=15', false],
    ['20-5-7=8', true],
    ['2+3*4=14', true],
    ['10/3=3.33', true],
    ['10/3=3.34', false],
    ['10/3=3', false],
    ['0.2*50=10', true],
    ['-3+5=2', true],
    ['5/0=1', undefined],
    ['3.5.2+1=4', undefined],
  ])('%s is %s', (equation, truth) => {
    expect(isEquationTrue(equation)).toBe(truth)
  })
})

describe('a text', () => {
  test.each([
    'So 5+17=20. 20-2=18.',
    'He has 3*4=13 pens.',
    '<<7*2=15>>15',
    '7*2=14\n14+1=16\n16-1=15',
    '$5 + $3 = $9 in all',
    '1. 2+2=5',
  ])('with a false equation: %j', (text) => {
    expect(hasFalseEquation(text)).toBe(true)
  })

  test.each([
    'So 5+17=22. 22-2=20.',
    'no numbers at all',
    // Parts of longer equations.
    '60g * 4/5 = 240g/5 = 48 grams',
    'James slept 9 hours * 2/3 = 6 hours.',
    '15 pages x 1/3 = 5 pages',
    '(5 - 2) * 3 + 1 = 10',
    '(1/2) 278 + 11 = 150 points',
    '3x + 4 - 4 = 28 - 4',
    'the chance is 3 / 6 = 50%',
    '5 - 1 - 1/2 = 3 1/2 hours',
    '1 - 3/5 = 2/5 of his land',
    '14 * 1/2 = 14 / 2 = 7 fries',
    '120 – 80 - 15 = 25 more points',
    '2+3=5+1=6',
    '20% of 50 + 5 = 15',
    '2^3 + 1 = 9',
    '$350 000 x 5/100 = $17500',
  ])('without one: %j', (text) => {
    expect(hasFalseEquation(text)).toBe(false)
  })

  const gsm8k = sharedRows('datasets/gsm8k/test.jsonl')
  test.skipIf(gsm8k.absent)(`of a person seems false in fewer than 5 of 1000 solutions${gsm8k.reason}`, () => {
    const solutions = gsm8k.rows.map((row) => String(row.answer).replace(/<<.*?>>/g, ''))
    expect(solutions.flatMap(equationsOf).length).toBeGreaterThan(3000)
    expect(solutions.filter(hasFalseEquation).length / solutions.length).toBeLessThan(0.005)
  })
})
