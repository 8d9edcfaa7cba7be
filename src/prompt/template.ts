/**
 * Prompt templates: a Markdown file whose front matter says what it is and whose body is what the model reads.
 *
 * For `api: chat` the headings `## system`, `## user`, `## assistant` begin a message each; worked examples are pairs of
 * user and assistant. For `api: completions` the whole body is one text. `{{question}}` stands once, in what comes last.
 */

import { createHash } from 'node:crypto'
import { parse as parseYaml, YAMLParseError } from 'yaml'
import { z } from 'zod'
import { ConfigError } from '../core/errors.ts'
import { type Message, ROLES, type Role } from '../core/message.ts'

/** What the question replaces. */
export const PLACEHOLDER = '{{question}}'

export const PROMPT_APIS = ['chat', 'completions'] as const

const frontMatterSchema = z.strictObject({
  name: z.string().min(1),
  api: z.enum(PROMPT_APIS).default('chat'),
  stop: z.array(z.string().min(1)).readonly().default([]),
  description: z.string().default(''),
})

export interface PromptTemplate extends Readonly<z.infer<typeof frontMatterSchema>> {
  /** The last one holds the placeholder, once; a completions template is a single user message. */
  readonly messages: readonly Message[]
  /** SHA-256 of the file, in hexadecimal. */
  readonly sha256: string
}

/** A line of the file with its number, from 1. */
interface Line {
  readonly number: number
  readonly text: string
}

/**
 * Reads a template.
 * @param file how messages name it
 * @throws ConfigError with file and line when front matter, a section or the placeholder is wrong
 */
export function parsePrompt(source: string, file: string): PromptTemplate {
  // A byte order mark is no part of the text.
  const lines = source
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((text, index) => ({ number: index + 1, text }))
  const end = lines.findIndex((line, index) => index > 0 && line.text === '---')
  if (lines[0]?.text !== '---' || end < 0) {
    throw new ConfigError(`${file}:1  has no front matter; begin with a line "---", "name: …", and a line "---".`)
  }
  const front = parseFrontMatter(lines.slice(1, end), file)
  const body = lines.slice(end + 1)
  const sections = front.api === 'chat' ? chatSections(body, file) : [textSection(body, file)]
  requirePlaceholder(sections, body, file)
  const messages = sections.map(({ role, lines }) => ({ role, content: trimBlankLines(lines) }))
  return { ...front, messages, sha256: createHash('sha256').update(source).digest('hex') }
}

function parseFrontMatter(lines: readonly Line[], file: string): z.infer<typeof frontMatterSchema> {
  let values: unknown
  try {
    values = parseYaml(lines.map((line) => line.text).join('\n'))
  } catch (cause) {
    const line = cause instanceof YAMLParseError ? (cause.linePos?.[0].line ?? 0) : 0
    throw new ConfigError(`${file}:${line + 1}  the front matter is not valid YAML: ${firstLine(cause)}`, { cause })
  }
  const parsed = frontMatterSchema.safeParse(values ?? {})
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const key = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path[0]
  const at = lines.find((line) => line.text.startsWith(`${String(key)}:`))?.number ?? 1
  throw new ConfigError(
    `${file}:${at}  front matter, ${String(key ?? 'all')}: ${issue?.message}; it knows name, api, stop, description.`,
  )
}

interface Section {
  readonly role: Role
  readonly heading: number
  readonly lines: readonly Line[]
}

function chatSections(body: readonly Line[], file: string): Section[] {
  const sections: { role: Role; heading: number; lines: Line[] }[] = []
  for (const line of body) {
    const heading = /^## +(.*?) *$/.exec(line.text)?.[1]
    if (heading === undefined) {
      if (sections.length === 0 && line.text.trim() !== '') {
        throw new ConfigError(
          `${file}:${line.number}  text stands before the first section; begin with "## system" or "## user".`,
        )
      }
      sections.at(-1)?.lines.push(line)
      continue
    }
    const role = ROLES.find((known) => known === heading)
    if (role === undefined) {
      throw new ConfigError(
        `${file}:${line.number}  unknown section "## ${heading}"; sections are ## ${ROLES.join(', ## ')}.`,
      )
    }
    const expected = expectedRoles(sections.at(-1)?.role)
    if (!expected.includes(role)) {
      throw new ConfigError(`${file}:${line.number}  "## ${role}" stands where ## ${expected.join(' or ## ')} must.`)
    }
    sections.push({ role, heading: line.number, lines: [] })
  }
  const empty = sections.find((section) => trimBlankLines(section.lines) === '')
  if (empty) throw new ConfigError(`${file}:${empty.heading}  the section "## ${empty.role}" is empty.`)
  return sections
}

/** A system message comes first or not at all; then user and assistant take turns. */
function expectedRoles(before: Role | undefined): readonly Role[] {
  if (before === undefined) return ['system', 'user']
  return before === 'user' ? ['assistant'] : ['user']
}

function textSection(body: readonly Line[], file: string): Section {
  const heading = body.find((line) => ROLES.some((role) => line.text.trimEnd() === `## ${role}`))
  if (heading) {
    throw new ConfigError(
      `${file}:${heading.number}  a completions prompt is one text without sections; say api: chat, or take "${heading.text}" out.`,
    )
  }
  return { role: 'user', heading: body[0]?.number ?? 1, lines: body }
}

function requirePlaceholder(sections: readonly Section[], body: readonly Line[], file: string): void {
  const places = body.flatMap((line) => Array(line.text.split(PLACEHOLDER).length - 1).fill(line.number))
  const last = sections.at(-1)
  if (last === undefined || places[0] === undefined) {
    throw new ConfigError(
      `${file}:${body.at(-1)?.number ?? 1}  ${PLACEHOLDER} is missing; write it where the question goes.`,
    )
  }
  if (places.length > 1) {
    throw new ConfigError(
      `${file}:${places[1]}  ${PLACEHOLDER} stands a second time (first in line ${places[0]}); keep one.`,
    )
  }
  if (last.role !== 'user') {
    throw new ConfigError(`${file}:${last.heading}  the last section must be "## user", with ${PLACEHOLDER} in it.`)
  }
  if (places[0] < last.heading) {
    throw new ConfigError(`${file}:${places[0]}  ${PLACEHOLDER} must stand in the last section.`)
  }
}

function trimBlankLines(lines: readonly Line[]): string {
  return lines
    .map((line) => line.text)
    .join('\n')
    .replace(/^(?:[ \t]*\n)+|(?:\n[ \t]*)+$/g, '')
}

function firstLine(cause: unknown): string {
  return cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
}
