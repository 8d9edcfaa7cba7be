/** The schema as JSON Schema, and questions to it: which keys a map has, what a key's default is. */

import { z } from 'zod'
import { RUN_SCHEMAS } from './schema.ts'
import { isMapping, type Path, valueAt } from './tree.ts'

/** The part of JSON Schema that run.yaml's schema uses. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly examples?: readonly unknown[]
  readonly properties?: { readonly [key: string]: JsonSchema }
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly additionalProperties?: boolean | JsonSchema
  readonly oneOf?: readonly JsonSchema[]
  readonly anyOf?: readonly JsonSchema[]
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly minItems?: number
  readonly pattern?: string
  readonly format?: string
}

/** Sections in which a kind alone may be written as a word: `train: none`. */
export const WORD_SECTIONS = ['sample', 'train', 'serve'] as const

/** JSON Schema of what may be written in run.yaml. */
export function runFileShape(schema: z.ZodType = RUN_SCHEMAS.file): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input' }) as JsonSchema
}

/** The schema of the key at a path; where variants differ, that of the variant which the tree names. */
export function shapeAt(shape: JsonSchema, path: Path, tree: unknown): JsonSchema | undefined {
  let at: JsonSchema | undefined = shape
  for (let depth = 0; depth < path.length && at; depth++) {
    const key = path[depth]
    at =
      typeof key === 'number' ? listShape(at)?.items : property(mapShape(at, valueAt(tree, path.slice(0, depth))), key)
  }
  return at
}

/** The keys of the map at a path. */
export function keysAt(shape: JsonSchema, path: Path, tree: unknown): string[] {
  const at = shapeAt(shape, path, tree)
  return Object.keys((at && mapShape(at, valueAt(tree, path))?.properties) ?? {})
}

/** The variants of the map at a path that have this key, as what they are told apart by: `kind command`. */
export function variantsWith(shape: JsonSchema, path: Path, tree: unknown, key: string): string[] {
  const at = shapeAt(shape, path, tree)
  const variants = (at?.oneOf ?? at?.anyOf ?? []).filter(
    (variant) => discriminatorOf(variant) !== undefined && property(variant, key),
  )
  return variants.map((variant) => `${discriminatorOf(variant)} ${variantName(variant)}`)
}

/** Paths of the maps, outside lists, that have this key. */
export function mapsWith(shape: JsonSchema, key: string, path: readonly string[] = []): string[][] {
  const maps = [shape, ...(shape.oneOf ?? []), ...(shape.anyOf ?? [])].filter((variant) => variant.properties)
  const here = maps.some((map) => property(map, key)) ? [[...path]] : []
  const below = maps.flatMap((map) =>
    Object.entries(map.properties ?? {}).flatMap(([name, child]) => mapsWith(child, key, [...path, name])),
  )
  return [...here, ...below]
}

/** The key that tells a variant from its siblings: one that has one value only, or a dataset among several names. */
export function discriminatorOf(variant: JsonSchema): string | undefined {
  const only = Object.entries(variant.properties ?? {}).find(([, child]) => child.const !== undefined)
  return only?.[0] ?? (property(variant, 'dataset')?.enum === undefined ? undefined : 'dataset')
}

/** The value of that key, or all that it may have: `jsonl`, `deepscaler, skywork`. */
export function variantName(variant: JsonSchema): string {
  return valuesOf(variant).join(', ')
}

function valuesOf(variant: JsonSchema): readonly string[] {
  const shape = property(variant, discriminatorOf(variant))
  return shape?.const === undefined ? (shape?.enum ?? []).map(String) : [String(shape.const)]
}

function mapShape(shape: JsonSchema, value: unknown): JsonSchema | undefined {
  if (shape.properties) return shape
  const variants = (shape.oneOf ?? shape.anyOf ?? []).filter((variant) => variant.properties)
  const named = variants.find((variant) => {
    const key = discriminatorOf(variant)
    return key !== undefined && isMapping(value) && valuesOf(variant).includes(String(value[key]))
  })
  return named ?? variants[0]
}

function property(shape: JsonSchema | undefined, key: unknown): JsonSchema | undefined {
  const { properties } = shape ?? {}
  return properties && typeof key === 'string' && Object.hasOwn(properties, key) ? properties[key] : undefined
}

function listShape(shape: JsonSchema): JsonSchema | undefined {
  return shape.items ? shape : shape.anyOf?.find((variant) => variant.items)
}
