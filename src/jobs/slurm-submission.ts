/** A job given to Slurm: sbatch, its arguments and the environment that the job inherits. */

import { JobError } from '../core/errors.ts'
import { type AddedVariables, childEnvironment } from '../process/environment.ts'
import type { Job, JobResources } from './contract.ts'
import { EXIT_FILE_VARIABLE } from './exit-file.ts'
import { nameOf } from './names.ts'
import { callSlurm } from './slurm-program.ts'
import { isJobId, noAnswer } from './slurm-queue.ts'
import { wordsOf } from './words.ts'

export interface SlurmOptions {
  readonly partition?: string | undefined
  readonly account?: string | undefined
  /** Absolute path of the batch script, which gets the command as its arguments. */
  readonly script: string
  /** Of `sbatch`, for example `--qos=low`; they come last, so that they win. */
  readonly arguments: readonly string[]
  /** Whether Slurm itself puts a preempted job back into its queue. */
  readonly requeue: boolean
  readonly pollSeconds: number
  /** Deadline of each of Slurm's programs. */
  readonly commandSeconds: number
  readonly unreachableSeconds: number
}

/**
 * Submits a job.
 * @returns its id, with the cluster where Slurm names one
 * @throws JobError when Slurm refuses it; EngineAway when it gives no answer, and the job may be there all the same
 */
export async function submitBatch(job: Job, options: SlurmOptions): Promise<string> {
  const argv = sbatchArguments(job, options, '--parsable')
  const answer = await callSlurm({ argv, env: environmentOf(job), deadlineMs: options.commandSeconds * 1000 })
  if (answer.kind === 'refused') throw refused(answer.why, job)
  const id = answer.kind === 'done' ? answer.stdout.split('\n').at(-1) : undefined
  if (id !== undefined && isJobId(id)) return id
  throw noAnswer(answer.kind === 'away' ? answer.why : `sbatch told no job id but ${JSON.stringify(answer.stdout)}`)
}

/**
 * Asks Slurm whether it would take such a job, without submitting one.
 * @returns its words, such as when the job would start
 * @throws JobError when it would not; EngineAway when it gives no answer
 */
export async function testSubmission(job: Job, options: SlurmOptions): Promise<string> {
  const argv = sbatchArguments(job, options, '--test-only')
  const answer = await callSlurm({ argv, env: environmentOf(job), deadlineMs: options.commandSeconds * 1000 })
  if (answer.kind === 'away') throw noAnswer(answer.why)
  if (answer.kind === 'refused') throw refused(answer.why, job)
  return (
    answer.stderr
      .split('\n')
      .at(-1)
      ?.replace(/^sbatch: /, '') ?? ''
  )
}

/** Names a file that is there where a job was taken back: the batch script looks before it starts anything. */
const WITHDRAWN_VARIABLE = 'SPENDWISE_WITHDRAWN'

export function withdrawnFileOf({ log }: Pick<Job, 'log'>): string {
  return `${log}.withdrawn`
}

function environmentOf(job: Job): NodeJS.ProcessEnv {
  const own = { [EXIT_FILE_VARIABLE]: job.exitFile, [WITHDRAWN_VARIABLE]: withdrawnFileOf(job) }
  return jobEnvironment(process.env, { ...job.env, ...own }, job.keys)
}

/** What `sbatch` is called with. */
export function sbatchArguments(job: Job, options: SlurmOptions, mode: string): [string, ...string[]] {
  // In a file's name, %j and the like stand for facts of the job.
  const log = job.log.replaceAll('%', '%%')
  return [
    'sbatch',
    mode,
    `--job-name=${nameOf(job)}`,
    `--comment=spendwise ${job.purpose} ${job.key}`,
    `--chdir=${job.cwd}`,
    `--output=${log}`,
    '--open-mode=append',
    '--export=ALL',
    '--dependency=singleton',
    options.requeue ? '--requeue' : '--no-requeue',
    // Up to a minute earlier than asked for: a server would be gone that is still in use, and it has nothing to save.
    ...(job.purpose === 'serve' ? [] : [`--signal=B:TERM@${job.stopSeconds}`]),
    ...given('partition', options.partition),
    ...given('account', options.account),
    ...resourceArguments(job.resources),
    ...options.arguments,
    options.script,
    ...job.argv,
  ]
}

function resourceArguments({ nodes, gpus, cpus, memory, time }: JobResources): string[] {
  return [
    ...given('nodes', nodes),
    ...given('gpus', gpus),
    ...given('cpus-per-task', cpus),
    ...given('time', time),
    ...given('mem', memory),
  ]
}

function given(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [`--${name}=${value}`]
}

/** Which controller is asked: the same for sbatch as for the questions about its jobs. */
const OF_THE_CLUSTER = /^SLURM_(?:CONF|CLUSTERS$)/

/**
 * The environment for `sbatch`, which a job inherits: without the variables of a job that spendwise itself may be running in,
 * and without keys that the job has no use for, since the controller keeps a job's environment in a file.
 */
export function jobEnvironment(
  ours: NodeJS.ProcessEnv,
  added: AddedVariables,
  secrets: readonly string[],
): NodeJS.ProcessEnv {
  const kept = Object.entries(ours).filter(([name]) => !name.startsWith('SLURM_') || OF_THE_CLUSTER.test(name))
  return childEnvironment(Object.fromEntries(kept), secrets, added)
}

function refused(why: string, of: Job): JobError {
  const { job, section } = wordsOf(of)
  return new JobError(`Slurm refuses the ${job}: ${why}; check ${section}.partition and the other keys of ${section}.`)
}
