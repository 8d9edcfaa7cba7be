/** What is asked of a run that is held open with its columns: one row a question. Runs in a worker; nothing here may wait. */

import type { Label } from '../core/label.ts'
import { assessLabels, blindLabels, drawAuditIds } from '../run/audit.ts'
import type { Stratum } from '../run/strata.ts'
import { auditItem } from './audit.ts'
import type { AuditState } from './audit-wire.ts'
import { problemList } from './problems.ts'
import type { RunView } from './run-view.ts'
import { problemDetail, traceDetail } from './trace.ts'
import type { TraceQuery } from './wire.ts'

export const BROWSING = {
  page: (view: RunView, { query, after, limit }: { query: TraceQuery; after: string | undefined; limit: number }) =>
    view.page(query, after, limit),
  facets: (view: RunView, { query }: { query: TraceQuery }) => view.facets(query),
  trace: (view: RunView, { id, query }: { id: number; query: TraceQuery | undefined }) =>
    traceDetail(view.store, id, query && view.neighbours(query, id)),
  problem: (view: RunView, { id }: { id: string }) => problemDetail(view.store, id),
  problems: (view: RunView, asked: Parameters<typeof problemList>[1]) => problemList(view, asked),
  audit: (view: RunView, { sample, seed }: { sample: number; seed: number }): AuditState => {
    const strata = view.strata()
    const labels = blindLabels(view.store.labels.all())
    const items = drawAuditIds(strata, sample, seed).map((id) => ({ id, label: labels.get(id) ?? null }))
    return { seed, sample, items, result: auditNumbers(strata, labels) }
  },
  auditItem: (view: RunView, { id }: { id: number }) => auditItem(view.store, id),
}

function auditNumbers(strata: readonly Stratum[], labels: ReadonlyMap<number, Label>): AuditState['result'] {
  const { wrongAccepted, rightRefused, ...rest } = assessLabels(strata, labels)
  return { ...rest, wrongAccepted: wrongAccepted ?? null, rightRefused: rightRefused ?? null }
}
