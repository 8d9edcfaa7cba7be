/** The contract of an importer: one source in, its rows out, each with the place it came from. */

import type { Problem, Split } from '../core/problem.ts'
import type { SourceSpec } from './source.ts'

export interface ImportRequest {
  readonly spec: SourceSpec
  readonly split: Split
  readonly seed: number
  /** Absolute path of the file; undefined where the source names none. */
  readonly path: string | undefined
}

export interface ImportedRow {
  readonly problem: Problem
  /** `file:line` of a file's row, or what names a generated instance. Equal places are the same row. */
  readonly place: string
}

export interface Importer {
  /** The keys of a source that mean something here, beside dataset, name and weight; others are refused. */
  readonly keys: readonly (keyof SourceSpec)[]
  /** @throws ConfigError with file and line when a row cannot be used */
  readonly read: (request: ImportRequest) => readonly ImportedRow[]
}
