/**
 * What the tests notice: mutants of src/ one at a time in a copy of the project, each against the tests near it, then those of its
 * room, then the whole commands. `npm run test:mutation -- [--count N] [--seed N] [--room NAME] [--seconds N] [--near] [--list]`; `--near` leaves the wide tests
 * out, which makes scores a lower bound in a third of the time. Results lie in
 * bench/mutation/results.jsonl, so that a run which is stopped continues where it was.
 */

import { spawn } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { PROJECT } from '../../test/source-text.ts'
import { allMutants, drawMutants, type Mutant } from './mutants.ts'

const { values: flags } = parseArgs({
  options: {
    count: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    room: { type: 'string' },
    seconds: { type: 'string', default: '120' },
    list: { type: 'boolean', default: false },
    near: { type: 'boolean', default: false },
  },
})

type Fate = 'killed' | 'timeout' | 'survived'

interface Result {
  readonly key: string
  readonly fate: Fate
  /** Tests that noticed, or the last that were tried. */
  readonly by: string
  readonly seconds: number
}

const HERE = join(PROJECT, 'bench', 'mutation')
const RESULTS = join(HERE, 'results.jsonl')
/** Mutants that no test can notice, each with its reason. */
const EQUIVALENT = join(HERE, 'equivalent.json')

const COPIED = ['src', 'test', 'bin', 'assets', 'datasets', 'prompts', 'recipes', 'docs', 'scripts']
const FILES = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'vitest.config.ts', 'biome.json', 'README.md']

function makeCopy(): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'spendwise-mutation-')), 'spendwise')
  for (const name of [...COPIED, ...FILES]) {
    if (existsSync(join(PROJECT, name))) cpSync(join(PROJECT, name), join(folder, name), { recursive: true })
  }
  symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

/** Folders of tests, the nearest first. */
function testsFor({ file }: Mutant): string[][] {
  const own = join('test', file.slice('src/'.length).replace(/\.ts$/, '.test.ts'))
  const folder = dirname(own)
  const room = folder.split('/').slice(0, 2).join('/')
  const there = [own, folder, room].filter((path) => existsSync(join(PROJECT, path)))
  const wider = ['test/loop', 'test/commands'].filter((path) => path !== room)
  const near = [...new Set(there)].map((path) => [path])
  return flags.near && near.length > 0 ? near : [...near, wider]
}

/** @returns the fate under these tests alone */
async function runTests(folder: string, tests: readonly string[], seconds: number): Promise<Fate> {
  const vitest = join(PROJECT, 'node_modules', 'vitest', 'vitest.mjs')
  const argv = [vitest, 'run', '--bail', '1', '--reporter', 'dot', '--maxWorkers', '1', ...tests]
  const child = spawn(process.execPath, argv, { cwd: folder, stdio: 'ignore', detached: true })
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    // The whole group that was started here, and nothing else.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }, seconds * 1000)
  const code = await new Promise<number | null>((resolve) => child.on('exit', resolve))
  clearTimeout(timer)
  if (isLate) return 'timeout'
  return code === 0 ? 'survived' : 'killed'
}

async function judge(folder: string, mutant: Mutant, seconds: number): Promise<Result> {
  const path = join(folder, mutant.file)
  const text = readFileSync(path, 'utf8')
  const startedAt = performance.now()
  const result = (fate: Fate, by: readonly string[]): Result => ({
    key: mutant.key,
    fate,
    by: by.join(' '),
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
  })
  writeFileSync(path, text.slice(0, mutant.start) + mutant.replacement + text.slice(mutant.end))
  let last: readonly string[] = []
  try {
    for (const tests of testsFor(mutant)) {
      last = tests
      // The widest tests take minutes by themselves; a time-out of theirs alone says nothing.
      const isWide = tests.length > 1
      const fate = await runTests(folder, tests, isWide ? seconds * 4 : seconds)
      if (fate !== 'survived') return result(fate, tests)
    }
    return result('survived', last)
  } finally {
    writeFileSync(path, text)
  }
}

function readResults(): Map<string, Result> {
  if (!existsSync(RESULTS)) return new Map()
  const lines = readFileSync(RESULTS, 'utf8').split('\n').filter(Boolean)
  return new Map(lines.map((line) => JSON.parse(line) as Result).map((row) => [row.key, row]))
}

function readEquivalent(): Map<string, string> {
  if (!existsSync(EQUIVALENT)) return new Map()
  return new Map(Object.entries(JSON.parse(readFileSync(EQUIVALENT, 'utf8')) as Record<string, string>))
}

function report(drawn: readonly Mutant[], results: ReadonlyMap<string, Result>): void {
  const equivalent = readEquivalent()
  const seen = drawn.filter(({ key }) => results.has(key) && !equivalent.has(key))
  const rows = [...Map.groupBy(seen, ({ room }) => room)].map(([room, own]) => {
    const fates = own.map(({ key }) => results.get(key)?.fate)
    const survived = fates.filter((fate) => fate === 'survived').length
    const late = fates.filter((fate) => fate === 'timeout').length
    return { room, mutants: own.length, killed: own.length - survived - late, timeout: late, survived }
  })
  for (const { room, mutants, killed, timeout, survived } of rows.sort((a, b) => a.room.localeCompare(b.room))) {
    const score = ((100 * (killed + timeout)) / mutants).toFixed(0)
    console.log(
      `${room.padEnd(10)} ${score.padStart(4)}%  ${mutants} mutants: ${killed} killed, ${timeout} timed out, ${survived} survived`,
    )
  }
  for (const mutant of seen.filter(({ key }) => results.get(key)?.fate === 'survived')) {
    console.log(
      `survived  ${mutant.file}:${mutant.line}  ${mutant.mutator}: ${mutant.replacement.replaceAll(/\s+/g, ' ').slice(0, 80)}`,
    )
  }
  console.log(
    `${seen.length} of ${drawn.length} mutants looked at; seed ${flags.seed}, Stryker's mutators without texts and object literals.`,
  )
}

const mutants = await allMutants()
const drawn = drawMutants(mutants, Number(flags.count), Number(flags.seed)).filter(
  ({ room }) => flags.room === undefined || room === flags.room,
)
const results = readResults()
if (!flags.list) {
  const folder = makeCopy()
  try {
    const left = drawn.filter(({ key }) => !results.has(key))
    console.log(`${mutants.length} mutants, ${drawn.length} drawn, ${left.length} to look at.`)
    for (const [at, mutant] of left.entries()) {
      const result = await judge(folder, mutant, Number(flags.seconds))
      results.set(result.key, result)
      appendFileSync(RESULTS, `${JSON.stringify(result)}\n`)
      console.log(
        `${at + 1}/${left.length} ${result.fate} in ${result.seconds} s  ${mutant.file}:${mutant.line} ${mutant.mutator}`,
      )
    }
  } finally {
    rmSync(dirname(folder), { recursive: true, force: true })
  }
}
report(drawn, results)
