/**
 * Jobs of Ray, through the Jobs API of its head. An id is stored before it is submitted and never used twice; whatever else the head
 * may start later under an older id ends at once, because the launcher looks which id counts.
 */

import { copyFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { EngineAway } from '../core/errors.ts'
import type { JobStatus } from '../core/job.ts'
import { crashPoint } from '../process/crash-point.ts'
import { type Job, type JobEngine, stateOnly } from './contract.ts'
import { forgetExit, saidCode } from './exit-file.ts'
import { createRayApi, type RayAddress, type RayApi, type RayJob } from './ray-api.ts'
import { launcherOf, nextId, readTicket, writeTicket } from './ray-files.ts'
import { statusOfRayJob } from './ray-state.ts'
import { submissionOf } from './ray-submission.ts'

export interface RayOptions extends RayAddress {
  /** Absolute path of the program that starts a job on the cluster's machine, see recipes/ray-job.py. */
  readonly launcher: string
  readonly pollSeconds: number
  readonly unreachableSeconds: number
}

const ENGINE = 'ray'
const CANCEL_POLL_MS = 500
/** Beyond the job's own grace: Ray's way to its KILL and to the word of it. */
const CANCEL_MS = 30_000
/** Looks at a job that was waiting when it was stopped: it may have started that very moment. */
const PENDING_LOOKS = 4

export function createRayEngine(options: RayOptions): JobEngine {
  const api = createRayApi(options)
  return {
    pollMs: options.pollSeconds * 1000,
    patienceMs: options.unreachableSeconds * 1000,
    submit: (job) => submit(job, api, options.launcher),
    async find(job) {
      const ticket = readTicket(job)
      if (!ticket || ticket.withdrawn) return undefined
      const seen = await api.get(ticket.id)
      return seen && isUnderWay(seen) ? { engine: ENGINE, id: ticket.id } : undefined
    },
    async status({ id }, job) {
      try {
        return statusOf(await api.get(id), id, job)
      } catch (error) {
        if (error instanceof EngineAway) return stateOnly('unknown', error.message)
        throw error
      }
    },
    cancel: ({ id }, job) => cancel(id, job, api),
    async withdraw(job) {
      const ticket = readTicket(job)
      // Nothing is submitted before its ticket is written.
      if (ticket) await cancel(ticket.id, job, api)
    },
  }
}

async function submit(job: Job, api: RayApi, launcher: string) {
  const copy = launcherOf(job, launcher)
  copyFileSync(launcher, copy)
  let before = readTicket(job)?.id
  for (;;) {
    const id = nextId(job, before)
    writeTicket(job, { id, withdrawn: false })
    forgetExit(job.exitFile)
    crashPoint('id-stored')
    if (await api.submit(submissionOf(job, id, copy))) return { engine: ENGINE, id }
    // Somebody has lost the ticket of an earlier submission under this id.
    const seen = await api.get(id)
    if (seen && isUnderWay(seen)) return { engine: ENGINE, id }
    before = id
  }
}

async function cancel(id: string, job: Job, api: RayApi): Promise<void> {
  if (readTicket(job)?.id === id) writeTicket(job, { id, withdrawn: true })
  const deadline = performance.now() + job.stopSeconds * 1000 + CANCEL_MS
  let waiting = 0
  for (let isAsked = false; performance.now() < deadline; ) {
    const seen = await api.get(id)
    if (!seen || !isUnderWay(seen)) return
    if (!isAsked) await api.stop(id)
    isAsked = true
    // It stays pending, and when it is started it finds that it is withdrawn.
    if (seen.status === 'PENDING' && ++waiting >= PENDING_LOOKS) return
    await sleep(CANCEL_POLL_MS)
  }
}

function statusOf(seen: RayJob | undefined, id: string, job: Job): JobStatus {
  const ticket = readTicket(job)
  const isWithdrawn = ticket === undefined || ticket.id !== id || ticket.withdrawn
  return statusOfRayJob(seen, { id, isWithdrawn, said: saidCode(job.exitFile) })
}

function isUnderWay({ status }: RayJob): boolean {
  return status === 'PENDING' || status === 'RUNNING'
}
