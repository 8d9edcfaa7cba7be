/** Writes what derives from the schema of run.yaml: assets/run.schema.json and the reference in docs/config.md. */

import { readFileSync, writeFileSync } from 'node:fs'
import { withReference } from './config-reference.ts'
import { editorSchema } from './json-schema.ts'

const schemaFile = new URL('../assets/run.schema.json', import.meta.url)
const documentFile = new URL('../docs/config.md', import.meta.url)

writeFileSync(schemaFile, `${JSON.stringify(editorSchema(), null, 2)}\n`)
writeFileSync(documentFile, withReference(readFileSync(documentFile, 'utf8')))
