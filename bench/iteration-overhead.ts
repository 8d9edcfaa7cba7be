/**
 * What an iteration costs next to sampling and training arithmetic, and whether that grows with what is stored: a run of the embedded
 * model is stopped after a few iterations of 100 traces, its database is filled up to a million completions in 500 iterations, and it
 * continues. Reported: the fixed cost of an iteration, the time between two iterations, and `status`.
 *
 *     node bench/iteration-overhead.ts [--iterations 500] [--completions 1000000] [--own 6]
 */

import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readStatus } from '../src/run/status.ts'
import { openDatabase } from '../src/store/open.ts'

const { values } = parseArgs({
  options: {
    iterations: { type: 'string', default: '500' },
    completions: { type: 'string', default: '1000000' },
    /** Iterations that are really run, before and after. */
    own: { type: 'string', default: '6' },
    keep: { type: 'boolean', default: false },
  },
})
const BIN = fileURLToPath(new URL('../bin/spendwise.js', import.meta.url))
const [ITERATIONS, COMPLETIONS, OWN] = [values.iterations, values.completions, values.own].map(Number) as [
  number,
  number,
  number,
]

const folder = mkdtempSync(join(tmpdir(), 'spendwise-overhead-'))
const run = join(folder, 'runs', 'overhead')
try {
  writeFileSync(join(folder, 'run.yaml'), yaml())
  await runUntil(OWN)
  report('at first', 1, OWN - 1)
  status('at first')
  inflate()
  status('filled, nothing summed up yet')
  await runUntil(ITERATIONS + OWN)
  report(`after ${ITERATIONS} iterations`, ITERATIONS + 1, ITERATIONS + OWN - 1)
  status('at the end')
} finally {
  if (values.keep) console.log(`kept in ${folder}`)
  else rmSync(folder, { recursive: true, force: true })
}

function yaml(): string {
  return `name: overhead
problems:
  train: [{ dataset: steps, count: 20000 }]
  evaluate: [{ dataset: steps, count: 300 }]
sample: { kind: embedded, maxTokens: 60 }
budget: { policy: { kind: constant, initial: 100 }, iterations: ${ITERATIONS + OWN + 1} }
evaluate: { greedy: false, every: 2 }
train: { kind: embedded, steps: 25, lr: 5.0e-4, lrSchedule: run-constant, optimizerState: keep }
`
}

interface Line {
  readonly at: string
  readonly kind: string
  readonly iteration?: number
  readonly state?: string
  readonly seconds?: number
}

function events(): Line[] {
  const path = join(run, 'events.jsonl')
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.slice(0, -1).map((line) => JSON.parse(line) as Line)
}

/** Runs until so many iterations have ended, and stops the run as Ctrl-C does. */
async function runUntil(iterations: number): Promise<void> {
  const child = spawn(process.execPath, [BIN, 'run', 'run.yaml', '--quiet'], { cwd: folder, stdio: 'inherit' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  while (!events().some(({ kind, iteration }) => kind === 'iteration-ended' && iteration === iterations - 1)) {
    if (child.exitCode !== null) throw new Error('The run ended by itself.')
    await sleep(100)
  }
  child.kill('SIGINT')
  await ended
}

/** Copies the second iteration's rows until the database holds what is wanted. */
function inflate(): void {
  const db = openDatabase(join(run, 'spendwise.sqlite'))
  const each = Math.ceil(COMPLETIONS / ITERATIONS)
  const startedAt = performance.now()
  const source = 1
  const own = db.prepare('select count(*) from completion where purpose = ? and iteration = ?').pluck()
  const drawn = Number(own.get('train', source))
  const measured = Number(own.get('evaluate', source))
  const problems = Number(db.prepare("select count(*) from problem where split = 'train'").pluck().get())
  const first = Number(db.prepare("select min(number) from problem where split = 'train'").pluck().get())
  db.pragma('foreign_keys = off')
  db.pragma('synchronous = off')
  const copy = db.transaction((iteration: number) => {
    const at = { iteration, source }
    for (const table of ['iteration', 'checkpoint', 'job']) {
      db.prepare(`delete from ${table} where iteration = :iteration`).run({ iteration })
    }
    db.prepare(
      `insert into checkpoint (iteration, attempt, kind, path, hash, proven, served)
       select :iteration, attempt, kind, 'checkpoints/' || cast(:iteration as integer), hash || cast(:iteration as integer), proven, served from checkpoint where iteration = :source`,
    ).run(at)
    db.prepare(
      `insert into iteration (iteration, state, target_kind, target, attempt, sampled_from)
       select :iteration, 'done', target_kind, target, attempt, (select id from checkpoint where iteration = :iteration - 1) from iteration where iteration = :source`,
    ).run(at)
    db.prepare(
      `insert into job (iteration, attempt, job, handle, state, metrics)
       select :iteration, attempt, job, handle, state, metrics from job where iteration = :source`,
    ).run(at)
    const copies = Math.max(1, Math.round((each - measured) / drawn))
    for (let again = 0; again < copies + 1; again++) {
      const purpose = again === copies ? 'evaluate' : 'train'
      const shift = again * drawn
      const id = Number(db.prepare('select coalesce(max(id), 0) from completion').pluck().get())
      const values = { ...at, purpose, shift, again, id, first, problems, jump: iteration * 997 }
      const rows = `(select *, row_number() over (order by id) as n from completion where iteration = :source and purpose = :purpose)`
      db.prepare(
        `insert into completion (id, purpose, iteration, problem, idx, issue, checkpoint, text, finish_reason, prompt_tokens, completion_tokens, model, seed, latency_ms, cached)
         select :id + n, purpose, :iteration, case purpose when 'train' then :first + (problem - :first + :jump + :shift) % :problems else problem end, :again + idx,
           issue + :shift, checkpoint, text, finish_reason, prompt_tokens, completion_tokens, model, seed, latency_ms, cached from ${rows}`,
      ).run(values)
      db.prepare(
        `insert into verdict (completion, kind, rule, extracted, checker, ms, method)
         select :id + r.n, v.kind, v.rule, v.extracted, v.checker, v.ms, v.method from ${rows} r join verdict v on v.completion = r.id`,
      ).run({ source, purpose, id })
      db.prepare(
        `insert into attempt (completion, ordinal, outcome, status, message, started_at, duration_ms, endpoint)
         select :id + r.n, a.ordinal, a.outcome, a.status, a.message, a.started_at, a.duration_ms, a.endpoint from ${rows} r join attempt a on a.completion = r.id`,
      ).run({ source, purpose, id })
      db.prepare(
        `insert into disposition (completion, disposition)
         select :id + r.n, d.disposition from ${rows} r join disposition d on d.completion = r.id`,
      ).run({ source, purpose, id })
    }
    db.prepare(
      `insert into activity (iteration, phase, started_at, ended_at) select :iteration, phase, started_at, ended_at from activity where iteration = :source`,
    ).run(at)
  })
  for (let iteration = OWN; iteration < ITERATIONS; iteration++) copy(iteration)
  const stored = db.prepare('select count(*) from completion').pluck().get()
  db.close()
  const last = String(OWN - 1).padStart(2, '0')
  cpSync(join(run, 'checkpoints', last), join(run, 'checkpoints', String(ITERATIONS - 1)), { recursive: true })
  console.log(`filled to ${stored} completions in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
}

function report(when: string, from: number, to: number): void {
  const lines = events()
  const at = (kind: string, iteration: number, state?: string): number | undefined => {
    const line = lines.findLast(
      (one) => one.kind === kind && one.iteration === iteration && (state === undefined || one.state === state),
    )
    return line && Date.parse(line.at)
  }
  const rows = Array.from({ length: to - from }, (_, i) => from + i).flatMap((iteration) => {
    const ended = at('iteration-ended', iteration)
    const before = at('iteration-ended', iteration - 1)
    const sampling = at('phase', iteration, 'sampling')
    const sampled = at('sampled', iteration)
    const trained = lines.findLast((one) => one.kind === 'trained' && one.iteration === iteration)
    if (!ended || !before || !sampling || !sampled || !trained) return []
    const evaluating = at('evaluated', iteration)
    const phase = at('phase', iteration, 'evaluating') ?? 0
    const between = sampling - before
    const training = Date.parse(trained.at) - sampled - 1000 * (trained.seconds ?? 0)
    const after =
      evaluating === undefined ? ended - Date.parse(trained.at) : phase - Date.parse(trained.at) + (ended - evaluating)
    return [{ between, training, after, fixed: between + training + after }]
  })
  const median = (of: (row: (typeof rows)[number]) => number): string => {
    const sorted = rows.map(of).sort((a, b) => a - b)
    return `${(sorted[Math.floor(sorted.length / 2)] ?? Number.NaN).toFixed(0)} ms`
  }
  const parts = `between two iterations ${median((row) => row.between)}, around the training job ${median((row) => row.training)}, hand-over and the end ${median((row) => row.after)}`
  console.log(`${when}: fixed cost of an iteration ${median((row) => row.fixed)} (${parts}; medians of ${rows.length})`)
}

function status(when: string): void {
  const times = Array.from({ length: 5 }, () => {
    const startedAt = performance.now()
    readStatus(run)
    return performance.now() - startedAt
  })
  console.log(`${when}: status first ${times[0]?.toFixed(0)} ms, then ${Math.min(...times.slice(1)).toFixed(0)} ms`)
}
