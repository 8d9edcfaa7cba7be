/** A training job over a fixed number of threads: starts the replicas and passes on what their leader reports. */

import { Worker } from 'node:worker_threads'
import { parameterLayout } from '../model/model.ts'
import { createShared, type ReplicaReport, type ReplicaSetup, requestStop } from '../model/replica.ts'

export type TrainingSetup = Omit<ReplicaSetup, 'threads' | 'thread' | 'shared'>

export interface Training {
  /** Resolves when all threads have ended; rejects when one failed. */
  readonly done: Promise<void>
  /** Stops after the present step; a `stopped` state is reported before `done` resolves. */
  stop(): void
}

export function startTraining(
  setup: TrainingSetup,
  threads: number,
  onReport: (report: ReplicaReport) => void,
): Training {
  const shared = createShared(parameterLayout(setup.shape).total)
  const entry = new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url)
  const workers = Array.from({ length: threads }, (_, thread) => {
    const workerData: ReplicaSetup = { ...setup, threads, thread, shared }
    return new Worker(entry, { workerData })
  })
  workers[0]?.on('message', onReport)
  const ends = workers.map(
    (worker) =>
      new Promise<void>((resolve, reject) => {
        worker.once('error', reject)
        worker.once('exit', (code) =>
          code === 0 ? resolve() : reject(new Error(`A training thread ended with ${code}.`)),
        )
      }),
  )
  const done = Promise.all(ends)
    .then(() => undefined)
    // The others wait for the failed one for ever.
    .finally(() => Promise.all(workers.map((worker) => worker.terminate())))
  return { done, stop: () => requestStop(shared) }
}
