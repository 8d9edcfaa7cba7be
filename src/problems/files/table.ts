/** Rows of any file with columns, told by its ending: JSON lines, one JSON array, CSV, TSV or Parquet. */

import { extname } from 'node:path'
import { ConfigError } from '../../core/errors.ts'
import type { ImportRequest } from '../importer.ts'
import { readCsv } from './csv.ts'
import { type JsonRow, readJsonLines } from './json-lines.ts'
import { type RowsWanted, readParquet } from './parquet.ts'
import { readTextFile, requirePath } from './text-file.ts'

/** The rows of a request: those that it brings along, or those of its file. @throws ConfigError as readTable does */
export function rowsOf({ rows, path }: ImportRequest): readonly JsonRow[] {
  return rows ?? readTable(path)
}

/**
 * @param wanted of a Parquet file: rows that repeat a text are passed over while it is read
 * @throws ConfigError when the file cannot be read as what its ending says, or holds no row
 */
export function readTable(path: string | undefined, wanted?: RowsWanted): JsonRow[] {
  const file = requirePath(path)
  switch (extname(file).toLowerCase()) {
    case '.csv':
    case '.tsv':
      return readCsv(file)
    case '.parquet':
      return readParquet(file, wanted)
    case '.json':
      return readJsonArray(file)
    default:
      return readJsonLines(file)
  }
}

/** One array of objects, also within an object; a `.json` that holds JSON lines is read as such. */
export function readJsonArray(path: string | undefined): JsonRow[] {
  const file = requirePath(path)
  const text = readTextFile(file)
  const isList = text.trimStart().startsWith('[')
  if (!isList && isJson(text.trimStart().split('\n', 1)[0] ?? '') && !isWrapped(text)) return readJsonLines(file)
  const whole = parse(text, file)
  const value = isList ? whole : wrapped(whole, file)
  if (!Array.isArray(value) || value.length === 0)
    throw new ConfigError(`${file}  holds no problems; give an array of objects.`)
  const lines = isList ? itemLines(text) : []
  return value.map((item: unknown, number) => {
    const place = `${file}:${lines[number] ?? 1}`
    if (typeof item !== 'object' || item === null || Array.isArray(item))
      throw new ConfigError(`${place}  is not an object.`)
    return { number, place, value: item as Record<string, unknown> }
  })
}

/** The one list of objects in an object, as in `{"version": 1, "data": […]}`. */
function wrapped(value: unknown, file: string): readonly unknown[] {
  const lists = listsIn(value)
  const [only] = lists
  if (lists.length === 1 && only !== undefined) return only
  throw new ConfigError(
    `${file}  holds ${lists.length === 0 ? 'no list' : 'several lists'} of objects; give one array.`,
  )
}

/** One line that holds such an object, where JSON lines would have a row. */
function isWrapped(text: string): boolean {
  return !text.trim().includes('\n') && listsIn(JSON.parse(text)).length === 1
}

function listsIn(value: unknown): (readonly unknown[])[] {
  return Object.values(value ?? {}).filter(
    (item) => Array.isArray(item) && typeof item[0] === 'object' && item[0] !== null && !Array.isArray(item[0]),
  )
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The line on which each object of an array begins. */
function itemLines(text: string): number[] {
  const lines: number[] = []
  let line = 1
  let depth = 0
  for (const [sign] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]\n]/g)) {
    if (sign === '\n') line++
    else if (sign === '{' && depth++ === 1) lines.push(line)
    else if (sign === '[') depth++
    else if (sign === '}' || sign === ']') depth--
  }
  return lines
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const { message } = cause as Error
    const at = /position (\d+)/.exec(message)?.[1]
    const line = at === undefined ? '' : `:${text.slice(0, Number(at)).split('\n').length}`
    throw new ConfigError(`${file}${line}  is not valid JSON (${message}); is the file whole?`, { cause })
  }
}
