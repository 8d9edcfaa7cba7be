/** A trainer that is any local program keeping the recipe contract (docs/trainers.md): flags in, a directory out, exit codes that mean something. */

import { messageOf, TrainerError } from '../core/errors.ts'
import { fillPlaceholders } from '../core/placeholders.ts'
import type { JobHandle, JobStatus, Trainer, TrainJob } from '../core/trainer.ts'
import type { AddedVariables } from '../process/environment.ts'
import {
  findOwned,
  isAlive,
  type OwnedProcess,
  type ProcessExit,
  type ProcessIdentity,
  spawnOwned,
} from '../process/owned.ts'
import { stopStarted } from '../process/stop.ts'
import { commandPlaceholders } from './command-placeholders.ts'
import { EXIT_FILE_VARIABLE, exitFileOf, forgetExit, saidCode, statusOfCode } from './exit-code.ts'
import { readMetrics } from './metrics.ts'

export interface CommandTrainerOptions {
  /** The program and its arguments, with placeholders of `commandPlaceholders`. */
  readonly command: readonly string[]
  readonly env: AddedVariables
  /** Variables that hold keys; see `spawnOwned`. */
  readonly keys: readonly string[]
  /** Working directory: where run.yaml lies, so that relative paths in the command mean what they say there. */
  readonly cwd: string
  /** Unique to the run folder, so that two runs' jobs are told apart. */
  readonly runMarker: string
}

const ENGINE = 'command'
const POLL_MS = 50
/** Grace for what a lost job has left. */
const LEFT_MS = 10_000

/** @example createCommandTrainer({ command: ['python3', 'recipes/train_sft.py', '--dataset', '{dataset}', …], … }) */
export function createCommandTrainer(options: CommandTrainerOptions): Trainer {
  const children = new Map<string, OwnedProcess>()
  const markerOf = (job: TrainJob): string => `${options.runMarker}#train-${job.key}`

  return {
    pollMs: POLL_MS,
    // The system always answers.
    patienceMs: 0,
    async submit(job) {
      const argv = fillPlaceholders(options.command, commandPlaceholders(job))
      forgetExit(job)
      try {
        const owned = await spawnOwned({
          argv,
          cwd: options.cwd,
          env: { ...options.env, [EXIT_FILE_VARIABLE]: exitFileOf(job) },
          keys: options.keys,
          log: job.log,
          marker: markerOf(job),
        })
        const handle = toHandle(owned.identity)
        children.set(handle.id, owned)
        return handle
      } catch (error) {
        throw new TrainerError(
          `The trainer cannot be started: ${messageOf(error)}; check train.command (${argv[0]}) and that the program is installed.`,
          { cause: error, unreachable: true },
        )
      }
    },
    async find(job) {
      const identity = findOwned(markerOf(job))
      return identity && toHandle(identity)
    },
    async status(handle, job) {
      const identity = toIdentity(handle)
      if (isAlive(identity)) return { state: 'running', exitCode: undefined, reason: '' }
      const child = children.get(handle.id)
      const status = child ? statusOfExit(await child.exit, job) : statusOfLeft(job)
      // Workers that outlive their launcher would write beside the next attempt, and hold its devices.
      if (status.state === 'lost') await stopStarted({ identity, marker: markerOf(job) }, LEFT_MS)
      return status
    },
    cancel: (handle, graceMs) => stopStarted({ identity: toIdentity(handle) }, graceMs),
  }
}

/** Another process started it: nobody can know its exit code but by its own word, and the directory decides. */
function statusOfLeft(job: TrainJob): JobStatus {
  if (readMetrics(job)) return { state: 'succeeded', exitCode: undefined, reason: '' }
  const said = saidCode(job)
  if (said !== undefined && said !== 0) return statusOfCode(said, job)
  return { state: 'lost', exitCode: undefined, reason: 'its process is gone and left no checkpoint' }
}

function statusOfExit(exit: ProcessExit, job: TrainJob): JobStatus {
  if (exit.kind === 'code') return statusOfCode(exit.code, job)
  return { state: 'lost', exitCode: undefined, reason: `it was ended by ${exit.signal}` }
}

function toHandle(identity: ProcessIdentity): JobHandle {
  return { engine: ENGINE, id: `${identity.pid}@${identity.startTime}` }
}

function toIdentity(handle: JobHandle): ProcessIdentity {
  const at = handle.id.indexOf('@')
  return { pid: Number(handle.id.slice(0, at)), startTime: handle.id.slice(at + 1) }
}
