/**
 * Builds the viewer's pages into assets/view: one script, one style sheet, KaTeX's fonts. What is built is committed, so that
 * nobody who installs spendwise builds anything; a test builds it again and compares.
 *
 *   node scripts/build-view.ts [DIR]
 */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { CHART_STYLE, PALETTE } from '../src/report/html/palette.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PAGE = join(ROOT, 'src/view/page')
const KATEX = join(ROOT, 'node_modules/katex/dist')

/** The built files by name, the same bytes for the same sources. */
export async function buildView(): Promise<Map<string, Uint8Array>> {
  const script = await build({
    entryPoints: [join(PAGE, 'main.tsx')],
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['es2023', 'chrome115', 'firefox121', 'safari17'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    charset: 'utf8',
    write: false,
    absWorkingDir: ROOT,
  })
  const style = await build({
    stdin: {
      contents: [PALETTE, CHART_STYLE, katexStyle(), readFileSync(join(PAGE, 'style.css'), 'utf8')].join('\n'),
      loader: 'css',
      resolveDir: PAGE,
    },
    bundle: true,
    minify: true,
    external: ['fonts/*'],
    target: ['chrome115', 'firefox121', 'safari17'],
    write: false,
    absWorkingDir: ROOT,
  })
  const files = new Map<string, Uint8Array>([
    ['view.js', contentsOf(script)],
    ['view.css', contentsOf(style)],
    ['index.html', readFileSync(join(PAGE, 'index.html'))],
    ['icon.svg', readFileSync(join(PAGE, 'icon.svg'))],
  ])
  for (const name of readdirSync(join(KATEX, 'fonts'))
    .filter((name) => name.endsWith('.woff2'))
    .sort())
    files.set(`fonts/${name}`, readFileSync(join(KATEX, 'fonts', name)))
  return files
}

/** KaTeX's own style with one format of its fonts, which every browser of today reads. */
function katexStyle(): string {
  const style = readFileSync(join(KATEX, 'katex.css'), 'utf8')
  return style.replace(/src:\s*([^;]*);/g, (_, sources: string) => {
    const woff2 = sources.split(',').find((source) => source.includes('.woff2'))
    return `src: ${(woff2 ?? sources).trim()}; font-display: block;`
  })
}

function contentsOf(result: { readonly outputFiles: readonly { readonly contents: Uint8Array }[] }): Uint8Array {
  const [file] = result.outputFiles
  if (!file) throw new Error('esbuild wrote nothing')
  return file.contents
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const target = resolve(process.argv[2] ?? join(ROOT, 'assets/view'))
  rmSync(target, { recursive: true, force: true })
  const files = await buildView()
  for (const [name, bytes] of files) {
    mkdirSync(join(target, name, '..'), { recursive: true })
    writeFileSync(join(target, name), bytes)
  }
  console.log(`${files.size} files in ${target}`)
}
