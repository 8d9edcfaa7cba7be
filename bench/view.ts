/**
 * The viewer on a large run: first pages of filters, searches, counts, memory, and what it costs a run that samples next to it.
 * Make the run first: node bench/view-run.ts DIR 1000000
 *
 *   node bench/view.ts [DIR] [--pairs N]
 *
 * Prints one line of JSON a measurement: milliseconds over HTTP (median and worst of nine, after one to warm up), megabytes of
 * the server's process. With --pairs it also runs the quickstart in pairs, with and without somebody who looks on.
 */

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const BIN = join(ROOT, 'bin/spendwise.js')
const { values, positionals } = parseArgs({ options: { pairs: { type: 'string' } }, allowPositionals: true })
const [directory] = positionals
if (directory === undefined && values.pairs === undefined) {
  console.error('usage: node bench/view.ts [DIR] [--pairs N]')
  process.exit(2)
}
const RUNS = 9

/** First pages: every filter with few and with many traces, every order, and each search next to a filter that is rare. */
const PAGES: Readonly<Record<string, string>> = {
  'no filter': '',
  'newest first': 'sort=newest',
  'a common verdict': 'verdict=incorrect',
  'a rare verdict': 'verdict=unparsed',
  'an absent verdict': 'verdict=timeout',
  'three facets': 'verdict=incorrect&level=5&rule=probe&iteration=3',
  'cut off, longest first': 'finish=length&sort=longest',
  'longest first': 'sort=longest',
  'a problem': 'problem=gsm8k/train/000123',
  'the last page of a rare one': 'verdict=no-answer&sort=newest&iteration=0',
}
const SEARCHES: Readonly<Record<string, string>> = {
  'an absent word': 'q=zebra',
  'a rare number': 'q=4711',
  'a common word': 'q=the',
  'a phrase': 'q=%22left+over%22',
  'three words': 'q=Natalia+boxes+half',
  'a beginning': 'q=Nat*',
  'a common word, newest first': 'q=the&sort=newest',
  'a common word and a rare verdict': 'q=the&verdict=unparsed',
  'a word and an absent verdict': 'q=Natalia&verdict=timeout',
  'a word, longest first': 'q=4711&sort=longest',
}

if (directory !== undefined) await measureRun(resolve(directory))
if (values.pairs !== undefined) await measurePairs(Number(values.pairs))

async function measureRun(run: string): Promise<void> {
  const viewer = await startViewer(run)
  const base = `${viewer.address}api/runs/${basename(run)}`
  try {
    const startedAt = performance.now()
    await untilIndexed(base)
    say({ what: 'indexed, from nothing or from the file', seconds: (performance.now() - startedAt) / 1000 })
    for (const [what, query] of Object.entries(PAGES)) await measure(`page: ${what}`, `${base}/traces?${query}`)
    for (const [what, query] of Object.entries(SEARCHES)) await measure(`search: ${what}`, `${base}/traces?${query}`)
    for (const [what, query] of Object.entries(PAGES)) await measure(`counts: ${what}`, `${base}/facets?${query}`)
    for (const [what, query] of Object.entries(SEARCHES)) await measure(`counts: ${what}`, `${base}/facets?${query}`)
    await measure('one trace', `${base}/traces/500000`)
    await measure('one problem', `${base}/problems/gsm8k/train/000123`)
    await measure('problems, hardest first', `${base}/problems?sort=hardest`)
    await measure('audit of 200', `${base}/audit`)
    say({ what: 'memory after all this, MB', ...memoryOf(viewer.pid) })
  } finally {
    viewer.stop()
  }
}

async function measure(what: string, address: string): Promise<void> {
  const times: number[] = []
  for (let run = -1; run < RUNS; run++) {
    const startedAt = performance.now()
    const answer = await fetch(address)
    await answer.arrayBuffer()
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`)
    if (run >= 0) times.push(performance.now() - startedAt)
    else say({ what: `${what}, first`, ms: Number((performance.now() - startedAt).toFixed(1)) })
  }
  times.sort((a, b) => a - b)
  say({ what, ms: Number(times[times.length >> 1]?.toFixed(1)), worst: Number(times.at(-1)?.toFixed(1)) })
}

async function untilIndexed(base: string): Promise<void> {
  for (;;) {
    const { index } = (await (await fetch(`${base}/facets`)).json()) as { index: { rows: number; text: number | null } }
    if (index.rows === 1 && index.text === 1) return
    await sleep(200)
  }
}

interface Viewer {
  readonly address: string
  readonly pid: number
  stop(): void
}

async function startViewer(run: string): Promise<Viewer> {
  const child = spawn(process.execPath, [BIN, 'view', run, '--port', '0'], { stdio: ['ignore', 'pipe', 'ignore'] })
  const line = await new Promise<string>((done) => child.stdout.once('data', (chunk) => done(String(chunk))))
  const { origin } = new URL(line.trim())
  return { address: `${origin}/`, pid: child.pid ?? 0, stop: () => void child.kill('SIGTERM') }
}

function memoryOf(pid: number): { readonly resident: number; readonly peak: number } {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  const of = (key: string): number => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(text)?.[1]) / 1000
  return { resident: Math.round(of('VmRSS')), peak: Math.round(of('VmHWM')) }
}

/** The embedded quickstart alone, and with a viewer whose page is asked for once a second; which goes first changes. */
async function measurePairs(count: number): Promise<void> {
  const ratios: number[] = []
  for (let pair = 0; pair < count; pair++) {
    const watchedFirst = pair % 2 === 1
    const first = await sampleOnce(watchedFirst)
    const second = await sampleOnce(!watchedFirst)
    const [alone, watched] = watchedFirst ? [second, first] : [first, second]
    ratios.push(watched / alone)
    say({ what: 'pair', alone, watched, ratio: Number((watched / alone).toFixed(3)) })
  }
  ratios.sort((a, b) => a - b)
  say({
    what: 'time of a run with a viewer over one without, median',
    ratio: Number(ratios[ratios.length >> 1]?.toFixed(3)),
  })
}

async function sampleOnce(isWatched: boolean): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-view-bench-'))
  const run = join(folder, 'run')
  const startedAt = performance.now()
  const child = spawn(process.execPath, [BIN, 'quickstart', '--quick', '--quiet', '--dir', run], { stdio: 'ignore' })
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  let viewer: Viewer | undefined
  let timer: NodeJS.Timeout | undefined
  if (isWatched) {
    // A look at the disk, so that nothing but the viewer takes time from the run.
    while (!existsSync(join(run, 'iterations'))) await sleep(50)
    viewer = await startViewer(run)
    const { address } = viewer
    const look = (): void =>
      void Promise.all(
        ['status', 'facets', 'traces?sort=newest'].map((each) => fetch(`${address}api/runs/run/${each}`)),
      ).catch(() => undefined)
    timer = setInterval(look, 1_000)
  }
  await ended
  const ms = performance.now() - startedAt
  clearInterval(timer)
  viewer?.stop()
  rmSync(folder, { recursive: true, force: true })
  return Number(ms.toFixed(0))
}

function say(row: Readonly<Record<string, unknown>>): void {
  console.log(JSON.stringify(row))
}
