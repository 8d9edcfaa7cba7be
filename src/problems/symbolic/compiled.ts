/** What an expression is compiled to, and what its names mean. */

import type { Scope, Value } from './value.ts'

/** @throws TemplateFault at values that do not fit */
export type Compiled = (scope: Scope) => Value

/** What names mean: variables by their place, word lists and constants by their value. */
export interface Names {
  readonly places: ReadonlyMap<string, number>
  readonly lists: Readonly<Record<string, Value>>
}
