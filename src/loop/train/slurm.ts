/** Training by Slurm: what run.yaml says as the engine's options, and doctor's look at whether Slurm would take a job. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { keyVariables } from '../../config/key-variables.ts'
import { resolveConfigPath } from '../../config/parse.ts'
import type { RunConfig } from '../../config/schema.ts'
import { optimizationOf } from '../../core/budget/optimization.ts'
import { TrainerAway, TrainerError } from '../../core/errors.ts'
import type { Finding } from '../../core/finding.ts'
import type { TrainJob } from '../../core/trainer.ts'
import { iterationDirectory } from '../../run/folder.ts'
import { plannedTargets } from '../../run/planned.ts'
import { type SlurmTrainerOptions, testSubmission } from '../../train/slurm-trainer.ts'
import { missingFiles, notPassed, type ProgramInput } from './program.ts'
import { recipeSettings } from './recipe-settings.ts'

type SlurmSection = Extract<RunConfig['train'], { readonly kind: 'slurm' }>

export function slurmOptions(
  { config, directory, configDirectory }: ProgramInput,
  train: SlurmSection,
): SlurmTrainerOptions {
  const option = (name: string, value: string | number | undefined): string[] =>
    value === undefined ? [] : [`--${name}=${value}`]
  return {
    command: train.command,
    env: train.env,
    secrets: keyVariables(config),
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

/** Would Slurm take a training job as run.yaml describes it? Nothing is submitted. */
export async function checkSlurm(input: ProgramInput, train: SlurmSection): Promise<Finding[]> {
  const missing = missingFiles(input, train.command)
  if (missing.length > 0) return missing
  const submission = await checkSubmission(input, slurmOptions(input, train))
  return submission.level === 'ok' ? [submission, ...notPassed(input)] : [submission]
}

async function checkSubmission(input: ProgramInput, options: SlurmTrainerOptions): Promise<Finding> {
  const subject = 'trainer'
  if (!existsSync(options.script)) {
    return { level: 'problem', subject, text: `train.script is ${options.script}, which is not there.` }
  }
  try {
    const words = await testSubmission(firstJob(input), options)
    return { level: 'ok', subject, text: `Slurm would take the training job: ${words}.` }
  } catch (error) {
    if (!(error instanceof TrainerError)) throw error
    const isAway = error instanceof TrainerAway || error.cause !== undefined
    return { level: isAway ? 'unreachable' : 'problem', subject, text: error.message }
  }
}

/** As the first iteration would submit it, with as many rows as are planned. */
function firstJob({ config, directory }: ProgramInput): TrainJob {
  const targets = plannedTargets(config)
  const rows = targets[0] ?? 1
  return {
    key: '0-0',
    iteration: 0,
    base: 'base',
    dataset: join(iterationDirectory(directory, 0), 'dataset.jsonl'),
    datasetSha256: '0'.repeat(64),
    rows,
    output: join(directory, 'checkpoints', '00'),
    log: join(iterationDirectory(directory, 0), 'train.log'),
    seed: 1,
    optimization: optimizationOf(config.train, { iteration: 0, rows, targets, lrFactor: 1 }),
    recipe: recipeSettings(config),
  }
}
