/** Rows of any file with columns, told by its ending: JSON lines, one JSON array, CSV, TSV or Parquet. */

import { extname } from 'node:path'
import { ConfigError } from '../core/errors.ts'
import { readCsv } from './csv.ts'
import { type JsonRow, readJsonLines } from './json-lines.ts'
import { readParquet } from './parquet.ts'
import { readTextFile, requirePath } from './text-file.ts'

/** @throws ConfigError when the file cannot be read as what its ending says, or holds no row */
export function readTable(path: string | undefined): JsonRow[] {
  const file = requirePath(path)
  switch (extname(file).toLowerCase()) {
    case '.csv':
    case '.tsv':
      return readCsv(file)
    case '.parquet':
      return readParquet(file)
    case '.json':
      return readJsonArray(file)
    default:
      return readJsonLines(file)
  }
}

/** One array of objects; a `.json` that holds JSON lines is read as such. */
export function readJsonArray(path: string | undefined): JsonRow[] {
  const file = requirePath(path)
  const text = readTextFile(file)
  if (!text.trimStart().startsWith('[')) return readJsonLines(file)
  const value = parse(text, file)
  if (!Array.isArray(value) || value.length === 0)
    throw new ConfigError(`${file}  holds no problems; give an array of objects.`)
  const lines = itemLines(text)
  return value.map((item: unknown, number) => {
    const place = `${file}:${lines[number] ?? 1}`
    if (typeof item !== 'object' || item === null || Array.isArray(item))
      throw new ConfigError(`${place}  is not an object.`)
    return { number, place, value: item as Record<string, unknown> }
  })
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
