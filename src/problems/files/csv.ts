/** CSV and TSV files as rows, by their heading. */

import { createRequire } from 'node:module'
import { ConfigError } from '../../core/errors.ts'
import type { JsonRow } from './json-lines.ts'
import { readTextFile } from './text-file.ts'

/**
 * Reads a whole file whose first line names its columns; every value is a text. A `.tsv` is parted by tabs.
 * @throws ConfigError when it cannot be read, is too large, or a line does not fit the heading
 */
export function readCsv(path: string): JsonRow[] {
  const text = readTextFile(path)
  const rows = parseRows(text, path)
  if (rows.length === 0) throw new ConfigError(`${path}  holds no problems below its heading; give a file with rows.`)
  return rows.map(({ record, info }, number) => ({ number, place: `${path}:${info.lines}`, value: record }))
}

/** Loaded when a file is read: most runs read none of this kind, and importers do not wait. */
const load = createRequire(import.meta.url)

interface ParsedRow {
  readonly record: Readonly<Record<string, string>>
  /** `lines` counts those read up to the end of the record. */
  readonly info: { readonly lines: number }
}

function parseRows(text: string, path: string): readonly ParsedRow[] {
  const { parse } = load('csv-parse/sync') as typeof import('csv-parse/sync')
  try {
    return parse(text, {
      columns: true,
      info: true,
      skip_empty_lines: true,
      delimiter: path.endsWith('.tsv') ? '\t' : ',',
    }) as unknown as readonly ParsedRow[]
  } catch (cause) {
    const { lines, message } = cause as { readonly lines?: number; readonly message: string }
    throw new ConfigError(
      `${path}${lines === undefined ? '' : `:${lines}`}  is not valid CSV (${message.replace(/\.$/, '')}); fix the line.`,
      { cause },
    )
  }
}
