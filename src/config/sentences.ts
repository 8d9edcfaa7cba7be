/** Schema faults as sentences: what stands there, what is allowed, what to write instead. */

import type { z } from 'zod'
import { closest } from './closest.ts'
import { type Fault, notYet } from './rules.ts'
import { type JsonSchema, keysAt, mapsWith, shapeAt, variantsWith } from './shape.ts'
import { dotted, isMapping, type Path, valueAt } from './tree.ts'

const TYPE_WORDS: { readonly [type: string]: string } = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  object: 'a map of keys',
  record: 'a map of keys',
  array: 'a list',
}

/** What is allowed, for the schema's own checks; a check with words of its own ends them with a full stop. */
export function describeIssue(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `it must be ${TYPE_WORDS[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return `it must be ${anyOf(issue.values.map(String))}`
    case 'invalid_union':
      return `it must be ${anyOf(optionsOf(issue) ?? issue.errors.flat().map(({ message }) => message.replace(/^it must be /, '')))}`
    case 'too_small':
      if (issue.origin !== 'number' && issue.origin !== 'int') return 'it must not be empty'
      return `it must be ${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}`
    case 'too_big':
      return `it must be ${issue.inclusive ? 'at most' : 'below'} ${issue.maximum}`
    default:
      return 'it is not allowed'
  }
}

/** One fault an unknown key, one an issue otherwise. */
export function faultsOf(issue: z.core.$ZodIssue, tree: unknown, shape: JsonSchema): Fault[] {
  const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)))
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      found: 'is not a key',
      sentence: unknownKey(path, key, tree, shape),
      meant: meantKey(path, key, tree, shape),
    }))
  }
  const value = valueAt(tree, path)
  const meant = meantMember(issue, value)
  if (meant) return meant.flatMap((inner) => faultsOf({ ...inner, path: [...path, ...inner.path] }, tree, shape))
  const sentence =
    notYet(path, value) ??
    (issue.message.endsWith('.') ? issue.message : `${issue.message}. ${instead(path, value, tree, shape, issue)}`)
  return [{ path, sentence }]
}

/** The issues of the one member of a union that a map can have meant: the others are told apart by a key's value, which may be wrong. */
function meantMember(issue: z.core.$ZodIssue, value: unknown): readonly z.core.$ZodIssue[] | undefined {
  if (issue.code !== 'invalid_union' || !isMapping(value)) return undefined
  const words = issue.errors.flat().filter((one) => one.code === 'invalid_value' && one.path.length === 1)
  const [first] = words
  if (first?.code === 'invalid_value' && words.length === issue.errors.length - 1) {
    const values = words.flatMap((one) => (one.code === 'invalid_value' ? one.values : []))
    return [{ ...first, values, message: `it must be ${anyOf(values.map(String))}` }]
  }
  const members = issue.errors.filter((issues) =>
    issues.every(({ code, path }) => path.length > 0 && code !== 'invalid_value'),
  )
  return members.length === 1 ? members[0] : undefined
}

/** The line of a fault. */
export function faultLine(fault: Fault, place: string, tree: unknown): string {
  const name = fault.path.length > 0 ? dotted(fault.path) : 'the file'
  return `${place}  ${name} ${fault.found ?? found(fault.path, valueAt(tree, fault.path))}; ${fault.sentence}`
}

function meantKey(path: Path, key: string, tree: unknown, shape: JsonSchema): Path | undefined {
  const near = closest(key, keysAt(shape, path, tree))
  return near === undefined ? undefined : [...path, near]
}

function unknownKey(path: Path, key: string, tree: unknown, shape: JsonSchema): string {
  const variants = variantsWith(shape, path, tree, key)
  const owner = path.length > 0 ? dotted(path) : 'run.yaml'
  if (variants.length > 0) return `it belongs to ${anyOf(variants)}. Remove it, or change that.`
  const keys = keysAt(shape, path, tree)
  const near = closest(key, keys)
  if (near) return `did you mean ${near}? Write ${near} instead.`
  const elsewhere = mapsWith(shape, key).map((map) => (map.length > 0 ? `under ${dotted(map)}` : 'at the top level'))
  if (elsewhere.length > 0) return `it belongs ${anyOf(elsewhere)}. Move it there.`
  return `${owner} has ${keys.join(', ')}. Remove it, or write one of these.`
}

function instead(path: Path, value: unknown, tree: unknown, shape: JsonSchema, issue: z.core.$ZodIssue): string {
  const key = String(path.at(-1) ?? '')
  const choices = issue.code === 'invalid_value' ? issue.values.map(String) : (optionsOf(issue) ?? [])
  const near = typeof value === 'string' ? closest(value, choices) : undefined
  if (near) return `Write ${key}: ${near}.`
  if (typeof value === 'string' && issue.code === 'invalid_type' && /int|number/.test(issue.expected)) {
    if (value.trim() !== '' && Number.isFinite(Number(value))) return `Write ${key}: ${Number(value)}, without quotes.`
  }
  const at = shapeAt(shape, path, tree)
  if (path.length === 0) return 'Start one with: spendwise init.'
  if (at && 'default' in at) return `Leave it out for ${isEmptyMap(at.default) ? 'the defaults' : written(at.default)}.`
  if (at?.examples) return `Write for example ${key}: ${written(at.examples[0])}.`
  const parent = shapeAt(shape, path.slice(0, -1), tree)
  if (parent?.properties && !parent.required?.includes(key)) return 'Correct it, or leave it out.'
  return path.length > 0 && choices.length > 0 ? 'Write one of these.' : 'See docs/config.md for its keys.'
}

/** The values of the key that tells a union's members apart, where none of them was met. */
function optionsOf(issue: z.core.$ZodIssue | z.core.$ZodRawIssue): string[] | undefined {
  return issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options)
    ? issue.options.map(String)
    : undefined
}

function found(path: Path, value: unknown): string {
  if (value === undefined) return 'is missing'
  if (value === null) return 'is empty'
  if (Array.isArray(value)) return value.length > 0 ? 'is a list' : 'is an empty list'
  if (typeof value === 'object') return 'is a map'
  // A key written where its variable's name belongs must not reach a terminal or a log.
  if (path.at(-1) === 'apiKeyEnv' || (path.at(-1) === 'baseURL' && String(value).includes('@')))
    return 'is not shown here'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return `is ${text.length > 60 ? `${text.slice(0, 57)}...` : text}`
}

/** A value in YAML's flow style. */
function written(value: unknown): string {
  if (Array.isArray(value)) return value.length > 0 ? `[${value.map(written).join(', ')}]` : 'none'
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([key, item]) => `${key}: ${written(item)}`)
      .join(', ')} }`
  }
  return typeof value === 'string' && !/^[\w./-]+$/.test(value) ? JSON.stringify(value) : String(value)
}

function isEmptyMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
}

function anyOf(words: readonly string[]): string {
  const unique = [...new Set(words)]
  if (unique.length < 2) return unique.join('')
  return `${unique.slice(0, -1).join(', ')} or ${unique.at(-1)}`
}
