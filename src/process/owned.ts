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
const POLL_MS = 20
/** How long the system may take to clear away a killed process, its memory and its devices. */
const KILL_MS = 30_000

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
  for (const pid of processIds()) {
    const environment = readQuietly(`/proc/${pid}/environ`)
    if (!environment?.split('\0').includes(`${MARKER}=${marker}`)) continue
    const stat = statFields(pid)
    // Children inherit the marker; the leader's group is itself.
    if (stat?.group === pid && !stat.hasEnded) return { pid, startTime: stat.startTime }
  }
  return undefined
}

/** All that the system shows us (Linux). */
function processIds(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger)
}

/**
 * Ends the group: TERM, then KILL after the grace for whoever is left of it. Returns when all of it is gone.
 * @throws Error when it survives even KILL
 */
export async function stopOwned(identity: ProcessIdentity, graceMs: number): Promise<void> {
  if (!isAlive(identity)) return
  const group = identity.pid
  signalGroup(group, 'SIGTERM')
  if (await groupEnds(group, graceMs)) return
  signalGroup(group, 'SIGKILL')
  if (await groupEnds(group, KILL_MS)) return
  throw new Error(`process ${group} and its children do not end, not even by KILL; a device driver may hold them`)
}

/**
 * Ends every process that carries the marker, also those whose leader has died or that have left its group: TERM, then KILL.
 * Elsewhere than on Linux, where nobody can look, it does nothing.
 * @throws Error when one survives even KILL
 */
export async function stopMarked(marker: string, graceMs: number): Promise<void> {
  for (const [signal, withinMs] of [
    ['SIGTERM', graceMs],
    ['SIGKILL', KILL_MS],
  ] as const) {
    const left = marked(marker)
    for (const { pid } of left) signalProcess(pid, signal)
    const deadline = performance.now() + withinMs
    while (left.some(isAlive)) {
      if (performance.now() >= deadline) break
      await sleep(POLL_MS)
    }
    if (marked(marker).length === 0) return
  }
  const pids = marked(marker).map(({ pid }) => pid)
  throw new Error(`processes ${pids.join(', ')} do not end, not even by KILL; a device driver may hold them`)
}

function marked(marker: string): ProcessIdentity[] {
  if (process.platform !== 'linux') return []
  return processIds().flatMap((pid) => {
    if (!readQuietly(`/proc/${pid}/environ`)?.split('\0').includes(`${MARKER}=${marker}`)) return []
    const stat = statFields(pid)
    return stat && !stat.hasEnded ? [{ pid, startTime: stat.startTime }] : []
  })
}

async function groupEnds(group: number, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs
  while (isGroupAlive(group)) {
    if (performance.now() >= deadline) return false
    await sleep(POLL_MS)
  }
  return true
}

/** A leader may end before its children do; zombies do not count, for in a container nobody may ever collect them. */
function isGroupAlive(group: number): boolean {
  if (!signalGroup(group, 0)) return false
  if (process.platform !== 'linux') return true
  return processIds().some((pid) => {
    const stat = statFields(pid)
    return stat?.group === group && !stat.hasEnded
  })
}

/** Whether there was somebody to get the signal. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  return signalProcess(-group, signal)
}

function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch (error) {
    // ESRCH: the last one ended between the look and the signal; EPERM: macOS's word for a group of zombies.
    if (error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM')) return false
    throw error
  }
}

/** When a process started, as a text that is equal only for the same process; undefined when it is gone or a zombie. */
function startTimeOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const stat = statFields(pid)
    return stat && !stat.hasEnded ? stat.startTime : undefined
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
  /** It is a zombie: nothing of it is left but its exit code. */
  readonly hasEnded: boolean
  readonly group: number
  readonly startTime: string
}

/** Fields 3, 5, 20 and 22 of /proc/PID/stat; the program's name before them may hold spaces and parentheses. */
function statFields(pid: number): StatFields | undefined {
  const text = readQuietly(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, , group] = fields
  const threads = fields[17]
  const startTime = fields[19]
  if (state === undefined || group === undefined || startTime === undefined) return undefined
  // The first thread may be a zombie while others still hold the port and the memory.
  return { hasEnded: state === 'Z' && Number(threads) <= 1, group: Number(group), startTime }
}

/** Processes come and go while we look: a file that has gone is an answer, not an error. */
function readQuietly(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
