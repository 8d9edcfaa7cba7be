import { expect, test } from 'vitest'
import { parseLatex } from '../../../src/verify/read/latex-parser.ts'
import { parsePlainLatex } from '../../../src/verify/read/plain-latex.ts'
import { expectSameTrees } from './formulas.ts'

test('gives the tree that the parser of the library gives, for whatever it reads', () => {
  expectSameTrees(1_500, 300)
})

test.each([
  '\\frac{1}{2}',
  '-2\\sqrt{3}+1',
  '(x+1)^2(x-3)',
  '\\frac{-b}{2a}',
  'e^{2x}\\sin(3x)',
  '2\\pi r^2',
  '\\ln|x|+C',
  '1.5\\times10^{-4}',
  '\\log_{2}(x+1)',
  '\\frac12 x_{1}',
  '\\tan 15^{\\circ}',
  '\\cos 40^{\\circ}+i\\sin 40^{\\circ}',
  '\\lg 2',
  '-3\\mod 7',
  '2x\\mod y+1',
  '\\sin\\frac{2}{5}\\pi',
  '(n+1)a_{n+2}-x_{ij}^2',
])('reads %s itself', (latex) => {
  expect(parsePlainLatex(latex)).toEqual(parseLatex(latex))
})

test.each([
  ['a second power', 'x^y^z'],
  ['a double factorial', 'n!!'],
  ['a derivative', '\\frac{d}{dx}x^2'],
  ['a function of the library', 'P(x)'],
  ['a repeating decimal', '0.5(2)'],
  ['a comma', '1,2'],
  ['a relation', 'x=1'],
  ['a huge power of ten', '2\\times 10^{1717}'],
  ['a command that it does not know', '\\oint x'],
  ['an argument that may go on', '\\sin x\\cos x'],
  ['what does not close', '(x+1'],
  ['nothing', ''],
])('leaves %s to the library: %s', (_, latex) => {
  expect(parsePlainLatex(latex)).toBeUndefined()
})
