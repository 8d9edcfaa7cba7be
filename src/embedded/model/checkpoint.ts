/** A toy checkpoint on disk: config.json, vocabulary.json, weights.bin, and optimizer.bin where training may continue. */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../../core/errors.ts'
import { type ModelShape, parameterLayout } from './model.ts'
import type { OptimizerState } from './optimizer.ts'

const FORMAT = 'spendwise-embedded-1'
const FILES = {
  config: 'config.json',
  vocabulary: 'vocabulary.json',
  weights: 'weights.bin',
  optimizer: 'optimizer.bin',
}

const count = z.int().positive()
const configSchema = z.object({
  format: z.literal(FORMAT),
  shape: z.object({ vocabulary: count, width: count, layers: count, heads: count, hidden: count, context: count }),
})
const vocabularySchema = z.array(z.string())

export interface ModelCheckpoint {
  readonly shape: ModelShape
  readonly vocabulary: readonly string[]
  readonly parameters: Float32Array
  /** Kept by training, so that a later job can continue with it. */
  readonly optimizer: OptimizerState | undefined
}

/**
 * Reads a checkpoint directory.
 * @throws ConfigError when a file is missing, damaged, or of another format
 */
export function readCheckpoint(directory: string): ModelCheckpoint {
  const { shape } = parse(directory, FILES.config, configSchema)
  const vocabulary = parse(directory, FILES.vocabulary, vocabularySchema)
  const { total } = parameterLayout(shape)
  const parameters = floatsOf(directory, FILES.weights, read(directory, FILES.weights), total)
  if (vocabulary.length !== shape.vocabulary) {
    throw new ConfigError(
      `${join(directory, FILES.vocabulary)} holds ${vocabulary.length} tokens, the model ${shape.vocabulary}; copy the whole checkpoint again.`,
    )
  }
  const optimizer = existsSync(join(directory, FILES.optimizer)) ? readOptimizer(directory, total) : undefined
  return { shape, vocabulary, parameters, optimizer }
}

/** Writes all files of a checkpoint into a directory, which is made when missing. */
export function writeCheckpoint(directory: string, checkpoint: ModelCheckpoint): void {
  mkdirSync(directory, { recursive: true })
  const { shape, vocabulary, parameters, optimizer } = checkpoint
  writeFileSync(join(directory, FILES.config), `${JSON.stringify({ format: FORMAT, shape }, undefined, 2)}\n`)
  writeFileSync(join(directory, FILES.vocabulary), `${JSON.stringify(vocabulary)}\n`)
  writeFileSync(join(directory, FILES.weights), bytesOf(parameters))
  if (optimizer) {
    const steps = Buffer.alloc(8)
    steps.writeDoubleLE(optimizer.steps)
    const parts = [steps, bytesOf(optimizer.first), bytesOf(optimizer.second)]
    writeFileSync(join(directory, FILES.optimizer), Buffer.concat(parts))
  }
}

/**
 * The identity of a checkpoint: `sha256:` and the hash of its weights, as in its metrics.json.
 * @throws ConfigError when the directory holds no weights
 */
export function hashCheckpoint(directory: string): string {
  return `sha256:${createHash('sha256').update(read(directory, FILES.weights)).digest('hex')}`
}

/** The bytes of an array of floats, little-endian as WebAssembly and every machine Node runs on have them. */
export function bytesOf(values: Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength)
}

function readOptimizer(directory: string, total: number): OptimizerState {
  const bytes = read(directory, FILES.optimizer)
  const moments = floatsOf(directory, FILES.optimizer, bytes.subarray(8), 2 * total)
  return { steps: bytes.readDoubleLE(0), first: moments.slice(0, total), second: moments.slice(total) }
}

function floatsOf(directory: string, file: string, bytes: Buffer, length: number): Float32Array {
  if (bytes.length !== 4 * length) {
    throw new ConfigError(`${join(directory, file)} does not hold ${length} numbers; copy the whole checkpoint again.`)
  }
  // Copied, as a file's bytes need not begin at a multiple of four.
  return new Float32Array(Uint8Array.from(bytes).buffer)
}

function parse<T>(directory: string, file: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(readJson(directory, file))
  if (parsed.success) return parsed.data
  throw new ConfigError(
    `${join(directory, file)} is not that of an embedded model: ${parsed.error.issues[0]?.message}.`,
  )
}

function readJson(directory: string, file: string): unknown {
  const text = read(directory, file).toString('utf8')
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ConfigError(`${join(directory, file)} is not valid JSON; copy the whole checkpoint again.`, { cause })
  }
}

function read(directory: string, file: string): Buffer {
  try {
    return readFileSync(join(directory, file))
  } catch (cause) {
    throw new ConfigError(
      `${join(directory, file)} cannot be read; give the directory of an embedded model's checkpoint.`,
      { cause },
    )
  }
}
