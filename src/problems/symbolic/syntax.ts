/** The expressions of a template as plain data: the part of Python's grammar that they may use. */

import type { Numeric } from './exact.ts'

export const BINARY_OPERATORS = ['+', '-', '*', '/', '//', '%', '**', '&', '|', '^'] as const
export type BinaryOperator = (typeof BINARY_OPERATORS)[number]
export const COMPARISONS = ['==', '!=', '<=', '>=', '<', '>', 'in', 'not in', 'is', 'is not'] as const
export type Comparison = (typeof COMPARISONS)[number]

export type Expression =
  | { readonly kind: 'number'; readonly value: Numeric }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'constant'; readonly value: boolean | undefined }
  /** An f-string: texts and formatted expressions in turn. */
  | { readonly kind: 'joined'; readonly parts: readonly (string | Formatted)[] }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'dictionary'; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: 'unary'; readonly operator: '-' | '+' | 'not'; readonly operand: Expression }
  | {
      readonly kind: 'binary'
      readonly operator: BinaryOperator
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly kind: 'compare'
      readonly first: Expression
      readonly rest: readonly { readonly operator: Comparison; readonly right: Expression }[]
    }
  | { readonly kind: 'logic'; readonly operator: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'if'; readonly test: Expression; readonly then: Expression; readonly otherwise: Expression }
  /** A function by its whole name: `int`, `np.arange`. */
  | { readonly kind: 'call'; readonly name: string; readonly given: Arguments }
  | { readonly kind: 'method'; readonly target: Expression; readonly name: string; readonly given: Arguments }
  | { readonly kind: 'attribute'; readonly target: Expression; readonly name: string }
  | { readonly kind: 'index'; readonly target: Expression; readonly index: Expression }
  | {
      readonly kind: 'slice'
      readonly target: Expression
      readonly bounds: readonly [Expression?, Expression?, Expression?]
    }
  /** A function without a name, where a call is given one. */
  | { readonly kind: 'lambda'; readonly targets: readonly string[]; readonly body: Expression }
  /** `*list` within a list or among the values of a call. */
  | { readonly kind: 'starred'; readonly value: Expression }
  | {
      readonly kind: 'comprehension'
      readonly element: Expression
      /** The element is a loop within this one, and its items are those of the whole. */
      readonly isNested: boolean
      readonly targets: readonly string[]
      readonly source: Expression
      readonly conditions: readonly Expression[]
    }

export interface Arguments {
  readonly positional: readonly Expression[]
  readonly named: Readonly<Record<string, Expression>>
}

/** An expression with what follows its colon: `price:.2f`. */
export interface Formatted {
  readonly expression: Expression
  readonly format: string
}
