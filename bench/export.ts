/**
 * Exports of a run with many traces: time and memory of each, and `sqlite3 .dump` of the same rows next to them.
 *
 *     node bench/export.ts [--traces 1000000] [--dir DIR] [--only NAME,NAME]
 *
 * The run is made once and kept in DIR (two gigabytes for a million traces); each export is a process of its own.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type ExportOptions, exportRun } from '../src/commands/export/file.ts'
import { readTestSet } from '../src/commands/export/test-sets.ts'
import type { Completion } from '../src/core/completion.ts'
import { createRandom, type Random, randomInteger } from '../src/core/seed.ts'
import { readStore } from '../src/run/read-store.ts'
import { openStore } from '../src/store/store.ts'

const { values: flags } = parseArgs({
  options: {
    traces: { type: 'string', default: '1000000' },
    dir: { type: 'string', default: join(tmpdir(), 'spendwise-bench-export') },
    only: { type: 'string' },
    step: { type: 'string' },
  },
})
const TRACES = Number(flags.traces)
const PROBLEMS = Math.ceil(TRACES / 50)
const TEST_QUESTIONS = 1_319
const folder = flags.dir
const runFolder = join(folder, `run-${TRACES}`)
const testFile = join(folder, 'test.jsonl')
const out = join(folder, 'out.jsonl')

const STEPS: Readonly<Record<string, () => Partial<ExportOptions>>> = {
  messages: () => ({}),
  'prompt-completion': () => ({ format: 'prompt-completion' }),
  parquet: () => ({ kind: { container: 'parquet', compression: 'none' } }),
  gzip: () => ({ kind: { container: 'jsonl', compression: 'gzip' } }),
  exact: () => ({ selection: { deduplicate: 'exact' } }),
  near: () => ({ selection: { deduplicate: 'near' } }),
  'near-dataset': () => ({ selection: { deduplicate: 'near', within: 'dataset' } }),
  decontaminate: () => ({
    selection: { testSets: [readStore(runFolder, (store) => readTestSet(store, { kind: 'table', file: testFile }))] },
  }),
  balanced: () => ({ selection: { balance: 'level', rows: Math.floor(TRACES / 2) } }),
}

const NOUNS = 'apples books coins pencils marbles stamps cookies shells boxes tickets flowers bottles'.split(' ')
const NAMES = 'Ada Ben Cleo Dan Eva Finn Gia Hugo Ivy Jon Kim Leo Mia Noa Otto Pia'.split(' ')
const OPENINGS = ['Let us see.', 'First,', 'We start with what is known.', 'To begin,', 'Step 1:', 'Think it through.']
const LINKS = ['Then', 'After that', 'So', 'Therefore', 'This means that', 'Next', 'Now', 'Hence', 'As a result']
const VERBS = ['has', 'counts', 'is left with', 'ends up with', 'owns', 'gets', 'buys', 'collects', 'keeps', 'finds']

function pick<T>(items: readonly T[], random: Random): T {
  return items[randomInteger(random, items.length)] as T
}

function question(seed: number): string {
  const random = createRandom(seed)
  const [a, b, c] = [0, 0, 0].map(() => 2 + randomInteger(random, 900))
  const [name, noun] = [pick(NAMES, random), pick(NOUNS, random)]
  return `${name} has ${a} ${noun} and buys ${b} more at the market on ${pick(LINKS, random)} street. Later ${pick(NAMES, random)} takes ${c} of the ${noun} home for a friend who collects ${pick(NOUNS, random)}. How many ${noun} are there for ${name} in the end?`
}

/** Another form than the run's own questions have, so that only copies of it are found. */
function testQuestion(i: number): string {
  const random = createRandom(-1 - i)
  const numbers = Array.from({ length: 4 }, () => 2 + randomInteger(random, 900))
  return `A train with ${numbers[0]} seats leaves ${pick(NAMES, random)} town and stops ${numbers[1]} times; at each stop ${numbers[2]} people with ${pick(NOUNS, random)} get on and ${numbers[3]} get off. How many seats are free when it arrives?`
}

/** About 550 characters; one in twenty differs from the one before it in a word, one in a thousand copies a test question. */
function solution(problem: number, sample: number): string {
  if (sample % 20 === 19) return `${solution(problem, sample - 1)} Done.`
  const random = createRandom(problem * 1_009 + sample)
  const lines = Array.from({ length: 7 }, () => {
    const [a, b] = [randomInteger(random, 900), randomInteger(random, 900)]
    return `${pick(LINKS, random)} ${pick(NAMES, random)} ${pick(VERBS, random)} ${a} + ${b} = ${a + b} ${pick(NOUNS, random)} and ${pick(VERBS, random)} ${randomInteger(random, 99)} ${pick(NOUNS, random)}.`
  })
  const copied = random() < 0.001 ? ` ${testQuestion(randomInteger(random, TEST_QUESTIONS))}` : ''
  return `${pick(OPENINGS, random)}${copied}\n${lines.join('\n')}\n#### ${problem % 1_000}`
}

function makeRun(): void {
  if (existsSync(runFolder)) return
  const partial = `${runFolder}.tmp`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  writeFileSync(
    testFile,
    Array.from(
      { length: TEST_QUESTIONS },
      (_, i) => `${JSON.stringify({ id: `t${i}`, question: testQuestion(i) })}\n`,
    ).join(''),
  )
  const store = openStore(partial)
  const prompt = {
    name: 'bench',
    api: 'chat',
    stop: [],
    sha256: '0'.repeat(64),
    messages: [{ role: 'user', content: '{{question}}' }],
  } as const
  const problems = Array.from({ length: PROBLEMS }, (_, i) => ({
    id: `bench/${String(i).padStart(6, '0')}`,
    split: 'train' as const,
    source: `bench-${i % 3}`,
    level: String(1 + (i % 5)),
    question: question(i),
    answer: String(i % 1_000),
  }))
  store.run.create(
    {
      name: 'bench',
      state: 'done',
      reason: null,
      config: '{}',
      configPath: '/run.yaml',
      weights: '{}',
      createdAt: 0,
      files: null,
      commonSeeds: true,
    },
    problems,
    { sampling: prompt, training: prompt, evaluation: prompt },
  )
  const checkpoint = store.iterations.addCheckpoint({
    iteration: -1,
    attempt: 0,
    kind: 'full',
    path: 'base',
    hash: 'sha256:base',
  })
  const verdict = { kind: 'correct', rule: 'number', extracted: '1', checker: 'bench', ms: 0.1 } as const
  for (let from = 0; from < TRACES; from += 10_000) {
    const batch = Array.from({ length: Math.min(10_000, TRACES - from) }, (_, i): Completion => {
      const issue = from + i
      const [problem, index] = [issue % PROBLEMS, Math.floor(issue / PROBLEMS)]
      return {
        key: { purpose: 'train', iteration: 0, problem: problems[problem]?.id ?? '', index },
        issue,
        text: solution(problem, index),
        finishReason: 'stop',
        promptTokens: 60,
        completionTokens: 140 + (issue % 50),
        model: 'base',
        seed: issue,
        latencyMs: 1,
        attempts: [],
      }
    })
    const ids = store.completions.insert(batch, checkpoint.id)
    store.verdicts.insert(ids.map((completion) => ({ completion, verdict })))
    store.completions.close(ids.map((completion) => ({ completion, disposition: 'accepted' })))
  }
  store.close()
  renameSync(partial, runFolder)
}

interface Measured {
  readonly rows: number
  readonly seconds: number
  /** Of the processor, which other work on the machine changes less. */
  readonly cpuSeconds: number
  readonly megabytes: number
}

/** In this process: one export, and what it took. */
function runStep(name: string): Measured {
  const options = STEPS[name]?.()
  if (!options) throw new Error(`there is no step ${name}`)
  const start = performance.now()
  const { user, system } = process.cpuUsage()
  const began = (user + system) / 1e6
  const { rows } = exportRun(runFolder, { format: 'messages', out, ...options })
  const seconds = (performance.now() - start) / 1_000
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  return { rows, seconds, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 - began, megabytes: maxRSS / 1_024 }
}

/** The shell of the system says what its children took: minutes and seconds, user and system. */
const SHELL = 'sqlite3 -readonly "$1" ".dump completion" > "$2"; times'

function dump(): Pick<Measured, 'seconds' | 'cpuSeconds'> | undefined {
  const target = join(folder, 'dump.sql')
  const start = performance.now()
  const { stdout } = spawnSync('bash', ['-c', SHELL, 'bash', join(runFolder, 'spendwise.sqlite'), target], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const seconds = (performance.now() - start) / 1_000
  const size = statSync(target).size
  rmSync(target)
  if (size === 0) return undefined
  const children = stdout.trim().split('\n').at(-1) ?? ''
  const times = Array.from(children.matchAll(/(\d+)m([\d.]+)s/g), ([, m, s]) => 60 * Number(m) + Number(s))
  return { seconds, cpuSeconds: times.reduce((sum, time) => sum + time, 0) }
}

function main(): void {
  makeRun()
  const size = statSync(join(runFolder, 'spendwise.sqlite')).size
  console.log(
    `${TRACES.toLocaleString('en')} traces of ${PROBLEMS.toLocaleString('en')} problems, ${(size / 2 ** 20).toFixed(0)} MiB`,
  )
  const peer = dump()
  console.log(
    peer
      ? `${'sqlite3 .dump completion'.padEnd(24)}${columns(peer)}`
      : 'sqlite3 is not installed: nothing to compare with',
  )
  for (const name of flags.only?.split(',') ?? Object.keys(STEPS)) {
    const { stdout, status } = spawnSync(
      process.execPath,
      [import.meta.filename, '--step', name, '--traces', String(TRACES), '--dir', folder],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
    )
    if (status !== 0) throw new Error(`the step ${name} failed`)
    const measured = JSON.parse(stdout) as Measured
    const ratio = peer
      ? `, ${(measured.seconds / peer.seconds).toFixed(2)} of the dump (CPU ${(measured.cpuSeconds / peer.cpuSeconds).toFixed(2)})`
      : ''
    console.log(
      `${name.padEnd(24)}${columns(measured)}${measured.megabytes.toFixed(0).padStart(7)} MB  ${measured.rows.toLocaleString('en')} rows${ratio}, ${(statSync(out).size / 2 ** 20).toFixed(0)} MiB`,
    )
  }
}

function columns({ seconds, cpuSeconds }: Pick<Measured, 'seconds' | 'cpuSeconds'>): string {
  return `${seconds.toFixed(1).padStart(8)} s${cpuSeconds.toFixed(1).padStart(8)} s of CPU`
}

if (flags.step === undefined) main()
else console.log(JSON.stringify(runStep(flags.step)))
