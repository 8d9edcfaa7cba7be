/** Sets in braces: their members, or the condition or the term that they are built from. */

import { numberOf, substituteTree, symbolsOf, type Tree, type Within } from '../tree.ts'
import { flattened, type ReadOptions, trimmedOf } from './options.ts'
import { splitTop } from './scan.ts'

export const EMPTY_SET: Tree = { kind: 'group', open: '{', close: '}', items: [] }

/** `{1, 2}`; `{x | x > 1}` is its condition, `{2k | k ∈ Z}` its element. */
export function readSet(inside: string, options: ReadOptions): Tree | undefined {
  const { parts: bars, found } = splitTop(inside, '|:')
  const [element] = bars
  // The first bar or colon divides; more of them belong to the condition: |x| ≤ 2.
  const condition =
    element === undefined || found[0] === undefined ? undefined : inside.slice(element.length + found[0].length)
  if (bars.length >= 2 && element !== undefined && condition !== undefined && /[=<>≤≥≠∈∉]/.test(condition)) {
    const head = splitTop(element, '∈').parts[0] ?? element
    // A condition on another letter than that of the set says nothing of it.
    const letter = /^\s*([A-Za-z])\s*$/.exec(head)?.[1]
    if (letter !== undefined && !new RegExp(`(?<![A-Za-z\\\\])${letter}(?![A-Za-z])`).test(condition)) return undefined
    return /^\s*(?:\\?[A-Za-z]+|\([A-Za-z, ]+\))\s*$/.test(head)
      ? builtSet(options.read(condition, options), wholeSetOf(element))
      : (readValues(head, condition, options) ??
          (isMembership(condition) ? valuesOf(head, condition, options) : undefined))
  }
  if (trimmedOf(inside) === '') return EMPTY_SET
  const content = options.read(inside, options)
  if (!content) return undefined
  return { kind: 'group', open: '{', close: '}', items: flattened(content) }
}

function valuesOf(head: string, condition: string, options: ReadOptions): Tree | undefined {
  return builtSet(options.read(head, options), wholeSetOf(condition) === undefined ? undefined : 'values')
}

// `k ∈ Z` alone; a bound beside it leaves some values out.
function isMembership(condition: string): boolean {
  return !/[=<>≤≥≠∉]/.test(condition)
}

const BOUNDS = /^(-?\d{1,3})\s*([<≤])\s*([A-Za-z])\s*([<≤])\s*(-?\d{1,3})$/
const LIST_OF_VALUES = /^([A-Za-z])\s*[∈=]\s*(?:⦃\s*)?(-?\d{1,6}(?:\s*,\s*-?\d{1,6})*)\s*⦄?$/

/** `{2k : k ∈ Z, 1 ≤ k ≤ 4}` written out. */
function readValues(head: string, condition: string, options: ReadOptions): Tree | undefined {
  const parts = splitTop(condition, ',;∧').parts.map(trimmedOf)
  const memberships = parts.filter((part) => wholeSetOf(part) !== undefined)
  const others = parts.filter((part) => !memberships.includes(part))
  const [, low, first, letter, second, high] = BOUNDS.exec(others.join(',')) ?? []
  const [, listed, list] = LIST_OF_VALUES.exec(others.join(',')) ?? []
  const name = letter ?? listed
  if (name === undefined || (letter !== undefined && memberships.length !== 1)) return undefined
  const from = Number(low) + (first === '<' ? 1 : 0)
  const values =
    list === undefined
      ? Array.from({ length: Math.max(0, Number(high) - (second === '<' ? 1 : 0) - from + 1) }, (_, at) => from + at)
      : list.split(',').map(Number)
  const term = options.read(head, options)
  if (term?.kind !== 'expression' || !symbolsOf(term.expression).has(name) || values.length > MOST_VALUES)
    return undefined
  const at = (value: number): Tree =>
    substituteTree(term, new Map([[name, numberOf({ numerator: BigInt(value), denominator: 1n })]]))
  return { kind: 'group', open: '{', close: '}', items: values.map(at) }
}

const MOST_VALUES = 200

/** A union of one, so that two sets side by side are not taken for two conditions of one. */
function builtSet(condition: Tree | undefined, within: Within | undefined): Tree | undefined {
  return condition && { kind: 'sets', operator: '∪', items: [condition], within }
}

/** The whole numbers or the naturals, where a letter is said to be one of them. */
function wholeSetOf(text: string): Within | undefined {
  const name = /∈\s*\{?\s*\\mathbb\s*\{\s*([ZN])\s*\}/.exec(text)?.[1]
  return name === 'Z' || name === 'N' ? name : undefined
}
