/** The shape of the source: which room may import which, which package lives where, and what stays out altogether. */

import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { expect, test } from 'vitest'
import { BROWSER, HEAVY, LARGER, MAX_FILES, MAX_LINES, PACKAGES, ROOMS, SUB_ROOMS } from './architecture-rules.ts'
import {
  type Import,
  importsOf,
  lineOf,
  PROJECT,
  packageOf,
  readSources,
  type SourceFile,
  targetOf,
  toSource,
} from './source-text.ts'

const SOURCES = [...readSources('src', '.ts'), ...readSources('src', '.tsx')].filter(
  (file) => !file.path.startsWith('src/embedded/kernels/'),
)
/** The viewer's pages run in a browser: what they are made of is built into assets/view, and not installed. */
const IMPORTS = SOURCES.flatMap(importsOf)

test('a room imports only the rooms it may', () => {
  const broken = IMPORTS.flatMap((one) => {
    const target = targetOf(one)
    if (target === undefined) return []
    const [from, to] = [roomOf(one.from), roomOf(target)]
    if (from === to || from === 'index' || ROOMS[from]?.includes(to)) return []
    return [said(one, `${from} may import ${ROOMS[from]?.join(', ') || 'no other room'}, not ${to} (${one.specifier})`)]
  })
  expect(broken).toEqual([])
})

test('a sub-room imports only the sub-rooms of its room that it may', () => {
  const broken = IMPORTS.flatMap((one) => {
    const target = targetOf(one)
    if (target === undefined || roomOf(one.from) !== roomOf(target)) return []
    const [from, to] = [subRoomOf(one.from), subRoomOf(target)]
    if (from === undefined || to === undefined || from === to) return []
    const may = SUB_ROOMS[roomOf(one.from)]?.[from] ?? []
    return may.includes(to)
      ? []
      : [said(one, `${roomOf(one.from)}/${from} may import ${may.join(', ') || 'no other sub-room'}, not ${to}`)]
  })
  expect(broken).toEqual([])
})

test('every folder below a room is a sub-room of the table', () => {
  const folders = new Set(SOURCES.filter((file) => subRoomOf(file.path)).map((file) => posix.dirname(file.path)))
  expect(
    [...folders].filter((path) => SUB_ROOMS[roomOf(path)]?.[posix.relative(`src/${roomOf(path)}`, path)] === undefined),
  ).toEqual([])
})

test(`no folder holds more than ${MAX_FILES} files`, () => {
  const folders = Map.groupBy(SOURCES, (file) => posix.dirname(file.path))
  const broken = [...folders].filter(([path, files]) => files.length > (LARGER[path] ?? MAX_FILES))
  expect(broken.map(([path, files]) => `${path} holds ${files.length} files; find the sub-room in it`)).toEqual([])
})

test('every folder of src is a room of the table', () => {
  const rooms = new Set(SOURCES.map((file) => roomOf(file.path)).filter((room) => room !== 'index'))
  expect([...rooms].filter((room) => !(room in ROOMS))).toEqual([])
})

test('an imported file exists and is named with its ending', () => {
  const paths = new Set(SOURCES.map((file) => file.path))
  const broken = IMPORTS.flatMap((one) => {
    const target = targetOf(one)
    return target === undefined || paths.has(target) ? [] : [said(one, `there is no ${target}`)]
  })
  expect(broken).toEqual([])
})

test('a package lives in its room', () => {
  const broken = IMPORTS.flatMap((one) => {
    const name = packageOf(one.specifier)
    if (name === undefined || PACKAGES[name]?.includes(roomOf(one.from))) return []
    return [said(one, `${name} lives in ${PACKAGES[name]?.join(', ') ?? 'no room yet; give it one in the table'}`)]
  })
  expect(broken).toEqual([])
})

test('a package that the sources import is installed with the program, not only for its development', () => {
  const { dependencies } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'))
  const broken = IMPORTS.flatMap((one) => {
    const name = packageOf(one.specifier)
    // Of a type nothing is left at run time.
    return name === undefined || name in dependencies || one.form === 'type' || one.from.startsWith(BROWSER)
      ? []
      : [said(one, `${name} is no dependency in package.json`)]
  })
  expect(broken).toEqual([])
})

test('no file imports itself over others', () => {
  const edges = new Map<string, Import[]>(SOURCES.map((file) => [file.path, []]))
  // Types count: what two files share belongs in a third, below both.
  for (const one of IMPORTS) edges.get(one.from)?.push(one)
  expect(cyclesIn(edges)).toEqual([])
})

test('only index.ts re-exports', () => {
  const broken = IMPORTS.filter((one) => one.form === 'reexport' && one.from !== 'src/index.ts')
  expect(broken.map((one) => said(one, 'export it where it is defined; barrels hide where things live'))).toEqual([])
})

test('core is pure: it imports nothing but itself, and knows no clock, no chance and no machine', () => {
  const core = SOURCES.filter((file) => roomOf(file.path) === 'core')
  const outside = core.flatMap(importsOf).filter((one) => !targetOf(one)?.startsWith('src/core/'))
  const impure = core.flatMap((file) =>
    linesWith(
      file,
      /\b(?:Date\b(?=\.now|\(|\.parse)|new Date|Math\.random|process|performance|console|globalThis|fetch|setTimeout|setInterval|crypto|Intl|await|async)\b/g,
      'core is values in, values out',
    ),
  )
  expect([
    ...outside.map((one) => said(one, `core imports nothing from outside (${one.specifier})`)),
    ...impure,
  ]).toEqual([])
})

test(`no file is longer than ${MAX_LINES} lines`, () => {
  const long = SOURCES.filter((file) => file.lines > MAX_LINES)
  expect(long.map((file) => `${file.path}:${MAX_LINES}  it has ${file.lines} lines; one idea a file`)).toEqual([])
})

const CONSTRUCTS = [
  { name: 'any', pattern: /(?:[:<,|&(]\s*|\bas\s+)any\b(?!\s*[(:])/g, advice: 'use unknown and look at it' },
  { name: 'enum', pattern: /^\s*(?:export\s+)?(?:const\s+)?enum\s/gm, advice: 'choices are an `as const` tuple' },
  {
    name: 'namespace',
    pattern: /^\s*(?:export\s+|declare\s+)*(?:namespace|module)\s+\w+\s*\{/gm,
    advice: 'a file is the module',
  },
  {
    name: 'non-null assertion',
    pattern: /[\w)\]]!(?=[.,;)\]\s[])(?!\s*=)/g,
    advice: 'say what happens when it is not there',
  },
  {
    name: 'parameter property',
    pattern: /\bconstructor\s*\((?:[^()]*,)?\s*(?:public|private|protected|readonly)\s+\w+/g,
    advice: 'types must be erasable',
  },
]

test.each(CONSTRUCTS)('no $name in the sources', ({ pattern, advice }) => {
  // Declarations of what the platform has are shaped as its own declarations are.
  const written = SOURCES.filter((file) => !file.path.endsWith('.d.ts'))
  expect(written.flatMap((file) => linesWith(file, pattern, advice))).toEqual([])
})

test('no test is left alone with .only', () => {
  const tests = readSources('test', '.ts')
  expect(
    tests.flatMap((file) => linesWith(file, /\b(?:test|it|describe)(?:\.\w+)*\.only\b/g, 'the others do not run')),
  ).toEqual([])
})

test('asking for help loads no heavy package', () => {
  const files = new Map(SOURCES.map((file) => [file.path, file]))
  const loaded = new Set<string>()
  const waiting = ['src/commands/main.ts']
  const heavy: string[] = []
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const file = files.get(path)
    if (!file || loaded.has(path)) continue
    loaded.add(path)
    for (const one of importsOf(file).filter(({ form }) => form === 'static' || form === 'reexport')) {
      const name = packageOf(one.specifier)
      if (name !== undefined && HEAVY.includes(name))
        heavy.push(said(one, `--help would load ${name}; import it where it is used`))
      const target = targetOf(one)
      if (target !== undefined) waiting.push(target)
    }
  }
  expect(heavy).toEqual([])
  expect(loaded.size).toBeGreaterThan(5)
})

test('the executable loads nothing before it has looked at the version of Node, and then the command line', () => {
  const [door, start] = readSources('bin', '.js').map(importsOf)
  expect(door?.map(({ form, specifier }) => [form, specifier])).toEqual([['dynamic', './start.js']])
  const first = start?.filter(({ form }) => form === 'static').map(({ specifier }) => specifier)
  expect(first?.filter((specifier) => !specifier.startsWith('node:'))).toEqual([])
  expect(start?.filter(({ form }) => form === 'url').map(({ specifier }) => specifier)).toContain(
    '../src/commands/main.ts',
  )
})

// The rules above hold only as far as what they look for is seen.
test.each([
  [`import { a } from './a.ts'`, 'static', './a.ts'],
  [`import {\n  a,\n  type B,\n} from './a.ts'`, 'static', './a.ts'],
  [`import './a.ts'`, 'static', './a.ts'],
  [`import a, * as b from "a"`, 'static', 'a'],
  [`import type { A } from './a.ts'`, 'type', './a.ts'],
  [`import { type A, type B as C } from './a.ts'`, 'type', './a.ts'],
  [`export { a } from './a.ts'`, 'reexport', './a.ts'],
  [`export * from './a.ts'`, 'reexport', './a.ts'],
  [`export type { A } from './a.ts'`, 'reexport', './a.ts'],
  [`const a = await import('./a.ts')`, 'dynamic', './a.ts'],
  ["new URL('./a.ts', import.meta.url)", 'url', './a.ts'],
  [`new URL(\`./a\${import.meta.url.slice(-3)}\`, import.meta.url)`, 'url', `./a\${import.meta.url.slice(-3)}`],
  [`const s = \`\${'\`'}\${{ a: '}' }}\` // ' \nimport { a } from './a.ts'`, 'static', './a.ts'],
  ["const r = /['\"/*]/.test(s)\nimport { a } from './a.ts'", 'static', './a.ts'],
])('%j is seen', (text, form, specifier) => {
  expect(importsOf(toSource('src/core/x.ts', text))).toMatchObject([{ form, specifier }])
})

test.each([
  `// import { a } from './a.ts'`,
  `/*\nimport { a } from './a.ts'\n*/`,
  `const text = "\\"import('./a.ts')"`,
])('%j imports nothing', (text) => {
  expect(importsOf(toSource('src/core/x.ts', text)).filter(({ form }) => form !== 'dynamic')).toEqual([])
})

test.each([
  ['any', 'const a: any = 1'],
  ['any', 'f(a as any)'],
  ['any', 'new Map<string, any>()'],
  ['enum', 'export enum A { b }'],
  ['namespace', 'namespace A { }'],
  ['non-null assertion', 'a!.b'],
  ['non-null assertion', 'f(a[0]!)'],
  ['parameter property', 'constructor(private readonly a: string) {}'],
  ['parameter property', 'constructor(a: readonly string[], readonly b: string) {}'],
])('%s is seen in %j', (name, text) => {
  const file = toSource('src/core/x.ts', `// a comment\n${text}\n`)
  const found = CONSTRUCTS.filter(({ pattern, advice }) => linesWith(file, pattern, advice).length > 0)
  expect(found.map((one) => one.name)).toEqual([name])
  expect(linesWith(file, found[0]?.pattern ?? /$/g, '')[0]).toMatch(/^src\/core\/x\.ts:2 /)
})

test('a worker named by its URL is a file of the project', () => {
  const [one] = importsOf(toSource('src/a/x.ts', `new URL(\`./b\${import.meta.url.slice(-3)}\`, import.meta.url)`))
  expect(one && targetOf(one)).toBe('src/a/b.ts')
})

/** `core` for `src/core/budget/plan.ts`, `index` for `src/index.ts`. */
function roomOf(path: string): string {
  return posix.relative('src', path).split('/')[0]?.replace(/\.ts$/, '') ?? ''
}

/** `budget` for `src/core/budget/plan.ts`; undefined for the room's own files. */
function subRoomOf(path: string): string | undefined {
  const [, , ...inner] = posix.dirname(path).split('/')
  return inner.length === 0 ? undefined : inner.join('/')
}

function said(one: Import, rule: string): string {
  return `${one.from}:${one.line}  ${rule}`
}

function linesWith(file: SourceFile, pattern: RegExp, advice: string): string[] {
  return Array.from(
    file.bare.matchAll(pattern),
    (match) => `${file.path}:${lineOf(file.bare, match.index + match[0].search(/\S/))}  ${match[0].trim()}: ${advice}`,
  )
}

/** Each cycle once, as the imports that make it. */
function cyclesIn(edges: ReadonlyMap<string, readonly Import[]>): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const visit = (path: string, way: readonly Import[]): void => {
    const start = way.findIndex((one) => one.from === path)
    if (start >= 0) {
      found.push(
        way
          .slice(start)
          .map((one) => said(one, `imports ${one.specifier}`))
          .join(' -> '),
      )
      return
    }
    if (done.has(path)) return
    for (const one of edges.get(path) ?? []) {
      const target = targetOf(one)
      if (target !== undefined) visit(target, [...way, one])
    }
    done.add(path)
  }
  for (const path of edges.keys()) visit(path, [])
  return found
}
