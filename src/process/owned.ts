/**
 * Processes that spendwise starts and must find again: each leads its own group and carries a marker in its environment,
 * so that a later spendwise can tell its own job from a stranger with a recycled process id, and never ends one by name.
 */

import { execFileSync, spawn } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** What tells a process apart for as long as the machine is up: ids are recycled, start times are not. */
export interface ProcessIdentity {
  readonly pid: number
  readonly startTime: string
}

export interface OwnedProcess {
  readonly identity: ProcessIdentity
  /** Resolves when it ends; only for a process that this one started. */
  readonly exit: Promise<ProcessExit>
}

export type ProcessExit =
  | { readonly kind: 'code'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }

export interface SpawnOptions {
  readonly argv: readonly string[]
  readonly cwd: string
  /** Added to our own environment. */
  readonly env: Readonly<Record<string, string>>
  /** File that gets stdout and stderr, appended. */
  readonly log: string
  /** Unique text to find it by; see `findOwned`. */
  readonly marker: string
}

const MARKER = 'SPENDWISE_PROCESS'

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
      env: { ...process.env, ...options.env, [MARKER]: options.marker },
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
      child.once('error', reject)
    })
    child.unref()
    const pid = child.pid ?? 0
    return { identity: { pid, startTime: startTimeOf(pid) ?? 'ended' }, exit }
  } finally {
    closeSync(log)
  }
}

/** Whether this very process (not a later one with its id) is still there. */
export function isAlive(identity: ProcessIdentity): boolean {
  return startTimeOf(identity.pid) === identity.startTime
}

/**
 * The leader of the group started with this marker, where the system lets us look (Linux);
 * elsewhere undefined, and the identity stored after the start is all there is.
 */
export function findOwned(marker: string): ProcessIdentity | undefined {
  if (process.platform !== 'linux') return undefined
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    const environment = readQuietly(`/proc/${pid}/environ`)
    if (!environment?.split('\0').includes(`${MARKER}=${marker}`)) continue
    const stat = statFields(pid)
    // Field 5 of stat is the group; children inherit the marker, the leader's group is itself.
    if (stat?.group === pid && stat.state !== 'Z') return { pid, startTime: stat.startTime }
  }
  return undefined
}

/** Ends the group: TERM, then KILL after the grace. Returns when the leader is gone. */
export async function stopOwned(identity: ProcessIdentity, graceMs: number): Promise<void> {
  if (!isAlive(identity)) return
  signalGroup(identity.pid, 'SIGTERM')
  const deadline = Date.now() + graceMs
  while (isAlive(identity) && Date.now() < deadline) await sleep(20)
  if (!isAlive(identity)) return
  signalGroup(identity.pid, 'SIGKILL')
  while (isAlive(identity)) await sleep(20)
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    // ESRCH: it ended between the look and the signal, which is what was wanted.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** When a process started, as a text that is equal only for the same process; undefined when it is gone or a zombie. */
function startTimeOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const stat = statFields(pid)
    return stat && stat.state !== 'Z' ? stat.startTime : undefined
  }
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
    return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '')
  } catch {
    // ps exits with 1 when there is no such process.
    return undefined
  }
}

interface StatFields {
  readonly state: string
  readonly group: number
  readonly startTime: string
}

/** Fields 3, 5 and 22 of /proc/PID/stat; the program's name before them may hold spaces and parentheses. */
function statFields(pid: number): StatFields | undefined {
  const text = readQuietly(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, , group] = fields
  const startTime = fields[19]
  if (state === undefined || group === undefined || startTime === undefined) return undefined
  return { state, group: Number(group), startTime }
}

/** Processes come and go while we look: a file that has gone is an answer, not an error. */
function readQuietly(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
