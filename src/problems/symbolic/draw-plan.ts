/** PURE: in which order the variables of a template are drawn and its conditions asked, so that bad draws end early. */

import { compile } from './compile.ts'
import type { Compiled } from './compiled.ts'
import { domainOf, hasDistinctNumbers } from './domain.ts'
import type { DrawLine } from './init-line.ts'
import type { Expression } from './syntax.ts'
import { buildTables, type Table } from './tables.ts'
import type { Condition, Template } from './template.ts'
import type { Value } from './value.ts'

/** What sets variables. */
type Source =
  | { readonly kind: 'draw'; readonly line: DrawLine }
  | { readonly kind: 'pick'; readonly table: Table }
  /** `total == x + n` gives total at once; it fits where it is one of the values that total may take. */
  | { readonly kind: 'solve'; readonly place: number; readonly value: Compiled; readonly domain: Value }

export type Step = Source | { readonly kind: 'check'; readonly condition: Condition }

export interface DrawPlan {
  /** Until all conditions hold. */
  readonly search: readonly Step[]
  /** The variables that no condition asks for: drawn once, when the others fit. */
  readonly rest: readonly DrawLine[]
  /** Share of all combinations that its tables leave; 1 where there are none. */
  readonly share: number
}

/** A source with the variables it sets and those it asks. */
interface Unit {
  readonly source: Source
  readonly sets: readonly number[]
  readonly needs: ReadonlySet<number>
}

/**
 * Draws are independent and every failure starts all over, so neither the order nor solving nor tables change how likely
 * a result is: each combination that satisfies the conditions is as likely as it is by drawing all and rejecting.
 * @param mostRows of a table; 0 for no tables, which cost time to build
 * @throws TemplateFault naming a condition that nothing satisfies
 */
export function planDraws(template: Template, mostRows = 0): DrawPlan {
  const lineOf = settingLines(template)
  // A variable that is set twice depends on the order of the lines, which then stays.
  if (lineOf === undefined) {
    const draws = template.lines.map((line) => ({ kind: 'draw', line }) as const)
    const checks = template.conditions.map((condition) => ({ kind: 'check', condition }) as const)
    return { search: [...draws, ...checks], rest: [], share: 1 }
  }
  const { tables, fulfilled, share } = buildTables(template, lineOf, mostRows)
  const unitOf = new Map<number, Unit>()
  for (const line of template.lines)
    setAll(unitOf, { source: { kind: 'draw', line }, sets: line.targets, needs: line.needs })
  for (const table of tables) setAll(unitOf, { source: { kind: 'pick', table }, sets: table.places, needs: new Set() })
  const left = template.conditions.filter((condition) => !fulfilled.has(condition))
  const solving = solveSome(template, left, unitOf)
  return {
    ...order(
      template,
      left.filter((condition) => !solving.conditions.has(condition)),
      unitOf,
      solving.units,
    ),
    share,
  }
}

/** The line that sets each variable; undefined where one is set twice. */
function settingLines({ lines }: Template): ReadonlyMap<number, DrawLine> | undefined {
  const found = new Map<number, DrawLine>()
  for (const line of lines) {
    for (const place of line.targets) {
      if (found.has(place)) return undefined
      found.set(place, line)
    }
  }
  return found
}

function setAll(unitOf: Map<number, Unit>, unit: Unit): void {
  for (const place of unit.sets) unitOf.set(place, unit)
}

/** Cheap conditions first, each right behind what it asks. */
function order(
  template: Template,
  conditions: readonly Condition[],
  unitOf: ReadonlyMap<number, Unit>,
  demanded: readonly Unit[],
): Omit<DrawPlan, 'share'> {
  const search: Step[] = []
  const done = new Set<Unit>()
  const add = (unit: Unit): void => {
    if (done.has(unit)) return
    done.add(unit)
    for (const place of unit.needs) addPlace(place)
    search.push(unit.source)
  }
  const addPlace = (place: number): void => {
    const unit = unitOf.get(place)
    if (unit !== undefined) add(unit)
  }
  const waiting = [...conditions]
  const cost = ({ needs }: Condition) => [...unitsBehind(needs, unitOf)].filter((unit) => !done.has(unit)).length
  while (waiting.length > 0) {
    const next = waiting.reduce((best, condition) => (cost(condition) < cost(best) ? condition : best))
    waiting.splice(waiting.indexOf(next), 1)
    for (const place of next.needs) addPlace(place)
    search.push({ kind: 'check', condition: next })
  }
  for (const unit of demanded) add(unit)
  // The rest keeps the order of its lines; tables are picked once what they need, which is nothing, is there.
  for (const unit of unitOf.values()) if (unit.source.kind === 'pick') add(unit)
  const isSet = new Set([...done].flatMap((unit) => unit.sets))
  return { search, rest: template.lines.filter((line) => !line.targets.every((place) => isSet.has(place))) }
}

/** Equations that give one variable which nothing has narrowed yet take the place of drawing it. */
function solveSome(
  template: Template,
  conditions: readonly Condition[],
  unitOf: Map<number, Unit>,
): { readonly conditions: ReadonlySet<Condition>; readonly units: readonly Unit[] } {
  const solved = new Set<Condition>()
  const units: Unit[] = []
  for (const condition of conditions) {
    for (const { place, value } of equationsOf(condition.expression, template)) {
      const unit = unitOf.get(place)
      if (unit?.source.kind !== 'draw' || unit.sets.length > 1 || !hasDistinctNumbers(unit.source.line)) continue
      const needs = new Set([...condition.needs].filter((other) => other !== place))
      if (unitsBehind(needs, unitOf).has(unit)) continue
      const domain = domainOf(unit.source.line)
      const solving: Unit = {
        source: { kind: 'solve', place, domain, value: compile(value, template.names) },
        sets: [place],
        needs,
      }
      unitOf.set(place, solving)
      solved.add(condition)
      units.push(solving)
      break
    }
  }
  return { conditions: solved, units }
}

/** The sides of `a == b` that are one variable, each with its other side, which must not ask for it. */
function equationsOf(expression: Expression, { names }: Template): { place: number; value: Expression }[] {
  if (expression.kind !== 'compare' || expression.rest.length !== 1) return []
  const [{ operator, right } = { operator: '<', right: expression.first }] = expression.rest
  if (operator !== '==') return []
  const sides = [
    [expression.first, right],
    [right, expression.first],
  ] as const
  return sides.flatMap(([side, value]) => {
    const place = side.kind === 'name' ? names.places.get(side.name) : undefined
    return place === undefined || mentions(value, side) ? [] : [{ place, value }]
  })
}

function mentions(expression: Expression, name: Expression): boolean {
  return JSON.stringify(expression, bigAsText).includes(JSON.stringify(name))
}

function bigAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

function unitsBehind(places: ReadonlySet<number>, unitOf: ReadonlyMap<number, Unit>): ReadonlySet<Unit> {
  const found = new Set<Unit>()
  const visit = (place: number): void => {
    const unit = unitOf.get(place)
    if (unit === undefined || found.has(unit)) return
    found.add(unit)
    for (const other of unit.needs) visit(other)
  }
  for (const place of places) visit(place)
  return found
}
