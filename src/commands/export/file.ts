/** Exporting a run: its traces through the filters into one dataset file, or only counted. */

import { type FileKind, PLAIN } from '../../export/dataset-file.ts'
import type { ContaminationHit } from '../../export/decontaminate.ts'
import { type ExportFormat, formatOf } from '../../export/formats.ts'
import { createTally, type ExportSummary } from '../../export/summary.ts'
import { type WrittenDataset, writeDataset } from '../../export/write-dataset.ts'
import type { FoundRun } from '../../run/find-run.ts'
import { readStore } from '../../run/read-store.ts'
import { EVERYTHING, type OpenedExport, openExport, type RowSelection } from '../../run/rows.ts'
import type { Store } from '../../store/store.ts'
import { type OpenedProblems, openProblems } from './problems.ts'
import { type SelectionFlags, selectionOf } from './selection.ts'
import { readTestSet, type TestSetPlace } from './test-sets.ts'

export interface ExportOptions {
  readonly format: ExportFormat
  /** File to write. */
  readonly out: string
  /** What is left out; by default nothing, whatever run.yaml says. */
  readonly selection?: Partial<RowSelection>
  /** Plain JSON lines by default. */
  readonly kind?: FileKind
}

/** @throws StoreError when the run cannot be read or the file not be written */
export function exportRun(directory: string, { format, out, selection, kind }: ExportOptions): WrittenDataset {
  return readStore(directory, (store) => {
    const { rows } = formatOf(format)
    const wanted = { ...EVERYTHING, ...selection }
    if (rows === 'problems') return writeDataset(out, format, openProblems(store, wanted).rows, kind)
    const opened = openExport(store, rows, wanted, false)
    return writeDataset(out, format, rowsOf(opened), markedKind(opened, kind))
  })
}

/** What the command line asks for. */
export interface ExportRequest {
  readonly format: ExportFormat
  readonly flags: SelectionFlags
  /** Questions whose words no trace may hold. */
  readonly testSets: readonly TestSetPlace[]
}

export interface FoundExport {
  readonly store: Store
  readonly selection: RowSelection
  readonly opened: OpenedExport
}

/** Opens what a request asks of a run, run.yaml's filters included, and closes it whatever happens. */
export function withExport<T>(
  found: FoundRun,
  request: ExportRequest,
  details: boolean,
  work: (found: FoundExport) => T,
): T {
  return readStore(found.directory, (store) => {
    const { rows } = formatOf(request.format)
    if (rows === 'problems') throw new Error(`${request.format} holds problems, not traces`)
    const selection = selectionFrom(found, request, store)
    return work({ store, selection, opened: openExport(store, rows, selection, details) })
  })
}

function selectionFrom({ config }: FoundRun, { flags, testSets }: ExportRequest, store: Store): RowSelection {
  return { ...selectionOf(config, flags), testSets: testSets.map((place) => readTestSet(store, place)) }
}

/** What a request for problems finds, and closes when the work is done. */
export function withProblems<T>(found: FoundRun, request: ExportRequest, work: (opened: OpenedProblems) => T): T {
  return readStore(found.directory, (store) => work(openProblems(store, selectionFrom(found, request, store))))
}

export interface ExportedFile {
  readonly written: WrittenDataset
  /** Where words of test sets were met. */
  readonly hits: readonly ContaminationHit[]
}

/** @throws ConfigError for a test set that cannot be read; StoreError when the run cannot be read or the file not be written */
export function exportFile(found: FoundRun, request: ExportRequest, out: string, kind: FileKind): ExportedFile {
  if (formatOf(request.format).rows === 'problems') {
    return withProblems(found, request, ({ rows, hits }) => ({
      written: writeDataset(out, request.format, rows, kind),
      hits,
    }))
  }
  return withExport(found, request, false, ({ opened }) => {
    const written = writeDataset(out, request.format, rowsOf(opened), markedKind(opened, kind))
    return { written, hits: opened.hits() }
  })
}

export interface CountedExport {
  readonly summary: ExportSummary
  readonly hits: readonly ContaminationHit[]
}

/** What an export would hold, duplicates counted; nothing is written. */
export function countExport(found: FoundRun, request: ExportRequest): CountedExport {
  return withExport(found, request, true, ({ store, selection, opened }) => {
    const tally = createTally(true, selection.similarity)
    for (const selected of opened.traces()) tally.add(selected)
    return { summary: tally.summary(opened.fates, checkpointHashes(store)), hits: opened.hits() }
  })
}

/** Traces that were trained on with the answer in their prompt are told apart in every format. */
export function markedKind({ hasHinted }: OpenedExport, kind: FileKind = PLAIN): FileKind {
  return hasHinted ? { ...kind, marksHinted: true } : kind
}

/** Rows as they are written, counted on the way where that is asked for. */
export function* rowsOf(opened: OpenedExport, tally?: ReturnType<typeof createTally>) {
  for (const selected of opened.traces()) {
    tally?.add(selected)
    yield opened.toRow(selected)
  }
}

export function checkpointHashes(store: Store): (checkpoint: number) => string {
  const hashes = new Map(store.iterations.checkpoints().map(({ id, hash }) => [id, hash]))
  return (checkpoint) => hashes.get(checkpoint) ?? ''
}
