/** The mutants of src/, as Stryker's mutators make them, and a seeded draw of them by room. */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PROJECT, readSources } from '../../test/source-text.ts'

export interface Mutant {
  /** Relative to the project. */
  readonly file: string
  readonly room: string
  readonly line: number
  readonly start: number
  readonly end: number
  readonly mutator: string
  readonly before: string
  readonly replacement: string
  /** Names the mutant for as long as the text that it changes stands in its file, wherever that is. */
  readonly key: string
}

/**
 * Left out: texts (a test that repeats every message word by word would have to change with it), and what is only another way to
 * write nothing (`{}` for an object of options).
 */
const LEFT_OUT = new Set(['StringLiteral', 'ObjectLiteral'])

interface StrykerMutant {
  readonly fileName: string
  readonly mutatorName: string
  readonly replacementCode: string
  readonly ignoreReason: string | undefined
  readonly original: {
    readonly start: number
    readonly end: number
    readonly loc: { readonly start: { line: number } }
  }
}

interface Instrumenter {
  instrument(
    files: readonly object[],
    options: object,
  ): Promise<{ readonly mutants: readonly { toApiMutant?: unknown }[] }>
}

const CACHE = join(import.meta.dirname, 'mutants.json')

/** Every mutant of the program, in the order of files and places; of sources that have not changed, as they were found before. */
export async function allMutants(): Promise<Mutant[]> {
  const sources = readSources('src', '.ts').filter(
    ({ path }) => !path.startsWith('src/embedded/kernels/') && !path.endsWith('.d.ts') && path !== 'src/index.ts',
  )
  const files = sources.map(({ path }) => ({
    name: path,
    mutate: true,
    content: readFileSync(join(PROJECT, path), 'utf8'),
  }))
  const digest = createHash('sha256').update(JSON.stringify(files)).digest('hex')
  if (existsSync(CACHE)) {
    const kept = JSON.parse(readFileSync(CACHE, 'utf8')) as { digest: string; mutants: Mutant[] }
    if (kept.digest === digest) return kept.mutants
  }
  const mutants = await findMutants(files)
  writeFileSync(CACHE, JSON.stringify({ digest, mutants }))
  return mutants
}

interface SourceText {
  readonly name: string
  readonly mutate: boolean
  readonly content: string
}

async function findMutants(files: readonly SourceText[]): Promise<Mutant[]> {
  const { Instrumenter } = (await instrumenterModule()) as {
    Instrumenter: new (logger: object, parser?: unknown, print?: unknown, transform?: unknown) => Instrumenter
  }
  const collected: StrykerMutant[] = []
  const { transform } = (await internal('transformers/index.js')) as {
    transform: (ast: unknown, collector: { mutants: readonly StrykerMutant[] }, context: unknown) => unknown
  }
  const listening = (ast: unknown, collector: { mutants: readonly StrykerMutant[] }, context: unknown): void => {
    transform(ast, collector, context)
    collected.push(...collector.mutants.slice(collected.length))
  }
  const logger = Object.fromEntries(
    ['debug', 'info', 'warn', 'error', 'trace', 'fatal', 'isDebugEnabled', 'isTraceEnabled', 'isInfoEnabled'].map(
      (name) => [name, () => false],
    ),
  )
  const instrumenter = new Instrumenter(logger, undefined, undefined, listening)
  const options = { ignorers: [], excludedMutations: [...LEFT_OUT], plugins: null }
  await instrumenter.instrument(files, options)
  const texts = new Map(files.map(({ name, content }) => [name, content]))
  const met = new Map<string, number>()
  return collected
    .filter(({ ignoreReason, mutatorName }) => ignoreReason === undefined && !LEFT_OUT.has(mutatorName))
    .map(({ fileName, mutatorName, replacementCode, original: { start, end, loc } }) => {
      const before = texts.get(fileName)?.slice(start, end) ?? ''
      const change = `${fileName} ${mutatorName} ${before} => ${replacementCode}`
      // The same change again in one file is told from the first by its number.
      const nth = met.get(change) ?? 0
      met.set(change, nth + 1)
      const digest = createHash('sha256').update(`${change} ${nth}`).digest('hex').slice(0, 10)
      const [room = ''] = fileName.split('/').slice(1)
      return {
        file: fileName,
        room,
        line: loc.start.line,
        start,
        end,
        mutator: mutatorName,
        before,
        replacement: replacementCode,
        key: `${fileName} ${digest}`,
      }
    })
}

/** Rooms with a score of their own to reach, in percent: mistakes there cost data or money. */
export const ASKED: Readonly<Record<string, number>> = {
  core: 90,
  store: 90,
  serve: 90,
  loop: 80,
  sample: 80,
  train: 80,
  verify: 80,
  export: 80,
}
/** Fewer mutants than this say little about a room. */
const LEAST_ASKED = 40
const LEAST = 5
const MOST = 60

/** Of each room its share of `count`, but enough for a score where one is asked; the same seed draws the same. */
export function drawMutants(mutants: readonly Mutant[], count: number, seed: number): Mutant[] {
  const rank = ({ key }: Mutant): string => createHash('sha256').update(`${seed} ${key}`).digest('hex')
  const byRoom = Map.groupBy(mutants, ({ room }) => room)
  const drawn = [...byRoom].flatMap(([room, own]) => {
    const most = Math.max(room in ASKED ? LEAST_ASKED : LEAST, Math.round((count * own.length) / mutants.length))
    return own
      .map((mutant) => ({ mutant, rank: rank(mutant) }))
      .sort((a, b) => (a.rank < b.rank ? -1 : 1))
      .slice(0, Math.min(most, MOST))
  })
  // Rooms mixed: a run that is stopped has looked at all of them.
  return drawn.sort((a, b) => (a.rank < b.rank ? -1 : 1)).map(({ mutant }) => mutant)
}

const NEEDED = '@stryker-mutator/instrumenter'

async function instrumenterModule(): Promise<unknown> {
  return await import(resolved(NEEDED))
}

async function internal(path: string): Promise<unknown> {
  return await import(new URL(path, resolved(NEEDED)).href)
}

function resolved(name: string): string {
  try {
    return pathToFileURL(createRequire(import.meta.url).resolve(name)).href
  } catch (cause) {
    throw new Error(`${name} is not installed; run: npm ci --prefix bench/mutation`, { cause })
  }
}
