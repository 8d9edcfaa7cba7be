import { describe, expect, test } from 'vitest'
import { judge } from '../../src/verify/decide.ts'
import { explain } from '../../src/verify/explain.ts'
import { hostileByKind } from '../fixtures/checker/hostile.ts'
import { HOSTILE_TEXTS } from '../fixtures/checker/hostile-texts.ts'

describe('hostile text gets a verdict and costs little', () => {
  test.each(HOSTILE_TEXTS)('%s', (_name, text, kind) => {
    expect(judge('7', text).kind).toBe(kind)
  })

  test.each(HOSTILE_TEXTS)('%s as gold answer is undecided unless it can be read', (_name, text, kind) => {
    const { kind: asGold } = judge(text, '\\boxed{7}')
    expect(asGold).toBe(kind === 'correct' || kind === 'incorrect' ? kind : 'undecided')
  })

  test.each(HOSTILE_TEXTS)('%s is explained in a bounded space', (_name, text) => {
    expect(JSON.stringify(explain('7', text)).length).toBeLessThan(30_000)
  })
})

// All of them are in hostile.slow.test.ts; bench/verifier.ts says what they cost.
const SOME = [...hostileByKind()].filter((_, at) => at % 12 === 5)

test.each(SOME)('$kind is never called correct', ({ gold, answer }) => {
  expect(judge(gold, answer).kind).not.toBe('correct')
  expect(judge(answer, gold).kind).not.toBe('correct')
})

test.each([
  ['units with powers and spaces', ' cm^2'],
  ['words with powers', '\\text{a}^2 '],
  ['slashes between units', ' / s ^ 2 '],
])('%s one after the other end, whatever follows them', (_, piece) => {
  expect(judge(`${piece.repeat(300)}9`, `\\boxed{${piece.repeat(300)}8}`).kind).not.toBe('correct')
})

test('a tower of roots without braces is not read', () => {
  expect(judge(`${'\\sqrt'.repeat(300)}9`, `\\boxed{${'\\sqrt'.repeat(300)}8}`).kind).toBe('undecided')
})
