import { describe, expect, test } from 'vitest'
import { judge } from '../../src/verify/judge.ts'
import { sharedRows } from './shared-data.ts'

const { rows, reason, absent } = sharedRows('verifier-cases/gold-answers-dev.jsonl')
const golds = [...new Set(rows.map(({ gold }) => String(gold)))].filter((gold) => judge(gold, gold).kind === 'correct')
/** Every fourth gold: all of them take half a minute. */
const some = golds.filter((_, at) => at % 4 === 0)
const bare = (gold: string): string => gold.replace(/^\$+|\$+$/g, '')
const boxed = (gold: string): string => `\\boxed{${gold}}`
const isNumber = (gold: string): boolean => /^-?\d+(?:\.\d+)?$/.test(bare(gold))

/** Changes that make another answer of it; undefined where one does not apply. */
const CORRUPTIONS: Readonly<Record<string, (gold: string) => string | undefined>> = {
  'or 17': (gold) => (/(?<!\d)17(?!\d)/.test(gold) ? undefined : boxed(`${bare(gold)} \\text{ or } 17`)),
  'is wrong': (gold) => boxed(`${bare(gold)} \\text{ is wrong}`),
  'is not the answer': (gold) => `The answer is not $${bare(gold)}$.`,
  squared: (gold) =>
    isNumber(gold) && !/^-?[01]$/.test(bare(gold)) ? boxed(`${bare(gold)}\\text{ squared}`) : undefined,
  halves: (gold) => (isNumber(gold) ? boxed(`${bare(gold)}\\text{ halves}`) : undefined),
  'more than': (gold) => (isNumber(gold) ? boxed(`\\text{more than }${bare(gold)}`) : undefined),
  'in base 7': (gold) => (isNumber(gold) ? boxed(`${bare(gold)}\\text{ in base }7`) : undefined),
  'mod 9': (gold) => (isNumber(gold) ? boxed(`${bare(gold)} \\pmod{9}`) : undefined),
  'a digit more': (gold) => (/^-?\d+$/.test(bare(gold)) ? boxed(`${bare(gold)}1`) : undefined),
  'a false chain': (gold) => (/^\d+$/.test(bare(gold)) ? boxed(`${Number(bare(gold)) + 1}=${bare(gold)}`) : undefined),
  'inside thinking': (gold) => `<think>so ${boxed(bare(gold))}</think>I do not know.`,
  'and for or': (gold) =>
    /[<>]|\\[lg]e/.test(gold) && / or /.test(gold) ? boxed(bare(gold).replace(/ or /g, ' and ')) : undefined,
}

/** Other dress of the same answer. */
const REWRITES: Readonly<Record<string, (gold: string) => string | undefined>> = {
  'after thinking': (gold) => `<think>perhaps \\boxed{-77}</think>So ${boxed(bare(gold))}.`,
  'on a later line': (gold) => (isNumber(gold) ? `First \\boxed{-77}.\n\n**Final answer:** ${bare(gold)}` : undefined),
  coloured: (gold) => (isNumber(gold) ? boxed(`\\color{blue}${bare(gold)}`) : undefined),
  counted: (gold) => (isNumber(gold) ? boxed(`${bare(gold)}\\text{ ways}`) : undefined),
  'in full width': (gold) =>
    /^\d+$/.test(bare(gold))
      ? boxed([...bare(gold)].map((digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)).join(''))
      : undefined,
  quoted: (gold) => (isNumber(gold) ? boxed(`"${bare(gold)}"`) : undefined),
  announced: (gold) => (isNumber(gold) ? boxed(`\\text{The value is }${bare(gold)}`) : undefined),
  'by a channel': (gold) =>
    `<|channel|>analysis<|message|>\\boxed{-77}<|end|><|start|>assistant<|channel|>final<|message|>${boxed(bare(gold))}`,
}

describe.skipIf(absent)(`changed copies of published golds${reason}`, () => {
  test.each(Object.entries(CORRUPTIONS))('%s: never accepted', (_, change) => {
    const changed = some.flatMap((gold) => {
      const text = change(gold)
      return text === undefined ? [] : [[gold, text] as const]
    })
    expect(changed.filter(([gold, text]) => judge(gold, text).kind === 'correct')).toEqual([])
  })

  test.each(Object.entries(REWRITES))('%s: still accepted', (_, change) => {
    const changed = some.flatMap((gold) => {
      const text = change(gold)
      return text === undefined || /boxed/.test(gold) ? [] : [[gold, text] as const]
    })
    const lost = changed.filter(([gold, text]) => judge(gold, text).kind !== 'correct')
    expect(lost.length / changed.length, JSON.stringify(lost.slice(0, 5))).toBeLessThan(0.005)
    expect(changed.length).toBeGreaterThan(100)
  })
})
