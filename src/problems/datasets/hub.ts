/** A dataset on the Hugging Face Hub, once its files have been fetched: read as what its columns show it to be. */

import { ConfigError } from '../../core/errors.ts'
import type { JsonRow } from '../files/json-lines.ts'
import { readTable } from '../files/table.ts'
import type { ImportedRow, Importer, ImportRequest } from '../importer.ts'
import type { Reading, SourceSpec } from '../source.ts'
import { rowProblem } from './fields.ts'
import { gsm8kImporter } from './gsm8k.ts'
import { mathImporter } from './math.ts'
import { svampImporter } from './svamp.ts'

/** Ids are NAME/SPLIT/000123, or the rows' own; NAME is the second part of OWNER/NAME. */
export const hubImporter: Importer = {
  keys: ['repo', 'config', 'split', 'file', 'revision', 'as', 'files', 'take', 'level', 'fields'],
  read: (request): readonly ImportedRow[] => {
    const { spec } = request
    const rows = joined(filesOf(spec))
    const name = spec.name ?? spec.repo?.split('/').at(-1) ?? 'hub'
    const part = spec.split ?? request.part
    const full: ImportRequest = { ...request, spec: { ...spec, name }, part, rows }
    const reading = spec.as ?? readingOf(rows[0], spec)
    if (reading !== 'rows' && spec.fields !== undefined) {
      throw new ConfigError(
        `hub:${spec.repo}  is read as ${reading}, whose columns have their names; leave out fields.`,
      )
    }
    switch (reading) {
      case 'gsm8k':
        return gsm8kImporter.read(full)
      case 'math':
        return mathImporter.read(full)
      case 'svamp':
        return svampImporter.read(full)
      case 'rows':
        return rows.map((row) => rowProblem(row, name, `${name}/${part}`, full))
    }
  },
}

function filesOf({ repo, files }: SourceSpec): readonly string[] {
  if (files !== undefined) return files
  throw new ConfigError(`hub:${repo}  has not been fetched yet; spendwise doctor, run or problems import fetch it.`)
}

/** The rows of all files, numbered through. */
function joined(files: readonly string[]): readonly JsonRow[] {
  const rows: JsonRow[] = []
  for (const file of files) for (const row of readTable(file)) rows.push({ ...row, number: rows.length })
  return rows
}

/** By the columns that published datasets have. */
function readingOf(first: JsonRow | undefined, { fields }: SourceSpec): Reading {
  const row = first?.value ?? {}
  if (fields !== undefined) return 'rows'
  if ('Body' in row && 'Question' in row && 'Answer' in row && 'ID' in row) return 'svamp'
  if ('problem' in row && 'solution' in row) return 'math'
  return 'question' in row && typeof row.answer === 'string' && /\n####[^\n]*$/.test(row.answer.trimEnd())
    ? 'gsm8k'
    : 'rows'
}
