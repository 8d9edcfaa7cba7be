/** One line of #init: the variables it sets and the expression that it draws them from. */

import { compile, isDraw, namesIn } from './compile.ts'
import type { Compiled, Names } from './compiled.ts'
import { TemplateFault } from './fault.ts'
import { parseExpression } from './parse-expression.ts'
import type { SourceLine } from './sections.ts'
import type { Expression } from './syntax.ts'

/** One line of #init. */
export interface DrawLine {
  /** Line of the annotated question. */
  readonly line: number
  /** Places of the variables it sets. */
  readonly targets: readonly number[]
  /** By target: marked with $ as a number. */
  readonly isNumber: readonly boolean[]
  readonly expression: Expression
  readonly value: Compiled
  /** True where the value is drawn already; otherwise a list is what to draw from. */
  readonly isDrawn: boolean
  /** The list that one value is drawn from; undefined where it is drawn otherwise. */
  readonly domain: Compiled | undefined
  /** Places of the variables it asks. */
  readonly needs: ReadonlySet<number>
}

export interface Assignment {
  readonly targets: readonly { readonly name: string; readonly isNumber: boolean }[]
  readonly source: string
  readonly line: number
}

const TARGET = /^([$]?)\s*([\p{L}_][\p{L}\p{N}_]*)$/u

/** @throws TemplateFault where a line sets nothing */
export function readAssignment({ text, line }: SourceLine): Assignment {
  const [, left, source] = /^([^=("'[]*|\s*\([^=()]*\)\s*)=(?!=)([\s\S]*)$/.exec(text) ?? []
  if (left === undefined || source === undefined) {
    throw new TemplateFault(`"${text.trim().slice(0, 60)}" is no assignment such as $n = range(2, 9)`)
  }
  const targets = left
    .replace(/[()]/g, '')
    .split(',')
    .filter((part) => part.trim() !== '')
  return {
    line,
    source,
    targets: targets.map((target) => {
      const [, dollar, name] = TARGET.exec(target.trim()) ?? []
      if (name === undefined) throw new TemplateFault(`"${target.trim().slice(0, 40)}" is no name of a variable`)
      return { name, isNumber: dollar === '$' }
    }),
  }
}

/** @throws TemplateFault for a name or function that is not known, and a list with nothing in it */
export function compileLine({ targets, source, line }: Assignment, names: Names): DrawLine {
  const expression = parseExpression(source)
  const value = compile(expression, names)
  const sampled = sampledList(expression)
  const shuffled = unshuffled(expression)
  const isDrawn = isDraw(shuffled ?? expression)
  return {
    line,
    targets: targets.map(({ name }) => names.places.get(name) ?? -1),
    isNumber: targets.map(({ isNumber }) => isNumber),
    expression,
    // One item of a shuffled list is one item of the list: it need not be shuffled again for every draw.
    value: targets.length === 1 && shuffled !== undefined ? compile(shuffled, names) : value,
    isDrawn,
    domain:
      sampled !== undefined ? compile(sampled, names) : isDrawn ? undefined : compile(shuffled ?? expression, names),
    needs: placesIn(expression, names),
  }
}

const SHUFFLES = ['shuffle_list', 'shuffle', 'shuffled']
const KEEPING = ['list', 'tuple', 'fix_floats', 'round_floats', ...SHUFFLES]

/** The same list without its shuffling, where nothing but functions that keep every item stand around it. */
function unshuffled(expression: Expression): Expression | undefined {
  if (expression.kind !== 'call' || !KEEPING.includes(expression.name)) return undefined
  const [first, ...others] = expression.given.positional
  if (first === undefined) return undefined
  const inner = unshuffled(first) ?? first
  if (SHUFFLES.includes(expression.name)) return inner
  return { ...expression, given: { ...expression.given, positional: [inner, ...others] } }
}

/** The list of `sample(list)`. */
function sampledList(expression: Expression): Expression | undefined {
  if (expression.kind !== 'call' || expression.name !== 'sample') return undefined
  const { positional, named } = expression.given
  return positional.length === 1 && Object.keys(named).length === 0 ? positional[0] : undefined
}

/** The places of the variables that an expression asks. */
export function placesIn(expression: Expression, names: Names): ReadonlySet<number> {
  return new Set([...namesIn(expression)].flatMap((name) => names.places.get(name) ?? []))
}
