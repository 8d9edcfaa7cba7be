/** Training by Slurm: what run.yaml says as the engine's options, and doctor's look at whether Slurm would take a job. */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { resolveConfigPath } from '../../config/parse.ts'
import type { RunConfig } from '../../config/schema.ts'
import { EngineAway, JobError } from '../../core/errors.ts'
import type { Finding } from '../../core/finding.ts'
import type { Job } from '../../jobs/contract.ts'
import { JOB_ENGINES } from '../../jobs/engines.ts'
import { type SlurmOptions, testSubmission } from '../../jobs/slurm-submission.ts'
import { jobOf, type ProgramOptions } from '../../train/program-trainer.ts'
import { firstJob } from './example-job.ts'
import { probeJob } from './probe-job.ts'
import { missingFiles, notPassed, type ProgramInput, programOptions } from './program.ts'

type SlurmSection = Extract<RunConfig['train'], { readonly kind: 'slurm' }>

function slurmOptions({ configDirectory }: ProgramInput, train: SlurmSection): SlurmOptions {
  const { partition, account, requeue, pollSeconds, commandSeconds, unreachableSeconds } = train
  const script = train.script === undefined ? SLURM_SCRIPT : resolveConfigPath(configDirectory, train.script)
  return {
    partition,
    account,
    script,
    arguments: train.arguments,
    requeue,
    pollSeconds,
    commandSeconds,
    unreachableSeconds,
  }
}

/** What a training job is and asks for. */
function slurmProgram(input: ProgramInput, train: SlurmSection): ProgramOptions {
  const { nodes, gpus, time, memory, settleSeconds } = train
  return { ...programOptions(input, train), resources: { nodes, gpus, time, memory }, settleSeconds }
}

export function slurmJobs(input: ProgramInput, train: SlurmSection) {
  return { engine: JOB_ENGINES.slurm(slurmOptions(input, train)), program: slurmProgram(input, train) }
}

/** Only starts the command (both src/ and dist/ are one level below the package's root). */
const SLURM_SCRIPT = fileURLToPath(new URL('../../../recipes/slurm-job.sh', import.meta.url))

/** Would Slurm take a training job as run.yaml describes it, and what does a small one see there? */
export async function checkSlurm(input: ProgramInput, train: SlurmSection): Promise<Finding[]> {
  const missing = missingFiles(input, train.command)
  if (missing.length > 0) return missing
  const submission = await checkSubmission(
    slurmOptions(input, train),
    jobOf(firstJob(input), slurmProgram(input, train)),
  )
  if (submission.level !== 'ok') return [submission]
  const { engine, program } = slurmJobs(input, train)
  return [submission, ...(await probeJob(engine, jobOf(firstJob(input), program), PROBE)), ...notPassed(input)]
}

/** Little enough to come soon: what a GPU is asked of, Slurm has said itself. */
const PROBE = { nodes: 1, time: 5 } as const

async function checkSubmission(options: SlurmOptions, job: Job): Promise<Finding> {
  const subject = 'trainer'
  if (!existsSync(options.script)) {
    return { level: 'problem', subject, text: `train.script is ${options.script}, which is not there.` }
  }
  try {
    const words = await testSubmission(job, options)
    return { level: 'ok', subject, text: `Slurm would take the training job: ${words}.` }
  } catch (error) {
    if (!(error instanceof JobError)) throw error
    const isAway = error instanceof EngineAway || error.cause !== undefined
    return { level: isAway ? 'unreachable' : 'problem', subject, text: error.message }
  }
}
