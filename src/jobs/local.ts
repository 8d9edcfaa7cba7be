/** Jobs that are processes of this machine: each leads its own group, outlives spendwise, and is found again by a marker in its environment. */

import { messageOf } from '../core/errors.ts'
import type { JobHandle, JobStatus } from '../core/job.ts'
import {
  findOwned,
  isAlive,
  type OwnedProcess,
  type ProcessExit,
  type ProcessIdentity,
  spawnOwned,
} from '../process/owned.ts'
import { stopStarted } from '../process/stop.ts'
import { exited, type Job, type JobEngine, stateOnly } from './contract.ts'
import { EXIT_FILE_VARIABLE, forgetExit, saidCode } from './exit-file.ts'
import { markerOf } from './names.ts'
import { cannotStart } from './words.ts'

/** The first part of a handle; a run of 0.1.0 has stored it. */
const ENGINE = 'command'
const POLL_MS = 50
/** Grace for what a lost job has left. */
const LEFT_MS = 10_000

export function createLocalEngine(): JobEngine {
  const children = new Map<string, OwnedProcess>()
  return {
    pollMs: POLL_MS,
    // The system always answers.
    patienceMs: 0,
    async submit(job) {
      forgetExit(job.exitFile)
      const { argv, cwd, keys, log } = job
      const env = { ...job.env, [EXIT_FILE_VARIABLE]: job.exitFile }
      try {
        const owned = await spawnOwned({ argv, cwd, env, keys, log, marker: markerOf(job) })
        const handle = toHandle(owned.identity)
        children.set(handle.id, owned)
        return handle
      } catch (error) {
        throw cannotStart(job, messageOf(error), error)
      }
    },
    async find(job) {
      const identity = findOwned(markerOf(job))
      return identity && toHandle(identity)
    },
    async status(handle, job) {
      const identity = toIdentity(handle)
      if (isAlive(identity)) return stateOnly('running', '')
      const child = children.get(handle.id)
      const status = child ? statusOfExit(await child.waitForExit()) : statusOfGone(job)
      // Workers that outlive their launcher would write next to the next attempt, and hold its devices.
      if (status.state === 'lost') await stopStarted({ identity, marker: markerOf(job) }, LEFT_MS)
      return status
    },
    cancel: (handle, _, graceMs) => stopStarted({ identity: toIdentity(handle) }, graceMs),
    async withdraw(job, graceMs) {
      // What was started is there when `submit` returns: nothing comes later.
      const identity = findOwned(markerOf(job))
      if (identity) await stopStarted({ identity }, graceMs)
    },
  }
}

/** Another process started it: nobody can know its exit code but by its own word. */
function statusOfGone({ exitFile }: Job): JobStatus {
  const said = saidCode(exitFile)
  return said === undefined ? stateOnly('lost', 'its process is gone and left no exit code') : exited(said)
}

function statusOfExit(exit: ProcessExit): JobStatus {
  return exit.kind === 'code' ? exited(exit.code) : stateOnly('lost', `it was ended by ${exit.signal}`)
}

function toHandle(identity: ProcessIdentity): JobHandle {
  return { engine: ENGINE, id: `${identity.pid}@${identity.startTime}` }
}

function toIdentity(handle: JobHandle): ProcessIdentity {
  const at = handle.id.indexOf('@')
  return { pid: Number(handle.id.slice(0, at)), startTime: handle.id.slice(at + 1) }
}
