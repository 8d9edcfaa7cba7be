/** The pages of docs/: one index that has them all, links that lead somewhere, and a command line as the program has it. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { cliReference } from '../../scripts/cli-reference.ts'
import { TABLES, withTables } from '../../scripts/docs-tables.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

test('docs/cli.md is what --help prints (fix with: node scripts/cli-reference.ts)', () => {
  expect(read('docs/cli.md')).toBe(cliReference())
})

test.each(Object.entries(TABLES))(
  'the table of %s is what the program has (fix with: node scripts/docs-tables.ts)',
  (name, { page }) => {
    const document = read(`docs/${page}`)
    expect(document).toContain(`<!-- table: ${name} -->`)
    expect(withTables(document)).toBe(document)
  },
)

test('the index has every page', () => {
  const listed = [...read('docs/README.md').matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, page]) => page)
  expect(listed.toSorted()).toEqual(pages.filter((page) => page !== 'README.md').toSorted())
})

test.each(['README.md', ...pages.map((page) => `docs/${page}`)])('%s links to files that are there', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link]) => link ?? '')
  expect(links.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([])
})
