/** Sums and products of matrices, and multiples of them, worked out entry by entry; determinants of small ones. */

import { callOf, type Expression, numberOf, type Tree, treeOf } from '../tree.ts'
import { type ReadOptions, trimmedOf } from './options.ts'
import { splitTop, unwrap } from './scan.ts'

type Entries = readonly (readonly Expression[])[]

const ENVIRONMENT = /\\begin\{[pbvVB]?(?:small)?(?:matrix|array)\}.*?\\end\{[pbvVB]?(?:small)?(?:matrix|array)\}/gs
const MOST_FACTORS = 12

/** `c_1 e^t [1; 2] + 3 [0; 1]`, `A B`, `A^T`, `det A`; undefined where it is something else. */
export function readMatrixExpression(text: string, options: ReadOptions): Tree | undefined {
  if (!text.includes('\\begin{')) return undefined
  const { parts, found } = splitTop(text, '+-')
  if (parts.length > MOST_FACTORS) return undefined
  let sum: Entries | undefined
  for (const [at, part] of parts.entries()) {
    if (trimmedOf(part) === '' && at === 0) continue
    const term = readTerm(trimmedOf(part), parts.length === 1, options)
    if (!term) return undefined
    const signed = found[at - 1] === '-' ? mapped(term, (each) => callOf('Negate', each)) : term
    sum = sum === undefined ? signed : added(sum, signed)
    if (!sum) return undefined
  }
  const [first] = sum ?? []
  const [only] = first ?? []
  if (!sum || !only) return undefined
  if (sum.length === 1 && first?.length === 1 && isDeterminant(text)) return treeOf(only)
  return { kind: 'matrix', rows: sum.map((row) => row.map(treeOf)) }
}

function isDeterminant(text: string): boolean {
  return /\\det|\\begin\{vmatrix\}|^\s*\|/.test(text)
}

/** Scalars and matrices side by side. */
function readTerm(text: string, isWhole: boolean, options: ReadOptions): Entries | undefined {
  let scalar: Expression | undefined
  let product: Entries | undefined
  let hasDeterminant = false
  let at = 0
  for (const match of text.matchAll(ENVIRONMENT)) {
    // A matrix that could not be read as one is not read by trying again.
    if (isWhole && match[0] === text && !match[0].includes('{vmatrix}')) return undefined
    const before = text.slice(at, match.index)
    const after = text.slice(match.index + match[0].length)
    const bars = /\|\s*$/.test(before) && /^\s*\|/.test(after)
    const isDet = bars || /\\det\s*[([]?\s*$/.test(before) || match[0].startsWith('\\begin{vmatrix}')
    const factor = scalarOf(before, options)
    if (factor === 'unreadable') return undefined
    if (factor) scalar = scalar ? callOf('Multiply', scalar, factor) : factor
    const tree = options.read(match[0].replaceAll('vmatrix', 'bmatrix'), options)
    let entries = tree?.kind === 'matrix' ? entriesOf(tree) : undefined
    if (!entries) return undefined
    const transposed = /^\s*[)\]]?\s*\^\s*\{?\s*(?:T|\\top|\\mathrm\s*T)\s*\}?/.exec(after)
    if (transposed) entries = transpose(entries)
    const power = transposed ? undefined : /^\s*[)\]]?\s*\^\s*\{?\s*(-?\d)\s*\}?/.exec(after)
    if (power) {
      const raised = raisedTo(entries, Number(power[1]))
      if (!raised) return undefined
      entries = raised
    }
    if (isDet) {
      const value = determinant(entries)
      if (!value) return undefined
      scalar = scalar ? callOf('Multiply', scalar, value) : value
      hasDeterminant = true
    } else {
      product = product === undefined ? entries : times(product, entries)
      if (!product) return undefined
    }
    at = match.index + match[0].length + (transposed?.[0].length ?? power?.[0].length ?? 0)
  }
  if (!product && !hasDeterminant) return undefined
  const rest = scalarOf(text.slice(at), options)
  if (rest === 'unreadable') return undefined
  const factors = [scalar, rest].filter((each) => each !== undefined)
  const [only] = factors
  if (!product) return only && [[factors.length === 1 ? only : callOf('Multiply', ...factors)]]
  return factors.length === 0 ? product : mapped(product, (each) => callOf('Multiply', ...factors, each))
}

/** What stands next to a matrix, without its brackets; undefined for nothing. */
function scalarOf(text: string, options: ReadOptions): Expression | undefined | 'unreadable' {
  const bare = text
    .replace(/\\det(?![A-Za-z])|\\cdot(?![A-Za-z])|\|/g, ' ')
    .replace(/^[\s)\]]+|[\s([]+$/g, '')
    .trim()
  if (bare === '') return undefined
  const tree = options.read(unwrap(bare)?.inside ?? bare, options)
  return tree?.kind === 'expression' && !tree.percent && !tree.unit ? tree.expression : 'unreadable'
}

function entriesOf(tree: Extract<Tree, { kind: 'matrix' }>): Entries | undefined {
  const rows: Expression[][] = []
  for (const row of tree.rows) {
    const entries: Expression[] = []
    for (const cell of row) {
      if (cell.kind !== 'expression') return undefined
      entries.push(cell.expression)
    }
    rows.push(entries)
  }
  return rows.every((row) => row.length === rows[0]?.length) ? rows : undefined
}

function mapped(entries: Entries, apply: (each: Expression) => Expression): Entries {
  return entries.map((row) => row.map(apply))
}

function transpose(entries: Entries): Entries {
  return (entries[0] ?? []).map((_, x) => entries.flatMap((row) => row[x] ?? []))
}

function added(a: Entries, b: Entries): Entries | undefined {
  if (a.length !== b.length || a[0]?.length !== b[0]?.length) return undefined
  return a.map((row, y) => row.map((each, x) => callOf('Add', each, b[y]?.[x] ?? ZERO)))
}

function times(a: Entries, b: Entries): Entries | undefined {
  if (a[0]?.length !== b.length) return undefined
  const columns = transpose(b)
  return a.map((row) =>
    columns.map((column) => callOf('Add', ...row.map((each, at) => callOf('Multiply', each, column[at] ?? ZERO)))),
  )
}

/** A whole power; the inverse by the adjugate, up to four rows. */
function raisedTo(entries: Entries, exponent: number): Entries | undefined {
  if (exponent === 0 || entries.length !== entries[0]?.length) return undefined
  const base = exponent < 0 ? inverse(entries) : entries
  let product = base
  for (let i = 1; i < Math.abs(exponent); i++) product = product && base && times(product, base)
  return product
}

function inverse(entries: Entries): Entries | undefined {
  const value = determinant(entries)
  if (!value) return undefined
  const cofactors = entries.map((row, y) =>
    row.map((_, x) => {
      const minor =
        entries.length === 1 ? ONE : determinant(entries.toSpliced(y, 1).map((rest) => rest.toSpliced(x, 1)))
      return minor && callOf('Divide', (x + y) % 2 === 0 ? minor : callOf('Negate', minor), value)
    }),
  )
  const rows = cofactors.map((row) => row.filter((each) => each !== undefined))
  return rows.every((row) => row.length === entries.length) ? transpose(rows) : undefined
}

const ONE = numberOf({ numerator: 1n, denominator: 1n })
const ZERO = numberOf({ numerator: 0n, denominator: 1n })

/** By the first row; undefined above four rows. */
function determinant(entries: Entries): Expression | undefined {
  const [first, ...rest] = entries
  if (!first || entries.length !== first.length || entries.length > 4) return undefined
  if (entries.length === 1) return first[0]
  const terms: Expression[] = []
  for (const [x, each] of first.entries()) {
    const minor = determinant(rest.map((row) => row.toSpliced(x, 1)))
    if (!minor) return undefined
    const product = callOf('Multiply', each, minor)
    terms.push(x % 2 === 0 ? product : callOf('Negate', product))
  }
  return callOf('Add', ...terms)
}
