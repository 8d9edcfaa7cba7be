/** Cuts an annotated question into its text and its #init, #conditions and #answer lines. */

import { TemplateFault } from './fault.ts'

export interface SourceLine {
  readonly text: string
  /** Line of the annotated question, from 1. */
  readonly line: number
}

export interface Sections {
  readonly question: string
  readonly init: readonly SourceLine[]
  readonly conditions: readonly SourceLine[]
  readonly answer: SourceLine
}

const MOST_LINES = 500
const NAMES = ['init', 'conditions', 'answer'] as const
type SectionName = (typeof NAMES)[number]
const ALIASES: Readonly<Record<string, SectionName>> = {
  condition: 'conditions',
  initialization: 'init',
  ans: 'answer',
}

/** @throws TemplateFault where a section is missing, unknown or stands twice */
export function readSections(annotated: string): Sections {
  const lines = annotated.replaceAll('\r\n', '\n').split('\n')
  if (lines.length > MOST_LINES) throw new TemplateFault(`question_annotated has more than ${MOST_LINES} lines`)
  const first = lines.findIndex((line) => headingOf(line) !== undefined)
  if (first < 0) throw new TemplateFault('question_annotated has no #init: section')
  const found: Partial<Record<SectionName, SourceLine[]>> = {}
  let current: SourceLine[] = []
  for (const [place, text] of lines.entries()) {
    if (place < first) continue
    const heading = headingOf(text)
    if (heading === undefined) {
      current.push({ text, line: place + 1 })
      continue
    }
    const name = sectionOf(heading.name)
    if (name === undefined)
      throw new TemplateFault(`line ${place + 1} of question_annotated: the section #${heading.name}: is unknown`)
    if (found[name] !== undefined)
      throw new TemplateFault(`line ${place + 1} of question_annotated: a second #${name}: section`)
    current = [{ text: heading.rest, line: place + 1 }]
    found[name] = current
  }
  const answer = joined(found.answer ?? [])
  const [only] = answer
  if (only === undefined) throw new TemplateFault('question_annotated has no #answer:')
  return {
    question: lines.slice(0, first).join('\n').trim(),
    init: joined(found.init ?? []).map(withoutBullet),
    conditions: joined(found.conditions ?? []).map(withoutBullet),
    answer: {
      line: only.line,
      text: answer
        .map(({ text }) => text)
        .join(' ')
        .trim(),
    },
  }
}

function headingOf(line: string): { readonly name: string; readonly rest: string } | undefined {
  const [, name, colon, rest] = /^\s*#\s*([a-z]+)\s*(:?)(.*)$/i.exec(line) ?? []
  if (name === undefined) return undefined
  // Without its colon it could be any comment, unless the name is known.
  return colon === ':' || sectionOf(name.toLowerCase()) ? { name: name.toLowerCase(), rest: rest ?? '' } : undefined
}

function sectionOf(name: string): SectionName | undefined {
  return NAMES.find((known) => known === name) ?? ALIASES[name]
}

/** Without blank lines; a line whose brackets are open continues in the next. */
function joined(lines: readonly SourceLine[]): SourceLine[] {
  const whole: SourceLine[] = []
  let open: SourceLine | undefined
  for (const { text, line } of lines) {
    const full: SourceLine = open === undefined ? { text, line } : { text: `${open.text}\n${text}`, line: open.line }
    open = openBrackets(full.text) > 0 ? full : undefined
    if (open === undefined && full.text.trim() !== '') whole.push(full)
  }
  return open === undefined ? whole : [...whole, open]
}

function openBrackets(text: string): number {
  const bare = text.replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, '')
  return (bare.match(/[([{]/g)?.length ?? 0) - (bare.match(/[)\]}]/g)?.length ?? 0)
}

function withoutBullet({ text, line }: SourceLine): SourceLine {
  return { text: text.replace(/^\s*(?:[-*•]\s*|\d+[.)]\s+)/, '').replace(/[;,\s]+$/, ''), line }
}
