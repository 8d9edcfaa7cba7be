/** `where`: which rows of a table are problems, by the values of their columns. */

import { ConfigError } from '../core/errors.ts'

export interface Condition {
  /** As written: `question_type!=proof`. */
  readonly text: string
  readonly field: string
  readonly isEqual: boolean
  readonly value: string
}

/**
 * Reads `FIELD=VALUE` and `FIELD!=VALUE`; a dot in FIELD reaches into a column.
 * @throws ConfigError for anything else
 */
export function conditionsOf(texts: readonly string[] = []): readonly Condition[] {
  return texts.map((text) => {
    const [, field, sign, value] = /^\s*([^=!]+?)\s*(!?=)\s*(.*?)\s*$/.exec(text) ?? []
    if (field === undefined || value === undefined)
      throw new ConfigError(`where ${text}  is not FIELD=VALUE or FIELD!=VALUE; write for example source!=synthetic.`)
    return { text, field, isEqual: sign === '=', value }
  })
}

/** A column of a row is equal to a text where it holds it, or, as a list, has it among its items; null is the empty text. */
export function isMet({ isEqual, value }: Condition, held: unknown): boolean {
  const items = Array.isArray(held) ? held : [held]
  return items.some((item) => shown(item) === value) === isEqual
}

/** A value in a sentence: `question_type is proof`. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
