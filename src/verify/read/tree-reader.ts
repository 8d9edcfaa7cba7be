/** Reads a tidied answer into its tree: our own scanner down to single expressions, the LaTeX parser for those. */

import { TEXT_OPEN } from '../marks.ts'
import {
  type Bracket,
  bareList,
  callOf,
  numberOf,
  RELATIONS,
  type RelationOperator,
  symbolOf,
  type Tree,
  treeOf,
} from '../tree.ts'
import { readUnit } from '../units/units.ts'
import { readExpression } from './expression.ts'
import { readList } from './list.ts'
import { readMatrixExpression } from './matrix.ts'
import { readNumberWords } from './number-words.ts'
import { type ReadOptions, readAll, trimmedOf } from './options.ts'
import { readQuantity } from './quantity.ts'
import { readResidue } from './residue.ts'
import { splitTop, unwrap } from './scan.ts'
import { EMPTY_SET, readSet } from './sets.ts'
import { readFreeSigns, readSigns } from './signs.ts'
import { clockFrom } from './time-of-day.ts'
import { numberWord, plainWords } from './words.ts'

const BRACKETS: Readonly<Record<string, Bracket>> = {
  '(': '(',
  ')': ')',
  '[': '[',
  ']': ']',
  '⦃': '{',
  '⦄': '}',
  '⟨': '(',
  '⟩': ')',
}
const MATRIX = /^\\begin\{([pbB]?matrix|smallmatrix|array|bsmallmatrix|psmallmatrix)\}(?:\{[^{}]*\})?(.*)\\end\{\1\}$/s
const CASES = /^\\begin\{((?:d|r)?cases|aligned?\*?|gathered|split)\}(.*)\\end\{\1\}$/s
const ONLY_TEXT = /^[\s,.;:()'"’!?-]*(?:\ue000[^\ue001]*\ue001[\s,.;:()'"’!?-]*)+$/

// What every reader but the last looks for: separators, relations, sets, words, environments, brackets around the whole.
const MAY_HAVE_PARTS =
  /[:,;=<>≤≥≠∈≈≡→∉⊂∧∨⋀⋁∪∩∖∅⦃⦄⟨⟩±∓\ue000\ue001]|[ap]\.?\s*m?\.?\s*$|\\(?:begin|mathbb|phi|b?mod|pmod|pod|mathrm|cdot\s*[ap])|^[({[]/i

/** Undefined where the text is empty or some part of it is not mathematics that is known here. */
export function readTree(text: string, options: ReadOptions): Tree | undefined {
  const trimmed = trimmedOf(text)
  options.steps.spend(20 + 2 * trimmed.length)
  if (trimmed === '') return undefined
  if (!MAY_HAVE_PARTS.test(trimmed)) return readLeaf(trimmed, options)
  return (
    clockFrom(trimmed) ??
    readNumberWords(trimmed, options) ??
    readWords(trimmed) ??
    readMatrix(trimmed, options) ??
    readResidue(trimmed, options) ??
    readList(trimmed, options) ??
    readRelation(trimmed, options) ??
    readSets(trimmed, options) ??
    readGroup(trimmed, options) ??
    readMatrixExpression(trimmed, options) ??
    readLeaf(trimmed, options)
  )
}

/** An answer of words alone; number words are numbers. */
function readWords(text: string): Tree | undefined {
  if (!ONLY_TEXT.test(text)) return undefined
  const words = plainWords(text)
  if (/^(?:all |any |every |the set of |set of )*(?:all )?real(?: numbers?)?s?$/.test(words)) return REAL_LINE
  if (
    /^(?:no|there (?:is|are|exists?) no) (?:real )?solutions?(?: exists?)?$|^(?:the )?empty set$|^no real$|^(?:无解|沒有解|没有解|無解|无实数解|無實數解|解なし|해가 없다)$/.test(
      words,
    )
  )
    return EMPTY_SET
  const value = numberWord(words)
  return value === undefined
    ? { kind: 'text', text: words }
    : treeOf(numberOf({ numerator: BigInt(value), denominator: 1n }))
}

const INFINITY = symbolOf('Infinity')
const REAL_LINE: Tree = {
  kind: 'group',
  open: '(',
  close: ')',
  items: [treeOf(callOf('Negate', INFINITY)), treeOf(INFINITY)],
}
const POSITIVE_LINE: Tree = {
  kind: 'group',
  open: '(',
  close: ')',
  items: [treeOf(numberOf({ numerator: 0n, denominator: 1n })), treeOf(INFINITY)],
}

function readMatrix(text: string, options: ReadOptions): Tree | undefined {
  const matrix = MATRIX.exec(text)
  const cases = matrix ? undefined : CASES.exec(text)
  const body = matrix?.[2] ?? cases?.[2]
  if (body === undefined || /\\(?:begin|end)\{/.test(body)) return undefined
  const rows: Tree[][] = []
  for (const line of body.split(/\\\\(?:\[[^\]]*\])?|\\hline|\\cr(?![A-Za-z])/)) {
    if (line.trim() === '') continue
    const row: Tree[] = []
    const cells = cases ? [line.replace(/&\s*(?=[=<>≤≥≠∈≈])/g, '')].flatMap((each) => each.split('&')) : line.split('&')
    for (const cell of cells) {
      const bare = trimmedOf(cell)
      if (bare === '' && cases) continue
      const tree = options.read(bare, { ...options, isCommaList: true })
      if (!tree) return undefined
      row.push(tree)
    }
    rows.push(row)
  }
  if (matrix) return { kind: 'matrix', rows }
  // Equations one a line are a list of equations; a value with its condition is a case.
  return rows.every((row) => row.length === 1)
    ? bareList(rows.flat())
    : { kind: 'cases', rows: rows.map((row) => row.flatMap(withoutOuterList)) }
}

function withoutOuterList(tree: Tree): readonly Tree[] {
  return tree.kind === 'group' && tree.open === '' ? tree.items : [tree]
}

const IS_RELATION: ReadonlySet<string> = new Set(RELATIONS)

function readRelation(text: string, options: ReadOptions): Tree | undefined {
  const { parts, found } = splitTop(text, RELATIONS.join(''))
  if (found.length === 0) return undefined
  const operators = found.filter((character): character is RelationOperator => IS_RELATION.has(character))
  // Both signs of `3x ± 4y = 0` make an equation each; `x = ±2` is one with two values.
  if (/\S\s*[±∓]/.test(parts[0] ?? '')) return readSigns(text, options)
  const sides: Tree[] = []
  for (const [at, part] of parts.entries()) {
    const bare = trimmedOf(part)
    if (bare === '') {
      // `= 5` says 5; with a side missing elsewhere it is not a relation.
      if (at === 0 && operators[0] !== undefined && '=≈'.includes(operators[0])) continue
      return undefined
    }
    const side =
      (at === 0 ? readFunctionLabel(bare) : undefined) ?? options.read(bare, { ...options, isCommaList: true })
    if (!side) {
      // Words or names on the left are a label, whatever they are: |AB|, ∠ABC, P(A|B).
      const isLabel = at === 0 && parts.length === 2 && (operators[0] === '=' || operators[0] === '≈')
      if (!isLabel) return undefined
      sides.push({ kind: 'text', text: bare })
      continue
    }
    sides.push(side)
  }
  const [only] = sides
  if (sides.length < parts.length) {
    return sides.length === 1 ? only : { kind: 'relation', operators: operators.slice(1), sides }
  }
  return { kind: 'relation', operators, sides }
}

// `x(t) = ...` names a function, whatever its letter.
const FUNCTION_LABEL = /^([A-Za-z](?:_\{?\w+\}?)?(?:\s*\^\s*\{\s*-\s*1\s*\}|'{1,3})?)\s*\(\s*([a-z])\s*\)$/

function readFunctionLabel(text: string): Tree | undefined {
  const [, name, argument] = FUNCTION_LABEL.exec(text) ?? []
  if (name === undefined || argument === undefined) return undefined
  return treeOf(callOf(`function:${name.replace(/[{}]/g, '')}`, symbolOf(argument)))
}

function readSets(text: string, options: ReadOptions): Tree | undefined {
  if (text === '∅' || text === '\\phi' || text === '⦃⦄' || text === '⦃ ⦄') return EMPTY_SET
  if (text === '\\mathbb{R}') return REAL_LINE
  if (/^\\mathbb\{R\}\s*(?:\^\s*\{?\+\}?|_\s*\{?\s*>\s*0\s*\}?)$/.test(text)) return POSITIVE_LINE
  for (const operator of ['∖', '∪', '∩'] as const) {
    const { parts } = splitTop(text, operator)
    if (parts.length === 1) continue
    const items = readAll(parts, { ...options, isCommaList: true })
    if (!items || items.length !== parts.length) return undefined
    return { kind: 'sets', operator, items: items.map(asSet) }
  }
  return undefined
}

/** Between set operators a list without brackets is a set: LaTeX braces do not print. */
function asSet(tree: Tree): Tree {
  return tree.kind === 'group' && tree.open === '' ? { ...tree, open: '{', close: '}' } : tree
}

const TRANSPOSED = /(?<=[)\]])\s*\^\s*\{?\s*(?:T|\\top|\\mathrm\{T\})\s*\}?$/

function readGroup(text: string, options: ReadOptions): Tree | undefined {
  // A column is often written as a row that is transposed.
  const group = unwrap(text.includes('\\begin') || !text.includes(',') ? text : text.replace(TRANSPOSED, ''))
  if (!group) return undefined
  const inner = { ...options, isCommaList: true }
  if (group.open === '{') return options.read(group.inside, { ...options, isCommaList: false })
  const open = BRACKETS[group.open]
  const close = BRACKETS[group.close]
  if (open === undefined || close === undefined) return undefined
  if (open === '{') return readSet(group.inside, inner)
  if (/[±∓]/.test(group.inside)) return readSigns(text, options)
  const { parts } = splitTop(group.inside.replace(/;/g, ','), ',')
  const items = readAll(parts, inner)
  if (!items || items.length !== parts.length) return undefined
  const [only] = items
  if (only?.kind === 'matrix' && items.length === 1) return only
  if (items.length === 1 && only) return open === '[' || close === ']' ? { kind: 'group', open, close, items } : only
  return { kind: 'group', open, close, items }
}

function readLeaf(text: string, options: ReadOptions): Tree | undefined {
  if (text.includes(TEXT_OPEN)) return readQuantity(text, options)
  if (/[±∓]/.test(text)) return readFreeSigns(text, options) ?? readSigns(text, options)
  const percent = /^(.*\S)\s*%$/s.exec(text)
  if (percent?.[1] !== undefined) {
    const value = options.read(percent[1], { ...options, isCommaList: true })
    return value?.kind === 'expression' && !value.percent ? { ...value, percent: true } : undefined
  }
  const ratio = splitTop(text, ':').parts
  if (ratio.length > 1) {
    const items = readAll(ratio, { ...options, isCommaList: true })
    return items && items.length === ratio.length ? { kind: 'ratio', items } : undefined
  }
  const based = text.includes('_')
    ? /^([0-9A-F]+)_\{?\(?(\d{1,2})\)?\}?$/.exec(text.replace(/\s+/g, '').replace(/^\(([0-9A-F]+)\)(?=_)/, '$1'))
    : undefined
  if (based?.[1] !== undefined) return { kind: 'base', digits: based[1], base: Number(based[2]) }
  const degrees = /^([^°]*\S)\s*°$/s.exec(text)
  const expression = readExpression(degrees?.[1] ?? text, options.steps)
  if (!expression) return undefined
  const isAngle = degrees && !/\\(?:sin|cos|tan|cot|sec|csc)/.test(text)
  if (degrees && !isAngle) return treeFromWhole(text, options)
  return { ...treeOf(expression), unit: isAngle ? DEGREE : undefined }
}

const DEGREE = readUnit('degree')

function treeFromWhole(text: string, options: ReadOptions): Tree | undefined {
  const expression = readExpression(text, options.steps)
  return expression && treeOf(expression)
}
