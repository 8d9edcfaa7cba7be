/** The typed tree of an answer: expressions at its leaves, and above them what answers are made of. */

import type { Rational } from './algebra/rational.ts'

/**
 * One mathematical expression. Symbols `Pi`, `E`, `I`, `Infinity` are the constants; calls are named as MathJSON names
 * them (`Add`, `Multiply`, `Divide`, `Power`, `Sqrt`, `Sin`, `Sum`, ...).
 */
export type Expression =
  | {
      readonly kind: 'number'
      readonly value: Rational
      /** Digits after the point where it was written as a decimal. */
      readonly decimals: number | undefined
    }
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }

export const RELATIONS = ['=', '<', '≤', '>', '≥', '≠', '∈', '≈', '≡', '→', '∉', '⊂'] as const
export type RelationOperator = (typeof RELATIONS)[number]

/** A unit of measurement, or any other word behind a number. */
export interface Unit {
  readonly name: string
  /** Size in SI base units; undefined for words that are no known unit. */
  readonly factor: Rational | undefined
  /** What is added before the factor: 273.15 for degrees Celsius. */
  readonly offset?: Rational | undefined
  /** `length^1`, `length^2`, `angle`, ...; the word itself where it is not a known unit. */
  readonly dimension: string
}

export type Tree =
  | {
      readonly kind: 'expression'
      readonly expression: Expression
      readonly percent: boolean
      readonly unit: Unit | undefined
    }
  /** Items in brackets; no bracket at all is a bare list. `(a,b)` may be a pair or an interval: the other side decides. */
  | {
      readonly kind: 'group'
      readonly open: Bracket
      readonly close: Bracket
      readonly items: readonly Tree[]
      /** What joins the items of a bare list: a comma where it is left out. */
      readonly joint?: Joint | undefined
    }
  | {
      readonly kind: 'sets'
      readonly operator: '∪' | '∩' | '∖'
      readonly items: readonly Tree[]
      /** Of a set that was built from a condition: the whole numbers or the naturals that it holds for, or the values of a term. */
      readonly within?: Within | undefined
    }
  | { readonly kind: 'relation'; readonly operators: readonly RelationOperator[]; readonly sides: readonly Tree[] }
  /** The numbers that leave one of the residues: `n ≡ 1, 3 (mod 8)`. */
  | { readonly kind: 'residue'; readonly name: Tree | undefined; readonly residues: Tree; readonly modulus: Expression }
  | { readonly kind: 'matrix'; readonly rows: readonly (readonly Tree[])[] }
  /** A value and its condition, one a row. */
  | { readonly kind: 'cases'; readonly rows: readonly (readonly Tree[])[] }
  /** Seconds since midnight; `half` where am or pm was not said. */
  | { readonly kind: 'clock'; readonly seconds: number; readonly half: 'am' | 'pm' | undefined }
  | { readonly kind: 'ratio'; readonly items: readonly Tree[] }
  | { readonly kind: 'base'; readonly digits: string; readonly base: number }
  | { readonly kind: 'text'; readonly text: string }

export type Within = 'Z' | 'N' | 'values'
export type Joint = 'and' | 'or'
export type Bracket = '' | '(' | ')' | '[' | ']' | '{' | '}' | '⟨' | '⟩'

export type ExpressionTree = Extract<Tree, { kind: 'expression' }>
export type GroupTree = Extract<Tree, { kind: 'group' }>
export type RelationTree = Extract<Tree, { kind: 'relation' }>

export function numberOf(value: Rational, decimals?: number): Expression {
  return { kind: 'number', value, decimals }
}

export function callOf(name: string, ...args: readonly Expression[]): Expression {
  return { kind: 'call', name, args }
}

export function symbolOf(name: string): Expression {
  return { kind: 'symbol', name }
}

export function treeOf(expression: Expression): ExpressionTree {
  return { kind: 'expression', expression, percent: false, unit: undefined }
}

export function bareList(items: readonly Tree[], joint?: Joint): GroupTree {
  return { kind: 'group', open: '', close: '', items, joint }
}

export const CONSTANTS: ReadonlySet<string> = new Set(['Pi', 'E', 'I', 'Infinity'])

/** Free names of an expression; bound ones of sums and integrals count too, which only costs a coordinate. */
export function symbolsOf(expression: Expression, into: Set<string> = new Set()): Set<string> {
  if (expression.kind === 'symbol') {
    if (!CONSTANTS.has(expression.name)) into.add(expression.name)
  } else if (expression.kind === 'call') {
    for (const arg of expression.args) symbolsOf(arg, into)
  }
  return into
}

/** Every call name that occurs. */
export function callsOf(expression: Expression, into: Set<string> = new Set()): Set<string> {
  if (expression.kind !== 'call') return into
  into.add(expression.name)
  for (const arg of expression.args) callsOf(arg, into)
  return into
}

/** The expression with symbols replaced. */
export function substitute(expression: Expression, values: ReadonlyMap<string, Expression>): Expression {
  if (expression.kind === 'symbol') return values.get(expression.name) ?? expression
  if (expression.kind === 'number') return expression
  return { ...expression, args: expression.args.map((arg) => substitute(arg, values)) }
}

/** The same for a whole answer. */
export function substituteTree(tree: Tree, values: ReadonlyMap<string, Expression>): Tree {
  const each = (items: readonly Tree[]): Tree[] => items.map((item) => substituteTree(item, values))
  switch (tree.kind) {
    case 'expression':
      return { ...tree, expression: substitute(tree.expression, values) }
    case 'relation':
      return { ...tree, sides: each(tree.sides) }
    case 'residue':
      return {
        ...tree,
        name: tree.name && substituteTree(tree.name, values),
        residues: substituteTree(tree.residues, values),
        modulus: substitute(tree.modulus, values),
      }
    case 'group':
    case 'sets':
    case 'ratio':
      return { ...tree, items: each(tree.items) }
    case 'matrix':
    case 'cases':
      return { ...tree, rows: tree.rows.map(each) }
    default:
      return tree
  }
}

/** Every expression of an answer, in reading order. */
export function expressionsOf(tree: Tree): Expression[] {
  switch (tree.kind) {
    case 'expression':
      return [tree.expression]
    case 'relation':
      return tree.sides.flatMap(expressionsOf)
    case 'residue':
      return [...(tree.name ? expressionsOf(tree.name) : []), ...expressionsOf(tree.residues), tree.modulus]
    case 'group':
    case 'sets':
    case 'ratio':
      return tree.items.flatMap(expressionsOf)
    case 'matrix':
    case 'cases':
      return tree.rows.flat().flatMap(expressionsOf)
    default:
      return []
  }
}
