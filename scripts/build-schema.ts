/** Writes what derives from the schema of run.yaml: assets/run.schema.json and the reference in docs/config.md. */

import { readFileSync, writeFileSync } from 'node:fs'
import { editorSchema } from '../src/config/json-schema.ts'
import { withReference } from '../src/config/reference.ts'

const schemaFile = new URL('../assets/run.schema.json', import.meta.url)
const documentFile = new URL('../docs/config.md', import.meta.url)

writeFileSync(schemaFile, `${JSON.stringify(editorSchema(), null, 2)}\n`)
writeFileSync(documentFile, withReference(readFileSync(documentFile, 'utf8')))
