/** Exporting a run: its accepted traces through the filters into one dataset file. */

import { createExportFilter, type ExportFilter } from '../export/filter.ts'
import type { ExportFormat, ExportRow } from '../export/formats.ts'
import { type WrittenDataset, writeDataset } from '../export/write-dataset.ts'
import { renderPrompt } from '../prompt/render.ts'
import type { Store } from '../store/store.ts'
import { readStore } from './read-store.ts'

export interface ExportOptions extends ExportFilter {
  readonly format: ExportFormat
  readonly out: string
  readonly iterations: readonly number[] | undefined
}

/** @throws StoreError when the run cannot be read or the file not be written */
export function exportRun(directory: string, options: ExportOptions): WrittenDataset {
  return readStore(directory, (store) => writeDataset(options.out, options.format, exportRows(store, options)))
}

function* exportRows(store: Store, options: ExportOptions): Generator<ExportRow> {
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
