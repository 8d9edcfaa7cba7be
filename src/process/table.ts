/** The processes of this machine as the system shows them: who started whom, in which group and session, and since when. */

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessEntry {
  readonly pid: number
  readonly parent: number
  readonly group: number
  /** Undefined where the system does not show it. */
  readonly session: number | undefined
  /** A text that is equal only for the same process: on Linux `TICKS/BOOT`, clock ticks since the boot named, elsewhere a date. */
  readonly startTime: string
  /** Nothing of it is left but its exit code. */
  readonly hasEnded: boolean
}

/** All processes, those that have ended and that nobody has collected included. */
export function processTable(platform: NodeJS.Platform = process.platform): ProcessEntry[] {
  if (platform !== 'linux') return tableOfPs(['-ax'])
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger)
  return pids.flatMap((pid) => entryInProc(pid) ?? [])
}

/** One process; undefined when it is gone. */
export function processEntry(pid: number): ProcessEntry | undefined {
  return process.platform === 'linux' ? entryInProc(pid) : tableOfPs(['-p', String(pid)])[0]
}

/** Whether its environment, as it was when it started, holds this entry; false where nobody can look. A program may write over it. */
export function hasEnvironment(pid: number, entry: string): boolean {
  return readQuietly(`/proc/${pid}/environ`)?.split('\0').includes(entry) ?? false
}

const SIGTERM_BIT = 1n << 14n

/** Whether TERM does nothing to it; false where nobody can look. */
export function ignoresTerm(pid: number): boolean {
  const mask = /^SigIgn:\s*([0-9a-f]+)/m.exec(readQuietly(`/proc/${pid}/status`) ?? '')?.[1]
  return mask !== undefined && (BigInt(`0x${mask}`) & SIGTERM_BIT) !== 0n
}

/** Whether two texts name the same start; one written by an earlier version does not name the boot. */
export function isSameStart(a: string, b: string): boolean {
  const [ticks, boot] = a.split('/')
  const [otherTicks, otherBoot] = b.split('/')
  return ticks === otherTicks && (boot === undefined || otherBoot === undefined || boot === otherBoot)
}

/** Whether a process started at the same boot and no earlier than another; false where the texts do not tell. */
export function startedSince(start: string, since: string): boolean {
  const [ticks, boot] = start.split('/')
  const [sinceTicks, sinceBoot] = since.split('/')
  return boot !== undefined && boot === sinceBoot && Number(ticks) >= Number(sinceTicks)
}

/** Process ids and start times begin again with each boot. */
let bootMark: string | undefined

function bootOfLinux(): string {
  bootMark ??= (readQuietly('/proc/sys/kernel/random/boot_id') ?? '').trim().slice(0, 8)
  return bootMark
}

/** Fields 3 to 6, 20 and 22 of /proc/PID/stat; the program's name before them may hold spaces and parentheses. */
function entryInProc(pid: number): ProcessEntry | undefined {
  const text = readQuietly(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, parent, group, session] = fields
  const [threads, ticks] = [fields[17], fields[19]]
  if (state === undefined || ticks === undefined) return undefined
  const boot = bootOfLinux()
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startTime: boot === '' ? ticks : `${ticks}/${boot}`,
    // The first thread may be a zombie while others still hold the port and the memory.
    hasEnded: state === 'Z' && Number(threads) <= 1,
  }
}

function tableOfPs(which: readonly string[]): ProcessEntry[] {
  let text: string
  try {
    const args = [...which, '-o', 'pid=,ppid=,pgid=,stat=,lstart=']
    text = execFileSync('ps', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 26 })
  } catch {
    // ps exits with 1 when there is no such process.
    return []
  }
  return text.split('\n').flatMap((line) => {
    const [pid, parent, group, state, ...start] = line.trim().split(/\s+/)
    if (state === undefined || start.length === 0) return []
    const ids = { pid: Number(pid), parent: Number(parent), group: Number(group), session: undefined }
    return [{ ...ids, startTime: start.join(' '), hasEnded: state.startsWith('Z') }]
  })
}

/** Processes come and go while we look: a file that has gone is an answer, not an error. */
function readQuietly(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
