/** A job as Ray's Jobs API takes it. */

import { JobError } from '../core/errors.ts'
import type { Job } from './contract.ts'
import { EXIT_FILE_VARIABLE } from './exit-file.ts'
import type { RaySubmission } from './ray-api.ts'
import { ticketFileOf } from './ray-files.ts'

/** Exit code of an entrypoint that does not find the run folder. */
export const NO_FOLDER = 97

/** How long Ray waits between TERM and KILL; 3 s where it is not told. */
const GRACE_VARIABLE = 'RAY_JOB_STOP_WAIT_TIME_S'

/**
 * @param launcher absolute path of the launcher's copy in the run folder
 * @throws JobError for resources that Ray has no words for
 */
export function submissionOf(job: Job, id: string, launcher: string): RaySubmission {
  const { gpus, cpus, memory, custom } = job.resources
  return {
    entrypoint: entrypointOf(job, id, launcher),
    submission_id: id,
    metadata: { spendwise: `${job.purpose} ${job.key}`, directory: job.directory },
    runtime_env: { env_vars: { ...variablesOf(job), [GRACE_VARIABLE]: String(job.stopSeconds) } },
    ...(cpus !== undefined && { entrypoint_num_cpus: cpus }),
    ...(gpus !== undefined && { entrypoint_num_gpus: count(gpus) }),
    ...(memory !== undefined && { entrypoint_memory: bytesOf(memory) }),
    ...(custom && Object.keys(custom).length > 0 && { entrypoint_resources: custom }),
  }
}

/** A shell reads it: every word is quoted, and nothing of it is a shell's own but the look for the run folder. */
function entrypointOf(job: Job, id: string, launcher: string): string {
  const flags = { id, ticket: ticketFileOf(job), log: job.log, cwd: job.cwd, 'exit-file': job.exitFile }
  const words = [
    'python3',
    launcher,
    ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
    '--',
    ...job.argv,
  ]
  return `test -r ${quoted(launcher)} || exit ${NO_FOLDER}; exec ${words.map(quoted).join(' ')}`
}

/** @example quoted("it's") // 'it'\''s' */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

/** Nothing of ours goes to a cluster but what run.yaml names: its dashboard shows it. */
function variablesOf({ env, exitFile }: Job): Record<string, string> {
  const added = Object.entries(env).flatMap(([name, value]) => {
    const text = value ?? process.env[name]
    return text === undefined ? [] : [[name, text] as const]
  })
  return { ...Object.fromEntries(added), [EXIT_FILE_VARIABLE]: exitFile }
}

function count(gpus: number | string): number {
  const number = Number(gpus)
  if (Number.isFinite(number)) return number
  throw new JobError(`Ray takes a number of GPUs, not ${gpus}; name a kind of GPU in resources.`)
}

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 }

function bytesOf(memory: string): number {
  const [, number, unit = ''] = memory.match(/^(\d+)([KMGT]?)$/i) ?? []
  const factor = UNITS[unit.toUpperCase()]
  if (number === undefined || factor === undefined) {
    throw new JobError(`Memory of a job is ${memory}; write for example 64G.`)
  }
  return Number(number) * factor
}
