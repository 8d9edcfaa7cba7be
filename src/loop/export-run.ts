/** Exporting a run: its accepted traces through the filters into one dataset file. */

import { createExportFilter, type ExportFilter } from '../export/filter.ts'
import type { ExportFormat, ExportRow } from '../export/formats.ts'
import { type WrittenDataset, writeDataset } from '../export/write-dataset.ts'
import { renderPrompt } from '../prompt/render.ts'
import type { Store } from '../store/store.ts'
import { readStore } from './read-store.ts'

export interface RowSelection extends ExportFilter {
  /** undefined for all. */
  readonly iterations: readonly number[] | undefined
}

export interface ExportOptions extends RowSelection {
  readonly format: ExportFormat
  readonly out: string
}

/** @throws StoreError when the run cannot be read or the file not be written */
export function exportRun(directory: string, options: ExportOptions): WrittenDataset {
  return readStore(directory, (store) => writeDataset(options.out, options.format, exportRows(store, options)))
}

/** Accepted traces of the train split with their training prompts, in the order of the run; the one way out of the store to any trainer. */
export function* exportRows(store: Store, options: RowSelection): Generator<ExportRow> {
  const prompt = store.run.prompts().training
  const isWanted = createExportFilter(options)
  const traces = store.traces.iterate({
    purpose: 'train',
    iterations: options.iterations,
    verdict: undefined,
    disposition: 'accepted',
  })
  for (const trace of traces) {
    if (isWanted(trace)) yield { prompt: renderPrompt(prompt, trace), completion: trace.text }
  }
}
