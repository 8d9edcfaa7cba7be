/** What is written from the schema is what the schema says today. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { withReference } from '../../scripts/config-reference.ts'
import { editorSchema } from '../../scripts/json-schema.ts'
import { type JsonSchema, runFileShape } from '../../src/config/shape.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

test('docs/config.md has the keys of the schema (fix with: node scripts/build-schema.ts)', () => {
  const document = read('docs/config.md')
  expect(withReference(document)).toBe(document)
})

test('assets/run.schema.json is the schema (fix with: node scripts/build-schema.ts)', () => {
  expect(read('assets/run.schema.json')).toBe(`${JSON.stringify(editorSchema(), null, 2)}\n`)
})

test('every key has a sentence that explains it', () => {
  const silent: string[] = []
  const visit = (path: string, shape: JsonSchema): void => {
    for (const [key, child] of Object.entries(shape.properties ?? {})) {
      if (!child.description?.endsWith('.')) silent.push(`${path}${key}`)
      visit(`${path}${key}.`, child)
    }
    for (const part of [...(shape.oneOf ?? []), ...(shape.anyOf ?? []), ...(shape.items ? [shape.items] : [])]) {
      visit(path, part)
    }
  }
  visit('', runFileShape())
  expect(silent).toEqual([])
})
