/** Fills the slots of a template: words in prose, numbers in equations, an exact number after `####`. */

import { isNumeric, type Numeric } from './exact.ts'
import { compare, exactText } from './exact-functions.ts'
import { formatValue } from './format.ts'
import { readWords } from './number-words.ts'
import type { Template, TextPart } from './template.ts'
import { isLabelled, isList, labelledOf, type Scope, textOf, type Value } from './value.ts'

export interface Instance {
  readonly question: string
  /** As text: exact, in decimals where they end, else as a fraction. */
  readonly answer: string
  /** The worked solution, ending in `#### ANSWER`. */
  readonly solution: string
}

type Write = (scope: Scope) => string

export interface Renderer {
  readonly question: Write
  readonly solution: Write
  /** The value of #answer. */
  readonly answer: (scope: Scope) => Value
}

export function createRenderer(template: Template): Renderer {
  const question = joined(template.question.map((part) => questionPart(part, capitalized(template.question))))
  const { solution } = template
  const marker = solution.findLastIndex((part) => typeof part === 'string' && part.includes('####'))
  const worked = joined(
    solution.map((part, place) => {
      if (typeof part === 'string') return () => part
      if (marker >= 0 && place > marker) return (scope: Scope) => answerText(part.value(scope))
      const isMath = isInEquation(solution, place)
      const isDivisor =
        /[/÷]\s*$/.test(textAt(solution, place - 1)) || /^\s*(?:\*\*|\^)/.test(textAt(solution, place + 1))
      return (scope: Scope) => {
        const value = part.value(scope)
        if (part.format !== '') return formatValue(value, part.format)
        return isMath ? mathText(value, isDivisor) : textOf(value)
      }
    }),
  )
  return { question, solution: worked, answer: template.answer }
}

/** What `#answer` and the worked solution make of the drawn values. */
export interface Rendered {
  readonly instance: Instance
  /** Whether #answer gives the number that the worked solution ends in. */
  readonly agrees: boolean
}

/** The answer is the last number of the worked solution, which is what was published; #answer is held against it. */
export function renderInstance(renderer: Renderer, scope: Scope): Rendered {
  const solution = renderer.solution(scope)
  const answer = canonical(lastAnswer(solution))
  const agrees = isSameAnswer(renderer.answer(scope), answer)
  return { instance: { question: renderer.question(scope), answer, solution }, agrees }
}

/** Without thousands commas, currency and percent signs, where it is a number. */
function canonical(text: string): string {
  const number = readWords(text)
  return number === undefined ? text : exactText(number)
}

/** What follows the last `####`, or the last number of a text that has none. */
export function lastAnswer(solution: string): string {
  const at = solution.lastIndexOf('####')
  if (at >= 0) return solution.slice(at + 4).trim()
  return (
    solution
      .match(/-?\d[\d,]*(?:\.\d+)?(?:\/\d+)?/g)
      ?.at(-1)
      ?.replace(/,$/, '') ?? ''
  )
}

/** Equal as numbers where both are some, as texts otherwise. */
export function isSameAnswer(value: Value, text: string): boolean {
  const number = numberOf(value)
  const said = readWords(text)
  if (number === undefined || said === undefined) return textOf(value).trim() === text
  return compare(number, said) === 0
}

/** The same for two texts. */
export function isSameText(a: string, b: string): boolean {
  const number = readWords(a)
  return number === undefined ? a === b : isSameAnswer(number, b)
}

export function answerText(value: Value): string {
  const number = numberOf(value)
  return number === undefined ? textOf(value) : exactText(number)
}

function numberOf(value: Value): Numeric | undefined {
  if (isList(value) && value.items.length === 1) return numberOf(value.items[0])
  return isNumeric(value) ? value : labelledOf(value)?.number
}

function joined(writes: readonly Write[]): Write {
  return (scope) => {
    let text = ''
    for (const write of writes) text += write(scope)
    return text
  }
}

/** `{o2, Oats}` next to `{o2, oats}` asks for a capital. */
function questionPart(part: TextPart, capitals: ReadonlySet<TextPart>): Write {
  if (typeof part === 'string') return () => part
  return (scope) => {
    const text = formatValue(part.value(scope), part.format)
    return capitals.has(part) ? text.charAt(0).toUpperCase() + text.slice(1) : text
  }
}

function capitalized(parts: readonly TextPart[]): ReadonlySet<TextPart> {
  const lower = new Set<string>()
  for (const part of parts)
    if (typeof part !== 'string' && part.default !== undefined) lower.add(`${part.place}/${part.default}`)
  const isCapital = (part: TextPart): boolean => {
    if (typeof part === 'string' || part.place === undefined || part.default === undefined) return false
    const small = part.default.charAt(0).toLowerCase() + part.default.slice(1)
    return small !== part.default && lower.has(`${part.place}/${small}`)
  }
  return new Set(parts.filter(isCapital))
}

function textAt(parts: readonly TextPart[], place: number): string {
  const part = parts[place]
  return typeof part === 'string' ? part : ''
}

/** Inside `<<…>>`, or next to a sign that calculates: there `half` is written 1/2. */
function isInEquation(parts: readonly TextPart[], place: number): boolean {
  let before = ''
  for (const part of parts.slice(0, place)) before += typeof part === 'string' ? part : ''
  if (before.lastIndexOf('<<') > before.lastIndexOf('>>')) return true
  const [left, right] = [textAt(parts, place - 1), textAt(parts, place + 1)]
  return /(?:[+*×÷=/]|\s-|\sx|\d\s*-)\s*$/.test(left) || /^\s*(?:[+*×÷=/]|-\s|x\s)/.test(right)
}

function mathText(value: Value, isDivisor: boolean): string {
  if (!isLabelled(value)) return textOf(value)
  const text = exactText(value.number)
  return isDivisor && text.includes('/') ? `(${text})` : text
}
