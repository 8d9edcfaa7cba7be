/** The sentences of a steps file, taken apart once so that tens of thousands of instances a second can be written. */

import { ConfigError } from '../../core/errors.ts'
import type { Random } from '../../core/seed.ts'
import type { StepsFile, StepsPart } from './file.ts'

/** Values of the slots while a problem is written; `total` is what the story has come to. */
export type Slots = Record<string, string | number>

/** Literal text and slot names in turn, literal first. */
export type CompiledText = readonly string[]

export interface CompiledPart {
  readonly weight: number
  readonly text: CompiledText
  readonly numbers: readonly { readonly name: string; readonly low: number; readonly high: number }[]
  readonly equations: readonly {
    readonly result: string
    readonly left: string
    readonly sign: string
    readonly right: string
  }[]
  /** Bounds of every result. */
  readonly low: number
  readonly high: number
}

export interface CompiledSteps {
  readonly words: StepsFile['words']
  readonly openings: readonly CompiledPart[]
  readonly clauses: readonly CompiledPart[]
  readonly questions: readonly CompiledText[]
  readonly shopShare: number
  readonly shops: readonly (CompiledPart & { readonly level: string; readonly question: CompiledText })[]
}

const WORD_SLOTS = ['name', 'friend', 'item', 'other', 'container'] as const

/**
 * Takes the sentences apart.
 * @throws ConfigError when a sentence or an equation names a value that nothing gives
 */
export function compileSteps(file: StepsFile): CompiledSteps {
  return {
    words: file.words,
    openings: file.openings.map((part) => compilePart(file, part, [])),
    clauses: file.clauses.map((part) => compilePart(file, part, ['total'])),
    questions: file.questions.map((question) => compileText(file, question, WORD_SLOTS)),
    shopShare: file.shopShare,
    shops: file.shops.map((shop) => ({
      ...compilePart(file, shop, []),
      level: shop.level,
      question: compileText(file, shop.question, WORD_SLOTS),
    })),
  }
}

/** Writes a text with its slots filled. */
export function renderText(text: CompiledText, slots: Slots): string {
  let out = text[0] ?? ''
  for (let i = 1; i < text.length; i += 2) out += `${slots[text[i] ?? '']}${text[i + 1]}`
  return out
}

/** One of the items, each as likely as its weight says. */
export function weightedPick<T extends { readonly weight: number }>(items: readonly T[], random: Random): T {
  let left = random() * items.reduce((sum, item) => sum + item.weight, 0)
  for (const item of items) {
    left -= item.weight
    if (left < 0) return item
  }
  return items.at(-1) as T
}

function compilePart(file: StepsFile, part: StepsPart, given: readonly string[]): CompiledPart {
  const known = new Set([...given, ...Object.keys(part.numbers)])
  const text = compileText(file, part.text, [...WORD_SLOTS, ...Object.keys(part.numbers)])
  const equations = part.equations.map((equation) => {
    const [result = '', , left = '', sign = '', right = ''] = equation.split(' ')
    for (const name of [left, right]) {
      if (!known.has(name)) throw unknown(file, name, equation)
    }
    known.add(result)
    return { result, left, sign, right }
  })
  if (!known.has('total')) throw new ConfigError(`Steps file ${file.name}: "${part.text}" leaves no value named total.`)
  const numbers = Object.entries(part.numbers).map(([name, [low, high]]) => ({ name, low, high }))
  const [low, high] = part.results ?? file.results
  return { weight: part.weight, text, numbers, equations, low, high }
}

function compileText(file: StepsFile, text: string, known: readonly string[]): CompiledText {
  const pieces = text.split(/\{([a-z]+)\}/)
  for (let i = 1; i < pieces.length; i += 2) {
    const name = pieces[i] ?? ''
    if (!known.includes(name)) throw unknown(file, name, text)
  }
  return pieces
}

function unknown(file: StepsFile, name: string, where: string): ConfigError {
  return new ConfigError(
    `Steps file ${file.name}: "${where}" uses ${name}, which is neither a word list nor a number of its part.`,
  )
}
