import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSteps } from '../../../src/verify/algebra/steps.ts'
import { fromMathJson } from '../../../src/verify/read/from-mathjson.ts'
import { parseLatex } from '../../../src/verify/read/latex-parser.ts'
import { parsePlainLatex } from '../../../src/verify/read/plain-latex.ts'

const expressionOf = (json: unknown): string =>
  JSON.stringify(fromMathJson(json, createSteps(1e6)), (_, value) =>
    typeof value === 'bigint' ? `${value}n` : value,
  ) ?? 'none'

const leaf = fc.constantFrom(
  '0',
  '2',
  '17',
  '0.5',
  '1.50',
  'x',
  'n',
  'e',
  'i',
  'C',
  'x_1',
  'a_{10}',
  '\\pi ',
  '\\theta ',
  '\\infty ',
  '\\sigma ',
)
const { formula } = fc.letrec<{ formula: string }>((tie) => {
  const inner = tie('formula')
  const two = fc.tuple(inner, inner)
  return {
    formula: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'latex' },
      leaf,
      two.map(([a, b]) => `${a}+${b}`),
      two.map(([a, b]) => `${a} - ${b}`),
      two.map(([a, b]) => `${a}${b}`),
      two.map(([a, b]) => `${a}\\cdot ${b}`),
      two.map(([a, b]) => `${a}/${b}`),
      two.map(([a, b]) => `\\frac{${a}}{${b}}`),
      two.map(([a, b]) => `${a}^{${b}}`),
      two.map(([a, b]) => `\\max(${a}, ${b})`),
      two.map(([a, b]) => `\\sqrt[${a}]{${b}}`),
      two.map(([a, b]) => `\\binom{${a}}{${b}}`),
      inner.map((a) => `-${a}`),
      inner.map((a) => `(${a})`),
      inner.map((a) => `{${a}}`),
      inner.map((a) => `|${a}|`),
      inner.map((a) => `${a}!`),
      inner.map((a) => `\\sqrt{${a}}`),
      inner.map((a) => `\\lfloor ${a}\\rfloor `),
      inner.map((a) => `2\\times 10^{${a}}`),
      inner.map((a) => `\\sin ${a}`),
      inner.map((a) => `\\cos^2(${a})`),
      inner.map((a) => `\\ln{${a}}`),
      inner.map((a) => `\\log_2 ${a}`),
    ),
  }
})

test('gives the tree that the parser of the library gives, for whatever it reads', () => {
  let read = 0
  fc.assert(
    fc.property(formula, (latex) => {
      const plain = parsePlainLatex(latex)
      if (plain === undefined) return
      read++
      expect(expressionOf(plain), latex).toBe(expressionOf(parseLatex(latex)))
    }),
    { numRuns: 1_500 },
  )
  expect(read).toBeGreaterThan(300)
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
  ['a command that it does not know', '\\oint x'],
  ['an argument that may go on', '\\sin x\\cos x'],
  ['what does not close', '(x+1'],
  ['nothing', ''],
])('leaves %s to the library: %s', (_, latex) => {
  expect(parsePlainLatex(latex)).toBeUndefined()
})
