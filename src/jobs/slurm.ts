/**
 * Jobs of Slurm: sbatch, squeue, scontrol, sacct where there is accounting, scancel. The key is in the job's name, so that a job is
 * found again by it, and two jobs of one name never run at once (`--dependency=singleton`).
 */

import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { EngineAway } from '../core/errors.ts'
import type { JobStatus } from '../core/job.ts'
import { writeWhole } from '../disk/whole-file.ts'
import { exited, type Job, type JobEngine, stateOnly } from './contract.ts'
import { forgetExit, saidCode } from './exit-file.ts'
import { nameOf } from './names.ts'
import { clustersIn, createSlurmQueue, jobArguments, noAnswer } from './slurm-queue.ts'
import { isUnderWay, statusOfSlurmJob } from './slurm-state.ts'
import { type SlurmOptions, submitBatch, withdrawnFileOf } from './slurm-submission.ts'

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

  const engine: JobEngine = {
    pollMs: options.pollSeconds * 1000,
    patienceMs: options.unreachableSeconds * 1000,
    async submit(job) {
      forgetExit(job.exitFile)
      rmSync(withdrawnFileOf(job), { force: true })
      try {
        return { engine: ENGINE, id: await submitBatch(job, options) }
      } catch (error) {
        if (error instanceof EngineAway) doubtful.add(nameOf(job))
        throw error
      }
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
    async withdraw(job, graceMs) {
      // One that the controller comes to later finds it when it starts; one that waits is taken out of the queue.
      writeWhole(withdrawnFileOf(job), '')
      for (const id of await queue.underWay(job)) await engine.cancel({ engine: ENGINE, id }, job, graceMs)
    },
  }
  return engine
}

/** A job that ended so long ago that Slurm has dropped it (MinJobAge): its own word is left. */
function statusOfForgotten(id: string, { exitFile }: Job): JobStatus {
  const said = saidCode(exitFile)
  return said === undefined
    ? stateOnly('lost', `Slurm no longer knows job ${id}, and it left no exit code`)
    : exited(said)
}
