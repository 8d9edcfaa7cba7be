import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { judge } from '../../src/verify/decide.ts'

interface Pair {
  readonly id: string
  readonly gold: string
  readonly pred: string
  readonly label: 'equal' | 'different'
  readonly kind: string
}

const FILE = new URL('../fixtures/checker/pairs.jsonl', import.meta.url)
const pairs = readFileSync(FILE, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line): Pair => JSON.parse(line))

describe.each([...Map.groupBy(pairs, ({ kind }) => kind)])('pairs of our own, kind %s', (_, own) => {
  test('what differs is not accepted', () => {
    expect(
      own.filter(({ gold, pred, label }) => label === 'different' && judge(gold, pred).kind === 'correct'),
    ).toEqual([])
  })

  test('what is equal is accepted', () => {
    expect(own.filter(({ gold, pred, label }) => label === 'equal' && judge(gold, pred).kind !== 'correct')).toEqual([])
  })
})

test('incorrect means that both sides were read', () => {
  const sides = [
    '3 \\text{ florbs or so}',
    '3 \\cancel{4}',
    '\\text{half of it is }3',
    '(1,2)\\text{ is wrong}',
    '7以上',
  ]
  for (const side of sides) expect(['undecided', 'unparsed']).toContain(judge('3', `\\boxed{${side}}`).kind)
})
