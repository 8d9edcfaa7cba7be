/** The JSON Schema for editors: what may be written in run.yaml, kinds as single words included. */

import { type JsonSchema, runFileShape, variantName, WORD_SECTIONS } from '../src/config/shape.ts'

/** Content of assets/run.schema.json. */
export function editorSchema(): JsonSchema {
  const shape = withoutSafeIntegerLimit(runFileShape()) as JsonSchema
  const words = WORD_SECTIONS.map((section) => [section, withWord(shape.properties?.[section] ?? {})] as const)
  return {
    title: 'spendwise run',
    ...shape,
    properties: { ...shape.properties, ...Object.fromEntries(words) },
  } as JsonSchema
}

function withWord(section: JsonSchema): JsonSchema {
  // A kind that needs more keys than itself cannot stand alone.
  const variants = section.oneOf?.filter(({ required = [] }) => required.length === 1)
  const kinds = variants?.map(variantName) ?? section.properties?.kind?.enum?.map(String) ?? []
  const { description, default: byDefault, ...whole } = section
  return {
    ...(description === undefined ? {} : { description }),
    ...(byDefault === undefined ? {} : { default: byDefault }),
    anyOf: [{ enum: kinds }, whole],
  }
}

/** Editors would show 9007199254740991 as the limit of every whole number. */
function withoutSafeIntegerLimit(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSafeIntegerLimit)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, item]) => !(key === 'maximum' && item === Number.MAX_SAFE_INTEGER))
      .map(([key, item]) => [key, withoutSafeIntegerLimit(item)]),
  )
}
