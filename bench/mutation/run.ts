/**
 * What the tests notice: mutants of src/ one at a time in a copy of the project, each against the test files whose imports reach it,
 * the nearest first, until one fails. `npm ci --prefix bench/mutation`, then
 * `npm run test:mutation -- [--count N] [--seed N] [--room NAME]... [--seconds N] [--minutes N] [--again] [--list]`.
 *
 *   --seconds N   processor time that a mutant may cost before it counts as a survivor (the score is a lower bound)
 *   --minutes N   stop after so long, to be continued
 *   --again       look at the survivors again: tests have been added
 *   --list        print the scores of what was looked at so far
 *
 * Results lie in bench/mutation/results.jsonl, so that a run which is stopped continues where it was. Nothing is timed by the clock.
 */

import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { PROJECT } from '../../test/source-text.ts'
import { readCosts } from './costs.ts'
import { allMutants, drawMutants, type Mutant } from './mutants.ts'
import { killChildren, markChildren } from './processes.ts'
import { createReach } from './reach.ts'
import { describe, keepResult, type Result, readEquivalent, readResults, reportLines } from './results.ts'
import { type Bench, createBench } from './warm.ts'

/** A test file hangs after so many times its usual processor time, and this much at least. */
const TIMES_USUAL = 5
const LEAST_SECONDS = 15
/** A file that costs more starts processes and servers, which a busy machine can disturb: its failures are looked at twice. */
const DEAR_SECONDS = 4

const { values: flags } = parseArgs({
  options: {
    count: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    room: { type: 'string', multiple: true },
    minutes: { type: 'string' },
    seconds: { type: 'string', default: '20' },
    again: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
})

function makeCopy(): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'spendwise-mutation-')), 'spendwise')
  const names = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: PROJECT, encoding: 'utf8' })
  for (const name of names.split('\n').filter((path) => path !== '' && existsSync(join(PROJECT, path)))) {
    cpSync(join(PROJECT, name), join(folder, name))
  }
  symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'))
  const shared = join(PROJECT, '..', 'shared')
  if (existsSync(shared)) symlinkSync(shared, join(folder, '..', 'shared'))
  return folder
}

/** Test files that failed in the copy as it is: they say nothing about a mutant. */
const broken = new Set<string>()
const sound = new Set<string>()

async function judge(bench: Bench, folder: string, mutant: Mutant, tests: readonly string[]): Promise<Result> {
  const path = join(folder, mutant.file)
  const text = readFileSync(path, 'utf8')
  const put = (content: string): void => {
    writeFileSync(path, content)
    bench.invalidate(mutant.file)
  }
  let spent = 0
  let tried = 0
  try {
    for (const test of tests) {
      const usual = costs.of(test)
      if (broken.has(test) || spent + usual > Number(flags.seconds)) continue
      const limit = Math.max(LEAST_SECONDS, TIMES_USUAL * usual)
      put(text.slice(0, mutant.start) + mutant.replacement + text.slice(mutant.end))
      const { fate, cpuSeconds, why } = await bench.run(test, limit)
      spent += cpuSeconds
      tried += 1
      if (fate === 'survived') {
        costs.keep(test, cpuSeconds)
        continue
      }
      put(text)
      // Once is enough, unless the clock may have had a hand in it: in what the failure says, or in a file that starts processes.
      if (!sound.has(test) || usual > DEAR_SECONDS || /tim(?:ed|e) ?-?out|deadline/i.test(why)) {
        const plain = await bench.run(test, limit)
        if (plain.fate !== 'survived') {
          console.log(`  ${test} fails by itself here and is left out: ${plain.why}`)
          broken.add(test)
          continue
        }
        sound.add(test)
      }
      return { key: mutant.key, fate, by: test, why, cpuSeconds: Math.round(spent), at: describe(mutant) }
    }
  } finally {
    put(text)
  }
  const by = `${tried} of ${tests.length} files`
  return { key: mutant.key, fate: 'survived', by, why: '', cpuSeconds: Math.round(spent), at: describe(mutant) }
}

/** Near tests first, but a cheap one that is a little farther before a dear one. */
function cheapFirst(tests: readonly { readonly test: string; readonly rank: number }[]): string[] {
  const SECONDS_PER_STEP = 5
  return tests
    .map(({ test, rank }) => ({ test, rank: rank + costs.of(test) / SECONDS_PER_STEP }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ test }) => test)
}

const costs = readCosts()
const mutants = await allMutants()
const drawn = drawMutants(mutants, Number(flags.count), Number(flags.seed)).filter(
  ({ room }) => flags.room?.includes(room) ?? true,
)
const results = readResults()
if (!flags.list) {
  markChildren()
  const folder = makeCopy()
  // What tests leave in the temporary folder, compile caches above all, goes with the copy.
  process.env.TMPDIR = dirname(folder)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      console.log(`Stopped by ${signal}; the same command continues.`)
      killChildren()
      // They are gone a moment later, and what they still write with them. vitest ends this process at the same signal: nothing may wait for a turn.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
      rmSync(dirname(folder), { recursive: true, force: true, maxRetries: 5 })
      process.exit(130)
    })
  }
  const equivalent = readEquivalent()
  const isLeft = ({ key }: Mutant): boolean =>
    !equivalent.has(key) && (!results.has(key) || (flags.again && results.get(key)?.fate === 'survived'))
  const left = drawn.filter(isLeft)
  console.log(`${mutants.length} mutants, ${drawn.length} drawn, ${left.length} to look at.`)
  const testsOf = createReach()
  // A worker that was killed in an endless loop is one that vitest gives up with a rejection nobody waits for.
  process.on('unhandledRejection', (reason) => console.log(`  ${String(reason).slice(0, 120)}`))
  const bench = await createBench(folder)
  try {
    for (const [at, mutant] of left.entries()) {
      if (performance.now() > Number(flags.minutes ?? Number.POSITIVE_INFINITY) * 60_000) break
      const result = await judge(bench, folder, mutant, cheapFirst(testsOf(mutant.file)))
      results.set(result.key, result)
      keepResult(result)
      console.log(`${at + 1}/${left.length} ${result.fate} ${result.cpuSeconds} s  ${result.at}  ${result.by}`)
    }
  } finally {
    await bench.close()
    killChildren()
    rmSync(dirname(folder), { recursive: true, force: true })
  }
}
for (const line of reportLines(drawn, results)) console.log(line)
