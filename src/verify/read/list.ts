/** Lists without brackets: what separates their items, and what is said about their letters. */

import { TEXT_OPEN } from '../marks.ts'
import { isVerdict } from '../spelling/lexicon.ts'
import { bareList, type Joint, type Tree } from '../tree.ts'
import { flattened, type ReadOptions, readAll } from './options.ts'
import { scanTop, splitTop } from './scan.ts'

const CONDITION = /^(?:where|for|if|when|with|such that|provided|assuming|given|unless)\b/i

export function readList(text: string, options: ReadOptions): Tree | undefined {
  const semicolons = splitTop(text, ';')
  if (semicolons.parts.length > 1) {
    const items = readAll(semicolons.parts, options)
    // `1,2;3,4` lists pairs.
    return items && bareList(items.flatMap((item) => flattened(asTuple(item))))
  }
  const conditioned = splitConditions(withoutLabels(text))
  const masked = options.isCommaList ? conditioned : withoutThousands(conditioned)
  const { parts, found } = splitTop(masked, SEPARATORS)
  if (parts.length === 1) return masked === text ? undefined : options.read(masked, { ...options, isCommaList: true })
  const joint = jointOf(found)
  const items = joint === 'both' ? readAll(splitTop(masked, '∨⋁').parts, options) : readAll(parts, options)
  if (!items) return undefined
  if (joint === 'both') return turnsOf(items) ?? bareList(items.flatMap(flattened), 'or')
  return distributeRelation(items, joint) ?? bareList(items.flatMap(flattened), joint)
}

const SEPARATORS = ',∧∨⋀⋁'

/** What joins the parts: commas alone say nothing, one kind of word goes for all of them. */
function jointOf(separators: readonly string[]): Joint | 'both' | undefined {
  const hasAnd = separators.some((each) => each === '∧' || each === '⋀')
  const hasOr = separators.some((each) => each === '∨' || each === '⋁')
  if (hasAnd && hasOr) return 'both'
  return hasAnd ? 'and' : hasOr ? 'or' : undefined
}

/** `p = 2 and q = 5 or p = 5 and q = 2`: as many equations in every turn are one list of them. */
function turnsOf(items: readonly Tree[]): Tree | undefined {
  const [first] = items
  if (first?.kind !== 'group') return undefined
  const areTurns = items.every(
    (item) =>
      item.kind === 'group' &&
      item.open === '' &&
      item.items.length === first.items.length &&
      item.items.every(isEquation),
  )
  return areTurns ? bareList(items.flatMap((item) => (item.kind === 'group' ? item.items : [item]))) : undefined
}

function isEquation(tree: Tree): boolean {
  return tree.kind === 'relation' && tree.operators.every((operator) => operator === '=')
}

/** `First sequence: 1, 2 and sequence 2: 3, 4` lists numbers; a word with a colon before them is a heading. */
function withoutLabels(text: string): string {
  return text.includes(':')
    ? text.replace(/(^|[,;∧∨])\s*\ue000[^\ue001]*\ue001\s*\d{0,2}\s*:\s*(?=[-\d(\\{])/g, '$1 ')
    : text
}

/** `y = 2x, where x > 0` lists the value and its condition. */
function splitConditions(text: string): string {
  if (!text.includes(TEXT_OPEN)) return text
  return withoutDeclaredLetters(text)
    .replace(FOR_ALL, '')
    .replace(/,?\s*\ue000\s*([^\ue001]*)\ue001/g, (whole, words: string) =>
      CONDITION.test(words.trim()) && words.trim().split(/\s+/).length <= 3 ? ' , ' : whole,
    )
}

// `5 plus a constant` declares no letter.
const OPERATION = /^(?:plus|minus|times|divided|multiplied)$/i
const NUMBER_KINDS = /\b(?:integers?|reals?|natural|rational|arbitrary|constants?)\b/i
// What may stand before such a word: a comma, `where`, and the letters that it is about.
const DECLARED =
  /,?\s*\(?\s*(?:\ue000\s*(?:where|for|with|if|and|any|all|every|here)\b[^\ue001]*\ue001|,)?\s*(?:(?<=[,(\ue001]\s*)[A-Za-z](?:_\{?\w\}?)?(?:\s*,\s*[A-Za-z](?:_\{?\w\}?)?)*\s*)?\ue000([^\ue001]*)\ue001/g

/** `kπ, where k is an integer` says `kπ`: what kind of number a letter is says nothing about the value. */
function withoutDeclaredLetters(text: string): string {
  for (const match of text.matchAll(DECLARED)) {
    const rest = text.slice(match.index + match[0].length)
    const isLast = /^[\s,.)A-Za-z_{}\ue000\ue001]*$/.test(rest)
    const words = text.slice(match.index).match(/[A-Za-z'’]+/g) ?? []
    if (words.some((word) => (isVerdict(word) && !/^where$/i.test(word)) || OPERATION.test(word))) continue
    // `for rational x` says where the formula holds.
    if (
      /\bfor\s+(?:all |every |any )?(?:rational|irrational)/.test(match[0]) ||
      /\ue000\s*for\s*(?:\ue001\s*\ue000)?\s*(?:rational|irrational)/.test(match[0])
    )
      continue
    if (match.index > 0 && isLast && NUMBER_KINDS.test(match[0])) return text.slice(0, match.index)
  }
  return text
}

// `2^n - 1 for n ≥ 1`: where a formula holds is often left unsaid.
const FOR_ALL =
  /(?<=\S)\s*,?\s*\(?\ue000\s*for(?:\s+(?:all|any|every|each))?\s*\ue001\s*(?:(?:[ijkmnN]\s*[≥>=≠]|[A-Za-z]\s*∈)[^\ue000]*|[A-Za-z](?:\s*,\s*[A-Za-z])*\s*)$/s

function asTuple(tree: Tree): Tree {
  return tree.kind === 'group' && tree.open === '' ? { ...tree, open: '(', close: ')' } : tree
}

/** `x = 1, 2, 3` and `k ∈ 1, 2, 3`: one relation with a list. */
function distributeRelation(items: readonly Tree[], joint: Joint | undefined): Tree | undefined {
  const [first, ...rest] = items
  if (first?.kind !== 'relation' || first.sides.length !== 2 || rest.some((item) => item.kind === 'relation')) {
    return undefined
  }
  const [operator] = first.operators
  const [left, right] = first.sides
  if (
    (operator !== '=' && operator !== '∈' && operator !== '≠') ||
    !left ||
    !right ||
    rest.some((item) => item.kind === 'text')
  )
    return undefined
  return { ...first, sides: [left, bareList([right, ...rest].flatMap(flattened), joint)] }
}

/** `1,234,567` outside of brackets to `1234567`; inside of them a comma separates. */
function withoutThousands(text: string): string {
  const commas = thousandsCommas(text)
  return commas.size === 0 ? text : [...text].filter((_, at) => !commas.has(at)).join('')
}

/** True where a text has a comma outside of brackets that `readTree` takes for a thousands separator. */
export function hasThousandsComma(text: string): boolean {
  return thousandsCommas(text).size > 0
}

const THOUSANDS = /(?<![\d.,])[1-9]\d{0,2}(?:,\d{3})+(?!\d|,\s*\d)/g

const NO_COMMAS: ReadonlySet<number> = new Set()

function thousandsCommas(text: string): ReadonlySet<number> {
  if (!text.includes(',')) return NO_COMMAS
  const found = new Set<number>()
  const numbers = [...text.matchAll(THOUSANDS)]
  if (numbers.length === 0) return found
  const ranges = numbers.map((match) => [match.index, match.index + match[0].length] as const)
  scanTop(text, (at, character) => {
    if (character === ',' && ranges.some(([from, to]) => at > from && at < to)) found.add(at)
  })
  return found
}
