/** Multiple-choice questions: the options go behind the question, and the gold answer is the letter of the right one. */

import { ConfigError } from '../../core/errors.ts'
import type { JsonRow } from '../files/json-lines.ts'

export interface Choice {
  /** `A` */
  readonly letter: string
  readonly text: string
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/**
 * Reads a list of options (`["A)21", "B)23"]`, `["21", "23"]`) or labels next to texts (`{label: […], text: […]}`).
 * @throws ConfigError when it is none of these
 */
export function choicesOf(row: JsonRow, value: unknown, field: string): readonly Choice[] {
  const { label, text } = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  const texts = Array.isArray(value) ? value : Array.isArray(text) ? text : fromText(value)
  const isReadable = texts.every((one) => typeof one === 'string' || typeof one === 'number')
  if (texts.length < 2 || texts.length > LETTERS.length || !isReadable) {
    throw new ConfigError(`${row.place}  "${field}" is no list of 2 to 26 options; map choices to another field.`)
  }
  return texts.map((one, place) => {
    const [, written, rest] = /^\s*\(?([A-Z])\s*[).:]\s*(.*)$/s.exec(String(one)) ?? []
    const letter = Array.isArray(label) ? String(label[place]) : (written ?? LETTERS.charAt(place))
    return { letter, text: (rest ?? String(one)).trim() }
  })
}

/** `a ) 38 , b ) 27.6 , c ) 28` in one text, as MathQA has it. */
function fromText(value: unknown): readonly string[] {
  if (typeof value !== 'string') return []
  const parts = value.split(/(?:^|,)\s*(?=[a-zA-Z]\s*\)\s)/).filter((part) => part.trim() !== '')
  return parts.map((part) =>
    part.replace(/^\s*([a-zA-Z])\s*\)\s*/, (_, letter: string) => `${letter.toUpperCase()}) `).trim(),
  )
}

/**
 * The question with its options, and the letter for the answer.
 * @param raw the answer as the row has it: a letter, the place of an option from 0, or its text
 * @throws ConfigError when it names none of the options
 */
export function withChoices(
  row: JsonRow,
  { question, answer }: { readonly question: string; readonly answer: string },
  choices: readonly Choice[],
  raw: unknown,
): { readonly question: string; readonly answer: string } {
  const said = answer.trim().replace(/^\(?([A-Za-z])[).:]?$/, (_, letter: string) => letter.toUpperCase())
  const right =
    choices.find(({ letter }) => letter === said) ??
    choices.find(({ text }) => text === answer.trim()) ??
    (typeof raw === 'number' || /^\d+$/.test(said) ? choices[Number(said)] : undefined)
  if (right === undefined) {
    throw new ConfigError(`${row.place}  the answer "${answer}" is none of its ${choices.length} options; fix the row.`)
  }
  const options = choices.map(({ letter, text }) => `(${letter}) ${text}`)
  return { question: `${question.trimEnd()}\n${options.join('\n')}`, answer: right.letter }
}
