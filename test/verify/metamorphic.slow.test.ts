import { describe, expect, test } from 'vitest'
import { judge } from '../../src/verify/judge.ts'
import { CORRUPTIONS, REWRITES } from './gold-changes.ts'
import { sharedRows } from './shared-data.ts'

const { rows, reason, absent } = sharedRows('verifier-cases/gold-answers-dev.jsonl')
const golds = [...new Set(rows.map(({ gold }) => String(gold)))].filter((gold) => judge(gold, gold).kind === 'correct')

describe.skipIf(absent)(`changed copies of all published golds${reason}`, () => {
  test.each(Object.entries(CORRUPTIONS))('%s: never accepted', (_, change) => {
    const changed = golds.flatMap((gold) => {
      const text = change(gold)
      return text === undefined ? [] : [[gold, text] as const]
    })
    expect(changed.filter(([gold, text]) => judge(gold, text).kind === 'correct')).toEqual([])
  })

  test.each(Object.entries(REWRITES))('%s: still accepted', (_, change) => {
    const changed = golds.flatMap((gold) => {
      const text = change(gold)
      return text === undefined || /boxed/.test(gold) ? [] : [[gold, text] as const]
    })
    const lost = changed.filter(([gold, text]) => judge(gold, text).kind !== 'correct')
    expect(lost.length / changed.length, JSON.stringify(lost.slice(0, 5))).toBeLessThan(0.005)
    expect(changed.length).toBeGreaterThan(100)
  })
})
