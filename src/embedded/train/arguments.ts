/** The trainer's flags: the recipe contract of every spendwise trainer, read and checked. */

import { parseArgs } from 'node:util'
import { ConfigError, messageOf } from '../../core/errors.ts'
import { OPTIMIZER_STATES, type OptimizerState } from '../../core/trainer.ts'
import type { BatchPlan } from '../model/batches.ts'
import { SHARDS } from '../model/replica.ts'
import { DEFAULT_THREADS } from '../model/threads.ts'

export const TRAIN_USAGE = `Usage: node src/embedded/train/main.ts --base-model DIR --dataset FILE.jsonl --output-dir DIR
         [--expect-dataset-sha256 HEX] [--epochs E | --max-steps S] [--batch-size B] [--lr PEAK] [--lr-end END]
         [--warmup-steps W] [--optimizer-state reset|keep] [--seed N] [--save-seconds X] [--threads N]`

export interface TrainArguments {
  readonly base: string
  readonly dataset: string
  readonly expectedSha256: string | undefined
  readonly output: string
  readonly length: BatchPlan['length']
  readonly batch: number
  readonly lrStart: number
  readonly lrEnd: number
  readonly warmupSteps: number
  readonly optimizerState: OptimizerState
  readonly seed: number
  readonly saveMs: number
  readonly threads: number
}

/** Milliseconds between saved states. */
export const DEFAULT_SAVE_MS = 5_000

/** @throws ConfigError naming the flag that is missing, unknown or out of range */
export function parseTrainArguments(args: readonly string[]): TrainArguments {
  const flags = readFlags(args)
  const required = (name: string): string => {
    const value = flags[name]
    if (value === undefined) throw new ConfigError(`--${name} is missing.\n${TRAIN_USAGE}`)
    return value
  }
  const number = (name: string, fallback: number, low: number, isWhole: boolean): number => {
    const text = flags[name]
    const value = text === undefined ? fallback : Number(text)
    if (Number.isFinite(value) && value >= low && (!isWhole || Number.isSafeInteger(value)) && text !== '') return value
    throw new ConfigError(`--${name} is ${text}; it must be a ${isWhole ? 'whole ' : ''}number from ${low} on.`)
  }
  const optimizerState = OPTIMIZER_STATES.find((state) => state === (flags['optimizer-state'] ?? 'reset'))
  if (optimizerState === undefined) throw new ConfigError(`--optimizer-state must be ${OPTIMIZER_STATES.join(' or ')}.`)
  // A recipe may be passed both; 0 says that the other one counts.
  const steps = number('max-steps', 0, 0, true)
  const epochs = number('epochs', steps > 0 ? 0 : 1, 0, false)
  if (epochs > 0 === steps > 0) {
    throw new ConfigError('--epochs and --max-steps exclude each other; give one, and the other as 0 or not at all.')
  }
  const length: BatchPlan['length'] = steps > 0 ? { kind: 'steps', steps } : { kind: 'epochs', epochs }
  return {
    base: required('base-model'),
    dataset: required('dataset'),
    expectedSha256: flags['expect-dataset-sha256'],
    output: required('output-dir'),
    length,
    batch: number('batch-size', 32, 1, true),
    lrStart: number('lr', 1e-3, 0, false),
    lrEnd: number('lr-end', 0, 0, false),
    warmupSteps: number('warmup-steps', 0, 0, true),
    optimizerState,
    seed: number('seed', 1, 0, true),
    saveMs: 1000 * number('save-seconds', DEFAULT_SAVE_MS / 1000, 0, false),
    threads: Math.min(SHARDS, number('threads', DEFAULT_THREADS, 1, true)),
  }
}

const FLAGS = [
  ...[
    'base-model',
    'dataset',
    'expect-dataset-sha256',
    'output-dir',
    'epochs',
    'max-steps',
    'batch-size',
    'lr',
    'lr-end',
  ],
  ...['warmup-steps', 'optimizer-state', 'seed', 'save-seconds', 'threads'],
]

function readFlags(args: readonly string[]): Readonly<Record<string, string | undefined>> {
  const options = Object.fromEntries(FLAGS.map((name) => [name, { type: 'string' as const }]))
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (cause) {
    throw new ConfigError(`${messageOf(cause)}\n${TRAIN_USAGE}`, { cause })
  }
}
