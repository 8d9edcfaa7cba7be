/**
 * Jobs of Slurm: sbatch, squeue, scontrol, sacct where there is accounting, scancel. The key is in the job's name, so that a job is
 * found again by it, and two jobs of one name never run at once (`--dependency=singleton`).
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { EngineAway, JobError } from '../core/errors.ts'
import type { JobStatus } from '../core/job.ts'
import { exited, type Job, type JobEngine, type JobResources, stateOnly } from './contract.ts'
import { EXIT_FILE_VARIABLE, forgetExit, saidCode } from './exit-file.ts'
import { nameOf } from './names.ts'
import { callSlurm, jobEnvironment } from './slurm-call.ts'
import { clustersIn, createSlurmQueue, isJobId, jobArguments, noAnswer } from './slurm-queue.ts'
import { isUnderWay, statusOfSlurmJob } from './slurm-state.ts'
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

const ENGINE = 'slurm'
const CANCEL_POLL_MS = 500
/** A frozen controller that is itself again works off what has gathered, in no order: how long until all of it is seen. */
const BACKLOG_MS = 3000
/** Slurm's own way from TERM to KILL (KillWait, 30 s) and the epilogue. */
const CANCEL_MS = 120_000

export function createSlurmEngine(options: SlurmOptions): JobEngine {
  const deadlineMs = options.commandSeconds * 1000
  const queue = createSlurmQueue(deadlineMs, clustersIn(options.arguments))
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
      forgetExit(job.exitFile)
      const env = environmentOf(job)
      const answer = await callSlurm({ argv: sbatchArguments(job, options, '--parsable'), env, deadlineMs })
      if (answer.kind === 'refused') throw refused(answer.why, job)
      const id = answer.kind === 'done' ? answer.stdout.split('\n').at(-1) : undefined
      if (id !== undefined && isJobId(id)) return { engine: ENGINE, id }
      doubtful.add(nameOf(job))
      throw noAnswer(answer.kind === 'away' ? answer.why : `sbatch told no job id but ${JSON.stringify(answer.stdout)}`)
    },
    async find(job) {
      let ids = await queue.underWay(job)
      if (ids.length === 0 && doubtful.has(nameOf(job))) {
        await sleep(BACKLOG_MS)
        ids = await queue.underWay(job)
      }
      const [first, ...later] = ids
      await drop(later)
      return first === undefined ? undefined : { engine: ENGINE, id: first }
    },
    async status({ id }, job) {
      try {
        const slurm = await queue.look(id)
        if (!slurm) return statusOfForgotten(id, job)
        if (!isUnderWay(slurm.state) && doubtful.has(nameOf(job))) {
          await drop(await queue.underWay(job))
          doubtful.delete(nameOf(job))
        }
        return statusOfSlurmJob(slurm, job.exitFile)
      } catch (error) {
        if (error instanceof EngineAway) return stateOnly('unknown', error.message)
        throw error
      }
    },
    async cancel({ id }, job, graceMs) {
      const deadline = performance.now() + graceMs
      const isOver = async (): Promise<boolean> => !isUnderWay((await queue.look(id))?.state ?? '')
      // Before a job has started there is nobody to hear a signal, and scancel would try for minutes.
      if ((await queue.look(id))?.state === 'RUNNING') {
        // With one step on each node srun passes it on; to be asked twice is too much for torchrun.
        const whom = (job.resources.nodes ?? 1) > 1 ? '--batch' : '--full'
        await queue.call('scancel', whom, '--signal=TERM', ...jobArguments(id))
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

function environmentOf(job: Job): NodeJS.ProcessEnv {
  return jobEnvironment(process.env, { ...job.env, [EXIT_FILE_VARIABLE]: job.exitFile }, job.keys)
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

/** A job that ended so long ago that Slurm has dropped it (MinJobAge): its own word is left. */
function statusOfForgotten(id: string, { exitFile }: Job): JobStatus {
  const said = saidCode(exitFile)
  return said === undefined
    ? stateOnly('lost', `Slurm no longer knows job ${id}, and it left no exit code`)
    : exited(said)
}

function refused(why: string, of: Job): JobError {
  const { job, section } = wordsOf(of)
  return new JobError(`Slurm refuses the ${job}: ${why}; check ${section}.partition and the other keys of ${section}.`)
}
