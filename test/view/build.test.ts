import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { buildView } from '../../scripts/build-view.ts'
import { PROJECT } from '../source-text.ts'

const BUILT = join(PROJECT, 'assets/view')
const MOST_COMPRESSED = 500_000

test('what is committed is what the sources build: npm run build:view', async () => {
  const files = await buildView()
  const committed = readdirSync(BUILT, { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w+$/.test(name))
  expect(committed.toSorted()).toEqual([...files.keys()].toSorted())
  const different = [...files].filter(([name, bytes]) => !readFileSync(join(BUILT, name)).equals(bytes))
  expect(different.map(([name]) => name)).toEqual([])
})

test('the pages are below half a megabyte compressed, fonts apart', async () => {
  const files = [...(await buildView())].filter(([name]) => !name.startsWith('fonts/'))
  const compressed = files.reduce((sum, [, bytes]) => sum + gzipSync(bytes).length, 0)
  expect(compressed).toBeLessThan(MOST_COMPRESSED)
})

test('the page loads nothing from elsewhere and has no script or style of its own in it', () => {
  const page = readFileSync(join(BUILT, 'index.html'), 'utf8')
  expect(page).not.toMatch(/https?:|<style|style=|<script(?![^>]*src=)/)
  const style = readFileSync(join(BUILT, 'view.css'), 'utf8')
  expect(
    [...style.matchAll(/url\(([^)]*)\)/g)].map(([, url]) => url).filter((url) => !url?.startsWith('fonts/')),
  ).toEqual([])
})
