/**
 * The traces of a run as columns of small numbers, so that any filter, count and order of a million is one walk over arrays:
 * about 30 bytes a trace. The texts stay in the database.
 */

import { placeInSorted } from '../run/sorted.ts'
import type { NarrowRow, NumberedProblem } from '../store/browse/rows.ts'
import type { FacetName } from './wire.ts'

/** Facets with at most 65,535 different values; `label` is set by people. */
export const FACETS = [
  'purpose',
  'iteration',
  'verdict',
  'disposition',
  'source',
  'level',
  'rule',
  'finish',
  'label',
] as const satisfies readonly FacetName[]

/** What stands for a value that is not there. */
export const NONE = 'none'

/** A facet's values and, for each trace, the number of its value. */
export interface FacetColumn {
  readonly values: string[]
  codes: Uint16Array
}

export interface Columns {
  readonly count: number
  /** Row ids, ascending. */
  readonly ids: Int32Array
  readonly problems: Int32Array
  readonly tokens: Int32Array
  readonly facets: Readonly<Record<FacetName, FacetColumn>>
  /** Grows with every change but of labels; what was computed of another is out of date. */
  readonly version: number
  /** Adds rows in ascending order of their ids, and overwrites those that are there. */
  put(rows: readonly NarrowRow[]): void
  setDisposition(id: number, disposition: string): void
  /** Every trace's label; those that are not named have none. */
  setLabels(labels: ReadonlyMap<number, string>): void
  /** Place of a row; -1 where it is not there. */
  placeOf(id: number): number
  /** Ids of traces that are still to be verified, tried again, or (imported ones) settled. */
  open(): number[]
  problem(number: number): NumberedProblem | undefined
}

const FIRST_CAPACITY = 4_096
const MOST_VALUES = 65_535

/** Empty columns over a run's problems. */
export function createColumns(problems: readonly NumberedProblem[]): Columns {
  const byNumber = new Map(problems.map((problem) => [problem.number, problem]))
  const facets = Object.fromEntries(FACETS.map((name) => [name, createFacet()])) as Record<FacetName, Facet>
  let capacity = FIRST_CAPACITY
  let ids = new Int32Array(capacity)
  let problemNumbers = new Int32Array(capacity)
  let tokens = new Int32Array(capacity)
  let count = 0
  let version = 0
  const waiting = new Set<number>()

  const grow = (): void => {
    capacity *= 2
    ids = grown(ids, capacity)
    problemNumbers = grown(problemNumbers, capacity)
    tokens = grown(tokens, capacity)
    for (const facet of Object.values(facets)) facet.grow(capacity)
  }
  const placeOf = (id: number): number => {
    // Ids mostly have no gaps.
    const guess = id - (ids[0] ?? 0)
    if (guess >= 0 && guess < count && ids[guess] === id) return guess
    return placeInSorted(ids, id, count)
  }
  const putOne = (row: NarrowRow): void => {
    const isNew = count === 0 || row.id > (ids[count - 1] ?? 0)
    const place = isNew ? count : placeOf(row.id)
    if (place < 0) return
    if (isNew && ++count > capacity) grow()
    const problem = byNumber.get(row.problem)
    ids[place] = row.id
    problemNumbers[place] = row.problem
    tokens[place] = row.tokens
    facets.purpose.set(place, row.purpose)
    const isExternal = row.purpose === 'external'
    facets.iteration.set(place, isExternal ? NONE : String(row.iteration))
    facets.verdict.set(place, row.verdict ?? NONE)
    facets.disposition.set(place, row.disposition ?? NONE)
    facets.source.set(place, problem?.source ?? NONE)
    facets.level.set(place, problem?.level ?? NONE)
    facets.rule.set(place, row.rule ?? NONE)
    facets.finish.set(place, row.finishReason)
    if (isNew) facets.label.set(place, NONE)
    const isSettled = row.verdict !== null && row.finishReason !== 'failed' && !(isExternal && row.disposition === null)
    if (!isSettled) waiting.add(row.id)
    else waiting.delete(row.id)
  }
  return {
    get count() {
      return count
    },
    get ids() {
      return ids
    },
    get problems() {
      return problemNumbers
    },
    get tokens() {
      return tokens
    },
    get version() {
      return version
    },
    facets,
    put(rows) {
      if (rows.length > 0) version++
      for (const row of rows) putOne(row)
    },
    setDisposition(id, disposition) {
      const place = placeOf(id)
      if (place < 0) return
      version++
      facets.disposition.set(place, disposition)
    },
    setLabels(labels) {
      facets.label.codes.fill(0, 0, count)
      for (const [id, label] of labels) {
        const place = placeOf(id)
        if (place >= 0) facets.label.set(place, label)
      }
    },
    placeOf,
    open: () => [...waiting],
    problem: (number) => byNumber.get(number),
  }
}

interface Facet extends FacetColumn {
  set(place: number, value: string): void
  grow(capacity: number): void
}

/** Value 0 is `none`. */
function createFacet(): Facet {
  const numbers = new Map<string, number>([[NONE, 0]])
  const values = [NONE]
  const facet: Facet = {
    values,
    codes: new Uint16Array(FIRST_CAPACITY),
    set(place, value) {
      let number = numbers.get(value)
      if (number === undefined) {
        // More different values than fit are rare enough to stand together.
        number = values.length < MOST_VALUES ? values.push(value) - 1 : 0
        numbers.set(value, number)
      }
      facet.codes[place] = number
    },
    grow(capacity) {
      const next = new Uint16Array(capacity)
      next.set(facet.codes)
      facet.codes = next
    },
  }
  return facet
}

function grown(from: Int32Array<ArrayBuffer>, capacity: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(capacity)
  to.set(from)
  return to
}
