/** The values that the slots of a template state as their defaults: `{n,24}`, `{frac,half}`, `{sides,six-sided}`. */

import { compile } from './compile.ts'
import { domainOf } from './domain.ts'
import { asNumber } from './draw-line.ts'
import { divide, isNumeric, type Numeric, negate, subtract } from './exact.ts'
import { compare } from './exact-functions.ts'
import { TemplateFault } from './fault.ts'
import type { DrawLine } from './init-line.ts'
import { readLeading, readWords } from './number-words.ts'
import type { Condition, Template } from './template.ts'
import {
  countOf,
  createScope,
  isLabelled,
  isList,
  isTrue,
  itemAt,
  itemsOf,
  numberIn,
  type Scope,
  textOf,
  type Value,
} from './value.ts'

/**
 * The scope of a template's own first instance. What the question does not state is worked out from the conditions, or
 * is the first value that satisfies them.
 * @throws TemplateFault for a default that cannot be read as the number it should be
 */
export function defaultScope(template: Template): Scope {
  const scope = createScope()
  const known = new Set<number>()
  for (const line of template.lines) {
    for (const [index, place] of line.targets.entries()) {
      const text = defaultOf(template, place)
      if (text === undefined) continue
      scope.values[place] = readDefault(template, line, index, text)
      known.add(place)
    }
  }
  complete(template, scope, known)
  return scope
}

function defaultOf(template: Template, place: number): string | undefined {
  for (const part of template.question) {
    if (typeof part !== 'string' && part.place === place && part.default !== undefined) return part.default
  }
  return undefined
}

function readDefault(template: Template, line: DrawLine, index: number, text: string): Value {
  const domain = line.targets.length === 1 ? domainOf(line) : undefined
  const stated = domain === undefined ? undefined : findWording(domain, text)
  if (stated !== undefined) return line.isNumber[index] === true ? asNumber(stated) : stated
  const isNumber =
    line.isNumber[index] === true || (domain === undefined ? drawsNumber(line, index) : isNumberList(domain))
  if (!isNumber) return text
  const number =
    readShare(text, domain) ?? readLeading(text) ?? readWords(/\d[\d,]*(?:\.\d+)?(?:\/\d+)?/.exec(text)?.[0] ?? '')
  if (number === undefined) {
    throw new TemplateFault(
      `the default "${text}" of ${template.variables[line.targets[index] ?? 0]} is no number that can be read`,
    )
  }
  const isPlain = textOf(number) === text
  return isPlain ? number : { kind: 'labelled', label: text, number }
}

/** `25%` of a list of fractions is a quarter. */
function readShare(text: string, domain: Value): Numeric | undefined {
  const [, percent] = /^([\d.]+)\s*%$/.exec(text) ?? []
  const first = domain !== undefined && countOf(domain) > 0 ? itemAt(domain, 0) : undefined
  if (percent === undefined || !(isNumeric(first) || isLabelled(first))) return undefined
  const number = readWords(percent)
  return number !== undefined && compare(numberIn(first), 1) < 0 ? divide(number, 100) : undefined
}

/** The item of a list that reads as the default does. */
function findWording(domain: Value, text: string): Value {
  if (countOf(domain) > 10_000) return undefined
  const wanted = text.toLowerCase()
  return itemsOf(domain).find((item) => !isNumeric(item) && textOf(item).toLowerCase() === wanted)
}

/** Whether `a, b = sample(range(9), 2)` gives this target a number; a line that asks other variables is not tried. */
function drawsNumber({ needs, value, targets }: DrawLine, index: number): boolean {
  if (needs.size > 0 || targets.length === 1) return false
  const drawn = value(createScope())
  return isList(drawn) && drawn.items.length === targets.length && isNumeric(drawn.items[index])
}

function isNumberList(domain: Value): boolean {
  const first = countOf(domain) > 0 ? itemAt(domain, 0) : undefined
  return isNumeric(first) || isLabelled(first)
}

/** Gives the variables that no slot states their values. */
function complete(template: Template, scope: Scope, known: Set<number>): void {
  const missing = template.lines.filter((line) => line.targets.some((place) => !known.has(place)))
  for (let turn = 0; turn < 2 * missing.length; turn++) {
    const line = missing[turn % missing.length]
    if (line === undefined || line.targets.every((place) => known.has(place))) continue
    if (!solve(template, line, scope, known) && turn >= missing.length) choose(template, line, scope, known)
  }
}

/** From a line that calculates, or from an equation in which the variable is the only unknown and stands linearly. */
function solve(template: Template, line: DrawLine, scope: Scope, known: Set<number>): boolean {
  const [place] = line.targets
  if (place === undefined || line.targets.length > 1) return false
  const isReady = [...line.needs].every((other) => known.has(other))
  if (!line.isDrawn && line.needs.size > 0 && isReady) {
    const value = line.value(scope)
    if (isNumeric(value) || typeof value === 'string') return keep(scope, known, place, value)
  }
  for (const condition of template.conditions) {
    const isOnly =
      condition.needs.has(place) && [...condition.needs].every((other) => other === place || known.has(other))
    const root = isOnly ? rootOf(template, condition, place, scope) : undefined
    if (root !== undefined) return keep(scope, known, place, root)
  }
  scope.values[place] = undefined
  return false
}

function keep(scope: Scope, known: Set<number>, place: number, value: Value): true {
  scope.values[place] = value
  known.add(place)
  return true
}

/** By its values at 0 and 1: the root of the line through them, if it is one. */
function rootOf(
  template: Template,
  { expression, holds }: Condition,
  place: number,
  scope: Scope,
): Numeric | undefined {
  if (expression.kind !== 'compare' || expression.rest.length !== 1) return undefined
  const [comparison] = expression.rest
  if (comparison?.operator !== '==') return undefined
  const [left, right] = [compile(expression.first, template.names), compile(comparison.right, template.names)]
  const differenceAt = (value: Numeric): Numeric => {
    scope.values[place] = value
    return subtract(numberIn(left(scope)), numberIn(right(scope)))
  }
  const [atZero, atOne] = [differenceAt(0), differenceAt(1)]
  const slope = subtract(atOne, atZero)
  if (compare(slope, 0) === 0) return undefined
  const root = divide(negate(atZero), slope)
  scope.values[place] = root
  return isTrue(holds(scope)) ? root : undefined
}

/**
 * The first of its values with which every condition holds whose variables are known, the first of all otherwise. What
 * cannot be chosen stays None, which only matters where it is asked for.
 */
function choose(template: Template, line: DrawLine, scope: Scope, known: Set<number>): void {
  const domain = domainOf(line)
  const [place] = line.targets
  if (line.targets.length > 1) {
    chooseTuple(line, domain, scope, known)
    return
  }
  if (place === undefined) return
  if (domain === undefined || countOf(domain) === 0) {
    scope.values[place] = drawOnce(line, scope, known)?.[0]
    known.add(place)
    return
  }
  known.add(place)
  const asked = template.conditions.filter(
    ({ needs }) => needs.has(place) && [...needs].every((other) => known.has(other)),
  )
  for (let item = 0; item < Math.min(10_000, countOf(domain)); item++) {
    scope.values[place] = itemAt(domain, item)
    if (asked.every(({ holds }) => isTrue(holds(scope)))) return
  }
  scope.values[place] = itemAt(domain, 0)
}

/** Of `name, pronoun = sample([("Tom", "he"), …])` the tuple that has the name that is known. */
function chooseTuple(line: DrawLine, domain: Value, scope: Scope, known: Set<number>): void {
  const { targets } = line
  const tuples = domain === undefined ? [] : itemsOf(domain).flatMap((item) => (isList(item) ? [item.items] : []))
  const fits = (tuple: readonly Value[]) =>
    targets.every((place, index) => !known.has(place) || textOf(tuple[index]) === textOf(scope.values[place]))
  const tuple = tuples.find(fits) ?? (domain === undefined ? drawOnce(line, scope, known) : undefined)
  for (const [index, place] of targets.entries()) {
    if (known.has(place)) continue
    scope.values[place] = tuple?.[index]
    known.add(place)
  }
}

/** What a line that draws gives when chance always says its least; undefined where it asks what is not known. */
function drawOnce({ isDrawn, needs, value, targets }: DrawLine, scope: Scope, known: ReadonlySet<number>) {
  if (!isDrawn || ![...needs].every((place) => known.has(place))) return undefined
  const drawn = value(scope)
  return isList(drawn) && drawn.items.length === targets.length ? drawn.items : [drawn]
}
