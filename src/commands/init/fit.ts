/** The numbers of a new run.yaml: how the trainer and vLLM share the GPUs, and what an iteration is expected to take. Pure. */

import { ConfigError } from '../../core/errors.ts'
import { roughNeeds, type TrainingFit, type TrainingNeeds, whatFits } from '../../train/memory.ts'

export interface Machine {
  readonly gpus: number
  /** Memory of one of them, in bytes. */
  readonly gpuBytes: number
}

export interface Sizes {
  readonly way: Exclude<TrainingFit, 'nothing'>
  readonly needs: Pick<TrainingNeeds, 'copies' | 'shards' | 'lora'>
  /** GPUs that one copy of the model is served on, and copies. */
  readonly tensorParallel: number
  readonly dataParallel: number
  readonly batch: number
  readonly lr: number
}

/** Share of a GPU that the served weights may fill; keys and values of the requests take the rest. */
const SERVED_SHARE = 0.6
const SHORT_BYTES = 2
const BATCH = 64
/** docs/presets.md says what these move. */
const RATES = { copies: 1e-5, shards: 1e-5, lora: 2e-4 } as const

/**
 * @param needs from the model's shape; undefined where only the number of its parameters is known
 * @throws ConfigError where nothing fits
 */
export function sizesFor(
  parameters: number,
  { gpus, gpuBytes }: Machine,
  needs: Sizes['needs'] = roughNeeds(parameters, gpus),
): Sizes {
  const way = whatFits(needs, gpuBytes)
  const tensorParallel = [1, 2, 4, 8, 16].find(
    (size) => size <= gpus && (SHORT_BYTES * parameters) / size <= SERVED_SHARE * gpuBytes,
  )
  if (way === 'nothing' || tensorParallel === undefined) {
    throw new ConfigError(
      `${billions(parameters)} billion parameters do not fit ${gpus} x ${gb(gpuBytes)}, neither with adapters (${gb(needs.lora)} a GPU); take more or larger GPUs, or a smaller model.`,
    )
  }
  const dataParallel = Math.floor(gpus / tensorParallel)
  return { way, needs, tensorParallel, dataParallel, batch: BATCH, lr: RATES[way] }
}

export interface Expected {
  /** GPU-seconds of one sample, of one trace trained on, and of an iteration next to these. */
  readonly sample: number
  readonly train: number
  readonly iteration: number
}

/** Supposed: tokens of a sample with its prompt, and the share of samples that is accepted. */
export const SUPPOSED = { tokens: 500, rate: 0.5 } as const
/** Orders of magnitude on a GPU of a data centre: operations a second while training, and bytes a second while weights are read. */
const TRAINING_FLOPS = 1.3e14
const DECODED = 2e13
const LOADED_BYTES = 1e9
const START_SECONDS = 60

/** @param measured completions of gate and evaluation an iteration */
export function expectedPrices(parameters: number, gpus: number, measured: number): Expected {
  const sample = (SUPPOSED.tokens * parameters) / DECODED
  // A forward and a backward pass over each token: 6 operations a parameter (arXiv 2001.08361, section 2.1).
  const train = (6 * parameters * SUPPOSED.tokens) / TRAINING_FLOPS
  const start = START_SECONDS + (SHORT_BYTES * parameters) / LOADED_BYTES
  return {
    sample: round(sample),
    train: round(train),
    iteration: round(gpus * 2 * start + measured * sample),
  }
}

function round(value: number): number {
  return Number(value.toPrecision(2))
}

/** `Qwen2.5-1.5B` is 1.5e9; undefined where a name says no size. */
export function parametersIn(name: string): number | undefined {
  const sizes = [...name.matchAll(/(?<![\w.])(\d+(?:\.\d+)?)\s?([bm])(?![a-z0-9])/gi)]
  const [, number, unit] = sizes.at(-1) ?? []
  if (number === undefined || unit === undefined) return undefined
  return Number(number) * (unit.toLowerCase() === 'b' ? 1e9 : 1e6)
}

/** `8x80` or `1x40GB`: GPUs and the gigabytes of each; `0` is none. @throws ConfigError */
export function readGpus(text: string): Machine {
  const [, count, memory] = /^\s*(\d+)\s*(?:[x*]\s*(\d+(?:\.\d+)?)\s*(?:gb?)?)?\s*$/i.exec(text) ?? []
  const gpus = Number(count)
  if (count === undefined || (gpus > 0 && memory === undefined)) {
    throw new ConfigError(`--gpus ${text}  is not a number of GPUs with their memory; write for example 8x80, or 0.`)
  }
  return { gpus, gpuBytes: Number(memory ?? 0) * 1e9 }
}

export function gb(bytes: number): string {
  return `${(bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0)} GB`
}

export function billions(parameters: number): string {
  return (parameters / 1e9).toFixed(parameters < 1e9 ? 2 : 1)
}
