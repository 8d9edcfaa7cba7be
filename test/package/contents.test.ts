/** What npm pack puts into the package: everything that the program reads from outside src, and nothing else. */

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { PROJECT } from '../source-text.ts'

interface Packed {
  readonly size: number
  readonly files: readonly { readonly path: string; readonly mode: number }[]
}

let packed: Packed
let paths: string[]

beforeAll(() => {
  // Without its scripts: the build is tried where the package is installed (npm run test:stack -- newcomer).
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts']
  packed = JSON.parse(
    execFileSync('npm', args, { cwd: PROJECT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
  )[0]
  paths = packed.files.map(({ path }) => path)
})

test('files that the program reads from outside src are in it', () => {
  const named = filesBelow(join(PROJECT, 'src'))
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/new URL\(\s*['`]((?:\.\.\/)+[^'`$]*)/g)].map(([, path = '']) =>
        relative(PROJECT, join(dirname(file), path)),
      ),
    )
    .filter((path) => path !== '' && !path.startsWith('src/'))
  expect(new Set(named).size).toBeGreaterThan(8)
  for (const path of named) {
    expect(existsSync(join(PROJECT, path)), path).toBe(true)
    const isFolder = statSync(join(PROJECT, path)).isDirectory()
    expect(
      paths.some((one) => one === path || (isFolder && one.startsWith(path))),
      path,
    ).toBe(true)
  }
})

test('the command, the recipe, the requirements, licence and history are in it', () => {
  const needed = ['bin/spendwise.js', 'bin/start.js', 'recipes/train_sft.py', 'recipes/requirements.txt']
  expect(paths).toEqual(expect.arrayContaining([...needed, 'README.md', 'LICENSE', 'CHANGELOG.md', 'package.json']))
  for (const file of readdirSync(join(PROJECT, 'recipes/sft')).filter((name) => name.endsWith('.py')))
    expect(paths).toContain(`recipes/sft/${file}`)
})

test('sources, tests, runs and what a machine leaves behind are not in it', () => {
  const roots = new Set(paths.map((path) => path.split('/')[0]))
  const allowed = ['CHANGELOG.md', 'LICENSE', 'README.md', 'assets', 'bin', 'datasets', 'dist', 'package.json']
  expect([...roots].filter((root) => ![...allowed, 'prompts', 'recipes'].includes(root ?? ''))).toEqual([])
  expect(paths.filter((path) => /__pycache__|\.venv|\.sqlite|\.log$|\.tmp$/.test(path))).toEqual([])
  expect(packed.size).toBeLessThan(4_000_000)
})

test('it is built before it is packed, and says so where it was not', () => {
  const { scripts, files, bin, exports } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'))
  expect(scripts.prepack).toContain('build')
  expect(files).toContain('dist')
  expect([bin.spendwise, exports['.']]).toEqual(['bin/spendwise.js', './dist/index.js'])
})

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))
}

test('the Dockerfile runs the Node that the tests run on, and copies what is there', () => {
  const text = readFileSync(join(PROJECT, 'Dockerfile'), 'utf8')
  const { devDependencies } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'))
  const images = [...text.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)
  expect(images).toEqual(images.map(() => `node:${devDependencies.node}-bookworm-slim`))
  const copied = [...text.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, names = '']) => names.split(' '))
  expect(copied.length).toBeGreaterThan(1)
  for (const name of copied) expect(existsSync(join(PROJECT, name)), name).toBe(true)
})
