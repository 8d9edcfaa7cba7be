/**
 * Processes that spendwise starts and must find again: each leads its own group and carries a marker in its environment,
 * so that a later spendwise can tell its own job from a stranger with a recycled process id, and never ends one by name.
 */

import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { codeOf } from '../core/errors.ts'
import { type AddedVariables, childEnvironment } from './environment.ts'
import { hasEnvironment, isSameStart, processEntry, processTable } from './table.ts'

/** What tells a process apart: ids are recycled, start times are not. */
export interface ProcessIdentity {
  readonly pid: number
  /** See `ProcessEntry.startTime`. */
  readonly startTime: string
}

export interface OwnedProcess {
  readonly identity: ProcessIdentity
  /** Resolves when it ends; only for a process that this one started. */
  readonly exit: Promise<ProcessExit>
  /** The same for whoever waits for nothing else: until it is known, this process does not end for want of work. */
  readonly waitForExit: () => Promise<ProcessExit>
}

export type ProcessExit =
  | { readonly kind: 'code'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }

export interface SpawnOptions {
  readonly argv: readonly string[]
  readonly cwd: string
  /** Added to our own environment. */
  readonly env: AddedVariables
  /** Variables of ours that hold keys: they are not passed on. */
  readonly keys?: readonly string[]
  /** File that gets stdout and stderr, appended. */
  readonly log: string
  /** Unique text to find it by; see `findOwned`. */
  readonly marker: string
}

/** In the environment of what we start. */
export const MARKER_VARIABLE = 'SPENDWISE_PROCESS'

/**
 * Starts a program as the leader of its own group; it outlives us when we are killed.
 * @throws Error with code ENOENT or EACCES when it cannot be started
 */
export async function spawnOwned(options: SpawnOptions): Promise<OwnedProcess> {
  const [program, ...args] = options.argv
  if (program === undefined) throw new TypeError('an empty command cannot be started')
  const log = openSync(options.log, 'a')
  try {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...childEnvironment(process.env, options.keys ?? [], options.env), [MARKER_VARIABLE]: options.marker },
      detached: true,
      stdio: ['ignore', log, log],
    })
    const exit = new Promise<ProcessExit>((resolve) => {
      child.once('exit', (code, signal) =>
        resolve(code === null ? { kind: 'signal', signal: signal ?? 'unknown' } : { kind: 'code', code }),
      )
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', (error) => reject(withProgram(error, program, options.cwd)))
    })
    child.unref()
    const pid = child.pid ?? 0
    const waitForExit = (): Promise<ProcessExit> => {
      child.ref()
      return exit
    }
    return { identity: { pid, startTime: startTimeOf(pid) ?? 'ended' }, exit, waitForExit }
  } finally {
    closeSync(log)
  }
}

/** Node says `spawn vllm ENOENT` of a program that is not there. */
function withProgram(error: Error, program: string, cwd: string): Error {
  if (codeOf(error) !== 'ENOENT' || !existsSync(cwd)) return error
  const text = `${program} is neither a program on the PATH nor a file`
  return Object.assign(new Error(text, { cause: error }), { code: 'ENOENT' })
}

/** Whether this very process (not a later one with its id) is still there. */
export function isAlive(identity: ProcessIdentity): boolean {
  const start = startTimeOf(identity.pid)
  return start !== undefined && isSameStart(start, identity.startTime)
}

/**
 * The leader of the group started with this marker, where the system lets us look (Linux);
 * elsewhere undefined, and the identity stored after the start is all there is.
 */
export function findOwned(marker: string): ProcessIdentity | undefined {
  const entry = `${MARKER_VARIABLE}=${marker}`
  // Children inherit the marker; the leader's group is itself.
  const leader = processTable().find(
    ({ pid, group, hasEnded }) => group === pid && !hasEnded && hasEnvironment(pid, entry),
  )
  return leader && { pid: leader.pid, startTime: leader.startTime }
}

/** undefined when it is gone or has ended. */
function startTimeOf(pid: number): string | undefined {
  const entry = processEntry(pid)
  return entry && !entry.hasEnded ? entry.startTime : undefined
}
