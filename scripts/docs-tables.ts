/**
 * Tables in docs/ that say what a registry of the program holds: `node scripts/docs-tables.ts` writes them between
 * `<!-- table: NAME -->` and `<!-- end -->`, and a test holds that they are what the registry says today.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { PUBLISHED, type PublishedSet } from '../src/problems/datasets/published.ts'

interface DocsTable {
  /** The page below docs/ that it stands in. */
  readonly page: string
  readonly head: readonly string[]
  readonly rows: () => readonly (readonly string[])[]
}

/** By the names in the markers. */
export const TABLES: Readonly<Record<string, DocsTable>> = {
  'published sets': {
    page: 'problems.md',
    head: ['name', 'on the Hub', 'licence of its card', 'read with', 'to know'],
    rows: () =>
      Object.entries<PublishedSet>(PUBLISHED).map(([name, set]) => [
        `\`${name}\``,
        set.repo,
        set.licence,
        readWith(set).join(', '),
        set.quirk,
      ]),
  },
}

/** A page with its tables as they are now. @throws RangeError where a marker of the page names no table */
export function withTables(document: string): string {
  return document.replace(/<!-- table: (.*?) -->[\s\S]*?<!-- end -->/g, (_, name: string) => {
    const table = TABLES[name]
    if (table === undefined)
      throw new RangeError(`there is no table ${name}; scripts/docs-tables.ts has ${Object.keys(TABLES).join(', ')}`)
    const lines = [table.head, table.head.map(() => '---'), ...table.rows()].map((cells) => `| ${cells.join(' | ')} |`)
    return `<!-- table: ${name} -->\n\n${lines.join('\n')}\n\n<!-- end -->`
  })
}

/** What its source in run.yaml would have to say without the name. */
function readWith(set: PublishedSet): string[] {
  const code = (text: string): string => `\`${text}\``
  return [
    ...(set.config === undefined ? [] : [code(`config: ${set.config}`)]),
    ...(set.split === undefined ? [] : [code(`split: ${set.split}`)]),
    ...(set.where ?? []).map((condition) => code(`where: ${condition}`)),
    ...(set.golds === undefined ? [] : [code(`golds: ${set.golds}`)]),
    ...(set.dedupe ? [code('dedupe: true')] : []),
    ...(set.fields?.solveRate === undefined ? [] : [code(`solveRate: ${set.fields.solveRate}`)]),
    ...(set.wrapper === undefined ? [] : ['the instructions taken off']),
  ]
}

if (import.meta.main) {
  for (const page of new Set(Object.values(TABLES).map((table) => table.page))) {
    const file = fileURLToPath(new URL(`../docs/${page}`, import.meta.url))
    writeFileSync(file, withTables(readFileSync(file, 'utf8')))
  }
}
