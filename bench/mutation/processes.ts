/** The processes that the tests of one run have started, found by a mark in their environment: detached ones too, and no others. */

import { readdirSync, readFileSync } from 'node:fs'

const TICKS_PER_SECOND = 100
const MARK = 'SPENDWISE_MUTATION'
const mine = `${process.pid}-${Date.now()}`

/** From here on every process that this one starts carries the mark. */
export function markChildren(): void {
  process.env[MARK] = mine
}

export interface Seen {
  readonly pids: readonly number[]
  /** Processor time of them and of those children of theirs that have ended. */
  readonly cpuSeconds: number
  /** Whether one of them runs, or would if it had a processor: a process that is starved is not asleep. */
  readonly isAwake: boolean
}

export function seeChildren(): Seen {
  const found = marked()
  return {
    pids: found.map(({ pid }) => pid),
    cpuSeconds: found.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    isAwake: found.some(({ isAwake }) => isAwake),
  }
}

export function killChildren(): void {
  kill(seeChildren().pids)
}

/** Those whose parent has ended: a test left them behind. */
export function killOrphans(): void {
  kill(marked().flatMap(({ pid, parent }) => (parent === 1 ? [pid] : [])))
}

function kill(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended since it was seen.
    }
  }
}

function marked(): Found[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => look(Number(name)) ?? [])
}

interface Found {
  readonly pid: number
  readonly parent: number
  readonly cpuSeconds: number
  readonly isAwake: boolean
}

function look(pid: number): Found | undefined {
  try {
    if (!readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`${MARK}=${mine}`)) return undefined
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15).map(Number)
    const state = fields[0]
    return {
      pid,
      parent: Number(fields[1]),
      cpuSeconds: (user + system + childUser + childSystem) / TICKS_PER_SECOND,
      isAwake: state === 'R' || state === 'D',
    }
  } catch {
    // It ended while it was looked at, or belongs to somebody else.
    return undefined
  }
}
