import { describe, expect, test } from 'vitest'
import { judge } from '../../src/verify/judge.ts'
import { CORRUPTIONS, REWRITES } from './gold-changes.ts'
import { sharedRows } from './shared-data.ts'

const { rows, reason, absent } = sharedRows('verifier-cases/gold-answers-dev.jsonl')
/** Every fifth gold, from a place that its own characters give; all of them are in metamorphic.slow.test.ts. */
const golds = [...new Set(rows.map(({ gold }) => String(gold)))].filter(
  (gold) => seedOf(gold) % 5 === 2 && judge(gold, gold).kind === 'correct',
)

function seedOf(text: string): number {
  let state = 7
  for (const character of text) state = (Math.imul(state, 31) + (character.codePointAt(0) ?? 0)) >>> 0
  return state
}

describe.skipIf(absent)(`changed copies of published golds${reason}`, () => {
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
