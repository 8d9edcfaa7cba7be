/**
 * The policy experiment (docs/policy-experiment.md): one policy for every budget? Every finished run is a line of
 * bench/policy-experiment/results.jsonl, which is committed: the command continues from it, wherever it was stopped, and as many
 * processes as there are cores for may run at once.
 *
 *     npm run experiment:policies [-- --runs 3 --dir FOLDER --rehearse --report]
 *
 * `--runs N` stops after N runs; `--report` prints what there is so far. A confirmation run takes 5 to 10 minutes of one core.
 */

import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { SpendwiseError } from '../src/core/errors.ts'
import { acquireLock, type RunLock } from '../src/store/lock.ts'
import { analyze } from './policy-experiment/analysis.ts'
import { writeFigure } from './policy-experiment/figure.ts'
import { type Job, jobsLeft } from './policy-experiment/jobs.ts'
import { renderResults } from './policy-experiment/page.ts'
import { PLAN, REHEARSAL } from './policy-experiment/plan.ts'
import { writeProblems } from './policy-experiment/problems.ts'
import { appendResult, readResults } from './policy-experiment/results-file.ts'
import { type Place, runJob } from './policy-experiment/run.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    dir: { type: 'string', default: 'runs/policy-experiment' },
    rehearse: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
  },
})
const directory = resolve(values.dir)
const RESULTS = values.rehearse
  ? join(directory, 'results.jsonl')
  : fileURLToPath(new URL('./policy-experiment/results.jsonl', import.meta.url))

const controller = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort())
const place: Place = {
  directory,
  plan: values.rehearse ? REHEARSAL : PLAN,
  signal: controller.signal,
  tell: (line) => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`),
}

try {
  mkdirSync(directory, { recursive: true })
  if (!values.report) await work(values.runs === undefined ? Number.POSITIVE_INFINITY : Number(values.runs))
  await report()
} catch (error) {
  if (!(error instanceof SpendwiseError)) throw error
  place.tell(error.message)
  process.exitCode = error.exitCode
}

async function work(most: number): Promise<void> {
  writeProblems(directory, place.plan)
  for (let done = 0; done < most; done++) {
    const taken = take()
    if (!taken) return
    const { job, lock } = taken
    try {
      place.tell(`${job.name}: starting`)
      const startedAt = performance.now()
      const line = await runJob(place, job)
      const seconds = Math.round((performance.now() - startedAt) / 1000)
      appendResult(RESULTS, { ...line, seconds, at: new Date().toISOString().slice(0, 10), commit: commit() })
      place.tell(`${job.name}: done in ${seconds} s`)
      rmSync(join(directory, job.name), { recursive: true, force: true })
    } finally {
      lock.release()
    }
  }
}

/** The first job that no other process is at work on; undefined where none is left for this one. */
function take(): { readonly job: Job; readonly lock: RunLock } | undefined {
  const tried = new Set<string>()
  for (;;) {
    const job = jobsLeft(place.plan, readResults(RESULTS)).find(({ name }) => !tried.has(name))
    if (!job) return undefined
    try {
      const lock = acquireLock(join(directory, `${job.name}.lock.sqlite`))
      // Another process may have ended it between the look and the lock.
      if (jobsLeft(place.plan, readResults(RESULTS)).some(({ name }) => name === job.name)) return { job, lock }
      lock.release()
    } catch (error) {
      if (!(error instanceof SpendwiseError)) throw error
    }
    tried.add(job.name)
  }
}

function commit(): string {
  return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    encoding: 'utf8',
  }).trim()
}

async function report(): Promise<void> {
  const results = analyze(place.plan, readResults(RESULTS))
  writeFileSync(join(directory, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
  const text = renderResults(results, place.plan)
  writeFileSync(join(directory, 'results.md'), text)
  if (results.seeds.length > 0) await writeFigure(join(directory, 'results.svg'), results)
  process.stdout.write(text)
}
