/** Runs that are killed at random moments until they are through, and what must come out equal. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Random } from '../../src/core/seed.ts'
import { openDatabase } from '../../src/store/open.ts'
import { DATABASE_FILE } from '../../src/store/store.ts'
import { startCommand } from './command.ts'

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

export interface KilledRun {
  /** Phase in which each kill fell. */
  readonly kills: readonly string[]
  /** Exit codes of the processes that were not killed. */
  readonly code: number | null
  readonly stderr: string
}

/**
 * Starts `run` again and again, kills each process at a random moment of its life, and lets the last one through.
 * @param lifeMs about how long an undisturbed process takes
 */
export async function runUnderKills(folder: string, kills: number, lifeMs: number, random: Random): Promise<KilledRun> {
  const fallen: string[] = []
  for (;;) {
    let phase = 'starting'
    const started = startCommand(['run', 'run.yaml', '--json'], {
      cwd: folder,
      onLine: (line) => (phase = phaseOf(line) ?? phase),
    })
    const timer = fallen.length < kills ? setTimeout(() => started.child.kill('SIGKILL'), random() * lifeMs) : undefined
    const { code, signal, stderr } = await started.ended
    clearTimeout(timer)
    if (signal === 'SIGKILL') fallen.push(phase)
    else return { kills: fallen, code, stderr }
  }
}

function phaseOf(line: string): string | undefined {
  const event = JSON.parse(line) as { kind: string; state?: string; purpose?: string }
  if (event.kind === 'phase') return event.state
  return event.kind === 'sampling' ? `drawing ${event.purpose}` : undefined
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
