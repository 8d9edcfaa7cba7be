import fc from 'fast-check'
import { expect, test } from 'vitest'
import { VERDICT_KINDS } from '../../src/core/verdict.ts'
import { judge } from '../../src/verify/decide.ts'
import { explain } from '../../src/verify/explain.ts'
import { answerLike } from './fuzz.ts'

const RUNS = 100_000

// Each run judges three pairs of texts.
test('a hundred thousand pairs of random answers get verdicts, never an exception, and themselves are never incorrect', () => {
  fc.assert(
    fc.property(answerLike(25), answerLike(25), (gold, answer) => {
      const verdict = judge(gold, answer)
      expect(VERDICT_KINDS).toContain(verdict.kind)
      expect(['correct', 'undecided']).toContain(judge(gold, gold).kind)
      expect(explain(gold, answer).verdict).toBe(verdict.kind)
    }),
    { numRuns: RUNS },
  )
})

test('a hundred thousand boxed answers of any characters get the same verdict twice', () => {
  fc.assert(
    fc.property(answerLike(12), fc.string({ unit: 'binary', maxLength: 60 }), (gold, noise) => {
      const text = `\\boxed{${gold}${noise}}`
      expect(judge(gold, text)).toEqual(judge(gold, text))
    }),
    { numRuns: RUNS },
  )
})
