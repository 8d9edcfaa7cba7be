/** What is asked of run folders, each opened for the question and closed again: one row a question. Runs in a worker; nothing here may wait. */

import { type Diff, diffCheckpoints, findCheckpoint, type MeasuredPurpose, measuredIterations } from '../run/diff.ts'
import { fixtureRows, removeLabel, writeLabels } from '../run/labels.ts'
import { runInBrief } from '../run/list-runs.ts'
import { readStore } from '../run/read-store.ts'
import { reportView } from '../run/report/report.ts'
import { readStatus } from '../run/status.ts'
import { overviewOf } from './overview.ts'
import type { LabelRequest, MeasuredPoint, RunSummary } from './wire.ts'

/** A run by its name in addresses. */
export interface Place {
  readonly name: string
  readonly directory: string
}

export const SUMMING = {
  brief: ({ name, directory }: Place): RunSummary => {
    const { lastEvent, directory: _, ...brief } = runInBrief(directory)
    return { ...brief, name, lastEventAt: lastEvent?.at ?? null, lastEvent: lastEvent?.kind ?? null }
  },
  status: ({ directory }: Place) => readStatus(directory),
  overview: ({ directory }: Place) =>
    overviewOf(
      readStore(directory, (store) => reportView(store, directory, { traces: false })),
      directory,
    ),
  measured: ({ name, directory }: Place): MeasuredPoint[] =>
    readStore(directory, (store) =>
      measuredIterations(store).map((iteration) => ({
        ref: `${name}@${iteration < 0 ? 'base' : iteration}`,
        run: name,
        iteration,
      })),
    ),
  label: ({ directory }: Place, { trace, label, note, blind }: LabelRequest): { readonly written: boolean } => {
    if (label === null) {
      removeLabel(directory, trace, blind)
      return { written: true }
    }
    return { written: writeLabels(directory, [{ trace, label, note, blind, at: Date.now() }]).length === 0 }
  },
  fixtures: ({ directory }: Place) => fixtureRows(directory),
}

/** Asked about two checkpoints, whose runs the server has looked up. */
export function compare(a: Place, b: Place, at: { a: string; b: string; purpose: MeasuredPurpose | undefined }): Diff {
  const refOf = (place: Place, point: string) => findCheckpoint(`${place.directory}${point === '' ? '' : `@${point}`}`)
  return diffCheckpoints(refOf(a, at.a), refOf(b, at.b), at.purpose)
}
