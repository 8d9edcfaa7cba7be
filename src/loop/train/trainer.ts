/** The trainer that run.yaml asks for. */

import { fileURLToPath } from 'node:url'
import { resolveConfigPath } from '../../config/parse.ts'
import type { RunConfig } from '../../config/schema.ts'
import type { Trainer } from '../../core/trainer.ts'
import { createEmbeddedTrainer } from '../../embedded/train/trainer.ts'
import { createCommandTrainer } from '../../train/command-trainer.ts'
import { createSlurmTrainer, type SlurmTrainerOptions } from '../../train/slurm-trainer.ts'

export interface TrainerInput {
  readonly config: RunConfig
  /** Run folder, absolute. */
  readonly directory: string
  readonly configDirectory: string
}

/** @returns undefined with `train: none` */
export function createTrainer(input: TrainerInput): Trainer | undefined {
  const { config, directory, configDirectory } = input
  const { train } = config
  if (train.kind === 'none') return undefined
  if (train.kind === 'slurm') return createSlurmTrainer(slurmOptions(input, train))
  if (train.kind === 'embedded') return createEmbeddedTrainer()
  const { command, env } = train
  return createCommandTrainer({ command, env, cwd: configDirectory, runMarker: directory })
}

export function slurmOptions(
  { config, directory, configDirectory }: TrainerInput,
  train: Extract<RunConfig['train'], { kind: 'slurm' }>,
): SlurmTrainerOptions {
  const option = (name: string, value: string | number | undefined): string[] =>
    value === undefined ? [] : [`--${name}=${value}`]
  return {
    command: train.command,
    env: train.env,
    secrets: config.sample.endpoints.flatMap(({ apiKeyEnv }) => apiKeyEnv ?? []),
    cwd: configDirectory,
    runMarker: directory,
    script: train.script === undefined ? SLURM_SCRIPT : resolveConfigPath(configDirectory, train.script),
    arguments: [
      ...option('partition', train.partition),
      ...option('account', train.account),
      ...option('gpus', train.gpus),
      ...option('time', train.time),
      ...option('mem', train.memory),
      ...train.arguments,
    ],
    requeue: train.requeue,
    stopSeconds: train.stopSeconds,
    pollSeconds: train.pollSeconds,
    commandSeconds: train.commandSeconds,
    unreachableSeconds: train.unreachableSeconds,
    settleSeconds: train.settleSeconds,
  }
}

/** Only starts the command (both src/ and dist/ are one level below the package's root). */
const SLURM_SCRIPT = fileURLToPath(new URL('../../../recipes/slurm-job.sh', import.meta.url))
