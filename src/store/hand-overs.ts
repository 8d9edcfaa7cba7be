/** Hand-overs step by step, and what a served checkpoint said of itself: the evidence that weights are what they are called. */

import type { HandOver, HandOverJournal, HandOverStep } from '../core/server.ts'
import type { Db } from './open.ts'

/** A look at what is being served. */
export interface CanaryRow {
  /** Row of the checkpoint that was meant to be served. */
  readonly checkpoint: number
  /** Where the server says that the weights are; null where it does not tell. */
  readonly root: string | null
  /** The model name that it answered with. */
  readonly answered: string | null
  /** Greedy answers to the canary prompts, in order; empty where none were asked for. */
  readonly texts: readonly string[]
  /** Whether the same prompts got the same answers twice in a row. */
  readonly repeats: boolean
  /** Compared with the checkpoint served before. */
  readonly changed: Changed
}

export const CHANGES = ['first', 'yes', 'no', 'unknown'] as const
/** `unknown`: the server's answers do not repeat, so that a difference would say nothing. */
export type Changed = (typeof CHANGES)[number]

export interface HandOverQueries extends HandOverJournal {
  all(): HandOver[]
  addCanary(row: CanaryRow): void
  /** The newest look at this checkpoint. */
  canaryOf(checkpoint: number): CanaryRow | undefined
  /** The newest look at any checkpoint. */
  lastCanary(): CanaryRow | undefined
  /**
   * Forgets every server, name and look, as a fork does: it serves under names of its own, and must neither end nor believe the servers
   * of the run that it comes from.
   * @param checkpoint row of what it continues from, which has yet to be proven
   */
  startAnew(checkpoint: number): void
}

interface RawHandOver {
  readonly name: string
  readonly weights: string
  readonly step: HandOverStep
  readonly server: string | null
}

interface RawCanary extends Omit<CanaryRow, 'texts' | 'repeats'> {
  readonly texts: string
  readonly repeats: number
}

export function handOverQueries(db: Db): HandOverQueries {
  const columns = 'name, weights, step, server'
  const last = db.prepare<[], RawHandOver>(`select ${columns} from hand_over order by id desc limit 1`)
  const all = db.prepare<[], RawHandOver>(`select ${columns} from hand_over order by id`)
  const record = db.prepare(
    'insert into hand_over (at, name, weights, step, server) values (:at, :name, :weights, :step, :server)',
  )
  const canaryColumns = 'checkpoint, root, answered, texts, repeats, changed'
  const addCanary = db.prepare(
    'insert into canary (checkpoint, at, root, answered, texts, repeats, changed) values (:checkpoint, :at, :root, :answered, :texts, :repeats, :changed)',
  )
  const canaryOf = db.prepare<[number], RawCanary>(
    `select ${canaryColumns} from canary where checkpoint = ? order by id desc limit 1`,
  )
  const lastCanary = db.prepare<[], RawCanary>(`select ${canaryColumns} from canary order by id desc limit 1`)
  const startAnew = db.transaction((checkpoint: number) => {
    db.prepare('delete from hand_over').run()
    db.prepare('delete from canary').run()
    db.prepare('update checkpoint set proven = 0 where id = ?').run(checkpoint)
  })
  return {
    last: () => toHandOver(last.get()),
    all: () => all.all().flatMap((row) => toHandOver(row) ?? []),
    record: ({ name, weights, step, server }) =>
      void record.run({ at: Date.now(), name, weights, step, server: server ? JSON.stringify(server) : null }),
    addCanary: (row) =>
      void addCanary.run({ ...row, at: Date.now(), texts: JSON.stringify(row.texts), repeats: row.repeats ? 1 : 0 }),
    canaryOf: (checkpoint) => toCanary(canaryOf.get(checkpoint)),
    lastCanary: () => toCanary(lastCanary.get()),
    startAnew: (checkpoint) => startAnew(checkpoint),
  }
}

function toHandOver(row: RawHandOver | undefined): HandOver | undefined {
  if (!row) return undefined
  const { server, ...rest } = row
  return { ...rest, server: server === null ? undefined : (JSON.parse(server) as HandOver['server']) }
}

function toCanary(row: RawCanary | undefined): CanaryRow | undefined {
  return row && { ...row, texts: JSON.parse(row.texts) as string[], repeats: row.repeats === 1 }
}
