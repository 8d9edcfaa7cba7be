/** The rows of an export: traces of a run through the filters, with their training prompts; the one way out of the store to any trainer. */

import { DEFAULT_NGRAM, type Origin } from '../core/export.ts'
import type { Label, TraceLabel } from '../core/label.ts'
import type { Message } from '../core/message.ts'
import { randomFor } from '../core/seed.ts'
import {
  type ContaminationHit,
  createContaminationCheck,
  createTestIndex,
  type TestSet,
} from '../export/decontaminate.ts'
import { NO_FILTER } from '../export/filter.ts'
import type { ExportRow, RowKind, RowTokens } from '../export/formats.ts'
import { createFates, type Fates, type Selected, type SelectionOptions, selectTraces } from '../export/select.ts'
import type { SummarizedTrace } from '../export/summary.ts'
import { renderPrompt } from '../prompt/render.ts'
import type { StoredPrompt } from '../store/runs.ts'
import type { Store } from '../store/store.ts'

export interface RowSelection extends Omit<SelectionOptions, 'kind'> {
  /** undefined for all. */
  readonly iterations: readonly number[] | undefined
  readonly origin: Origin
  /** Questions whose words no trace may hold. */
  readonly testSets: readonly TestSet[]
  /** Words in a row that count as an overlap with one. */
  readonly ngram: number
  /** Of the draw, where one is made. */
  readonly seed: number
}

/** No filter at all: every accepted trace of every iteration. */
export const EVERYTHING: RowSelection = {
  ...NO_FILTER,
  balance: 'none',
  rows: undefined,
  iterations: undefined,
  origin: 'all',
  testSets: [],
  ngram: DEFAULT_NGRAM,
  seed: 1,
}

/** A trace as the exporter passes it on. */
export interface RunTrace extends SummarizedTrace {
  /** Number of the sample of its problem within the iteration. */
  readonly index: number
}

export interface OpenedExport {
  /** In the order of the run. */
  traces(): Generator<Selected<RunTrace>>
  toRow(selected: Selected<RunTrace>): ExportRow
  /** Whether traces that were drawn with a hint may be among them, which every row then says of itself. */
  readonly hasHinted: boolean
  /** Complete once the traces have been read. */
  readonly fates: Fates
  /** Where words of the test sets were met, so far. */
  hits(): ContaminationHit[]
}

/**
 * Accepted traces of some iterations with their training prompts, in the order of the run.
 * @param withIds the server's ids of the completions next to them, where it told them
 */
export function* acceptedRows(store: Store, iterations: readonly number[], withIds: boolean): Generator<ExportRow> {
  const opened = openExport(store, 'accepted', { ...EVERYTHING, iterations }, false)
  for (const selected of opened.traces()) {
    const row = opened.toRow(selected)
    yield withIds ? { ...row, completionIds: row.tokens?.()?.completion } : row
  }
}

/** @param details whether verdicts, rules and checkers are wanted next to the rows, for summaries */
export function openExport(store: Store, kind: RowKind, selection: RowSelection, details: boolean): OpenedExport {
  const template = store.run.prompts().training
  const promptOf = createPrompts(store, template)
  const fates = createFates()
  const contamination =
    selection.testSets.length === 0
      ? undefined
      : createContaminationCheck(createTestIndex(selection.testSets, selection.ngram), (number) => ({
          id: store.exports.problemId(number),
          question: store.exports.question(number),
        }))
  const needsRates = selection.minSolveRate !== undefined || selection.maxSolveRate !== undefined
  const rates = needsRates ? store.exports.solveRates(selection.iterations) : undefined
  const labels = selection.excludeLabelled ? labelByTrace(store.labels.all()) : NO_LABELS
  const tools = {
    solveRate: (problem: number) => rates?.get(problem),
    labelOf: (trace: RunTrace) => labels.get(trace.id),
    isContaminated: (trace: RunTrace) => contamination?.isContaminated(trace) ?? false,
  }
  const source = (): Iterable<RunTrace> =>
    store.exports.iterate({
      origin: selection.origin,
      iterations: selection.iterations,
      withIncorrect: kind !== 'accepted',
      withVerdicts: details || selection.rules !== undefined,
    })
  return {
    traces: () => selectTraces(source, { ...selection, kind }, tools, randomFor(selection.seed, 'export'), fates),
    toRow: ({ trace, role, partner }) => ({
      api: template.api,
      prompt: promptOf(trace.problem),
      completion: trace.text,
      tokens: () => tokensOf(store, trace.id),
      hinted: trace.isHinted,
      rejected: partner === undefined ? undefined : store.exports.text(partner),
      label: role === 'accepted' ? undefined : role === 'correct',
    }),
    hasHinted:
      (selection.origin === 'all' || selection.origin === 'hinted') && store.exports.hasHinted(selection.iterations),
    fates,
    hits: () => contamination?.hits() ?? [],
  }
}

/** Of one that was generated elsewhere nobody has told the prompt's. */
function tokensOf(store: Store, id: number): RowTokens | undefined {
  if (id >= 0) return store.tokenIds.read(id)
  const completion = store.external.tokenIds(-id)
  return completion && { prompt: undefined, completion }
}

const NO_LABELS: ReadonlyMap<number, Label> = new Map()

/** Blind labels come first, and count. */
function labelByTrace(labels: readonly TraceLabel[]): Map<number, Label> {
  return new Map(labels.toReversed().map(({ trace, label }) => [trace, label]))
}

/** Characters of the prompts that are kept; those of most runs fit. */
const MOST_CHARACTERS = 1 << 23

function createPrompts(store: Store, template: StoredPrompt): (problem: number) => readonly Message[] {
  const rendered = new Map<number, readonly Message[]>()
  let characters = 0
  return (problem) => {
    const known = rendered.get(problem)
    if (known) return known
    const prompt = renderPrompt(template, { question: store.exports.question(problem) })
    characters += prompt.reduce((sum, { content }) => sum + content.length, 0)
    if (characters > MOST_CHARACTERS) {
      rendered.clear()
      characters = 0
    }
    rendered.set(problem, prompt)
    return prompt
  }
}
