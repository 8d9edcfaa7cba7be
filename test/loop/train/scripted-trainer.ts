/** A trainer that does what a script says: each submission ends as the next entry has it. */

import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { JobState, JobStatus } from '../../../src/core/job.ts'
import type { Trainer, TrainJob, TrainMetrics } from '../../../src/core/trainer.ts'
import { leaveCheckpoint } from '../../train/training-job.ts'

export interface ScriptedTrainer extends Trainer {
  readonly submitted: TrainJob[]
  /** Keys of jobs that were cancelled, with the grace that they got in milliseconds. */
  readonly cancelled: (readonly [key: string, graceMs: number])[]
}

/** One state, or several that are seen one after the other; the last one stays. */
export type Course = JobState | readonly (JobState | JobStatus | Error)[]

/** Each job leaves weights of its own. */
export function writeMetrics(job: TrainJob, changes: Partial<TrainMetrics> = {}): void {
  const own = {
    tokens: 100,
    seconds: 3,
    loss: { first: 1, last: 0.5 },
    checkpoint: { sha256: `weights-of-${job.key}` },
  }
  leaveCheckpoint(job, { ...own, ...changes })
}

/** @param metrics of jobs that succeed; null: they leave none */
export function scriptTrainer(
  courses: readonly Course[],
  {
    metrics = {},
    says = '',
    ...more
  }: Partial<Trainer> & { metrics?: Partial<TrainMetrics> | null; says?: string } = {},
): ScriptedTrainer {
  const submitted: TrainJob[] = []
  const cancelled: [string, number][] = []
  const seen = new Map<string, number>()
  return {
    pollMs: 1,
    patienceMs: 60_000,
    submitted,
    cancelled,
    async submit(job) {
      submitted.push(job)
      if (says !== '') {
        mkdirSync(dirname(job.log), { recursive: true })
        appendFileSync(job.log, says)
      }
      return { engine: 'scripted', id: String(submitted.length) }
    },
    find: async () => undefined,
    async status({ id }, job) {
      const course = courses[Number(id) - 1] ?? 'lost'
      const states = typeof course === 'string' ? [course] : course
      const at = seen.get(id) ?? 0
      seen.set(id, at + 1)
      const state = states[Math.min(at, states.length - 1)] ?? 'lost'
      if (state instanceof Error) throw state
      const status = typeof state === 'string' ? { state, exitCode: undefined, reason: `it is ${state}` } : state
      if (status.state === 'succeeded' && metrics !== null) writeMetrics(job, metrics)
      return status
    },
    async cancel({ id }, job, graceMs) {
      cancelled.push([job.key, graceMs])
      seen.set(id, Number.MAX_SAFE_INTEGER)
    },
    ...more,
  }
}
