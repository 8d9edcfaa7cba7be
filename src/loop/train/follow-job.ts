/** A submitted job, followed to its end: its progress shown, its silence noticed, its engine waited for when it gives no answer. */

import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { TrainerAway, TrainerError } from '../../core/errors.ts'
import type { JobHandle, JobStatus } from '../../core/job.ts'
import type { Trainer, TrainJob } from '../../core/trainer.ts'
import type { IterationRow } from '../../store/iterations.ts'
import { followProgress } from '../../train/progress.ts'
import type { RunContext } from '../context.ts'

/** Milliseconds between two looks at the log, which costs the engine nothing. */
const LOG_MS = 50

/**
 * Follows a job until it has ended, has hung or has taken too long. Ctrl-C asks it to save its work and stop.
 * @throws TrainerError when its engine gives no answer for longer than the trainer's patience; the job continues
 */
export async function followJob(
  context: RunContext,
  trainer: Trainer,
  handle: JobHandle,
  row: IterationRow,
  job: TrainJob,
): Promise<JobStatus> {
  const { timeoutSeconds, hangSeconds, stopSeconds } = context.config.train
  const startedAt = performance.now()
  const progressOf = followProgress(job.log)
  const silenceOf = watchSilence(job.log)
  const tell = tellOnce(context)
  let lastAnswerAt = startedAt
  let runningSince: number | undefined
  let next = trainer.status(handle, job)
  for (;;) {
    const status = await Promise.race([next, sleep(LOG_MS)])
    const now = performance.now()
    const { progress, warnings } = progressOf()
    for (const text of warnings) context.emit({ kind: 'note', text })
    if (progress) context.emit({ kind: 'training', iteration: job.iteration, ...progress, elapsedMs: now - startedAt })
    if (context.signal.aborted) await stopForNow(context, trainer, handle, row, job)
    if (!status) continue
    if (status.state !== 'unknown') lastAnswerAt = now
    if (status.state === 'running') runningSince ??= now
    else if (status.state === 'pending') runningSince = undefined
    else if (status.state !== 'unknown') return status
    tell(status)
    if (now - lastAnswerAt > trainer.patienceMs) throw outOfPatience(status.reason, trainer)
    const isRunning = status.state === 'running' && runningSince !== undefined
    const silentMs = silenceOf(isRunning)
    if (isRunning && hangSeconds !== null && silentMs > hangSeconds * 1000) {
      await trainer.cancel(handle, job, stopSeconds * 1000)
      return endedByUs('lost', `it wrote nothing for ${hangSeconds} s (train.hangSeconds) and was stopped`)
    }
    if (isRunning && timeoutSeconds !== null && now - (runningSince ?? now) > timeoutSeconds * 1000) {
      await trainer.cancel(handle, job, stopSeconds * 1000)
      return endedByUs('cancelled', `it took longer than train.timeoutSeconds (${timeoutSeconds})`)
    }
    next = sleep(trainer.pollMs, undefined, { ref: false }).then(() => trainer.status(handle, job))
    // Whoever leaves this function before then has no more use for it.
    next.catch(() => undefined)
  }
}

/**
 * Waits out an engine that gives no answer.
 * @param ask may be asked again: it looks before it submits
 * @throws TrainerError when the engine stays away for longer than the trainer's patience; whatever else `ask` throws
 */
export async function askPatiently<T>(context: RunContext, trainer: Trainer, ask: () => Promise<T>): Promise<T> {
  const tell = tellOnce(context)
  const startedAt = performance.now()
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof TrainerAway)) throw error
      if (performance.now() - startedAt > trainer.patienceMs) throw outOfPatience(error.message, trainer)
      tell({ state: 'unknown', exitCode: undefined, reason: error.message })
      await sleep(trainer.pollMs, undefined, { signal: context.signal }).catch(() => context.signal.throwIfAborted())
    }
  }
}

/** Ctrl-C: the job saves and stops, and is submitted again when the run continues. */
async function stopForNow(
  context: RunContext,
  trainer: Trainer,
  handle: JobHandle,
  row: IterationRow,
  job: TrainJob,
): Promise<void> {
  if (trainer.outlivesRun) {
    context.emit({ kind: 'note', text: 'The training job continues, and is found again when the run is resumed.' })
    context.signal.throwIfAborted()
  }
  try {
    await trainer.cancel(handle, job, context.config.train.stopSeconds * 1000)
    context.store.iterations.intend(row.attempt, job)
  } catch (error) {
    if (!(error instanceof TrainerAway)) throw error
    context.emit({ kind: 'note', text: `${error.message} The training job continues, and is found again.` })
  }
  context.signal.throwIfAborted()
}

/** Milliseconds for which the log has not grown while the job ran. */
function watchSilence(log: string): (isRunning: boolean) => number {
  let size = -1
  let since = performance.now()
  return (isRunning) => {
    const present = statSync(log, { throwIfNoEntry: false })?.size ?? 0
    if (!isRunning || present !== size) since = performance.now()
    size = present
    return performance.now() - since
  }
}

/** Says why a job waits, each time that this changes. */
function tellOnce(context: RunContext): (status: JobStatus) => void {
  let told = ''
  return ({ state, reason }) => {
    const text =
      state === 'unknown'
        ? `${reason} It is asked again; a job that it has continues.`
        : state === 'pending' && reason !== ''
          ? `The training job waits in the queue (${reason}).`
          : ''
    if (text !== '' && text !== told) context.emit({ kind: 'note', text })
    told = text
  }
}

function outOfPatience(reason: string, { patienceMs }: Trainer): TrainerError {
  return new TrainerError(
    `${reason} It was asked for ${Math.round(patienceMs / 1000)} s (train.unreachableSeconds); run again when it answers, a job that it has is found.`,
    { unreachable: true },
  )
}

function endedByUs(state: 'lost' | 'cancelled', reason: string): JobStatus {
  return { state, exitCode: undefined, reason }
}
