/**
 * Builds the part of ECharts that the report draws with into assets/report: one file in place of a package of 68 MB, of which four
 * kinds of series on one grid are used. What is built is committed, so that nobody who installs spendwise builds anything; a test
 * builds it again and compares.
 *
 *   node scripts/build-drawing.ts
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const TARGET = join(ROOT, 'assets/report')

/** What a chart of the report may use; another kind of series or component is added here. */
const ENTRY = `
import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts'
import { GridComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

use([BarChart, CustomChart, LineChart, ScatterChart, GridComponent, SVGRenderer])
export { init }
`

/** The built files by name, the same bytes for the same sources. */
export async function buildDrawing(): Promise<Map<string, Uint8Array>> {
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir: ROOT, loader: 'js' },
    bundle: true,
    minify: true,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    // The package has a build for bundlers and one for Node; the first can be cut down.
    mainFields: ['module', 'main'],
    conditions: ['import'],
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
    charset: 'utf8',
    write: false,
    absWorkingDir: ROOT,
  })
  const [script] = outputFiles
  if (!script) throw new Error('esbuild wrote nothing')
  const notices = ['echarts/NOTICE', 'echarts/LICENSE', 'zrender/LICENSE', 'tslib/LICENSE.txt'].map((name) => {
    const text = readFileSync(join(ROOT, 'node_modules', name), 'utf8')
    return `# ${name}\n\n${text.trim()}\n`
  })
  return new Map([
    ['drawing.cjs', script.contents],
    ['NOTICE', new TextEncoder().encode(notices.join('\n'))],
  ])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(TARGET, { recursive: true })
  for (const [name, bytes] of await buildDrawing()) writeFileSync(join(TARGET, name), bytes)
}
