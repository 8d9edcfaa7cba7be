/**
 * Ends what spendwise has started, whole: the leader, its group and session, whoever descends from them, and whoever carries the
 * marker. Servers and launchers lose their leader first and write over their environment (`setproctitle`), so that no single
 * one of these signs is enough, and what outlives them holds ports and devices.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf } from '../core/errors.ts'
import { MARKER_VARIABLE, type ProcessIdentity } from './owned.ts'
import { hasEnvironment, ignoresTerm, isSameStart, type ProcessEntry, processTable, startedSince } from './table.ts'

/** What is known of something that was started; either may be missing. */
export interface Started {
  /** Of the leader, also when it is gone by now. */
  readonly identity?: ProcessIdentity | undefined
  readonly marker?: string | undefined
}

/** Between two looks: soon at first, then less often, as a look goes through all processes of the machine. */
const FIRST_POLL_MS = 10
const LAST_POLL_MS = 200
/** How long the system may take to clear away a killed process, its memory and its devices. */
const KILL_MS = 30_000
/** For those that ignore TERM to see that the others are gone, as Python's resource tracker does, before they are killed. */
const IGNORED_MS = 2000

/**
 * TERM to each, then KILL for whoever is left after the grace, or is left alone and ignores TERM. Returns when all are gone.
 * @param graceMs milliseconds between the two
 * @throws Error when one survives even KILL
 */
export async function stopStarted(started: Started, graceMs: number): Promise<void> {
  const asked = new Set<number>()
  const deadline = performance.now() + graceMs
  let ignoredSince: number | undefined
  for (let looks = 0; ; looks++) {
    const left = partsOf(started, processTable())
    if (left.length === 0) return
    const now = performance.now()
    ignoredSince = left.every(({ pid }) => ignoresTerm(pid)) ? (ignoredSince ?? now) : undefined
    if (now >= deadline || (ignoredSince !== undefined && now - ignoredSince >= IGNORED_MS)) break
    // Also those that were started while we waited.
    for (const { pid } of left) {
      if (asked.has(pid)) continue
      asked.add(pid)
      sendSignal(pid, 'SIGTERM')
    }
    await sleep(pollMs(looks))
  }
  await killAll(started)
}

async function killAll(started: Started): Promise<void> {
  const deadline = performance.now() + KILL_MS
  for (let looks = 0; ; looks++) {
    const left = partsOf(started, processTable()).map(({ pid }) => pid)
    if (left.length === 0) return
    if (performance.now() >= deadline) {
      throw new Error(`processes ${left.join(', ')} do not end, not even by KILL; a device driver may hold them`)
    }
    for (const pid of left) sendSignal(pid, 'SIGKILL')
    await sleep(pollMs(looks))
  }
}

function pollMs(looks: number): number {
  return Math.min(LAST_POLL_MS, FIRST_POLL_MS * 1.2 ** looks)
}

/**
 * Who belongs to it, out of all processes there are; those that have ended do not count, for in a container nobody may ever
 * collect them.
 */
export function partsOf(started: Started, table: readonly ProcessEntry[]): ProcessEntry[] {
  const { identity, marker } = started
  const isOfLeader = identity ? signOfLeader(identity, table) : () => false
  const entry = marker === undefined ? undefined : `${MARKER_VARIABLE}=${marker}`
  const parts = new Set<number>()
  for (const one of table) {
    if (one.pid === process.pid) continue
    if (isOfLeader(one) || (entry !== undefined && hasEnvironment(one.pid, entry))) parts.add(one.pid)
  }
  // Children that have made a session of their own, until nothing is added.
  for (let size = -1; size !== parts.size; ) {
    size = parts.size
    for (const { pid, parent } of table) if (parts.has(parent)) parts.add(pid)
  }
  return table.filter(({ pid, hasEnded }) => parts.has(pid) && !hasEnded)
}

/**
 * A leader leads its group and its session under its own process id, and no id is given out again while either has a member. So
 * when it is gone, members that started after it are its own; unless its id is a stranger's by now, or the machine has been
 * started again since.
 */
function signOfLeader(identity: ProcessIdentity, table: readonly ProcessEntry[]): (one: ProcessEntry) => boolean {
  const { pid, startTime } = identity
  const holder = table.find((one) => one.pid === pid)
  if (holder && !isSameStart(holder.startTime, startTime)) return () => false
  const isOfIts = (one: ProcessEntry): boolean => one.group === pid || one.session === pid
  if (holder) return isOfIts
  return (one) => isOfIts(one) && startedSince(one.startTime, startTime)
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // ESRCH: it ended between the look and the signal; EPERM: macOS's word for a zombie.
    if (['ESRCH', 'EPERM'].includes(codeOf(error) ?? '')) return
    throw error
  }
}
