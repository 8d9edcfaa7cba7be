/**
 * Tables of the values that conditions allow, where there are few enough to try them all: a draw then picks a row and
 * need not be rejected. Rows are as likely as drawing all and rejecting makes them.
 */

import { domainOf } from './domain.ts'
import { asNumber } from './draw-line.ts'
import { TemplateFault } from './fault.ts'
import type { DrawLine } from './init-line.ts'
import type { Condition, Template } from './template.ts'
import { countOf, createScope, isTrue, itemsOf, requireTime, type Scope, type Value } from './value.ts'

/** Variables that are picked together. */
export interface Table {
  readonly places: readonly number[]
  /** Values of each variable. */
  readonly columns: readonly (readonly Value[])[]
  /** Rows that the conditions allow, each a number whose digits are places in the columns. */
  readonly rows: Float64Array
}

export interface Tables {
  readonly tables: readonly Table[]
  /** Conditions that the tables fulfil. */
  readonly fulfilled: ReadonlySet<Condition>
  /** Share of all combinations of values that the tables keep. */
  readonly share: number
}

/**
 * Tables of at most so many rows tried.
 * @throws TemplateFault naming the condition that no values satisfy
 */
export function buildTables(template: Template, lineOf: ReadonlyMap<number, DrawLine>, mostRows: number): Tables {
  const tableOf = new Map<number, Table>()
  for (const [place, line] of lineOf) {
    const domain = line.targets.length === 1 ? domainOf(line) : undefined
    if (domain === undefined || countOf(domain) === 0 || countOf(domain) > mostRows) continue
    const values = itemsOf(domain).map((value) => (line.isNumber[0] === true ? asNumber(value) : value))
    tableOf.set(place, { places: [place], columns: [values], rows: Float64Array.from(values.keys()) })
  }
  const fulfilled = new Set<Condition>()
  const waiting = template.conditions.filter(
    ({ needs }) => needs.size > 0 && [...needs].every((place) => tableOf.has(place)),
  )
  let share = 1
  const tablesOf = ({ needs }: Condition) => [...new Set([...needs].flatMap((place) => tableOf.get(place) ?? []))]
  const sizeOf = (condition: Condition) => tablesOf(condition).reduce((size, table) => size * table.rows.length, 1)
  while (waiting.length > 0) {
    const next = waiting.reduce((best, condition) => (sizeOf(condition) < sizeOf(best) ? condition : best))
    const tried = sizeOf(next)
    if (tried > mostRows) break
    waiting.splice(waiting.indexOf(next), 1)
    const merged = merge(tablesOf(next), next)
    if (merged.rows.length === 0) {
      throw new TemplateFault(
        `line ${next.line} of question_annotated: no values of its variables satisfy "${next.source}"`,
      )
    }
    share *= merged.rows.length / tried
    for (const place of merged.places) tableOf.set(place, merged)
    fulfilled.add(next)
  }
  const used = new Set([...fulfilled].flatMap(tablesOf))
  return { tables: [...used], fulfilled, share }
}

function merge(parts: readonly Table[], condition: Condition): Table {
  const places = parts.flatMap((part) => part.places)
  const columns = parts.flatMap((part) => part.columns)
  const scope = createScope()
  const kept: number[] = []
  let tried = 0
  const visit = (depth: number, row: number): void => {
    const part = parts[depth]
    if (part === undefined) {
      if (++tried % 1024 === 0) requireTime(scope)
      if (holds(condition, scope)) kept.push(row)
      return
    }
    const width = part.columns.reduce((product, column) => product * column.length, 1)
    for (const code of part.rows) {
      setRow(part, code, scope)
      visit(depth + 1, row * width + code)
    }
  }
  visit(0, 0)
  return { places, columns, rows: Float64Array.from(kept) }
}

function holds(condition: Condition, scope: Scope): boolean {
  try {
    return isTrue(condition.holds(scope))
  } catch (error) {
    if (error instanceof TemplateFault && error.isOfValues) return false
    throw error
  }
}

/** Sets the variables of a table to what a row says. */
export function setRow({ places, columns }: Table, row: number, scope: Scope): void {
  let rest = row
  for (let column = places.length - 1; column >= 0; column--) {
    const values = columns[column] ?? []
    scope.values[places[column] ?? 0] = values[rest % values.length]
    rest = Math.floor(rest / values.length)
  }
}
