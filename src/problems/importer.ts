/** The contract of an importer: one source in, its rows out, each with the place it came from. */

import type { Problem, Split } from '../core/problem.ts'
import type { JsonRow } from './files/json-lines.ts'
import type { SourceSpec } from './source.ts'

export interface ImportRequest {
  readonly spec: SourceSpec
  readonly split: Split
  readonly seed: number
  /** Absolute path of the file; undefined where the source names none. */
  readonly path: string | undefined
  /** Middle part of ids that come from the order of rows: the file's base name, or the split of a dataset on the Hub. */
  readonly part: string
  /** Rows that have been read already (`hub`); otherwise they lie at `path`. */
  readonly rows?: readonly JsonRow[]
  /** Takes note of a row that is not as its dataset promises. */
  readonly odd: (row: OddRow) => void
}

/** A row that people should look at: what it is and what was done about it. */
export interface OddRow {
  readonly place: string
  readonly reason: string
  /** False where the row could not be used and was left out. */
  readonly kept: boolean
}

export interface ImportedRow {
  readonly problem: Problem
  /** `file:line` of a file's row, or what names a generated instance. Equal places are the same row. */
  readonly place: string
  /** What else the dataset says, for the file that `problems import` writes: subject, unit, solution, … */
  readonly more?: Readonly<Record<string, string | number>>
  /** Of a template's instance: the question that the template was made from, which may not be in another split. */
  readonly parentQuestion?: string
}

export interface Importer {
  /** The keys of a source that mean something here, next to dataset, name and weight; others are refused. */
  readonly keys: readonly (keyof SourceSpec)[]
  /** @throws ConfigError with file and line when a row cannot be used */
  readonly read: (request: ImportRequest) => readonly ImportedRow[]
}
