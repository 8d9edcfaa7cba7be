/** One side of a comparison: cheaply as one exact number, and where that does not decide, as a tree. */

import type { Rational } from '../algebra/rational.ts'
import { createSteps, StepsExceeded } from '../algebra/steps.ts'
import { isDeeperThan, type VerifyLimits } from '../limits.ts'
import { cleanAnswer } from '../spelling/clean.ts'
import { tidyAnswer } from '../spelling/tidy.ts'
import type { Tree } from '../tree.ts'
import { readEquation } from './equation.ts'
import { hasThousandsComma } from './list.ts'
import { readNumber } from './number.ts'
import type { ReadOptions } from './options.ts'
import { readTree } from './tree-reader.ts'

/** The cheap reading: a number with what stands around it, or a text that may be anything. */
export type Answer =
  | {
      readonly kind: 'number'
      /** As written: `50%` is 50 with `percent` set. */
      readonly value: Rational
      readonly percent: boolean
      readonly measure: string | undefined
      /** What is counted, in the words behind it. */
      readonly noun: string | undefined
      /** What the number is said to be the value of: the `x` of `x = 5`. */
      readonly name: string | undefined
    }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'too-large'; readonly limit: `limit:${string}` }

/** @returns the cheap reading, remembered */
export function parseAnswer(extracted: string, limits: VerifyLimits): Answer {
  const known = recall(extracted, limits)
  if (known?.answer) return known.answer
  const own = ownCopy(extracted)
  const answer = readAnswer(own, limits)
  remember(own, { ...known, answer })
  return answer
}

function readAnswer(extracted: string, limits: VerifyLimits): Answer {
  if (extracted.length > limits.answerCharacters) return { kind: 'too-large', limit: 'limit:answer' }
  if (isDeeperThan(extracted, limits.depth)) return { kind: 'too-large', limit: 'limit:depth' }
  const text = cleanAnswer(extracted)
  const direct = readNumber(text, limits)
  const { name, reading } = direct.kind === 'none' ? (readEquation(text, limits) ?? NO_EQUATION) : { reading: direct }
  if (reading.kind === 'none') return { kind: 'text', text }
  return reading.kind === 'number' ? { ...reading, name } : reading
}

const NO_EQUATION = { name: undefined, reading: { kind: 'none' } } as const

/** The full reading. */
export interface TreeReading {
  readonly tidied: string
  /** Undefined where it is not mathematics that is known here. */
  readonly tree: Tree | undefined
  /** The same text with every comma as a separator, where that is another reading. */
  readonly asList: Tree | undefined
  /** True where it says that its letter is a whole number. */
  readonly isWhole?: boolean
  /** The letters of vectors in their order, where a cross stands between vectors. */
  readonly vectors?: string | undefined
  /** True where reading it takes more steps than the limit. */
  readonly isTooLarge: boolean
}

// One gold answer is compared with many completions, and many of them give the same answer: reading it once is most of
// the work saved. Long answers are rare, and hostile ones are long.
const MOST_REMEMBERED = 4_096
const LONGEST_REMEMBERED = 128

interface Remembered {
  readonly answer?: Answer
  readonly tree?: TreeReading
}

let remembered = new Map<string, Remembered>()
let rememberedFor: VerifyLimits | undefined

function recall(extracted: string, limits: VerifyLimits): Remembered | undefined {
  const isSame =
    rememberedFor !== undefined &&
    limits.steps === rememberedFor.steps &&
    limits.depth === rememberedFor.depth &&
    limits.digits === rememberedFor.digits &&
    limits.exponent === rememberedFor.exponent &&
    limits.answerCharacters === rememberedFor.answerCharacters
  if (!isSame) {
    remembered = new Map()
    rememberedFor = limits
  }
  return remembered.get(extracted)
}

/** The same text, apart from the completion that it was cut from: what is remembered would hold all of that. */
function ownCopy(extracted: string): string {
  return extracted.length > LONGEST_REMEMBERED ? extracted : ` ${extracted}`.slice(1)
}

function remember(extracted: string, reading: Remembered): void {
  if (extracted.length > LONGEST_REMEMBERED) return
  if (remembered.size >= MOST_REMEMBERED) remembered = new Map()
  remembered.set(extracted, reading)
}

/** Each side has its own steps, so that what is remembered never changes a verdict. */
export function parseTree(extracted: string, limits: VerifyLimits): TreeReading {
  const known = recall(extracted, limits)
  if (known?.tree) return known.tree
  const own = ownCopy(extracted)
  const tree = readFresh(own, limits)
  remember(own, { ...known, tree })
  return tree
}

// Each doubles the part it stands in.
const MOST_SIGNS = 24
function unreadable(tidied: string): TreeReading {
  return { tidied, tree: undefined, asList: undefined, isTooLarge: true }
}

function readFresh(extracted: string, limits: VerifyLimits): TreeReading {
  const tidied = tidyAnswer(extracted)
  if ((tidied.match(/[±∓]/g)?.length ?? 0) > MOST_SIGNS) return unreadable(tidied)
  const steps = createSteps(limits.steps)
  let depth = 0
  const read: ReadOptions['read'] = (text, options) => {
    if (depth >= limits.depth) return undefined
    depth++
    try {
      return readTree(text, options)
    } finally {
      depth--
    }
  }
  try {
    const tree = read(tidied, { steps, isCommaList: false, read })
    const asList = hasThousandsComma(tidied) ? read(tidied, { steps, isCommaList: true, read }) : undefined
    const isWhole =
      /[\\ℤℕ整]|integer|natural/.test(extracted) &&
      /\\mathbb\s*\{?\s*[ZN]|[ℤℕ]|\binteger|\bnatural number|整数/.test(extracted)
    return { tidied, tree, asList, isWhole, vectors: vectorsOf(extracted), isTooLarge: false }
  } catch (error) {
    if (!(error instanceof StepsExceeded)) throw error
    return unreadable(tidied)
  }
}

const VECTOR = /\\(?:vec|mathbf|boldsymbol|bm|overrightarrow|hat)\s*\{?\s*([A-Za-z])|[()+-]/g

function vectorsOf(text: string): string | undefined {
  if (
    !/\\times(?![A-Za-z])|×/.test(text) ||
    !/\\(?:vec|mathbf|boldsymbol|bm|overrightarrow|hat)\s*\{?\s*[A-Za-z]/.test(text)
  )
    return undefined
  return [...text.matchAll(VECTOR)].map((match) => match[1] ?? match[0]).join('')
}
