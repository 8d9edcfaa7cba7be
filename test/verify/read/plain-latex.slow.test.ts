import { expect, test } from 'vitest'
import { parseLatex } from '../../../src/verify/read/latex-parser.ts'
import { parsePlainLatex } from '../../../src/verify/read/plain-latex.ts'
import { bracePowers } from '../../../src/verify/spelling/powers.ts'
import { tidyAnswer } from '../../../src/verify/spelling/tidy.ts'
import { sharedRows } from '../shared-data.ts'
import { expectSameTrees, expressionOf } from './formulas.ts'

test('two hundred thousand formulas have the tree that the parser of the library gives', () => {
  expectSameTrees(200_000, 50_000)
})

const { rows, reason, absent } = sharedRows('verifier-cases/gold-answers-dev.jsonl')

test.skipIf(absent)(`the parts of every published gold have that tree too${reason}`, () => {
  const parts = new Set(rows.flatMap(({ gold }) => bracePowers(tidyAnswer(String(gold))).split(/[,;=<>≤≥∈∪∨∧]/)))
  let read = 0
  for (const part of parts) {
    const plain = parsePlainLatex(part.trim())
    if (plain === undefined) continue
    read++
    expect(expressionOf(plain), part).toBe(expressionOf(parseLatex(part.trim())))
  }
  expect(read).toBeGreaterThan(2_000)
})
