/** ASDiv as published: an XML file of problems whose answers carry their units, `9 (apples)`. */

import { createRequire } from 'node:module'
import { z } from 'zod'
import { ConfigError } from '../../core/errors.ts'
import { readTextFile } from '../files/text-file.ts'
import type { ImportedRow, Importer, ImportRequest } from '../importer.ts'
import { joinBody } from './svamp.ts'

/** Loaded when a file is read: most runs read none of this kind, and importers do not wait. */
const load = createRequire(import.meta.url)
const xmlReader = () => load('fast-xml-parser') as typeof import('fast-xml-parser')

/** An element that has attributes comes as an object with its text in it. */
const text = z
  .union([z.string(), z.looseObject({ '#text': z.string().default('') }).transform((element) => element['#text'])])
  .default('')
const schema = z.object({
  ID: z.string().min(1),
  Grade: text,
  Source: text,
  Body: text,
  Question: text,
  'Solution-Type': text,
  Answer: text.refine((answer) => answer !== ''),
  Formula: text,
})
type AsdivRow = z.infer<typeof schema>

/** Ids are the dataset's own: `asdiv/nluds-0001`; the level is the grade. */
export const asdivImporter: Importer = {
  keys: ['path', 'take', 'level'],
  read: (request) => readProblems(request.path).map((row) => toProblem(row, request)),
}

interface PlacedRow {
  readonly place: string
  readonly row: AsdivRow
}

/** @throws ConfigError when the file is no such XML, or a problem lacks its id or answer */
function readProblems(path: string | undefined): PlacedRow[] {
  const xml = readTextFile(path)
  if (/<!ENTITY/i.test(xml))
    throw new ConfigError(`${path}  defines entities of its own, which are not read; take them out.`)
  const checked = xmlReader().XMLValidator.validate(xml)
  if (checked !== true) {
    const { line, msg } = checked.err
    throw new ConfigError(`${path}:${line}  is not well-formed XML (${msg.replace(/\.$/, '')}); is the file whole?`)
  }
  const lines = [...xml.matchAll(/<Problem\b|\n/g)]
  const starts: number[] = []
  let line = 1
  for (const [found] of lines) {
    if (found === '\n') line++
    else starts.push(line)
  }
  const problems = problemsIn(xml, path ?? '')
  return problems.map((problem, number) => {
    const place = `${path}:${starts[number] ?? 1}`
    const row = schema.safeParse(problem)
    if (row.success) return { place, row: row.data }
    throw new ConfigError(
      `${place}  has no ${row.error.issues[0]?.path.join('.')}; each Problem needs its ID and Answer.`,
    )
  })
}

function problemsIn(xml: string, path: string): readonly unknown[] {
  const parser = new (xmlReader().XMLParser)({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    htmlEntities: true,
    parseTagValue: false,
    parseAttributeValue: false,
    isArray: (name) => name === 'Problem',
  })
  const problems = find(parser.parse(xml))
  if (problems === undefined) throw new ConfigError(`${path}  holds no <Problem>; give the file ASDiv.xml.`)
  return problems
}

/** The list of problems, however the elements around it are called. */
function find(value: unknown): readonly unknown[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if ('Problem' in value && Array.isArray(value.Problem)) return value.Problem
  return Object.values(value)
    .map(find)
    .find((found) => found !== undefined)
}

/** Types misspelt in the published file. */
const SPELLING: Readonly<Record<string, string>> = { Substraction: 'Subtraction' }

function toProblem({ place, row }: PlacedRow, { spec, split, odd }: ImportRequest): ImportedRow {
  const source = spec.name ?? 'asdiv'
  const { answer, unit, kind } = readAsdivAnswer(row.Answer)
  if (kind !== 'number') odd({ place, reason: `has the answer "${row.Answer}", which is ${KINDS[kind]}`, kept: true })
  const written = row['Solution-Type']
  const type = SPELLING[written] ?? written
  if (type !== written) odd({ place, reason: `has the type "${written}", read as ${type}`, kept: true })
  const more = { type, unit, formula: row.Formula, from: row.Source }
  return {
    place,
    problem: {
      id: `${source}/${row.ID}`,
      split,
      source,
      level: row.Grade === '' ? undefined : row.Grade,
      question: joinBody(row.Body, row.Question),
      answer,
    },
    more: Object.fromEntries(Object.entries(more).filter(([, value]) => value !== '')),
  }
}

/** What an answer can be next to a plain number, as notes say it. */
const KINDS = {
  fraction: 'a fraction',
  ratio: 'a ratio',
  time: 'a time of day',
  several: 'several answers, kept as one list',
  words: 'words',
} as const

export interface AsdivAnswer {
  /** For the verifier: without the unit, several answers with commas between them. */
  readonly answer: string
  /** Of the (first) answer; empty where there is none. */
  readonly unit: string
  readonly kind: 'number' | keyof typeof KINDS
}

/** `9 (apples)` is 9 apples; `12 (years old); 4 (years old)` is the list 12, 4. */
export function readAsdivAnswer(text: string): AsdivAnswer {
  const parts = text.split(';').map(splitUnit)
  const answer = parts.map((part) => part.answer).join(', ')
  return { answer, unit: parts[0]?.unit ?? '', kind: kindOf(text, answer) }
}

function splitUnit(text: string): { readonly answer: string; readonly unit: string } {
  const [, answer, unit] = /^(.*\S)\s+\(([^()]*)\)$/.exec(text.trim()) ?? []
  return answer === undefined
    ? { answer: text.trim().replace(/^-\((.*)\)$/, '-$1'), unit: '' }
    : { answer, unit: unit ?? '' }
}

function kindOf(text: string, answer: string): AsdivAnswer['kind'] {
  if (text.includes(';')) return 'several'
  if (/^-?\d[\d,]*(?:\.\d+)?$/.test(answer)) return 'number'
  if (/^-?\d+\/\d+$/.test(answer)) return 'fraction'
  // Clock times and ratios are written alike; only minutes have two digits below 60.
  if (/[ap]\.m\.|^\d{1,2}:[0-5]\d$/.test(answer)) return 'time'
  return /^\d+:\d+$/.test(answer) ? 'ratio' : 'words'
}
