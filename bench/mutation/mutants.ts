/** The mutants of src/, as Stryker's mutators make them, and a seeded draw of them by room. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
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
  readonly replacement: string
  /** Names the mutant for as long as its file stays as it is. */
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

/** Every mutant of the program, in the order of files and places. */
export async function allMutants(): Promise<Mutant[]> {
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
  const sources = readSources('src', '.ts').filter(
    ({ path }) => !path.startsWith('src/embedded/kernels/') && !path.endsWith('.d.ts') && path !== 'src/index.ts',
  )
  const files = sources.map(({ path }) => ({
    name: path,
    mutate: true,
    content: readFileSync(join(PROJECT, path), 'utf8'),
  }))
  const options = { ignorers: [], excludedMutations: [...LEFT_OUT], plugins: null }
  await instrumenter.instrument(files, options)
  const hashes = new Map(files.map(({ name, content }) => [name, createHash('sha256').update(content).digest('hex')]))
  return collected
    .filter(({ ignoreReason, mutatorName }) => ignoreReason === undefined && !LEFT_OUT.has(mutatorName))
    .map(({ fileName, mutatorName, replacementCode, original }) => ({
      file: fileName,
      room: fileName.split('/')[1] ?? '',
      line: original.loc.start.line,
      start: original.start,
      end: original.end,
      mutator: mutatorName,
      replacement: replacementCode,
      key: `${hashes.get(fileName)?.slice(0, 12)} ${fileName}:${original.start}-${original.end} ${replacementCode}`,
    }))
}

/** Of each room its share of `count`, and five at least; the same seed draws the same. */
export function drawMutants(mutants: readonly Mutant[], count: number, seed: number): Mutant[] {
  const rank = ({ key }: Mutant): string => createHash('sha256').update(`${seed} ${key}`).digest('hex')
  const byRoom = Map.groupBy(mutants, ({ room }) => room)
  const drawn = [...byRoom].flatMap(([, own]) => {
    const most = Math.max(5, Math.round((count * own.length) / mutants.length))
    return own
      .map((mutant) => ({ mutant, rank: rank(mutant) }))
      .sort((a, b) => (a.rank < b.rank ? -1 : 1))
      .slice(0, most)
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
