/** Problems as anyone can write them: files with columns, by default id, question, answer, level and subject. */

import { readCsv } from '../files/csv.ts'
import { type JsonRow, readJsonLines } from '../files/json-lines.ts'
import { readParquet } from '../files/parquet.ts'
import { readJsonArray } from '../files/table.ts'
import { requirePath } from '../files/text-file.ts'
import type { Importer } from '../importer.ts'
import type { SourceSpec } from '../source.ts'
import { ROW_KEYS, rowProblems, rowsWanted } from './rows.ts'

/** Rows {"id", "question", "answer", "level"}, one JSON object a line; a `.json` may be one list of them. */
export const jsonlImporter: Importer = tableImporter((path) =>
  path?.toLowerCase().endsWith('.json') ? readJsonArray(path) : readJsonLines(path),
)
/** A heading and rows; `.tsv` is parted by tabs. */
export const csvImporter: Importer = tableImporter((path) => readCsv(requirePath(path)))
/** The columns of a Parquet file. */
export const parquetImporter: Importer = tableImporter((path, spec) => readParquet(requirePath(path), rowsWanted(spec)))

/** An id that is missing becomes NAME/000123 by the order of the rows; NAME is by default the file's base name. */
function tableImporter(read: (path: string | undefined, spec: SourceSpec) => readonly JsonRow[]): Importer {
  return {
    keys: ['path', 'take', 'level', 'fields', ...ROW_KEYS],
    read: (request) => {
      const source = request.spec.name ?? request.part
      return rowProblems(read(request.path, request.spec), source, source, request)
    },
  }
}
