import { describe, expect, test } from 'vitest'
import { judge } from '../../../src/verify/decide.ts'

const verdict = (gold: string, answer: string): string => judge(gold, `\\boxed{${answer}}`).kind

describe('matrices are compared cell by cell, to the last one', () => {
  const gold = '\\begin{pmatrix}1&2\\\\3&x\\end{pmatrix}'

  test.each([
    ['\\begin{pmatrix}1&2\\\\3&x\\end{pmatrix}', 'correct'],
    ['\\begin{pmatrix}0&2\\\\3&x\\end{pmatrix}', 'incorrect'],
    ['\\begin{pmatrix}1&2\\\\4&x\\end{pmatrix}', 'incorrect'],
    ['\\begin{pmatrix}1&2\\\\3&x+1\\end{pmatrix}', 'incorrect'],
    ['\\begin{pmatrix}1&2&0\\\\3&x&0\\end{pmatrix}', 'incorrect'],
  ])('%s is %s', (answer, kind) => {
    expect(verdict(gold, answer)).toBe(kind)
  })

  test('a cell that differs decides, whatever is open in another', () => {
    const open = '\\begin{pmatrix}1&\\int_0^1 e^{x^3}dx\\\\3&4\\end{pmatrix}'
    expect(verdict(open, '\\begin{pmatrix}2&\\int_0^1 e^{x^2}dx\\\\3&4\\end{pmatrix}')).toBe('incorrect')
    expect(verdict(open, '\\begin{pmatrix}1&\\int_0^1 e^{x^2}dx\\\\3&4\\end{pmatrix}')).toBe('undecided')
  })
})

describe('repetition counts in lists and not in sets', () => {
  test.each([
    ['1, 1, 2', '1, 2, 1', 'correct'],
    ['1, 1, 2', '1, 2, 2', 'incorrect'],
    ['1, 1, 2', '1, 2', 'incorrect'],
    ['\\{1, 1, 2\\}', '\\{1, 2\\}', 'correct'],
    ['\\{1, 2\\}', '\\{2, 1, 2\\}', 'correct'],
    ['\\{1, 2, 2\\}', '\\{1, 1, 2\\}', 'correct'],
    ['\\{1, 2\\}', '\\{1, 1\\}', 'incorrect'],
    ['\\{1, 1\\}', '\\{1, 2\\}', 'incorrect'],
  ])('%s against %s is %s', (gold, answer, kind) => {
    expect(verdict(gold, answer)).toBe(kind)
  })
})

describe('a single letter in a font is a unit only behind a number', () => {
  test.each([
    ['5\\ \\mathrm{m}', '500\\ \\mathrm{cm}', 'correct'],
    ['5\\ \\mathrm{m}', '5\\ \\mathrm{s}', 'incorrect'],
    ['2\\mathrm{x}', '2x', 'correct'],
    ['\\mathrm{x}+\\mathrm{m}', 'm+x', 'correct'],
    ['3\\mathrm{ g}', '0.003\\text{ kg}', 'correct'],
  ])('%s against %s is %s', (gold, answer, kind) => {
    expect(verdict(gold, answer)).toBe(kind)
  })
})
