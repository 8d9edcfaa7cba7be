/** One template, read and compiled: its variables, how they are drawn, what they must satisfy, and its two texts. */

import { type Compiled, compile, isDraw, type Names, namesIn } from './compile.ts'
import { TemplateFault } from './fault.ts'
import { parseExpression, parseFormatted } from './parse-expression.ts'
import { readSections, type SourceLine } from './sections.ts'
import { parseSlots, splitDefault } from './slots.ts'
import type { Expression } from './syntax.ts'
import type { WordLists } from './word-lists.ts'

/** One line of #init. */
export interface DrawLine {
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

export interface Condition {
  readonly source: string
  readonly line: number
  readonly expression: Expression
  readonly holds: Compiled
  readonly needs: ReadonlySet<number>
}

/** A slot of a text. */
export interface Slot {
  readonly value: Compiled
  /** Place of the variable, where the slot is nothing else. */
  readonly place: number | undefined
  readonly format: string
  readonly default: string | undefined
}
export type TextPart = string | Slot

export interface Template {
  /** Path below the folder of templates, without `.json`: `p1/0003`. */
  readonly name: string
  /** Variables by their place. */
  readonly variables: readonly string[]
  readonly lines: readonly DrawLine[]
  readonly conditions: readonly Condition[]
  readonly answer: Compiled
  readonly question: readonly TextPart[]
  readonly solution: readonly TextPart[]
  /** What the file says of its first instance. */
  readonly published: { readonly question: string; readonly answer: string }
  /** Number of the GSM8K test question it was made from. */
  readonly parent: number | undefined
  readonly names: Names
}

export interface TemplateSource {
  readonly name: string
  readonly question: string
  readonly answer: string
  readonly questionAnnotated: string
  readonly answerAnnotated: string
  readonly parent: number | undefined
}

/** @throws TemplateFault with the line of the annotated text, for a form or name that is not known */
export function compileTemplate(source: TemplateSource, lists: WordLists): Template {
  const sections = readSections(source.questionAnnotated)
  const assignments = sections.init.map(readAssignment)
  const variables = [...new Set(assignments.flatMap(({ targets }) => targets.map(({ name }) => name)))]
  const names: Names = { places: new Map(variables.map((name, place) => [name, place])), lists }
  return {
    name: source.name,
    variables,
    lines: assignments.map((assignment) => inLine(assignment.line, () => compileLine(assignment, names))),
    conditions: sections.conditions.map((line) => inLine(line.line, () => compileCondition(line, names))),
    answer: inLine(sections.answer.line, () => compile(parseExpression(withoutBraces(sections.answer.text)), names)),
    question: inText('question_annotated', 1, sections.question, names),
    solution: inText('answer_annotated', 1, source.answerAnnotated.trim(), names),
    published: { question: source.question, answer: source.answer },
    parent: source.parent,
    names,
  }
}

interface Assignment {
  readonly targets: readonly { readonly name: string; readonly isNumber: boolean }[]
  readonly source: string
  readonly line: number
}

const TARGET = /^([$]?)\s*([\p{L}_][\p{L}\p{N}_]*)$/u

function readAssignment({ text, line }: SourceLine): Assignment {
  const [, left, source] = /^([^=("'[]*|\s*\([^=()]*\)\s*)=(?!=)([\s\S]*)$/.exec(text) ?? []
  if (left === undefined || source === undefined) {
    throw at(line, `"${text.trim().slice(0, 60)}" is no assignment such as $n = range(2, 9)`)
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
      if (name === undefined) throw at(line, `"${target.trim().slice(0, 40)}" is no name of a variable`)
      return { name, isNumber: dollar === '$' }
    }),
  }
}

function compileLine({ targets, source }: Assignment, names: Names): DrawLine {
  const expression = parseExpression(source)
  const value = compile(expression, names)
  const sampled = sampledList(expression)
  const shuffled = unshuffled(expression)
  const isDrawn = isDraw(shuffled ?? expression)
  return {
    targets: targets.map(({ name }) => names.places.get(name) ?? -1),
    isNumber: targets.map(({ isNumber }) => isNumber),
    expression,
    // One item of a shuffled list is one item of the list: it need not be shuffled anew for every draw.
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

function compileCondition({ text, line }: SourceLine, names: Names): Condition {
  const expression = parseExpression(text)
  return {
    source: text.trim(),
    line,
    expression,
    holds: compile(expression, names),
    needs: placesIn(expression, names),
  }
}

function placesIn(expression: Expression, names: Names): ReadonlySet<number> {
  return new Set([...namesIn(expression)].flatMap((name) => names.places.get(name) ?? []))
}

/** `#answer: {x + 1}` means `x + 1`. */
function withoutBraces(text: string): string {
  const [, inner] = /^\{([\s\S]*)\}$/.exec(text) ?? []
  return inner === undefined || inner.includes('{') ? text : inner
}

/** The slots of a text, compiled; a fault names the line of that text. */
function inText(field: string, firstLine: number, text: string, names: Names): readonly TextPart[] {
  const lineAt = (at: number) => firstLine + (text.slice(0, at).match(/\n/g)?.length ?? 0)
  return parseSlots(text).map((part) => {
    if (typeof part === 'string') return part
    const { head, default: byDefault } =
      field === 'question_annotated' ? splitDefault(part.source) : wholeSlot(part.source)
    return inLine(lineAt(part.at), () => compileSlot(head, byDefault, names), field)
  })
}

function wholeSlot(source: string): { readonly head: string; readonly default: undefined } {
  return { head: source, default: undefined }
}

function compileSlot(head: string, byDefault: string | undefined, names: Names): Slot {
  const { expression, rest } = parseFormatted(head)
  if (rest !== '' && !/^[:!]/.test(rest))
    throw new TemplateFault(`"${rest.slice(0, 40)}" is not understood in "{${head.slice(0, 60)}}"`)
  return {
    value: compile(expression, names),
    place: expression.kind === 'name' ? names.places.get(expression.name) : undefined,
    format: rest,
    default: byDefault,
  }
}

function inLine<T>(line: number, read: () => T, field = 'question_annotated'): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof TemplateFault ? at(line, error.message, field, error) : error
  }
}

function at(line: number, reason: string, field = 'question_annotated', cause?: unknown): TemplateFault {
  return new TemplateFault(`line ${line} of ${field}: ${reason}`, { cause })
}
