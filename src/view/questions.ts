/** What the server's workers are asked, and how each answers: one row a question. Runs in a worker; nothing here may wait. */

import type { Label } from '../core/label.ts'
import { assessLabels, blindLabels, drawAuditIds, type Stratum, strataOf } from '../run/audit.ts'
import { type Diff, diffCheckpoints, findCheckpoint, type MeasuredPurpose, measuredIterations } from '../run/diff.ts'
import { fixtureRows, removeLabel, writeLabels } from '../run/labels.ts'
import { runInBrief } from '../run/list-runs.ts'
import { readStore } from '../run/read-store.ts'
import { reportView } from '../run/report/report.ts'
import { readStatus } from '../run/status.ts'
import { auditItem, auditKeys } from './audit.ts'
import type { AuditState } from './audit-wire.ts'
import { overviewOf } from './overview.ts'
import { problemList } from './problems.ts'
import type { RunView } from './run-view.ts'
import { problemDetail, traceDetail } from './trace.ts'
import type { LabelRequest, MeasuredPoint, RunSummary, TraceQuery } from './wire.ts'

/** A run by its name in addresses. */
export interface Place {
  readonly name: string
  readonly directory: string
}

/** Asked of a run that is held open, with its columns. */
export const BROWSING = {
  page: (view: RunView, { query, after, limit }: { query: TraceQuery; after: string | undefined; limit: number }) =>
    view.page(query, after, limit),
  facets: (view: RunView, { query }: { query: TraceQuery }) => view.facets(query),
  trace: (view: RunView, { id, query }: { id: number; query: TraceQuery | undefined }) =>
    traceDetail(view.store, id, query && view.neighbours(query, id)),
  problem: (view: RunView, { id }: { id: string }) => problemDetail(view.store, id),
  problems: (view: RunView, asked: Parameters<typeof problemList>[1]) => problemList(view, asked),
  audit: (view: RunView, { sample, seed }: { sample: number; seed: number }): AuditState => {
    const strata = strataOf(auditKeys(view.columns))
    const labels = blindLabels(view.store.labels.all())
    const items = drawAuditIds(strata, sample, seed).map((id) => ({ id, label: labels.get(id) ?? null }))
    return { seed, sample, items, result: auditNumbers(strata, labels) }
  },
  auditItem: (view: RunView, { id }: { id: number }) => auditItem(view.store, id),
}

/** Asked of a folder: each opens what it needs and closes it. */
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

function auditNumbers(strata: readonly Stratum[], labels: ReadonlyMap<number, Label>): AuditState['result'] {
  const { wrongAccepted, rightRefused, ...rest } = assessLabels(strata, labels)
  return { ...rest, wrongAccepted: wrongAccepted ?? null, rightRefused: rightRefused ?? null }
}
