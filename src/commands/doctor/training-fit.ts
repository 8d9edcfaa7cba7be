/** Doctor's look at what training takes: computed from the base's config.json, next to the GPUs and the disk that there are. */

import { basename } from 'node:path'
import type { RunConfig } from '../../config/schema.ts'
import type { Finding } from '../../core/finding.ts'
import { readShape } from '../../train/machine.ts'
import { type TrainingFit, type TrainingNeeds, trainingNeeds, whatFits } from '../../train/memory.ts'

const RECIPE = 'train_sft.py'
const DEFAULT_RANK = 16

/** How a job was asked to train; undefined where its program is not the recipe. */
export interface TrainingWay {
  readonly needs: TrainingNeeds
  readonly way: Exclude<TrainingFit, 'nothing'> | 'auto'
  readonly gpus: number
}

/**
 * @param base directory of the base's weights
 * @param gpuBytes memory of each GPU of this machine; empty where none is known
 */
export function trainingWay(config: RunConfig, base: string, gpuBytes: readonly number[]): TrainingWay | undefined {
  const { train } = config
  if (!('command' in train)) return undefined
  const shape = train.command.some((word) => basename(word) === RECIPE) ? readShape(base) : undefined
  if (!shape) return undefined
  const gpus = processesOf(train.command, 'gpus' in train ? train.gpus : undefined, gpuBytes.length)
  const isLora = flagValue(train.command, '--method') === 'lora'
  const isMerged = train.command.includes('--merge')
  const needs = trainingNeeds(shape, {
    gpus,
    rank: Number(flagValue(train.command, '--lora-r') ?? DEFAULT_RANK),
    keepsMaster: train.init === 'previous' && (!isLora || isMerged),
    keepsMoments: train.optimizerState === 'keep',
  })
  const full = ({ auto: 'auto', none: 'copies', full: 'shards' } as const)[train.shard]
  return { needs, way: isLora ? 'lora' : full, gpus }
}

/** What it takes, and whether these GPUs have it; says what to set where they do not. */
export function describeFit({ needs, way, gpus }: TrainingWay, gpuBytes: readonly number[]): Finding {
  const takes = `Training ${(needs.parameters / 1e9).toFixed(2)} billion parameters takes, next to activations, ${gb(needs.copies)} a GPU with a copy on each, ${gb(needs.shards)} shared by ${gpus}, ${gb(needs.lora)} with adapters; the machine needs ${gb(needs.host)} of memory to load and write it`
  const least = Math.min(...gpuBytes)
  if (gpuBytes.length === 0) return { level: 'note', subject: 'trainer', text: `${takes}. GPUs were not found here.` }
  const fit = whatFits(needs, least)
  const room = `${takes}; the GPUs have ${gb(least)} each`
  if (way === 'auto' ? fit === 'copies' || (fit === 'shards' && gpus > 1) : isWithin(way, fit)) {
    return { level: 'ok', subject: 'trainer', text: `${room}, which is enough (${WORDS[way === 'auto' ? fit : way]}).` }
  }
  return { level: 'problem', subject: 'trainer', text: `${room}, which is too little: ${ADVICE[fit]}.` }
}

const WORDS: Readonly<Record<TrainingFit, string>> = {
  copies: 'a copy on each',
  shards: 'shared',
  lora: 'adapters',
  nothing: 'nothing fits',
}

const ADVICE: Readonly<Record<TrainingFit, string>> = {
  copies: 'set train.shard: none',
  shards: 'set train.shard: full',
  lora: 'add --method lora --merge to train.command (preset vllm-shared-gpus-lora), or train on more GPUs',
  nothing: 'train on more or larger GPUs, or a smaller model',
}

/** From what takes most to what takes least. */
const ORDER: readonly TrainingFit[] = ['copies', 'shards', 'lora', 'nothing']

function isWithin(way: TrainingFit, fit: TrainingFit): boolean {
  return ORDER.indexOf(way) >= ORDER.indexOf(fit)
}

function processesOf(command: readonly string[], asked: string | number | undefined, here: number): number {
  const said = flagValue(command, '--nproc-per-node') ?? flagValue(command, '--num_processes')
  if (said !== undefined && /^\d+$/.test(said)) return Number(said)
  const gpus = Number(String(asked ?? '').match(/(\d+)$/)?.[1] ?? here)
  return said === undefined ? 1 : Math.max(1, gpus)
}

/** Of `--flag value` or `--flag=value`. */
function flagValue(command: readonly string[], flag: string): string | undefined {
  const at = command.indexOf(flag)
  return at >= 0 ? command[at + 1] : command.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1)
}

function gb(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`
}
