/** One template, read and compiled: its variables, how they are drawn, what they must satisfy, and its two texts. */

import { compile } from './compile.ts'
import type { Compiled, Names } from './compiled.ts'
import { TemplateFault } from './fault.ts'
import { compileLine, type DrawLine, placesIn, readAssignment } from './init-line.ts'
import { readWords } from './number-words.ts'
import { parseExpression, parseFormatted } from './parse-expression.ts'
import { readSections, type SourceLine } from './sections.ts'
import { parseSlots, splitDefault } from './slots.ts'
import type { Expression } from './syntax.ts'
import type { Value } from './value.ts'
import type { WordLists } from './word-lists.ts'

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
  /** What is odd about it and was fixed, one clause each. */
  readonly notes: readonly string[]
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
  const assignments = sections.init.map((line) => inLine(line.line, () => readAssignment(line)))
  const variables = [...new Set(assignments.flatMap(({ targets }) => targets.map(({ name }) => name)))]
  const fixed = fixedSlots(sections.question, variables, lists)
  const names: Names = {
    places: new Map(variables.map((name, place) => [name, place])),
    lists: { ...lists, ...fixed },
  }
  return {
    name: source.name,
    variables,
    lines: assignments.map((assignment) => inLine(assignment.line, () => compileLine(assignment, names))),
    conditions: sections.conditions.flatMap((line) => inLine(line.line, () => compileConditions(line, names))),
    answer: inLine(sections.answer.line, () =>
      placed(compile(parseExpression(withoutBraces(sections.answer.text)), names), sections.answer.line),
    ),
    question: inText('question_annotated', 1, sections.question, names),
    solution: inText('answer_annotated', 1, source.answerAnnotated.trim(), names),
    published: { question: source.question, answer: source.answer },
    parent: source.parent,
    names,
    notes: Object.keys(fixed).map((name) => `{${name}} has no line in #init and keeps its default`),
  }
}

/** Slots of the question that no line sets: they stay as their defaults have them. */
function fixedSlots(question: string, variables: readonly string[], lists: WordLists): Record<string, Value> {
  const fixed: Record<string, Value> = {}
  for (const part of parseSlots(question)) {
    if (typeof part === 'string') continue
    const { head, default: text } = splitDefault(part.source)
    const isKnown = variables.includes(head) || Object.hasOwn(lists, head) || Object.hasOwn(fixed, head)
    if (text === undefined || isKnown || !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(head)) continue
    const number = readWords(text)
    fixed[head] = number === undefined ? text : { kind: 'labelled', label: text, number }
  }
  return fixed
}

/** A line may hold several conditions; each alone asks fewer variables, and fails sooner. */
function compileConditions({ text, line }: SourceLine, names: Names): Condition[] {
  return conjuncts(parseExpression(text)).map((expression) => ({
    source: text.trim(),
    line,
    expression,
    holds: placed(compile(expression, names), line),
    needs: placesIn(expression, names),
  }))
}

/** `a < b < c`, `a < b and b < c` and `a < b, b < c` are two conditions each. */
function conjuncts(expression: Expression): Expression[] {
  if (expression.kind === 'list') return expression.items.flatMap(conjuncts)
  if (expression.kind === 'logic' && expression.operator === 'and') {
    return [...conjuncts(expression.left), ...conjuncts(expression.right)]
  }
  if (expression.kind !== 'compare') return [expression]
  return expression.rest.map((comparison, place) => ({
    kind: 'compare',
    first: expression.rest[place - 1]?.right ?? expression.first,
    rest: [comparison],
  }))
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
    const line = lineAt(part.at)
    const slot = inLine(line, () => compileSlot(head, byDefault, names), field)
    return { ...slot, value: placed(slot.value, line, field) }
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
    throw blamed(error, line, field)
  }
}

/** A compiled expression whose faults name its line. */
function placed(compiled: Compiled, line: number, field = 'question_annotated'): Compiled {
  return (scope) => {
    try {
      return compiled(scope)
    } catch (error) {
      throw blamed(error, line, field)
    }
  }
}

/** Faults of the drawn values alone come by the thousand and need no line. */
function blamed(error: unknown, line: number, field: string): unknown {
  if (!(error instanceof TemplateFault) || error.isOfValues) return error
  return new TemplateFault(`line ${line} of ${field}: ${error.message}`, { cause: error })
}
