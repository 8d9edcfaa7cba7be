/** Real files for the tests of this room. */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = mkdtempSync(join(tmpdir(), 'spendwise-problems-'))
// At the end of the process: test files may share one.
process.once('exit', () => rmSync(root, { recursive: true, force: true }))

/** A new folder holding the given files, removed at the end; rows are written as JSON lines, texts as they are. */
export function folderWith(files: Readonly<Record<string, string | readonly unknown[]>>): string {
  const folder = mkdtempSync(join(root, 'case-'))
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : content.map((row) => `${JSON.stringify(row)}\n`).join('')
    writeFileSync(join(folder, name), text)
  }
  return folder
}

/** The published datasets, which lie next to the project where a developer has put them. */
export const sharedDatasets: string = fileURLToPath(new URL('../../../shared/datasets', import.meta.url))
export const hasSharedDatasets: boolean = existsSync(sharedDatasets)
