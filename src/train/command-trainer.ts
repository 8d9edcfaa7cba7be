/** A trainer that is any local program keeping the recipe contract (docs/trainers.md): flags in, a directory out, exit codes that mean something. */

import { existsSync } from 'node:fs'
import { TrainerError } from '../core/errors.ts'
import type { JobHandle, JobStatus, Trainer, TrainJob } from '../core/trainer.ts'
import {
  findOwned,
  isAlive,
  type OwnedProcess,
  type ProcessExit,
  type ProcessIdentity,
  spawnOwned,
  stopOwned,
} from '../process/owned.ts'
import { fillPlaceholders } from '../process/placeholders.ts'
import { readMetrics } from './metrics.ts'

export interface CommandTrainerOptions {
  /** The program and its arguments, with placeholders of `placeholdersOf`. */
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Working directory: where run.yaml lies, so that relative paths in the command mean what they say there. */
  readonly cwd: string
  /** Unique to the run folder, so that two runs' jobs are told apart. */
  readonly runMarker: string
}

const ENGINE = 'command'

/** Exit codes of the recipe contract; all others are the machine's doing and worth another try. */
const EXIT_STATES: Readonly<Record<number, Pick<JobStatus, 'state' | 'reason'>>> = {
  2: { state: 'failed', reason: 'it refused its input (exit 2)' },
  3: { state: 'failed', reason: 'training failed (exit 3)' },
  75: { state: 'preempted', reason: 'it was stopped with its work saved (exit 75)' },
}

/** @example createCommandTrainer({ command: ['python3', 'recipes/train_sft.py', '--dataset', '{dataset}', …], … }) */
export function createCommandTrainer(options: CommandTrainerOptions): Trainer {
  const children = new Map<string, OwnedProcess>()
  const markerOf = (job: TrainJob): string => `${options.runMarker}#train-${job.key}`

  return {
    async submit(job) {
      const argv = fillPlaceholders(options.command, placeholdersOf(job))
      try {
        const owned = await spawnOwned({
          argv,
          cwd: options.cwd,
          env: options.env,
          log: job.log,
          marker: markerOf(job),
        })
        const handle = toHandle(owned.identity)
        children.set(handle.id, owned)
        return handle
      } catch (error) {
        throw new TrainerError(
          `The trainer cannot be started: ${error instanceof Error ? error.message : String(error)}; check train.command (${argv[0]}) and that the program is installed.`,
          { cause: error, unreachable: true },
        )
      }
    },
    async find(job) {
      const identity = findOwned(markerOf(job))
      return identity && toHandle(identity)
    },
    async status(handle, job) {
      if (isAlive(toIdentity(handle))) return { state: 'running', exitCode: undefined, reason: '' }
      const child = children.get(handle.id)
      if (child) return statusOfExit(await child.exit, job)
      // Another process started it: nobody can know its exit code, and the directory decides.
      if (readMetrics(job)) return { state: 'succeeded', exitCode: undefined, reason: '' }
      return { state: 'lost', exitCode: undefined, reason: 'its process is gone and left no checkpoint' }
    },
    cancel: (handle, graceMs) => stopOwned(toIdentity(handle), graceMs),
  }
}

/** What a train command may ask for. */
export function placeholdersOf(job: TrainJob): Record<string, string | number | undefined> {
  const { optimization } = job
  return {
    base: job.base,
    dataset: job.dataset,
    sha256: job.datasetSha256,
    output: job.output,
    seed: job.seed,
    // A recipe gets both flags; 0 says that the other one counts.
    epochs: optimization.epochs ?? 0,
    steps: optimization.steps ?? 0,
    batch: optimization.batch,
    lr: optimization.lrStart,
    lrEnd: optimization.lrEnd,
    warmup: optimization.warmupSteps,
    optimizerState: optimization.optimizerState,
    iteration: job.iteration,
    name: job.key,
  }
}

function statusOfExit(exit: ProcessExit, job: TrainJob): JobStatus {
  if (exit.kind === 'signal') return { state: 'lost', exitCode: undefined, reason: `it was ended by ${exit.signal}` }
  if (exit.code !== 0) {
    const known = EXIT_STATES[exit.code] ?? { state: 'lost', reason: `it ended with exit code ${exit.code}` }
    return { ...known, exitCode: exit.code }
  }
  if (readMetrics(job)) return { state: 'succeeded', exitCode: 0, reason: '' }
  const what = existsSync(job.output) ? `${job.output} has no metrics.json` : `${job.output} is not there`
  return { state: 'failed', exitCode: 0, reason: `it ended with exit code 0 but ${what}` }
}

function toHandle(identity: ProcessIdentity): JobHandle {
  return { engine: ENGINE, id: `${identity.pid}@${identity.startTime}` }
}

function toIdentity(handle: JobHandle): ProcessIdentity {
  const at = handle.id.indexOf('@')
  return { pid: Number(handle.id.slice(0, at)), startTime: handle.id.slice(at + 1) }
}
