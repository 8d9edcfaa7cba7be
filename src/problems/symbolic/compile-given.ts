/** Calls that are given a function or a type: map, filter, a key of sorted, min and max, isinstance. */

import type { Compiled, Names } from './compiled.ts'
import { isNumeric } from './exact.ts'
import { isWhole } from './exact-functions.ts'
import { TemplateFault, valueFault } from './fault.ts'
import type { TemplateFunction } from './function-kind.ts'
import { callMethod } from './methods.ts'
import { orderOf } from './operators.ts'
import type { Arguments, Expression } from './syntax.ts'
import { isLabelled, isList, isTrue, itemsOf, listOf, numberIn, requireTime, type Scope, type Value } from './value.ts'

/** What this file is lent, so that it need not import what imports it. */
export interface Lent {
  readonly compile: (expression: Expression, names: Names) => Compiled
  readonly functions: Readonly<Record<string, TemplateFunction>>
}

/** A function as a value: what it makes of an item, or of one item of each list. */
type Apply = (scope: Scope, values: readonly Value[]) => Value

/** Undefined for calls of another kind. @throws TemplateFault for a function that is not known */
export function compileGiven(name: string, given: Arguments, names: Names, lent: Lent): Compiled | undefined {
  const [first, second] = given.positional
  const { key } = given.named
  if (name === 'isinstance' && first !== undefined && second !== undefined) {
    const value = lent.compile(first, names)
    const types = typesIn(second)
    return (scope) => types.some((type) => isOfType(value(scope), type))
  }
  if ((name === 'map' || name === 'filter') && first !== undefined && second !== undefined) {
    const lists = given.positional.slice(1).map((list) => lent.compile(list, names))
    if (name === 'map') return mapped(compileFunction(first, names, lent), lists)
    const isNone = first.kind === 'constant' && first.value === undefined
    return filtered(isNone ? (_, [item]) => item : compileFunction(first, names, lent), lists[0])
  }
  const isOrdering = name === 'sorted' || name === 'min' || name === 'max'
  if (!isOrdering || key === undefined || first === undefined) return undefined
  const lists = given.positional.map((list) => lent.compile(list, names))
  const reverse = given.named.reverse && lent.compile(given.named.reverse, names)
  return ordered(name, compileFunction(key, names, lent), lists, reverse)
}

function mapped(apply: Apply, lists: readonly Compiled[]): Compiled {
  return (scope) => {
    const columns = lists.map((list) => itemsOf(list(scope)))
    const rows = Math.min(...columns.map((column) => column.length))
    return listOf(
      Array.from({ length: rows }, (_, row) =>
        apply(
          scope,
          columns.map((column) => column[row]),
        ),
      ),
    )
  }
}

function filtered(apply: Apply, list: Compiled | undefined): Compiled {
  return (scope) => listOf(itemsOf(list?.(scope) ?? listOf([])).filter((item) => isTrue(apply(scope, [item]))))
}

function ordered(
  name: 'sorted' | 'min' | 'max',
  apply: Apply,
  lists: readonly Compiled[],
  reverse: Compiled | undefined,
): Compiled {
  return (scope) => {
    const [only] = lists
    const items = lists.length === 1 && only ? itemsOf(only(scope)) : lists.map((list) => list(scope))
    const keyed = items.map((item) => ({ item, key: apply(scope, [item]) }))
    const sign = name === 'max' || (reverse !== undefined && isTrue(reverse(scope))) ? -1 : 1
    const sorted = keyed.toSorted((a, b) => sign * orderOf(a.key, b.key)).map(({ item }) => item)
    if (name === 'sorted') return listOf(sorted)
    if (sorted.length === 0) throw valueFault('the least or greatest of nothing')
    return sorted[0]
  }
}

/** `lambda x: x + 1`, `int`, `str.upper`. */
function compileFunction(expression: Expression, names: Names, lent: Lent): Apply {
  if (expression.kind === 'lambda') return compileLambda(expression, names, lent)
  if (expression.kind === 'attribute' && expression.target.kind === 'name' && expression.target.name === 'str') {
    const { name } = expression
    return (_, [text, ...values]) => callMethod(text, name, values, {})
  }
  const name = expression.kind === 'name' ? expression.name : undefined
  const known = name !== undefined && Object.hasOwn(lent.functions, name) ? lent.functions[name] : undefined
  if (known === undefined) {
    throw new TemplateFault(name === undefined ? 'a function that has no name' : `the function ${name}() is unknown`)
  }
  return ({ random }, values) => known.call({ values, named: {}, random })
}

/** Its parameters get places behind all others, which live as long as a call. */
function compileLambda(expression: Extract<Expression, { kind: 'lambda' }>, names: Names, lent: Lent): Apply {
  const places = new Map(names.places)
  const first = Math.max(-1, ...places.values()) + 1
  for (const [offset, target] of expression.targets.entries()) places.set(target, first + offset)
  const body = lent.compile(expression.body, { ...names, places })
  return (scope, values) => {
    requireTime(scope)
    if (values.length !== expression.targets.length) {
      throw new TemplateFault(`a lambda of ${expression.targets.length} values is given ${values.length}`)
    }
    for (const [offset, value] of values.entries()) scope.values[first + offset] = value
    return body(scope)
  }
}

const TYPES = ['int', 'float', 'str', 'bool', 'Fraction', 'list', 'tuple']

function typesIn(expression: Expression): readonly string[] {
  if (expression.kind === 'list') return expression.items.flatMap(typesIn)
  if (expression.kind === 'name' && TYPES.includes(expression.name)) return [expression.name]
  throw new TemplateFault(`isinstance() knows the types ${TYPES.join(', ')}`)
}

function isOfType(value: Value, type: string): boolean {
  switch (type) {
    case 'int':
      return typeof value === 'boolean' || ((isNumeric(value) || isLabelled(value)) && isWhole(numberIn(value)))
    case 'float':
      return isNumeric(value) && !isWhole(value)
    case 'Fraction':
      return isNumeric(value) && typeof value !== 'number' && value.kind === 'ratio' && value.style === 'fraction'
    case 'str':
      return typeof value === 'string'
    case 'bool':
      return typeof value === 'boolean'
    default:
      return isList(value)
  }
}
