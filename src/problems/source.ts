/** What run.yaml says about one source of problems, as plain data. */

import type { DatasetKind, GoldList, Reading } from '../core/datasets.ts'
import { ConfigError } from '../core/errors.ts'
import { plural } from '../core/words/plural.ts'

/** Which column of a row holds what; a column left out keeps its default name. */
export interface TableFields {
  readonly question?: string
  readonly answer?: string
  readonly id?: string
  readonly level?: string
  readonly subject?: string
  /** Options of a multiple-choice question; it has no default name. */
  readonly choices?: string
  /** Share of answers that some model got right, 0 to 1, as the set publishes it; it has no default name. */
  readonly solveRate?: string
}

/**
 * One source of problems.
 * @example { dataset: 'gsm8k', path: 'data/gsm8k/train.jsonl', take: 'last-500' }
 */
export interface SourceSpec {
  readonly dataset: DatasetKind
  /** Relative to run.yaml: a file, or for `math` and `symbolic` a folder. Only `steps` has a default: the shipped file. */
  readonly path?: string
  /** Name of the source in ids, weights and reports. Default: that of the dataset, or the base name of a file with columns. */
  readonly name?: string
  /** Ratio of prompts among the sources of train, above 0. Default 1. */
  readonly weight?: number
  /** Rows of a file: `first-N`, `last-N`, or `N..M` (row N, counted from 0, up to but without row M). Default: all. */
  readonly take?: string
  /** Only these levels. Default: all. */
  readonly level?: string | readonly string[]
  /** Instances to generate (`steps`, `symbolic`), shared equally by the levels. Default: 20000 train, 500 gate, 2000 evaluate. */
  readonly count?: number
  readonly fields?: TableFields
  /** A dataset on the Hugging Face Hub (`hub`): `openai/gsm8k`. */
  readonly repo?: string
  /** Which of its rows (`hub`). Default: the only one there is. */
  readonly config?: string
  readonly split?: string
  /** Path or pattern of its files (`hub`). Default: those that its card names. */
  readonly file?: string
  /** Commit, branch or tag (`hub`). Default: main, as it was when it was first fetched. */
  readonly revision?: string
  /** How its rows are read (`hub`). Default: told by their columns. */
  readonly as?: Reading
  /** Absolute paths of its files once they are fetched (`hub`). */
  readonly files?: readonly string[]
  /** Only rows that meet all of these: `FIELD=VALUE` or `FIELD!=VALUE`. */
  readonly where?: readonly string[]
  /** Of rows that ask the same question, spaces aside, only the first. */
  readonly dedupe?: boolean
  /** A row that cannot be used is an error; otherwise it is left out and listed. */
  readonly strict?: boolean
  /** How a list of several gold answers is meant. Default: a row that has one is left out. */
  readonly golds?: GoldList
  /** How generated instances are kept apart (`symbolic`): fresh numbers, or other templates. Default: instance. */
  readonly splitBy?: 'instance' | 'template'
}

/**
 * The rows that `take` names.
 * @param where how messages name the file
 * @throws ConfigError when `take` cannot be read or reaches beyond the rows there are
 */
export function takeRows<T>(rows: readonly T[], take: string | undefined, where: string): readonly T[] {
  if (take === undefined) return rows
  const [, side, amount, from, to] = /^(?:(first|last)-(\d+)|(\d+)\.\.(\d+))$/.exec(take) ?? []
  const start = side === 'last' ? rows.length - Number(amount) : Number(from ?? 0)
  const end = side === 'last' ? rows.length : Number(amount ?? to)
  if (Number.isNaN(end) || start >= end) {
    throw new ConfigError(
      `${where}  take is "${take}"; write first-500, last-500, or 100..600 (row 100 up to 599, counted from 0).`,
    )
  }
  if (start < 0 || end > rows.length) {
    throw new ConfigError(
      `${where}  take is "${take}", but there ${plural(rows.length, 'is', 'are')} only ${rows.length} ${plural(rows.length, 'row')}; take fewer.`,
    )
  }
  return rows.slice(start, end)
}

/** The levels a source is narrowed to; undefined for all. */
export function levelsOf(spec: SourceSpec): readonly string[] | undefined {
  return typeof spec.level === 'string' ? [spec.level] : spec.level
}
