/** What a function of the templates' language is. */

import type { Random } from '../../core/seed.ts'
import { TemplateFault } from './fault.ts'
import type { Value } from './value.ts'

export interface Given {
  readonly values: readonly Value[]
  readonly named: Readonly<Record<string, Value>>
  readonly random: Random
}

export interface TemplateFunction {
  readonly call: (given: Given) => Value
  /** Fewest and most values it takes. */
  readonly takes: readonly [number, number]
  /** Names that values may be given by. */
  readonly names?: readonly string[]
  /** True where the result is left to chance, so that it is asked again in every draw. */
  readonly draws?: boolean
}

/** A function of values in order, without names and chance. */
export function pure(least: number, most: number, call: (...values: readonly Value[]) => Value): TemplateFunction {
  return { takes: [least, most], call: ({ values }) => call(...values) }
}

/** @throws TemplateFault when the count or a name does not fit */
export function requireFit(
  name: string,
  { takes, names = [] }: TemplateFunction,
  count: number,
  given: readonly string[],
): void {
  const wrong = given.find((other) => !names.includes(other))
  if (wrong !== undefined) throw new TemplateFault(`${name}() knows no argument called ${wrong}`)
  const [least, most] = takes
  if (count + given.length < least || count > most) {
    const wanted =
      least === most ? String(least) : most === Number.POSITIVE_INFINITY ? `${least} or more` : `${least} to ${most}`
    throw new TemplateFault(`${name}() takes ${wanted} values and is given ${count + given.length}`)
  }
}
