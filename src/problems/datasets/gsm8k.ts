/** GSM8K as published: rows (JSONL, or Parquet from the Hub) whose answer ends in a line `#### 1,080`. */

import { ConfigError } from '../../core/errors.ts'
import { type JsonRow, rowNumber, textField } from '../files/json-lines.ts'
import { rowsOf } from '../files/table.ts'
import type { ImportedRow, Importer } from '../importer.ts'

/** Ids are NAME/FILE/000123 by the order of the lines. Questions are kept as they are, curly quotes and all. */
export const gsm8kImporter: Importer = {
  keys: ['path', 'take'],
  read: (request): ImportedRow[] =>
    rowsOf(request).map((row) => {
      const { spec, split, part } = request
      const source = spec.name ?? 'gsm8k'
      const id = `${source}/${part}/${rowNumber(row.number)}`
      const problem = {
        id,
        split,
        source,
        level: undefined,
        question: textField(row, 'question'),
        answer: finalAnswer(row),
      }
      return { problem, place: row.place }
    }),
}

/**
 * What follows the one `####` on the last line, without thousands commas. The calculator marks `<<48/2=24>>` are not
 * asked: in one row of ten the last of them is not the answer.
 */
function finalAnswer(row: JsonRow): string {
  const [, answer, ...rest] = textField(row, 'answer').trimEnd().split('####')
  const text = answer?.trim() ?? ''
  if (text === '' || text.includes('\n') || rest.length > 0) {
    throw new ConfigError(
      `${row.place}  "answer" must end in one line "#### ANSWER"; for other rows use dataset: jsonl.`,
    )
  }
  return /^[-$]*\d{1,3}(,\d{3})+(\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text
}
