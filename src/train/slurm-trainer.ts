/**
 * A trainer that is a job of Slurm: sbatch, squeue, scontrol, sacct where there is accounting, scancel. The key is in the job's
 * name, so that a job is found again by it, and two jobs of one name never run at once (`--dependency=singleton`).
 */

import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { TrainerAway, TrainerError } from '../core/errors.ts'
import { fillPlaceholders } from '../core/placeholders.ts'
import type { JobStatus, Trainer, TrainJob } from '../core/trainer.ts'
import type { AddedVariables } from '../process/environment.ts'
import { commandPlaceholders } from './command-placeholders.ts'
import { EXIT_FILE_VARIABLE, exitFileOf, forgetExit, saidCode, statusOfCode } from './exit-code.ts'
import { readMetrics } from './metrics.ts'
import { callSlurm, jobEnvironment } from './slurm-command.ts'
import { clustersIn, createSlurmQueue, isJobId, jobArguments, noAnswer } from './slurm-queue.ts'
import { isUnderWay, statusOfSlurmJob } from './slurm-state.ts'

export interface SlurmTrainerOptions {
  /** The program and its arguments, with placeholders of `commandPlaceholders`. */
  readonly command: readonly string[]
  readonly env: AddedVariables
  /** Environment variables that a job must not see. */
  readonly secrets: readonly string[]
  readonly cwd: string
  /** Unique to the run folder, so that two runs' jobs are told apart. */
  readonly runMarker: string
  /** Absolute path of the batch script, which gets the command as its arguments. */
  readonly script: string
  /** Of `sbatch`, for example `--partition=gpu`; they come last, so that they win. */
  readonly arguments: readonly string[]
  readonly requeue: boolean
  /** How long before its time limit a job gets TERM. */
  readonly stopSeconds: number
  readonly pollSeconds: number
  /** Deadline of each of Slurm's programs. */
  readonly commandSeconds: number
  readonly unreachableSeconds: number
  /** How long a finished job's checkpoint may take to appear here, on a disk that several machines share. */
  readonly settleSeconds: number
}

const ENGINE = 'slurm'
const CANCEL_POLL_MS = 500
/** A frozen controller that is itself again works off what has gathered, in no order: how long until all of it is seen. */
const BACKLOG_MS = 3000
/** Slurm's own way from TERM to KILL (KillWait, 30 s) and the epilogue. */
const CANCEL_MS = 120_000

export function createSlurmTrainer(options: SlurmTrainerOptions): Trainer {
  const deadlineMs = options.commandSeconds * 1000
  const queue = createSlurmQueue(deadlineMs, clustersIn(options.arguments))
  /** When a job was first seen to have ended well, by id. */
  const completedAt = new Map<string, number>()
  /** Names of jobs whose submission got no answer: there may be one more of them than is known. */
  const doubtful = new Set<string>()

  /** Takes jobs out of the queue that a lost answer has left there besides the one that counts. */
  const drop = async (ids: readonly string[]): Promise<void> => {
    for (const id of ids) await queue.call('scancel', ...jobArguments(id))
  }

  return {
    pollMs: options.pollSeconds * 1000,
    patienceMs: options.unreachableSeconds * 1000,
    async submit(job) {
      forgetExit(job)
      const added = { ...options.env, [EXIT_FILE_VARIABLE]: exitFileOf(job) }
      const env = jobEnvironment(process.env, added, options.secrets)
      const answer = await callSlurm({ argv: sbatchArguments(job, options, '--parsable'), env, deadlineMs })
      if (answer.kind === 'refused') throw refused(answer.why)
      const id = answer.kind === 'done' ? answer.stdout.split('\n').at(-1) : undefined
      if (id !== undefined && isJobId(id)) return { engine: ENGINE, id }
      doubtful.add(jobName(job, options))
      throw noAnswer(answer.kind === 'away' ? answer.why : `sbatch told no job id but ${JSON.stringify(answer.stdout)}`)
    },
    async find(job) {
      const name = jobName(job, options)
      let ids = await queue.underWay(name)
      if (ids.length === 0 && doubtful.has(name)) {
        await sleep(BACKLOG_MS)
        ids = await queue.underWay(name)
      }
      const [first, ...later] = ids
      await drop(later)
      return first === undefined ? undefined : { engine: ENGINE, id: first }
    },
    async status({ id }, job) {
      try {
        const slurm = await queue.look(id)
        if (!slurm) return statusOfForgotten(id, job)
        const name = jobName(job, options)
        if (!isUnderWay(slurm.state) && doubtful.has(name)) {
          await drop(await queue.underWay(name))
          doubtful.delete(name)
        }
        if (slurm.state !== 'COMPLETED' || readMetrics(job)) return statusOfSlurmJob(slurm, job)
      } catch (error) {
        if (error instanceof TrainerAway) return { state: 'unknown', exitCode: undefined, reason: error.message }
        throw error
      }
      const since = completedAt.get(id) ?? performance.now()
      completedAt.set(id, since)
      const isSettled = performance.now() - since >= options.settleSeconds * 1000
      return isSettled ? statusOfCode(0, job) : { state: 'running', exitCode: undefined, reason: '' }
    },
    async cancel({ id }, graceMs) {
      const deadline = performance.now() + graceMs
      const isOver = async (): Promise<boolean> => !isUnderWay((await queue.look(id))?.state ?? '')
      // Before a job has started there is nobody to hear a signal, and scancel would try for minutes.
      if ((await queue.look(id))?.state === 'RUNNING') {
        await queue.call('scancel', '--full', '--signal=TERM', ...jobArguments(id))
        while (performance.now() < deadline && !(await isOver())) await sleep(CANCEL_POLL_MS)
      }
      if (await isOver()) return
      const answer = await queue.call('scancel', ...jobArguments(id))
      if (answer.kind === 'away') throw noAnswer(answer.why)
      const last = performance.now() + CANCEL_MS
      while (performance.now() < last && !(await isOver())) await sleep(CANCEL_POLL_MS)
    },
  }
}

/**
 * Asks Slurm whether it would take such a job, without submitting one.
 * @returns its words, such as when the job would start
 * @throws TrainerError when it would not; TrainerAway when it gives no answer
 */
export async function testSubmission(job: TrainJob, options: SlurmTrainerOptions): Promise<string> {
  const env = jobEnvironment(process.env, options.env, options.secrets)
  const argv = sbatchArguments(job, options, '--test-only')
  const answer = await callSlurm({ argv, env, deadlineMs: options.commandSeconds * 1000 })
  if (answer.kind === 'away') throw noAnswer(answer.why)
  if (answer.kind === 'refused') throw refused(answer.why)
  return (
    answer.stderr
      .split('\n')
      .at(-1)
      ?.replace(/^sbatch: /, '') ?? ''
  )
}

function sbatchArguments(job: TrainJob, options: SlurmTrainerOptions, mode: string): [string, ...string[]] {
  // In a file's name, %j and the like stand for facts of the job.
  const log = job.log.replaceAll('%', '%%')
  return [
    'sbatch',
    mode,
    `--job-name=${jobName(job, options)}`,
    `--comment=spendwise train ${job.key}`,
    `--chdir=${options.cwd}`,
    `--output=${log}`,
    '--open-mode=append',
    '--export=ALL',
    '--dependency=singleton',
    options.requeue ? '--requeue' : '--no-requeue',
    `--signal=B:TERM@${options.stopSeconds}`,
    ...options.arguments,
    options.script,
    ...fillPlaceholders(options.command, commandPlaceholders(job)),
  ]
}

/** Unique to run folder and key; nothing in it needs quoting, or would split the list that `squeue --name` takes. */
function jobName(job: TrainJob, { runMarker }: SlurmTrainerOptions): string {
  const run = basename(runMarker).replaceAll(/[^A-Za-z0-9._-]/g, '_')
  return `spendwise-${run}-${job.key}-${createHash('sha256').update(runMarker).digest('hex').slice(0, 10)}`
}

/** A job that ended so long ago that Slurm has dropped it (MinJobAge): its own words are left. */
function statusOfForgotten(id: string, job: TrainJob): JobStatus {
  if (readMetrics(job)) return { state: 'succeeded', exitCode: undefined, reason: '' }
  const said = saidCode(job)
  if (said !== undefined && said !== 0) return statusOfCode(said, job)
  return { state: 'lost', exitCode: undefined, reason: `Slurm no longer knows job ${id}, and it left no checkpoint` }
}

function refused(why: string): TrainerError {
  return new TrainerError(`Slurm refuses the training job: ${why}; check train.partition and the other keys of train.`)
}
