/** The files that problems are read from, by their contents: how a run knows later that they are still the same. */

import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { SplitSources } from './load.ts'

/**
 * SHA-256 (hexadecimal) of every file that a source names, by its path as written. Folders, and files that are not there, are left out.
 * @param baseDirectory the folder that relative paths start from
 */
export function sourceFiles(sources: SplitSources, baseDirectory: string): Record<string, string> {
  const specs = [...sources.train, ...(sources.gate ?? []), ...(sources.evaluate ?? [])]
  const paths = [...new Set(specs.flatMap(({ path }) => path ?? []))]
  return Object.fromEntries(
    paths.flatMap((path) => {
      const file = resolve(baseDirectory, path)
      if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return []
      return [[path, createHash('sha256').update(readFileSync(file)).digest('hex')]]
    }),
  )
}

/** Files and folders that sources name and that are not there, as written; a dataset fetched by name has none. */
export function missingSources(sources: SplitSources, baseDirectory: string): string[] {
  const specs = [...sources.train, ...(sources.gate ?? []), ...(sources.evaluate ?? [])]
  const paths = [...new Set(specs.flatMap(({ path }) => path ?? []))]
  return paths.filter((path) => statSync(resolve(baseDirectory, path), { throwIfNoEntry: false }) === undefined)
}
