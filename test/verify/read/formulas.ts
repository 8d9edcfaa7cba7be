/** Random formulas of everyday LaTeX, and the tree that a parser's MathJSON gives. */

import fc from 'fast-check'
import { expect } from 'vitest'
import { createSteps } from '../../../src/verify/algebra/steps.ts'
import { fromMathJson } from '../../../src/verify/read/from-mathjson.ts'
import { parseLatex } from '../../../src/verify/read/latex-parser.ts'
import { parsePlainLatex } from '../../../src/verify/read/plain-latex.ts'

/** The tree as text; `none` where there is none. */
export const expressionOf = (json: unknown): string =>
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
  'x_{ij}',
  'a_{n+2}',
  'b_{k-1}',
  '\\xi ',
)
/** Formulas of up to four levels. */
export const { formula } = fc.letrec<{ formula: string }>((tie) => {
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
      inner.map((a) => `\\lg ${a}`),
      inner.map((a) => `${a}^{\\circ}`),
      inner.map((a) => `\\tan 15^{\\circ}${a}`),
      two.map(([a, b]) => `\\sin \\frac{${a}}{5}${b}`),
      two.map(([a, b]) => `${a}\\mod ${b}`),
    ),
  }
})

/** What our own parser reads of these has the tree that the library's gives, and it reads at least so many. */
export function expectSameTrees(runs: number, least: number): void {
  let read = 0
  fc.assert(
    fc.property(formula, (latex) => {
      const plain = parsePlainLatex(latex)
      if (plain === undefined) return
      read++
      expect(expressionOf(plain), latex).toBe(expressionOf(parseLatex(latex)))
    }),
    { numRuns: runs },
  )
  expect(read).toBeGreaterThan(least)
}
