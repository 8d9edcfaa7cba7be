/** The template files of a folder, read as JSON; a file that cannot be read is named and the others continue. */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../../core/errors.ts'
import { TemplateFault } from './fault.ts'
import { compileTemplate, type Template } from './template.ts'
import type { WordLists } from './word-lists.ts'

/** Published templates have 2 to 8 kB. */
const LARGEST_BYTES = 1_000_000

const schema = z.looseObject({
  question: z.string().default(''),
  answer: z.string().default(''),
  question_annotated: z.string(),
  answer_annotated: z.string(),
  id_orig: z.int().optional(),
})

export type TemplateFile =
  | { readonly kind: 'template'; readonly file: string; readonly template: Template; readonly blame: Blame }
  | { readonly kind: 'unsupported'; readonly file: string; readonly reason: string }

/** A fault of this template as one sentence with file and line. */
export type Blame = (fault: TemplateFault) => string

/**
 * Every `.json` file below a folder, by name.
 * @throws ConfigError when the folder cannot be read or holds no template
 */
export function readTemplates(folder: string, lists: WordLists): TemplateFile[] {
  const files = listTemplates(folder)
  return files.map((file) => {
    try {
      return { kind: 'template', file, ...readTemplate(folder, file, lists) }
    } catch (error) {
      if (error instanceof TemplateFault) return { kind: 'unsupported', file, reason: error.message }
      throw error
    }
  })
}

/** Names of the `.json` files below a folder, sorted. @throws ConfigError when there is none */
export function listTemplates(folder: string): string[] {
  const files = listFiles(folder)
  if (files.length > 0) return files
  throw new ConfigError(`${folder}  holds no .json file; give the folder of the templates.`)
}

function listFiles(folder: string): string[] {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    return names
      .filter((name) => name.endsWith('.json'))
      .map((name) => name.split(sep).join('/'))
      .sort()
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    throw new ConfigError(
      `${folder}  ${isMissing ? 'does not exist' : 'is no folder that can be read'}; give the folder of the templates.`,
      { cause },
    )
  }
}

/** @throws TemplateFault with file and line */
function readTemplate(
  folder: string,
  file: string,
  lists: WordLists,
): { readonly template: Template; readonly blame: Blame } {
  const path = join(folder, file)
  if (statSync(path).size > LARGEST_BYTES)
    throw new TemplateFault(`${file}  is larger than 1 MB, too large for a template.`)
  const text = readText(path, file)
  const parsed = schema.safeParse(parseJson(text, file))
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') || 'the whole'
    throw new TemplateFault(`${file}  is no template: ${field} is missing or of the wrong type.`)
  }
  const { data } = parsed
  const blame: Blame = ({ message }) => `${place(file, text, message)}  ${message}.`
  try {
    const template = compileTemplate(
      {
        name: file.replace(/\.json$/, ''),
        question: data.question,
        answer: data.answer,
        questionAnnotated: data.question_annotated,
        answerAnnotated: data.answer_annotated,
        parent: data.id_orig,
      },
      lists,
    )
    return { template, blame }
  } catch (error) {
    throw error instanceof TemplateFault ? new TemplateFault(blame(error), { cause: error }) : error
  }
}

/** `file:line`, the line of the file in which the named field stands. */
function place(file: string, text: string, reason: string): string {
  const field = reason.includes('answer_annotated') ? 'answer_annotated' : 'question_annotated'
  const at = text.indexOf(`"${field}"`)
  return `${file}:${at < 0 ? 1 : text.slice(0, at).split('\n').length}`
}

function readText(path: string, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
  } catch (cause) {
    throw new TemplateFault(`${file}  is not UTF-8 text.`, { cause })
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new TemplateFault(`${file}  is not valid JSON (${(cause as Error).message}).`, { cause })
  }
}
