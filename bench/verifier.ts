/**
 * The checker against labelled cases: accuracy, gold answers, model solutions, speed, hostile inputs; Math-Verify 0.9.0 in the
 * same run, in an environment that is made at the first one (artefacts/math-verify).
 *
 *     node bench/verifier.ts [--cases DIR] [--solutions DIR] [--python PATH] [--no-peer] [--only core,own,kinds,golds,solutions,restated,hostile]
 *
 * Times are processor time of this thread, beside a reference loop, so that a busy machine changes them little.
 */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CHECKER, judge } from '../src/verify/decide.ts'
import { DEFAULT_LIMITS } from '../src/verify/limits.ts'
import { parseTree } from '../src/verify/read/parse.ts'
import { runFirst } from './verifier-first-run.ts'
import { runHostile } from './verifier-hostile-run.ts'
import { type PeerRun, preparePython, runMathVerify } from './verifier-peer.ts'
import { restatedProblems } from './verifier-restated.ts'
import { rewritesOf } from './verifier-rewrites.ts'

interface Case {
  readonly gold: string
  readonly pred: string
  readonly equal: boolean
  readonly note: string
}

const shared = (path: string): string => fileURLToPath(new URL(`../../shared/${path}`, import.meta.url))
const { values: flags } = parseArgs({
  options: {
    cases: { type: 'string', default: shared('verifier-cases') },
    solutions: { type: 'string', default: shared('datasets/model-solutions') },
    /** A Python that has math_verify; default: an environment of this script's own. */
    python: { type: 'string' },
    'no-peer': { type: 'boolean', default: false },
    /** Parts of the table, separated by commas; default: all of them. */
    only: { type: 'string' },
  },
})

function readLines<T>(file: string): T[] {
  if (!existsSync(file)) {
    console.error(`skipped: ${file} is absent`)
    return []
  }
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line): T => JSON.parse(line))
}

const python = flags['no-peer'] ? undefined : (flags.python ?? preparePython())
const runPeer = (cases: readonly Case[]): Promise<PeerRun | undefined> =>
  python === undefined ? Promise.resolve(undefined) : runMathVerify(python, cases)

const percent = (part: number, whole: number): string => (whole === 0 ? '-' : ((100 * part) / whole).toFixed(2))
const rows: [measure: string, ours: string, peer: string][] = []

/** Accuracy, share of equal pairs that were accepted, share of different ones that were. */
function rates(cases: readonly Case[], accepted: readonly boolean[]): string {
  const count = (equal: boolean, yes: boolean): number =>
    cases.filter((each, at) => each.equal === equal && accepted[at] === yes).length
  const [tp, fp, fn, tn] = [count(true, true), count(false, true), count(true, false), count(false, false)]
  return `${percent(tp + tn, cases.length)} / ${percent(tp, tp + fn)} / ${percent(fp, fp + tn)}`
}

function speed(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  const total = times.reduce((sum, ms) => sum + ms, 0)
  const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? 0
  return `${Math.round((1_000 * times.length) / total)} / ${p99.toFixed(1)} ms`
}

function accepts(gold: string, pred: string): boolean {
  return judge(gold, pred).kind === 'correct'
}

interface Pass {
  /** Processor time of the whole pass; a pair takes less than the clock of that shows, so each is timed by the wall. */
  readonly processorMs: number
  readonly wallMs: readonly number[]
}

function pass(cases: readonly Case[], steps = DEFAULT_LIMITS.steps): Pass & { readonly accepted: readonly boolean[] } {
  const accepted: boolean[] = []
  const wallMs: number[] = []
  const start = process.threadCpuUsage()
  for (const { gold, pred } of cases) {
    const from = performance.now()
    accepted.push(judge(gold, pred, { limits: { steps } }).kind === 'correct')
    wallMs.push(performance.now() - from)
  }
  const { user, system } = process.threadCpuUsage(start)
  return { accepted, processorMs: (user + system) / 1000, wallMs }
}

function speedOf({ processorMs, wallMs }: Pass): string {
  const p99 = wallMs.toSorted((a, b) => a - b)[Math.floor(wallMs.length * 0.99)] ?? 0
  return `${Math.round((1_000 * wallMs.length) / processorMs)} / ${p99.toFixed(1)} ms (wall)`
}

/** Milliseconds of a loop over whole numbers: what this machine does at this moment. */
function referenceLoop(): number {
  const start = process.threadCpuUsage()
  let state = 1
  for (let i = 0; i < 20_000_000; i++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
  const { user, system } = process.threadCpuUsage(start)
  return state === 0 ? 0 : (user + system) / 1000
}

async function measureCases(): Promise<PeerRun | undefined> {
  const cases = readLines<Case>(join(flags.cases, 'dev.jsonl'))
  if (cases.length === 0) return undefined
  const core = cases.filter(({ note }) => !note.includes('convention'))
  const cold = pass(core)
  const warm = pass(core)
  // One step more or less changes no verdict here, and what was read under other limits is not remembered.
  const unremembered = pass(core, DEFAULT_LIMITS.steps + 1)
  const peer = await runPeer(core)
  const peerAccepted = peer?.verdicts.map(({ equal }) => equal)
  const ours = cold.accepted
  rows.push([
    `dev core (${core.length}): accuracy / TPR / FP %`,
    rates(core, ours),
    peerAccepted ? rates(core, peerAccepted) : '-',
  ])
  const peerSpeed = peer ? speed(peer.verdicts.map(({ ms }) => ms)) : '-'
  rows.push(['pairs a second of processor time, one thread / p99, first time', speedOf(cold), peerSpeed])
  for (const isWarm of [false, true]) {
    const first = await runFirst(core, isWarm)
    const before = `${first.startMs.toFixed(0)} ms before the first pair`
    const name = isWarm ? 'after the warm-up of a long run' : 'no warm-up'
    rows.push([`the same in a fresh thread, ${name}`, `${speedOf(first)}, ${before}`, '-'])
  }
  rows.push(['the same, warm', speedOf(warm), '-'])
  rows.push(['the same, warm, nothing remembered', speedOf(unremembered), '-'])
  rows.push(['a reference loop, 20 million steps', `${referenceLoop().toFixed(0)} ms`, '-'])
  const again = warm.accepted.every((equal, at) => equal === ours[at])
  rows.push(['the same verdicts again', again ? 'yes' : 'NO', '-'])
  return peer
}

/** Our own labelled pairs, file by file; docs/log.md says which were looked at when. */
async function measureOwn(): Promise<void> {
  const folder = fileURLToPath(new URL('../test/fixtures/verifier-cases', import.meta.url))
  for (const name of [
    'first',
    'second',
    'third',
    'fourth',
    'sixth',
    'seventh',
    'eighth',
    'ninth',
    'tenth',
    'eleventh',
    'twelfth',
    'thirteenth',
  ]) {
    const lines = readFileSync(join(folder, `${name}.txt`), 'utf8').split('\n')
    const cases = lines
      .filter((line) => /^[-+~] /.test(line))
      .map((line): Case => {
        const [gold = '', pred = ''] = line.slice(2).split(' ||| ')
        return { gold, pred: pred.replaceAll('⏎', '\n'), equal: !line.startsWith('-'), note: '' }
      })
    const ours = cases.map(({ gold, pred }) => accepts(gold, pred))
    const peer = await runPeer(cases)
    const theirs = peer?.verdicts.map(({ equal }) => equal)
    rows.push([
      `own pairs, ${name} (${cases.length}), the same three`,
      rates(cases, ours),
      theirs ? rates(cases, theirs) : '-',
    ])
  }
}

/** Pairs around what the checker got wrong: those of the checkout, and a third of the field's; the rest of those is seen by nobody. */
async function measureKinds(): Promise<void> {
  interface Labelled {
    readonly id: string
    readonly gold: string
    readonly pred: string
    readonly label: 'equal' | 'different'
  }
  const own = fileURLToPath(new URL('../test/fixtures/checker/pairs.jsonl', import.meta.url))
  const field = readLines<Labelled>(join(flags.cases, 'field.jsonl'))
  const parts: [name: string, pairs: readonly Labelled[]][] = [
    ['own pairs by kind', readLines<Labelled>(own)],
    ['field, sampled sets', field.filter(({ id }) => /^[rfs]/.test(id))],
    ['field, attacks', field.filter(({ id }) => id.startsWith('h'))],
    ['field, probes', field.filter(({ id }) => id.startsWith('x'))],
  ]
  for (const [name, pairs] of parts) {
    if (pairs.length === 0) continue
    const cases = pairs.map(({ gold, pred, label }): Case => ({ gold, pred, equal: label === 'equal', note: '' }))
    const ours = cases.map(({ gold, pred }) => accepts(gold, pred))
    const peer = await runPeer(cases)
    const theirs = peer?.verdicts.map(({ equal }) => equal)
    rows.push([`${name} (${cases.length}), the same three`, rates(cases, ours), theirs ? rates(cases, theirs) : '-'])
  }
}

function measureGolds(): void {
  const golds = readLines<{ gold: string }>(join(flags.cases, 'gold-answers-dev.jsonl')).map(({ gold }) => gold)
  let [self, parsed, words, rewrites, kept] = [0, 0, 0, 0, 0]
  for (const gold of golds) {
    const { tree } = parseTree(gold, DEFAULT_LIMITS)
    if (tree) parsed++
    if (tree?.kind === 'text') words++
    if (judge(gold, gold).kind === 'correct') self++
    for (const rewrite of rewritesOf(gold)) {
      rewrites++
      if (judge(gold, rewrite).kind === 'correct') kept++
    }
  }
  const share = `${percent(self, golds.length)} / ${percent(kept, rewrites)}`
  rows.push([`golds (${golds.length}): self / ${rewrites} rewrites %`, share, '-'])
  rows.push([
    'golds parsed % (of them words alone %)',
    `${percent(parsed, golds.length)} (${percent(words, golds.length)})`,
    '-',
  ])
}

function measureSolutions(): void {
  interface Sample {
    readonly is_correct: boolean
    readonly solution: string
  }
  let [n, right] = [0, 0]
  const check = (gold: string, text: string, label: boolean): void => {
    n++
    if ((judge(gold, text).kind === 'correct') === label) right++
    else console.error(`label ${label}: gold ${gold.slice(-40)}, text ${JSON.stringify(text.slice(-60))}`)
  }
  for (const row of readLines<Record<string, Sample> & { ground_truth: string }>(
    join(flags.solutions, 'gsm8k-gpt3-samples.jsonl'),
  )) {
    for (const name of ['6b_finetuning', '6b_verification', '175b_finetuning', '175b_verification']) {
      const sample = row[name]
      if (sample) check(row.ground_truth, sample.solution, sample.is_correct)
    }
  }
  rows.push(['GSM8K samples: labels', `${right} of ${n}`, '-'])
  ;[n, right] = [0, 0]
  for (const row of readLines<{ gt: string; code: string[]; score: boolean[] }>(
    join(flags.solutions, 'math-qwen-samples.jsonl'),
  )) {
    for (const [at, text] of row.code.entries()) check(row.gt, text, row.score[at] ?? false)
  }
  rows.push(['MATH samples: labels', `${right} of ${n}`, '-'])
}

function measureRestated(): void {
  const problems = readLines<{ problem: string; answer: string }>(shared('datasets/math500/test.jsonl'))
  const { accepted, correct } = restatedProblems(problems)
  rows.push([
    'MATH-500: a formula of the question is correct / accepted',
    `${correct} / ${accepted} of ${problems.length}`,
    '-',
  ])
}

async function measureHostile(): Promise<void> {
  const { inputs, worstMs, slowest, grownMiB, fooled } = await runHostile()
  rows.push([`hostile (${inputs}, both ways): slowest, processor time`, `${worstMs.toFixed(0)} ms (${slowest})`, '-'])
  rows.push([
    'hostile: heap of the thread grows by / false correct',
    `${grownMiB.toFixed(0)} MiB / ${fooled.length}`,
    '-',
  ])
}

judge('\\sin x + 1', '1 + \\cos x')
const isAsked = (part: string): boolean => flags.only === undefined || flags.only.split(',').includes(part)
const peer = isAsked('core') ? await measureCases() : undefined
if (isAsked('own')) await measureOwn()
if (isAsked('kinds')) await measureKinds()
if (isAsked('golds')) measureGolds()
if (isAsked('solutions')) measureSolutions()
if (isAsked('restated')) measureRestated()
if (isAsked('hostile')) await measureHostile()
const width = Math.max(...rows.map(([measure]) => measure.length)) + 2
console.log(
  `${'measure'.padEnd(width)}${CHECKER.padEnd(40)}${peer ? `math-verify ${peer.version}` : 'Math-Verify: not run'}`,
)
for (const [measure, ours, theirs] of rows) console.log(`${measure.padEnd(width)}${ours.padEnd(40)}${theirs}`)
