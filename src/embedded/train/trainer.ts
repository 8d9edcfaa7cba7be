/**
 * The toy's trainer behind the trainer's contract, in this process: a job of a few steps would spend most of its time starting a
 * program. It dies with the run and continues from its saved state; `main.ts` is the same trainer as a program of its own.
 */

import { appendFileSync } from 'node:fs'
import { ConfigError, messageOf } from '../../core/errors.ts'
import type { JobStatus } from '../../core/job.ts'
import type { Trainer, TrainJob } from '../../core/trainer.ts'
import { DEFAULT_THREADS } from '../model/threads.ts'
import { DEFAULT_SAVE_MS, type TrainArguments } from './arguments.ts'
import { runTrainJob, type TrainEvent } from './job.ts'
import { isPublished } from './publish.ts'

const ENGINE = 'embedded'
/** A look at a job waits so long for its end. */
const LOOK_MS = 1_000

interface RunningJob {
  readonly key: string
  readonly end: Promise<JobStatus>
  readonly controller: AbortController
  ended: boolean
}

export function createEmbeddedTrainer(threads: number = DEFAULT_THREADS): Trainer {
  const jobs = new Map<string, RunningJob>()
  let count = 0
  return {
    pollMs: 0,
    patienceMs: 0,
    async submit(job) {
      const controller = new AbortController()
      const id = `${process.pid}-${count++}`
      const running: RunningJob = {
        key: job.key,
        controller,
        ended: false,
        end: train(job, threads, controller.signal),
      }
      void running.end.then(() => (running.ended = true))
      jobs.set(id, running)
      return { engine: ENGINE, id }
    },
    async find(job) {
      const found = [...jobs].find(([, running]) => running.key === job.key && !running.ended)
      return found && { engine: ENGINE, id: found[0] }
    },
    async status({ id }, job) {
      const running = jobs.get(id)
      if (running) return await endOrNothing(running)
      if (isPublished(job.output, job.datasetSha256)) return { state: 'succeeded', exitCode: undefined, reason: '' }
      return {
        state: 'lost',
        exitCode: undefined,
        reason: 'the process that trained it is gone and left no checkpoint',
      }
    },
    async cancel({ id }) {
      const running = jobs.get(id)
      running?.controller.abort()
      await running?.end
    },
  }
}

/** Never rejects: how it ended is its status. */
async function train(job: TrainJob, threads: number, signal: AbortSignal): Promise<JobStatus> {
  const tell = (event: TrainEvent | { readonly event: 'error'; readonly message: string }): void =>
    appendFileSync(job.log, `@@sft ${JSON.stringify(event)}\n`)
  try {
    const outcome = await runTrainJob(argumentsOf(job, threads), tell, signal)
    if (outcome === 'done') return { state: 'succeeded', exitCode: 0, reason: '' }
    return { state: 'preempted', exitCode: undefined, reason: 'it was stopped with its work saved' }
  } catch (error) {
    const reason = error instanceof ConfigError ? 'it refused its input' : 'training failed'
    const unwritten = keepMessage(job.log, messageOf(error))
    return {
      state: 'failed',
      exitCode: undefined,
      reason: unwritten === undefined ? reason : `${reason}; ${unwritten}`,
    }
  }
}

/** Ends the log with what the job failed of. @returns both errors where there is no log to write to: its folder may be what is gone */
function keepMessage(log: string, message: string): string | undefined {
  try {
    appendFileSync(log, `${message}\n`)
    return undefined
  } catch (error) {
    return `${message}; its log cannot be written (${messageOf(error)})`
  }
}

function argumentsOf(
  { base, dataset, datasetSha256, output, seed, optimization }: TrainJob,
  threads: number,
): TrainArguments {
  const { epochs, steps, batch, lrStart, lrEnd, warmupSteps, optimizerState } = optimization
  return {
    ...{ base, dataset, output, batch, lrStart, lrEnd, warmupSteps, optimizerState, seed, threads },
    expectedSha256: datasetSha256,
    length: steps === undefined ? { kind: 'epochs', epochs: epochs ?? 1 } : { kind: 'steps', steps },
    saveMs: DEFAULT_SAVE_MS,
  }
}

async function endOrNothing({ end }: RunningJob): Promise<JobStatus> {
  const timer = Promise.withResolvers<JobStatus>()
  const wait = setTimeout(() => timer.resolve({ state: 'running', exitCode: undefined, reason: '' }), LOOK_MS)
  try {
    return await Promise.race([end, timer.promise])
  } finally {
    clearTimeout(wait)
  }
}
