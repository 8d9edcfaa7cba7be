/**
 * The job of an iteration to its end, also one that an earlier process submitted: found by its stored handle, or by its key, and
 * followed; submitted only where the engine knows nothing of it, and again where the machine was at fault.
 */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { TrainerAway, TrainerError } from '../../core/errors.ts'
import type { JobHandle, JobStatus } from '../../core/job.ts'
import type { Trainer, TrainJob, TrainMetrics } from '../../core/trainer.ts'
import { crashPoint } from '../../process/crash-point.ts'
import { lastLines, logSize } from '../../process/log.ts'
import { storedPath } from '../../run/folder.ts'
import type { IterationRow } from '../../store/iterations.ts'
import { readMetrics } from '../../train/metrics.ts'
import type { RunContext } from '../context.ts'
import { askPatiently, followJob } from './follow-job.ts'
import { moveAside } from './move-output-aside.ts'

/** Jobs lost to the machine (killed, unknown exit code) in a row before the run stops asking. */
const MAX_LOST = 3
/** Jobs that stopped with their work saved, in a row. */
const MAX_PREEMPTED = 100

/**
 * Submits, follows and, where the machine was at fault, submits again.
 * @throws TrainerError when the job failed, was cancelled, or was lost too often
 */
export async function runJob(
  context: RunContext,
  trainer: Trainer,
  row: IterationRow,
  job: TrainJob,
): Promise<TrainMetrics> {
  const { store } = context
  mkdirSync(join(context.directory, 'checkpoints'), { recursive: true })
  let lost = 0
  let preempted = 0
  for (;;) {
    const done = readMetrics(job)
    if (done) return done
    // Of a job that an earlier process submitted, nobody knows where its words begin.
    const since = store.iterations.job(row.iteration, row.attempt)?.handle ? 0 : logSize(job.log)
    const handle = await currentHandle(context, trainer, row, job)
    const status = await followJob(context, trainer, handle, row, job)
    const metrics = status.state === 'succeeded' ? readMetrics(job) : undefined
    if (metrics) return metrics
    const hopeless =
      status.state === 'failed' ||
      status.state === 'cancelled' ||
      (status.state === 'lost' && ++lost >= MAX_LOST) ||
      (status.state === 'preempted' && ++preempted >= MAX_PREEMPTED)
    // The handle is spent: the next try, by this process or a later one, submits again.
    store.iterations.intend(row.attempt, job)
    crashPoint('intent-renewed')
    if (hopeless) throw trainingFailed(status, row, job, since)
  }
}

async function currentHandle(
  context: RunContext,
  trainer: Trainer,
  row: IterationRow,
  job: TrainJob,
): Promise<JobHandle> {
  const { iterations } = context.store
  // A handle that is stored is not spent: whatever became of the job, following it tells.
  const stored = iterations.job(row.iteration, row.attempt)?.handle
  if (stored) return stored
  // Between submitting and storing the handle a process may have died: the engine still knows the job by its key.
  const handle = await askPatiently(
    context,
    trainer,
    async () => (await trainer.find(job)) ?? (await submitAgain(context, trainer, job)),
  ).catch(async (error: unknown) => {
    if (context.signal.aborted) await takeBack(context, trainer, job)
    throw error
  })
  crashPoint('job-submitted')
  iterations.setHandle(row.iteration, row.attempt, handle)
  crashPoint('handle-stored')
  return handle
}

/** Ctrl-C while a submission had no answer: the engine may come to it later, and nobody waits for it then. */
async function takeBack(context: RunContext, trainer: Trainer, job: TrainJob): Promise<void> {
  try {
    await trainer.withdraw?.(job, job.recipe.stopSeconds * 1000)
  } catch (error) {
    if (!(error instanceof TrainerAway)) throw error
    const text = `${error.message} The training job is withdrawn: if it is not under way by now, it starts nothing.`
    context.emit({ kind: 'note', text })
  }
}

/** A trainer may write at its path from the start, and be killed there: the next one finds nothing in its way. */
async function submitAgain(context: RunContext, trainer: Trainer, job: TrainJob): Promise<JobHandle> {
  const left = moveAside(job)
  if (left !== undefined) {
    const text = `An earlier try left ${storedPath(context.directory, job.output)} without metrics.json; it is ${storedPath(context.directory, left)} now.`
    context.emit({ kind: 'note', text })
  }
  return await trainer.submit(job)
}

/** What systems and libraries say when a file cannot grow. */
const DISK_FULL = /no space left on device|disk quota exceeded|file too large|ENOSPC|EDQUOT|EFBIG/i
/** Lines of the log's end in which a full disk is looked for: a traceback comes after the words. */
const LOOK_BACK = 60

/** @param since where the job's own words begin in the log */
function trainingFailed(status: JobStatus, row: IterationRow, job: TrainJob, since: number): TrainerError {
  if (DISK_FULL.test(lastLines(job.log, LOOK_BACK, since))) {
    return new TrainerError(
      `Training of iteration ${row.iteration} found its disk full; free some space (or lower keep.last) and run again, saved work is used. Its log is ${job.log}.`,
    )
  }
  const words = lastLines(job.log, 3, since)
  return new TrainerError(
    `Training of iteration ${row.iteration} did not succeed: ${status.reason}. Its log is ${job.log}${words === '' ? '' : `, ending:\n${words}`}`,
  )
}
