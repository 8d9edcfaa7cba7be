/** How many problems a run has, without making those that are generated. */

import { DEFAULT_COUNTS } from './datasets/steps.ts'
import { loadSplits, type SplitSources } from './load.ts'
import type { SourceSpec } from './source.ts'

/**
 * Files are read and held apart as they are for a run; of generated sources the count is taken at its word, though
 * instances whose parents are evaluated will be dropped.
 * @throws ConfigError as loadSplits does
 */
export function countTraining(
  { train, gate = [], evaluate = [] }: SplitSources,
  seed: number,
  baseDirectory: string,
): number {
  const generated = train.filter(isGenerated).reduce((sum, { count = DEFAULT_COUNTS.train }) => sum + count, 0)
  const read = (sources: readonly SourceSpec[]) => sources.filter((source) => !isGenerated(source))
  const files = { train: read(train), gate: read(gate), evaluate: read(evaluate) }
  return generated + (files.train.length === 0 ? 0 : loadSplits(files, seed, baseDirectory).train.length)
}

/** The same of the gate split. */
export function countGate({ gate = [], ...splits }: SplitSources, seed: number, baseDirectory: string): number {
  const generated = gate.filter(isGenerated).reduce((sum, { count = DEFAULT_COUNTS.gate }) => sum + count, 0)
  const files = gate.filter((source) => !isGenerated(source))
  if (files.length === 0) return generated
  const train = splits.train.filter((source) => !isGenerated(source))
  return (
    generated +
    loadSplits({ train: train.length > 0 ? train : [A_PROBLEM], gate: files }, seed, baseDirectory).gate.length
  )
}

/** A run has something to train on. */
const A_PROBLEM: SourceSpec = { dataset: 'steps', count: 1 }

function isGenerated({ dataset }: SourceSpec): boolean {
  return dataset === 'steps' || dataset === 'symbolic'
}
