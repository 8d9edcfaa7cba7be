/** MATH in the shapes it is published in: a folder of JSON files, one JSONL (MATH-500 too), an array, or Parquet. */

import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { ConfigError } from '../../core/errors.ts'
import { type JsonRow, rowNumber } from '../files/json-lines.ts'
import { readTable, rowsOf } from '../files/table.ts'
import { readTextFile, requirePath, unreadable } from '../files/text-file.ts'
import type { ImportedRow, Importer, ImportRequest } from '../importer.ts'
import { optional, required } from './fields.ts'

/**
 * The answer is the row's own, or the content of the last box of its solution. Ids follow `unique_id`, the file's path in
 * its folder, or the line: `math/test/algebra/1`.
 */
export const mathImporter: Importer = {
  keys: ['path', 'take', 'level'],
  read: (request) => {
    const rows = readRows(request)
    // A dataset without levels is as it should be; one row without among others is odd.
    const hasLevels = rows.some(({ value }) => 'level' in value)
    return rows.flatMap((row) => toProblem(row, request, hasLevels) ?? [])
  },
}

interface MathRow extends JsonRow {
  /** Without the source's name. */
  readonly id: string
}

function readRows(request: ImportRequest): MathRow[] {
  if (request.rows === undefined && isFolder(requirePath(request.path))) return readFolder(requirePath(request.path))
  return rowsOf(request).map((row) => withId(row, request.part))
}

function withId(row: JsonRow, part: string): MathRow {
  const own = optional(row, 'unique_id') ?? optional(row, 'id')
  return { ...row, id: own?.replace(/\.json$/, '') ?? `${part}/${rowNumber(row.number)}` }
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
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => FILE.test(name))
  if (names.length === 0) {
    throw new ConfigError(`${folder}  holds no .json, .jsonl or .parquet file; give the folder of MATH's problems.`)
  }
  const order = new Intl.Collator('en', { numeric: true })
  return names.sort(order.compare).flatMap((name, number) => {
    const place = join(folder, name)
    const part = `${basename(folder)}/${name.split(sep).join('/').replace(FILE, '')}`
    if (!name.endsWith('.json')) return readTable(place).map((row) => withId(row, part))
    // Only one problem stands in a .json file, so its path is its place.
    return [{ number, place, id: part, value: withFolders(parseFile(place), dirname(name)) }]
  })
}

const FILE = /\.(?:json|jsonl|parquet)$/

/** Files sorted into folders by subject and level need not repeat either: `algebra/level_3/12.json`. */
function withFolders(value: Readonly<Record<string, unknown>>, path: string): Readonly<Record<string, unknown>> {
  const folders = path.split(sep).filter((folder) => folder !== '.' && !/^(?:train|test)$/i.test(folder))
  const level = folders.find((folder) => FOLDER_LEVEL.test(folder))
  const subject = folders.find((folder) => folder !== level)
  return {
    ...(subject === undefined ? {} : { type: subject }),
    ...(level === undefined ? {} : { level: FOLDER_LEVEL.exec(level)?.[1] }),
    ...value,
  }
}

const FOLDER_LEVEL = /^(?:level[\s_-]*)?([1-5])$/i

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

function toProblem(row: MathRow, { spec, split, odd }: ImportRequest, hasLevels: boolean): ImportedRow | undefined {
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
  const level = hasLevels ? levelOf(row, odd) : undefined
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

const BOX = /\\(?:boxed|fbox)\s*/g

/** Undefined where there is no box, or the last one is not closed. `\boxed 5` holds the next sign or word. */
function lastBoxed(solution: string): string | undefined {
  const last = [...solution.matchAll(BOX)].at(-1)
  if (last === undefined) return undefined
  const start = last.index + last[0].length
  if (solution[start] !== '{') return /^[^\s$\\{}]+|^\\[a-zA-Z]+/.exec(solution.slice(start))?.[0]
  let depth = 0
  for (let at = start; at < solution.length; at++) {
    if (solution[at] === '\\') at++
    else if (solution[at] === '{') depth++
    else if (solution[at] === '}' && --depth === 0) return solution.slice(start + 1, at).trim() || undefined
  }
  return undefined
}
