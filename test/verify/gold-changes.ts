/** Changes of a gold answer: those that make another answer of it, and those that do not. */

import { expect, test } from 'vitest'
import { judge } from '../../src/verify/decide.ts'

/** undefined where it does not apply. */
type Change = (gold: string) => string | undefined

/** Without its dollars. */
export const bare = (gold: string): string => gold.replace(/^\$+|\$+$/g, '')
const boxed = (gold: string): string => `\\boxed{${gold}}`
const isNumber = (gold: string): boolean => /^-?\d+(?:\.\d+)?$/.test(bare(gold))

/** Changes that make another answer of it. */
const CORRUPTIONS: Readonly<Record<string, Change>> = {
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
  'another sign': (gold) =>
    isNumber(gold) && !/^-?0+(?:\.0+)?$/.test(bare(gold))
      ? boxed(bare(gold).startsWith('-') ? bare(gold).slice(1) : `-${bare(gold)}`)
      : undefined,
  'another digit': (gold) =>
    /^-?\d+$/.test(bare(gold)) ? boxed(bare(gold).replace(/\d$/, (last) => `${(Number(last) + 1) % 10}`)) : undefined,
  'a fraction upside down': (gold) => {
    const [, top, bottom] = /^\\d?frac\{(\d+)\}\{(\d+)\}$/.exec(bare(gold)) ?? []
    return top !== undefined && top !== bottom ? boxed(`\\frac{${bottom}}{${top}}`) : undefined
  },
  'another root': (gold) =>
    /^[^,=<>]*\\sqrt\{\d+\}[^,=<>]*$/.test(bare(gold)) && !/\\(?:cdot|times)\s*0/.test(gold)
      ? boxed(bare(gold).replace(/\\sqrt\{(\d+)\}/, (_, root: string) => `\\sqrt{${Number(root) + 1}}`))
      : undefined,
  'other brackets': (gold) => {
    const [, inside] = /^[$\s]*(?:\\left)?\[([^[\]()]*,[^[\]()]*)(?:\\right)?\][$\s]*$/.exec(gold) ?? []
    return inside === undefined ? undefined : boxed(`(${inside.replace('\\right', '')})`)
  },
  'a part less': (gold) => {
    const parts = bare(gold).split(',')
    return /^-?\d+(?:, ?-?\d+)+$/.test(bare(gold)) && new Set(parts).size === parts.length && !/,\d{3}(?!\d)/.test(gold)
      ? boxed(parts.slice(1).join(','))
      : undefined
  },
  'and for or': (gold) =>
    /[<>]|\\[lg]e/.test(gold) && / or /.test(gold) ? boxed(bare(gold).replace(/ or /g, ' and ')) : undefined,
}

/** Other dress of the same answer. */
const REWRITES: Readonly<Record<string, Change>> = {
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

/** Every corruption must be refused, and every rewrite of a gold still accepted. */
export function expectChangesToHold(golds: readonly string[]): void {
  const changedBy = (change: Change): (readonly [string, string])[] =>
    golds.flatMap((gold) => {
      const text = change(gold)
      return text === undefined ? [] : [[gold, text] as const]
    })

  test.each(Object.entries(CORRUPTIONS))('%s: never accepted', (_, change) => {
    expect(changedBy(change).filter(([gold, text]) => judge(gold, text).kind === 'correct')).toEqual([])
  })

  test.each(Object.entries(REWRITES))('%s: still accepted', (_, change) => {
    const changed = changedBy(change).filter(([gold]) => !/boxed/.test(gold))
    const lost = changed.filter(([gold, text]) => judge(gold, text).kind !== 'correct')
    expect(lost.length / changed.length, JSON.stringify(lost.slice(0, 5))).toBeLessThan(0.005)
    expect(changed.length).toBeGreaterThan(100)
  })
}
