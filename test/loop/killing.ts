/** Runs that are killed at random moments until they are through, and what must come out equal. */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunEvent } from '../../src/core/events.ts'
import { type Random, randomInteger } from '../../src/core/seed.ts'
import { openDatabase } from '../../src/store/open.ts'
import { DATABASE_FILE } from '../../src/store/place/place.ts'
import { type Started, startCommand } from './command.ts'

/** The toy in small: every phase is there, each lasts some tenths of a second. */
export const SMALL_TOY = `name: small
problems:
  train: [{ dataset: steps, count: 600 }]
  gate: [{ dataset: steps, count: 60 }]
  evaluate: [{ dataset: steps, count: 90 }]
sample: { kind: embedded, maxTokens: 60 }
budget:
  policy: { kind: exponential, initial: 60, growth: 2 }
  iterations: 2
gate: { onFail: continue }
`

export function makeWorkplace(yaml: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-kill-'))
  mkdirSync(join(folder, 'runs'), { recursive: true })
  writeFileSync(join(folder, 'run.yaml'), yaml)
  return folder
}

export function removeWorkplace(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

/** Where a kill can fall, as far as the run has told by then. */
export const PHASES = [
  'starting',
  'sampling',
  'training',
  'serving',
  'evaluating',
  'gate',
  'evaluate',
  'greedy',
] as const
export type KilledPhase = (typeof PHASES)[number]

export interface Killing {
  /** At most so many; a run that comes through earlier is at its end. */
  readonly kills: number
  /** Milliseconds that an undisturbed process takes, about. */
  readonly lifeMs: number
  readonly random: Random
  /** Command to start in the folder; default `run run.yaml --json`. */
  readonly args?: readonly string[]
  /** Kills the processes that the run has started along with it, as a machine that goes down does. */
  readonly everything?: boolean
}

export interface KilledRun {
  /** Phase in which each kill fell. */
  readonly kills: readonly KilledPhase[]
  /** Of the process that was let through. */
  readonly code: number | null
  readonly stderr: string
}

/** The short phases and those that begin but once a process are aimed at twice as often. */
const AIMS: readonly KilledPhase[] = [...PHASES, 'sampling', 'training', 'serving', 'serving']
/** A kill that is aimed at a phase falls so soon after it has begun. */
const AIM_MS = 100

/**
 * Starts `run` again and again, kills each process, and lets the last one through. Half of the kills fall at any moment of a
 * process's life, half soon after some phase has begun, since the short ones would hardly be met otherwise.
 */
export async function runUnderKills(folder: string, killing: Killing): Promise<KilledRun> {
  const { kills, lifeMs, random, args = ['run', 'run.yaml', '--json'] } = killing
  const fallen: KilledPhase[] = []
  for (;;) {
    let phase: KilledPhase = 'starting'
    const isLast = fallen.length >= kills
    const aim = isLast || random() < 0.5 ? undefined : AIMS[randomInteger(random, AIMS.length)]
    const momentMs = random() * lifeMs
    // Every other one of those at once, as some phases are over in no time.
    const aimedMs = Math.max(0, 2 * random() - 1) * AIM_MS
    const kill = (): void => killAll(started, killing.everything ? join(folder, 'runs', 'small') : undefined)
    // An aim that is not met must not let the process through.
    let timer = isLast ? undefined : setTimeout(kill, aim === 'starting' ? aimedMs : momentMs + (aim ? lifeMs / 2 : 0))
    const started = startCommand(args, {
      cwd: folder,
      onLine(line) {
        const next = phaseOf(line)
        if (next === undefined || next === phase) return
        phase = next
        if (phase !== aim) return
        clearTimeout(timer)
        timer = setTimeout(kill, aimedMs)
      },
    })
    const { code, signal, stderr } = await started.ended
    clearTimeout(timer)
    if (signal === 'SIGKILL') fallen.push(phase)
    else return { kills: fallen, code, stderr }
  }
}

function killAll({ child }: Started, directory: string | undefined): void {
  child.kill('SIGKILL')
  if (directory !== undefined) killOwned(directory)
}

/** Kills every process that a run in this folder has started and that is still there, each with its group. */
export function killOwned(directory: string): number {
  const mark = `SPENDWISE_PROCESS=${directory}#`
  let killed = 0
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (
        !readFileSync(`/proc/${pid}/environ`, 'latin1')
          .split('\0')
          .some((entry) => entry.startsWith(mark))
      )
        continue
      process.kill(Number(pid), 'SIGKILL')
      killed++
    } catch {
      // It has ended while we looked.
    }
  }
  return killed
}

function phaseOf(line: string): KilledPhase | undefined {
  const event: RunEvent = JSON.parse(line)
  if (event.kind === 'phase') return PHASES.find((phase) => phase === event.state)
  if (event.kind !== 'sampling') return undefined
  return event.purpose === 'train' ? 'sampling' : PHASES.find((phase) => phase === event.purpose)
}

/** How often each phase was hit. */
export function countPhases(kills: readonly KilledPhase[]): Record<KilledPhase, number> {
  const count = (phase: KilledPhase): number => kills.filter((hit) => hit === phase).length
  return Object.fromEntries(PHASES.map((phase) => [phase, count(phase)])) as Record<KilledPhase, number>
}

/** Everything that a kill must not change: accepted traces, evaluations, gate, datasets, weights. */
export function outcomeOf(folder: string): object {
  const db = openDatabase(join(folder, 'runs', 'small', DATABASE_FILE), { readonly: true })
  try {
    const all = (sql: string): unknown[] => db.prepare(sql).all()
    const keys = 'c.purpose, c.iteration, p.id as problem, c.idx'
    return {
      accepted: all(`
        select ${keys}, c.text from disposition d join completion c on c.id = d.completion join problem p on p.number = c.problem
        where d.disposition = 'accepted' order by 1, 2, c.issue`),
      measured: all(`
        select ${keys}, c.text, c.finish_reason, v.kind from completion c join problem p on p.number = c.problem
          join verdict v on v.completion = c.id
        where c.purpose <> 'train' order by 1, 2, 3, 4`),
      gate: all('select * from gate order by 1, 2'),
      iterations: all('select iteration, state, attempt from iteration order by 1'),
      checkpoints: all('select iteration, attempt, hash from checkpoint order by 1, 2'),
      run: all('select state from run'),
    }
  } finally {
    db.close()
  }
}

/** What must never be there: a key twice, an eligible completion without a fate, a completion without its verdict. */
export function faultsOf(folder: string): object {
  const db = openDatabase(join(folder, 'runs', 'small', DATABASE_FILE), { readonly: true })
  try {
    const count = (sql: string): unknown => db.prepare(sql).pluck().get()
    return {
      integrity: db.pragma('integrity_check', { simple: true }),
      twice: count(
        'select count(*) from (select 1 from completion group by purpose, iteration, problem, idx having count(*) > 1)',
      ),
      issuedTwice: count(
        "select count(*) from (select 1 from completion where purpose = 'train' group by iteration, issue having count(*) > 1)",
      ),
      unjudged: count(
        "select count(*) from completion c left join verdict v on v.completion = c.id where v.completion is null and c.finish_reason <> 'failed'",
      ),
      withoutFate: count(
        "select count(*) from completion c left join disposition d on d.completion = c.id where c.purpose = 'train' and d.completion is null",
      ),
      holes: count(
        "select count(*) from (select max(issue) + 1 - count(*) as missing from completion where purpose = 'train' group by iteration) where missing <> 0",
      ),
    }
  } finally {
    db.close()
  }
}

export const NO_FAULTS = { integrity: 'ok', twice: 0, issuedTwice: 0, unjudged: 0, withoutFate: 0, holes: 0 }
