/** The manifest of a dataset: what it is made of, from what, by which rules; equal runs and options give equal bytes. */

import type { CheckpointKind } from '../core/checkpoint.ts'
import type { Container } from './dataset-file.ts'
import type { Compression } from './encoder.ts'
import type { ExportFormat } from './formats.ts'
import type { ExportSummary } from './summary.ts'
import type { Shard } from './write-dataset.ts'

export interface ManifestSource {
  readonly name: string
  /** Name of the importer that read it. */
  readonly dataset: string
  readonly licence: string
}

export interface ManifestCheckpoint {
  /** Content hash. */
  readonly hash: string
  /** The iteration that made it; -1 is the base. */
  readonly iteration: number
  readonly kind: CheckpointKind
  /** Directory or served name, without the folders above it. */
  readonly name: string
  /** Traces in the dataset that it wrote. */
  readonly traces: number
}

export interface Manifest {
  readonly schema: 1
  /** Program and version. */
  readonly madeBy: string
  readonly name: string
  readonly run: string
  readonly format: ExportFormat
  readonly container: Container
  readonly compression: Compression
  readonly rows: number
  readonly files: readonly Shard[]
  /** Identifier of the dataset's licence. */
  readonly licence: string
  /** Of the run, and of the draw where one was made. */
  readonly seed: { readonly run: number; readonly draw: number }
  /** Those in force, by name; nothing where every accepted trace goes in. */
  readonly filters: Readonly<Record<string, unknown>>
  readonly prompt: { readonly name: string; readonly sha256: string }
  readonly sources: readonly ManifestSource[]
  readonly checkpoints: readonly ManifestCheckpoint[]
  /** By iteration, requests before its last accepted trace that never brought an answer: what they might have brought is missed. */
  readonly unanswered: Readonly<Record<string, number>>
  readonly testSets: readonly {
    readonly name: string
    readonly questions: number
    /** Traces left out because of it, and the places where its words were met. */
    readonly hits: number
  }[]
  readonly summary: Omit<ExportSummary, 'duplicates' | 'checkpoints'>
}

export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`
}
