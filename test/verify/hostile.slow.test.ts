import { expect, test } from 'vitest'
import { judge } from '../../src/verify/decide.ts'
import { hostileByKind } from '../fixtures/checker/hostile.ts'

test('none of the hostile inputs is called correct, as an answer or as a gold', () => {
  const fooled: string[] = []
  let inputs = 0
  for (const { kind, gold, answer } of hostileByKind()) {
    inputs++
    if (judge(gold, answer).kind === 'correct' || judge(answer, gold).kind === 'correct') fooled.push(`${kind} ${gold}`)
  }
  expect(fooled).toEqual([])
  expect(inputs).toBeGreaterThan(200)
})
