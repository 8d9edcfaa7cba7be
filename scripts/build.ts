/**
 * Builds the program into dist: its files joined into parts, so that a start loads dozens in place of hundreds (Node's loader takes
 * most of a millisecond for each). `npm pack` and the tests that start the program use it; a checkout runs the sources.
 *
 *   node scripts/build.ts [DIR]
 */

import { readFileSync, rmSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { readSources } from '../test/source-text.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Threads and programs that the program starts by the path of their file. */
const STARTED = /new URL\(`\.\/([\w-]+)\$\{import\.meta\.url\.slice\(-3\)\}`, import\.meta\.url\)/g

/**
 * Packages that nearly every start loads, dozens of files each: they are joined into the parts too. The others are loaded as they are
 * installed, those with binaries, threads or fonts of their own above all.
 */
const JOINED = [
  'commander',
  'eventsource-parser',
  'hyparquet',
  'hyparquet-writer',
  'p-limit',
  'picomatch',
  'undici',
  'yaml',
  'zod',
]

function separatePackages(): string[] {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>
  }
  return Object.keys(dependencies).filter((name) => !JOINED.includes(name))
}

/**
 * Builds the program.
 * @param outdir a folder called dist: next to it lie assets, prompts, datasets, recipes and package.json
 */
export async function buildProgram(outdir: string): Promise<void> {
  rmSync(outdir, { recursive: true, force: true })
  const sources = readSources('src', '.ts').filter(({ path }) => !path.startsWith('src/view/page/'))
  const started = sources.flatMap(({ path, code }) =>
    Array.from(code.matchAll(STARTED), ([, name]) => join(path, '..', `${name}.ts`)),
  )
  await build({
    entryPoints: ['src/index.ts', 'src/commands/main.ts', ...started],
    outdir,
    outbase: 'src',
    chunkNames: 'parts/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.19',
    external: separatePackages(),
    plugins: [ownPlaces],
    banner: {
      // What is written for `require` finds Node's own modules by this one.
      js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);
const ownPlace = (own) => import.meta.url.slice(0, import.meta.url.lastIndexOf('/dist/') + 6) + own;`,
    },
    absWorkingDir: ROOT,
    logLevel: 'error',
  })
}

/** In a part that many files went into, each still says where it would lie by itself: assets and workers are found from there. */
const ownPlaces: Plugin = {
  name: 'own-places',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      if (!text.includes('import.meta.url')) return undefined
      const own = relative(join(ROOT, 'src'), path).replaceAll('\\', '/').replace(/\.ts$/, '.js')
      return { contents: text.replaceAll('import.meta.url', `ownPlace('${own}')`), loader: 'ts' }
    })
  },
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await buildProgram(resolve(process.argv[2] ?? join(ROOT, 'dist')))
