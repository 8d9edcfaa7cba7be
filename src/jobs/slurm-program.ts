/** Slurm's own programs, each with a deadline; an answer that does not come is told apart from an answer that says no. */

import { execFile } from 'node:child_process'
import { JobError } from '../core/errors.ts'

export type SlurmAnswer =
  | { readonly kind: 'done'; readonly stdout: string; readonly stderr: string }
  /** It has looked at what was asked and refused it. */
  | { readonly kind: 'refused'; readonly why: string }
  /** No answer in time, or nobody to give one: what was asked may have happened. */
  | { readonly kind: 'away'; readonly why: string }

export interface SlurmCall {
  readonly argv: readonly [string, ...string[]]
  readonly env: NodeJS.ProcessEnv
  readonly deadlineMs: number
}

/** What Slurm's programs say when the controller, its network or the authentication daemon is not there (22.05 to 25). */
const AWAY =
  /unable to contact|time(?:d )?out|connect(?:ion)? (?:failure|refused|reset|error)|communication|zero bytes|temporarily unable|standby|unable to establish|authentication|munge|transport endpoint|unexpected message|no route to host|unable to resolve|configuration (?:file|source)|can not be altered now/i

/** @throws JobError when the program is not installed here */
export function callSlurm({ argv, env, deadlineMs }: SlurmCall): Promise<SlurmAnswer> {
  const [program, ...args] = argv
  return new Promise((resolve, reject) => {
    const options = { env, timeout: deadlineMs, killSignal: 'SIGKILL', encoding: 'utf8', maxBuffer: 1 << 24 } as const
    execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) return resolve({ kind: 'done', stdout: stdout.trim(), stderr: stderr.trim() })
      if (error.code === 'ENOENT') {
        return reject(
          new JobError(
            `${program} is not on the PATH; jobs through Slurm need its client programs on the machine where spendwise runs.`,
            { cause: error, unreachable: true },
          ),
        )
      }
      const why = lastWords(stderr) || `${program} gave no answer within ${deadlineMs / 1000} s`
      resolve({ kind: error.killed || AWAY.test(stderr) ? 'away' : 'refused', why })
    })
  })
}

/** The last thing it said, without the name of the program before it. */
function lastWords(stderr: string): string {
  const line = stderr.trimEnd().split('\n').at(-1) ?? ''
  return line.replace(/^\w+: (?:error: )?/, '').trim()
}
