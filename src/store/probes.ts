/** Temperature probes: what each iteration's brought, and the temperature that it samples at. */

import type { ProbeScore } from '../core/measure/temperature.ts'
import type { Db } from './open.ts'

export interface ProbeRow {
  readonly iteration: number
  readonly temperature: number
  readonly scores: readonly ProbeScore[]
}

export interface ProbeQueries {
  all(): ProbeRow[]
  get(iteration: number): ProbeRow | undefined
  /** The first one holds. */
  add(row: ProbeRow): void
}

interface RawProbe extends Omit<ProbeRow, 'scores'> {
  readonly scores: string
}

export function probeQueries(db: Db): ProbeQueries {
  const all = db.prepare<[], RawProbe>('select iteration, temperature, scores from probe order by iteration')
  const get = db.prepare<[number], RawProbe>('select iteration, temperature, scores from probe where iteration = ?')
  const add = db.prepare(
    'insert into probe (iteration, temperature, scores) values (:iteration, :temperature, :scores) on conflict do nothing',
  )
  return {
    all: () => all.all().map(toProbe),
    get(iteration) {
      const row = get.get(iteration)
      return row && toProbe(row)
    },
    add: (row) => void add.run({ ...row, scores: JSON.stringify(row.scores) }),
  }
}

function toProbe(row: RawProbe): ProbeRow {
  return { ...row, scores: JSON.parse(row.scores) as ProbeScore[] }
}
