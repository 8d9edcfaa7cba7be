/** The reference part of docs/config.md, written from the schema so that it cannot drift from it. */

import { discriminatorOf, type JsonSchema, runFileShape, variantName } from '../src/config/shape.ts'

/** Markers in docs/config.md between which the reference stands. */
export const REFERENCE_MARKERS = { start: '<!-- reference: start -->', end: '<!-- reference: end -->' } as const

/** The document with its reference replaced by the present one. */
export function withReference(document: string): string {
  const start = document.indexOf(REFERENCE_MARKERS.start)
  const end = document.indexOf(REFERENCE_MARKERS.end)
  if (start < 0 || end < start)
    throw new RangeError(`docs/config.md lacks ${REFERENCE_MARKERS.start} and ${REFERENCE_MARKERS.end}`)
  return `${document.slice(0, start)}${REFERENCE_MARKERS.start}\n\n${configReference()}\n${document.slice(end)}`
}

/** A table for the plain keys, then a chapter for each section. */
export function configReference(): string {
  const shape = runFileShape()
  const entries = Object.entries(shape.properties ?? {})
  const told = new Set<string>()
  const plain = entries.filter(([, child]) => !isSection(child))
  const sections = entries.filter(([, child]) => isSection(child))
  return [
    '### The run\n',
    table(plain.map(([key, child]) => row(key, '', child, shape.required?.includes(key)))),
    ...sections.flatMap(([key, child]) => chapterBelow(key, child, told)),
  ].join('\n')
}

function chapter(path: string, shape: JsonSchema, told: Set<string>): string[] {
  const variants = variantsOf(shape)
  const word = discriminatorOf(variants[0] ?? {})
  const names = variants.flatMap((variant) => Object.keys(variant.properties ?? {}))
  const rows: string[] = []
  const below: string[] = []
  for (const key of new Set(names.filter((name) => name !== word))) {
    for (const group of groupedByText(variants, key)) {
      const child = group[0]?.properties?.[key] ?? {}
      const only = group.length === variants.length || !word ? '' : group.map(shortName).join(', ')
      rows.push(row(key, only, child, group[0]?.required?.includes(key)))
      below.push(...chapterBelow(`${path}.${key}`, child, told))
    }
  }
  const list = variants.length > 1 && word ? variantList(word, variants) : []
  return [`### ${path}\n`, ...(shape.description ? [`${shape.description}\n`] : []), ...list, table(rows), ...below]
}

/** A chapter for a map, or for the maps of a list; only once where several keys have the same. */
function chapterBelow(path: string, shape: JsonSchema, told: Set<string>): string[] {
  const [name, section] = shape.items ? [`${path}[]`, shape.items] : [path, shape]
  const text = JSON.stringify(section)
  if (!isSection(section) || told.has(text)) return []
  told.add(text)
  return chapter(name, section, told)
}

/** Variants whose key reads the same, so that a common key has one row and differing defaults have several. */
function groupedByText(variants: readonly JsonSchema[], key: string): JsonSchema[][] {
  const having = variants.filter((variant) => variant.properties?.[key])
  const groups = Object.groupBy(having, (variant) => JSON.stringify(variant.properties?.[key]))
  return Object.values(groups).flatMap((group) => (group ? [group] : []))
}

/** Many names are told once, in the list of variants. */
function shortName(variant: JsonSchema): string {
  const [first, ...more] = variantName(variant).split(', ')
  return more.length === 0 ? `${first}` : `${first} and its like`
}

function variantList(word: string, variants: readonly JsonSchema[]): string[] {
  const lines = variants.map((variant) => {
    const { description = '' } = variant.properties?.[word] ?? {}
    return `- \`${word}: ${variantName(variant)}\`: ${description}`
  })
  return [`${lines.join('\n')}\n`]
}

function row(key: string, only: string, shape: JsonSchema, required = false): string {
  const name = only === '' ? `\`${key}\`` : `\`${key}\` (${only})`
  return `| ${name} | ${typeText(shape)} | ${defaultText(shape, required)} | ${(shape.description ?? '').replaceAll('|', '\\|')} |`
}

function table(rows: readonly string[]): string {
  return `| key | value | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

function defaultText(shape: JsonSchema, required: boolean): string {
  if (required) return '**needed**'
  if (!('default' in shape)) return ''
  const value = shape.default
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
    ? emptyText(value)
    : `\`${JSON.stringify(value)}\``
}

function emptyText(value: object): string {
  return Array.isArray(value) ? 'none' : ''
}

function typeText(shape: JsonSchema): string {
  if (isSection(shape)) return 'see below'
  if (shape.const !== undefined) return `\`${String(shape.const)}\``
  if (shape.enum) return shape.enum.map((value) => `\`${String(value)}\``).join(', ')
  const members = shape.anyOf ?? shape.oneOf
  if (members) return members.map(typeText).join(' or ')
  const types = typeof shape.type === 'string' ? [shape.type] : (shape.type ?? [])
  return types.map((type) => simpleType(type, shape)).join(' or ')
}

function simpleType(type: string, shape: JsonSchema): string {
  switch (type) {
    case 'integer':
      return `whole number${rangeText(shape)}`
    case 'number':
      return `number${rangeText(shape)}`
    case 'string':
      if (shape.pattern?.startsWith('^last-')) return '`last-k`'
      return shape.format === 'uri' ? 'URL' : 'text'
    case 'array':
      return `list of ${shape.items && isSection(shape.items) ? 'maps' : typeText(shape.items ?? {})}`
    case 'object':
      return 'map of texts'
    case 'boolean':
      return 'true or false'
    default:
      return type
  }
}

function rangeText({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  const parts = [
    minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? '' : `from ${minimum}`,
    exclusiveMinimum === undefined ? '' : `above ${exclusiveMinimum}`,
    maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? '' : `to ${maximum}`,
    exclusiveMaximum === undefined ? '' : `below ${exclusiveMaximum}`,
  ].filter((part) => part !== '')
  return parts.length > 0 ? ` ${parts.join(', ')}` : ''
}

function variantsOf(shape: JsonSchema): JsonSchema[] {
  return [shape, ...(shape.oneOf ?? []), ...(shape.anyOf ?? [])].filter((variant) => variant.properties)
}

function isSection(shape: JsonSchema): boolean {
  return variantsOf(shape).length > 0
}
