/** Turns an expression into a function of the drawn values; what does not change from draw to draw is worked out once. */

import { compileGiven } from './compile-given.ts'
import type { Compiled, Names } from './compiled.ts'
import { multiply } from './exact.ts'
import { TemplateFault } from './fault.ts'
import { formatValue } from './format.ts'
import { requireFit, type TemplateFunction } from './function-kind.ts'
import { drawFunctions } from './functions-draw.ts'
import { listFunctions } from './functions-list.ts'
import { numberConstants, numberFunctions } from './functions-number.ts'
import { attributeOf, callMethod } from './methods.ts'
import { calculate, isRelated, signed } from './operators.ts'
import { indexed, sliced } from './subscript.ts'
import type { Arguments, Expression } from './syntax.ts'
import { isTrue, itemsOf, listOf, requireTime, type Scope, type Value } from './value.ts'

const functions: Readonly<Record<string, TemplateFunction>> = { ...numberFunctions, ...listFunctions, ...drawFunctions }

/** @throws TemplateFault for a name or function that is not known */
export function compile(expression: Expression, names: Names): Compiled {
  const compiled = compileForm(expression, names)
  const isConstant = expression.kind !== 'text' && expression.kind !== 'number' && !isChanging(expression, names)
  return isConstant ? once(compiled) : compiled
}

/** The names that an expression asks, functions left out. */
export function namesIn(expression: Expression): ReadonlySet<string> {
  const found = new Set<string>()
  visit(expression, (part) => {
    if (part.kind === 'name') found.add(part.name)
  })
  return found
}

/** Whether its outermost form is a function that draws: its result is a value and no list to draw from. */
export function isDraw(expression: Expression): boolean {
  return expression.kind === 'call' && (functions[expression.name]?.draws ?? false)
}

function isChanging(expression: Expression, names: Names): boolean {
  let changes = false
  visit(expression, (part) => {
    if (part.kind === 'name' && names.places.has(part.name)) changes = true
    // The element of a comprehension has names of its own; the whole of it is worked out when asked.
    if (isDraw(part) || part.kind === 'comprehension' || part.kind === 'lambda') changes = true
  })
  return changes
}

function visit(expression: Expression, see: (part: Expression) => void): void {
  see(expression)
  for (const value of Object.values(expression)) visitPart(value, see)
}

function visitPart(value: unknown, see: (part: Expression) => void): void {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) for (const item of value) visitPart(item, see)
  else if ('kind' in value && value.kind !== 'ratio' && value.kind !== 'inexact') visit(value as Expression, see)
  else for (const item of Object.values(value)) visitPart(item, see)
}

function once(compiled: Compiled): Compiled {
  let result: { readonly value: Value } | undefined
  return (scope) => {
    result ??= { value: compiled(scope) }
    return result.value
  }
}

function compileForm(expression: Expression, names: Names): Compiled {
  const read = (part: Expression) => compile(part, names)
  switch (expression.kind) {
    case 'number':
    case 'text':
    case 'constant': {
      const { value } = expression
      return () => value
    }
    case 'joined': {
      const parts = expression.parts.map((part) =>
        typeof part === 'string' ? part : { value: read(part.expression), format: part.format },
      )
      return (scope) =>
        parts.map((part) => (typeof part === 'string' ? part : formatValue(part.value(scope), part.format))).join('')
    }
    case 'name':
      return compileName(expression.name, names)
    case 'list': {
      const items = compileItems(expression.items, names)
      return (scope) => listOf(items(scope))
    }
    case 'dictionary': {
      const entries = expression.entries.map(([key, value]) => [read(key), read(value)] as const)
      return (scope) => ({
        kind: 'dictionary',
        entries: entries.map(([key, value]) => [key(scope), value(scope)] as const),
      })
    }
    case 'unary': {
      const operand = read(expression.operand)
      const { operator } = expression
      return operator === 'not' ? (scope) => !isTrue(operand(scope)) : (scope) => signed(operator, operand(scope))
    }
    case 'binary':
      return compileBinary(expression.operator, read(expression.left), read(expression.right))
    case 'compare': {
      const first = read(expression.first)
      const rest = expression.rest.map(({ operator, right }) => ({ operator, right: read(right) }))
      return (scope) => {
        let left = first(scope)
        for (const { operator, right } of rest) {
          const value = right(scope)
          if (!isRelated(operator, left, value)) return false
          left = value
        }
        return true
      }
    }
    case 'logic': {
      const [left, right, isAnd] = [read(expression.left), read(expression.right), expression.operator === 'and']
      return (scope) => {
        const value = left(scope)
        return isTrue(value) === isAnd ? right(scope) : value
      }
    }
    case 'if': {
      const [test, then, otherwise] = [read(expression.test), read(expression.then), read(expression.otherwise)]
      return (scope) => (isTrue(test(scope)) ? then(scope) : otherwise(scope))
    }
    case 'call':
      return compileCall(expression.name, expression.given, names)
    case 'method': {
      const target = read(expression.target)
      const given = compileArguments(expression.given, names)
      const { name } = expression
      return (scope) => callMethod(target(scope), name, given.values(scope), given.named(scope))
    }
    case 'attribute': {
      const target = read(expression.target)
      const { name } = expression
      return (scope) => attributeOf(target(scope), name)
    }
    case 'index': {
      const [target, index] = [read(expression.target), read(expression.index)]
      return (scope) => indexed(target(scope), index(scope))
    }
    case 'slice': {
      const target = read(expression.target)
      const [start, stop, step] = expression.bounds.map((bound) => bound && read(bound))
      return (scope) => sliced(target(scope), start?.(scope), stop?.(scope), step?.(scope))
    }
    case 'comprehension':
      return compileComprehension(expression, names)
    case 'lambda':
      throw new TemplateFault('the form lambda is not supported but where a function is given, as in map()')
    case 'starred':
      throw new TemplateFault('the form * before a value is not supported but in a list or a call')
  }
}

/** The items of a list or the values of a call; those of `*list` one by one. */
function compileItems(items: readonly Expression[], names: Names): (scope: Scope) => readonly Value[] {
  const isStarred = items.map((item) => item.kind === 'starred')
  const compiled = items.map((item) => compile(item.kind === 'starred' ? item.value : item, names))
  if (!isStarred.includes(true)) return (scope) => compiled.map((item) => item(scope))
  return (scope) => compiled.flatMap((item, place) => (isStarred[place] ? itemsOf(item(scope)) : [item(scope)]))
}

/** Plain whole numbers, by far the most common, skip the general way. */
function compileBinary(operator: Parameters<typeof calculate>[0], left: Compiled, right: Compiled): Compiled {
  const general = (a: Value, b: Value) => calculate(operator, a, b)
  switch (operator) {
    case '+':
      return (scope) => {
        const [a, b] = [left(scope), right(scope)]
        return typeof a === 'number' && typeof b === 'number' && isSafe(a + b) ? a + b : general(a, b)
      }
    case '-':
      return (scope) => {
        const [a, b] = [left(scope), right(scope)]
        return typeof a === 'number' && typeof b === 'number' && isSafe(a - b) ? a - b : general(a, b)
      }
    case '*':
      return (scope) => {
        const [a, b] = [left(scope), right(scope)]
        return typeof a === 'number' && typeof b === 'number' ? (isSafe(a * b) ? a * b : multiply(a, b)) : general(a, b)
      }
    default:
      return (scope) => general(left(scope), right(scope))
  }
}

function isSafe(value: number): boolean {
  return Number.isSafeInteger(value)
}

function compileName(name: string, names: Names): Compiled {
  const place = names.places.get(name)
  if (place !== undefined) return (scope) => scope.values[place]
  const known = Object.hasOwn(names.lists, name) ? names.lists : numberConstants
  const constant = Object.hasOwn(known, name) ? known[name] : undefined
  if (constant !== undefined) return () => constant
  if (Object.hasOwn(functions, name)) throw new TemplateFault(`the function ${name} is named without its brackets`)
  throw new TemplateFault(`the name ${name} is neither a variable of the template nor a known word list`)
}

function compileCall(name: string, given: Arguments, names: Names): Compiled {
  const higher = compileGiven(name, given, names, { compile, functions })
  if (higher !== undefined) return higher
  const known = Object.hasOwn(functions, name) ? functions[name] : undefined
  if (known === undefined) throw new TemplateFault(`the function ${name}() is unknown`)
  const isCounted = given.positional.every(({ kind }) => kind !== 'starred')
  if (isCounted) requireFit(name, known, given.positional.length, Object.keys(given.named))
  const { values, named } = compileArguments(given, names)
  return (scope) => known.call({ values: values(scope), named: named(scope), random: scope.random })
}

interface CompiledArguments {
  readonly values: (scope: Scope) => readonly Value[]
  readonly named: (scope: Scope) => Readonly<Record<string, Value>>
}

const NOTHING = {}

function compileArguments(given: Arguments, names: Names): CompiledArguments {
  const named = Object.entries(given.named).map(([name, part]) => [name, compile(part, names)] as const)
  return {
    values: compileItems(given.positional, names),
    named: (scope) =>
      named.length === 0 ? NOTHING : Object.fromEntries(named.map(([name, part]) => [name, part(scope)])),
  }
}

/** Its targets get places behind all others, which live as long as the comprehension. */
function compileComprehension(expression: Extract<Expression, { kind: 'comprehension' }>, names: Names): Compiled {
  const source = compile(expression.source, names)
  const places = new Map(names.places)
  const first = Math.max(-1, ...places.values()) + 1
  for (const [offset, target] of expression.targets.entries()) places.set(target, first + offset)
  const inner: Names = { ...names, places }
  const element = compile(expression.element, inner)
  const conditions = expression.conditions.map((part) => compile(part, inner))
  const width = expression.targets.length
  return (scope) => {
    const items: Value[] = []
    for (const item of itemsOf(source(scope))) {
      requireTime(scope)
      const parts = width === 1 ? [item] : itemsOf(item)
      for (let offset = 0; offset < width; offset++) scope.values[first + offset] = parts[offset]
      if (!conditions.every((condition) => isTrue(condition(scope)))) continue
      if (expression.isNested) for (const inner of itemsOf(element(scope))) items.push(inner)
      else items.push(element(scope))
    }
    return listOf(items)
  }
}
