/** Problems as anyone can write them: files with columns, by default id, question, answer, level and subject. */

import { basename, extname } from 'node:path'
import { readCsv } from './csv.ts'
import { rowProblem } from './fields.ts'
import type { Importer } from './importer.ts'
import { type JsonRow, readJsonLines } from './json-lines.ts'
import { readParquet } from './parquet.ts'
import { requirePath } from './text-file.ts'

/** Rows {"id", "question", "answer", "level"}, one JSON object a line. */
export const jsonlImporter: Importer = tableImporter(readJsonLines)
/** A heading and rows; `.tsv` is parted by tabs. */
export const csvImporter: Importer = tableImporter((path) => readCsv(requirePath(path)))
/** The columns of a Parquet file. */
export const parquetImporter: Importer = tableImporter((path) => readParquet(requirePath(path)))

/** An id that is missing becomes NAME/000123 by the order of the rows; NAME is by default the file's base name. */
function tableImporter(read: (path: string | undefined) => readonly JsonRow[]): Importer {
  return {
    keys: ['path', 'take', 'level', 'fields'],
    read: (request) => {
      const { spec, path } = request
      const source = spec.name ?? basename(path ?? '', extname(path ?? ''))
      return read(path).map((row) => rowProblem(row, source, request, spec.fields))
    },
  }
}
