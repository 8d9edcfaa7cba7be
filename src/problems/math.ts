/** MATH in the shapes it is published in: a folder of JSON files, one JSONL (MATH-500 too), an array, or Parquet. */

import { readdirSync, statSync } from 'node:fs'
import { basename, extname, join, sep } from 'node:path'
import { ConfigError } from '../core/errors.ts'
import { lastBoxed } from './boxed.ts'
import { optional, required } from './fields.ts'
import type { ImportedRow, Importer, ImportRequest } from './importer.ts'
import { type JsonRow, rowNumber } from './json-lines.ts'
import { readTable } from './table.ts'
import { readTextFile, requirePath, unreadable } from './text-file.ts'

/**
 * The answer is the row's own, or the content of the last box of its solution. Ids follow `unique_id`, the file's path in
 * its folder, or the line: `math/test/algebra/1`.
 */
export const mathImporter: Importer = {
  keys: ['path', 'take', 'level'],
  read: (request) => readRows(requirePath(request.path)).flatMap((row) => toProblem(row, request) ?? []),
}

interface MathRow extends JsonRow {
  /** Without the source's name. */
  readonly id: string
}

function readRows(path: string): MathRow[] {
  if (isFolder(path)) return readFolder(path)
  const file = basename(path, extname(path))
  return readTable(path).map((row) => {
    const own = optional(row, 'unique_id') ?? optional(row, 'id')
    return { ...row, id: own?.replace(/\.json$/, '') ?? `${file}/${rowNumber(row.number)}` }
  })
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

/** Numbered files come in the order of their numbers. */
function readFolder(folder: string): MathRow[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'))
  if (names.length === 0) throw new ConfigError(`${folder}  holds no .json file; give the folder of MATH's problems.`)
  const order = new Intl.Collator('en', { numeric: true })
  return names.sort(order.compare).map((name, number) => {
    const place = join(folder, name)
    // Only one problem stands in a file, so its path is its place.
    const id = `${basename(folder)}/${name
      .split(sep)
      .join('/')
      .replace(/\.json$/, '')}`
    return { number, place, id, value: parseFile(place) }
  })
}

function parseFile(path: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(readTextFile(path))
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause
    throw new ConfigError(`${path}  is not valid JSON (${(cause as Error).message}); is the file whole?`, { cause })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new ConfigError(`${path}  is not a JSON object; each file must hold one problem.`)
}

function toProblem(row: MathRow, { spec, split, odd }: ImportRequest): ImportedRow | undefined {
  const source = spec.name ?? 'math'
  const solution = optional(row, 'solution')
  const boxed = solution === undefined ? undefined : lastBoxed(solution)
  const answer = optional(row, 'answer') ?? boxed
  if (answer === undefined) {
    odd({ place: row.place, reason: 'has no answer and no \\boxed{} at the end of its solution', kept: false })
    return undefined
  }
  if (boxed !== undefined && boxed !== answer) {
    odd({
      place: row.place,
      reason: `says ${answer}, while its solution ends in ${boxed}; its answer is kept`,
      kept: true,
    })
  }
  const subject = optional(row, 'subject') ?? optional(row, 'type')
  const level = levelOf(row, odd)
  return {
    place: row.place,
    problem: { id: `${source}/${row.id}`, split, source, level, question: required(row, 'problem'), answer },
    more: { ...(subject === undefined ? {} : { subject }), ...(solution === undefined ? {} : { solution }) },
  }
}

/** `Level 5` and 5 are both 5. */
function levelOf(row: JsonRow, odd: ImportRequest['odd']): string | undefined {
  const text = optional(row, 'level')
  const level = /^(?:Level\s*)?([1-5])$/i.exec(text ?? '')?.[1]
  if (level === undefined)
    odd({ place: row.place, reason: `has ${text === undefined ? 'no level' : `the level "${text}"`}`, kept: true })
  return level
}
