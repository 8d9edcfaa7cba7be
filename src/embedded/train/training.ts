/** A training job over a fixed number of threads: gives the replicas their part and passes on what their leader reports. */

import { Worker } from 'node:worker_threads'
import { parameterLayout } from '../model/model.ts'
import { createShared, type ReplicaReport, type ReplicaSetup, requestStop } from '../model/replica.ts'
import type { ThreadReport } from './worker.ts'

export type TrainingSetup = Omit<ReplicaSetup, 'threads' | 'thread' | 'shared'>

export interface Training {
  /** Resolves when all threads have ended; rejects when one failed. */
  readonly done: Promise<void>
  /** Stops after the present step; a `stopped` state is reported before `done` resolves. */
  stop(): void
}

/** Threads without a job: starting one takes as long as some steps of a small batch. They do not keep the process alive. */
const idle: Worker[] = []

export function startTraining(
  setup: TrainingSetup,
  threads: number,
  onReport: (report: ReplicaReport) => void,
): Training {
  const shared = createShared(parameterLayout(setup.shape).total)
  const workers = Array.from({ length: threads }, () => idle.pop() ?? startThread())
  const ends = workers.map((worker, thread) => runOn(worker, { ...setup, threads, thread, shared }, onReport))
  const done = Promise.all(ends).then(
    () => {
      for (const worker of workers) worker.unref()
      idle.push(...workers)
    },
    // The others wait for the failed one for ever.
    async (error: unknown) => {
      await Promise.all(workers.map((worker) => worker.terminate()))
      throw error
    },
  )
  return { done, stop: () => requestStop(shared) }
}

function startThread(): Worker {
  return new Worker(new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url))
}

/** Resolves when the thread has done its part. */
function runOn(worker: Worker, setup: ReplicaSetup, onReport: (report: ReplicaReport) => void): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const onMessage = (report: ThreadReport): void => {
      if (report.kind === 'ended') {
        release()
        resolve()
        return
      }
      try {
        onReport(report)
      } catch (error) {
        // Thrown out of here it would end the process: a log or a saved state that cannot be written fails the job alone.
        onError(error)
      }
    }
    const onError = (error: unknown): void => {
      release()
      reject(error)
    }
    const onExit = (code: number): void => onError(new Error(`A training thread ended with ${code}.`))
    const release = (): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
    }
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
    worker.ref()
    worker.postMessage(setup)
  })
}
