/** The runs of a folder, summed up: what is there, how far it is, what happened last. */

import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { messageOf } from '../core/errors.ts'
import type { RunEvent } from '../core/events.ts'
import type { RunState, RunStatus } from '../core/status.ts'
import { hasDatabase } from '../store/place/place.ts'
import { FOLDER } from './folder.ts'
import { readStatus } from './status.ts'

export interface ListedRun {
  /** Of its folder. */
  readonly name: string
  readonly directory: string
}

export interface RunInBrief extends ListedRun {
  /** As run.yaml has it. */
  readonly title: string
  readonly state: RunState | 'unreadable'
  /** Why it stopped, or why it cannot be read. */
  readonly reason: string | null
  readonly iterations: number
  readonly accepted: number | null
  readonly sampled: number | null
  readonly accuracy: { readonly base: number | null; readonly last: number | null } | null
  readonly cost: number | null
  readonly costUnit: string
  readonly lastEvent: (RunEvent & { readonly at: string }) | null
}

/** Folders below `parent` that hold a run, by name. */
export function runsIn(parent: string): ListedRun[] {
  const root = resolve(parent)
  if (!existsSync(root)) return []
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
    .map((entry) => ({ name: entry.name, directory: join(root, entry.name) }))
    .filter(({ directory }) => hasDatabase(directory))
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
}

/** A run that cannot be read is listed with the reason, not thrown: the others are still there. */
export function runInBrief(directory: string): RunInBrief {
  const place = { name: basename(directory), directory }
  const lastEvent = lastEventOf(directory)
  try {
    return { ...place, ...briefOf(readStatus(directory)), lastEvent }
  } catch (error) {
    const reason = messageOf(error)
    const unknown = { iterations: 0, accepted: null, sampled: null, accuracy: null, cost: null, costUnit: '' }
    return { ...place, title: place.name, state: 'unreadable', reason, ...unknown, lastEvent }
  }
}

function briefOf(status: RunStatus): Omit<RunInBrief, 'name' | 'directory' | 'lastEvent'> {
  const evaluated = status.iterations.findLast((row) => row.state !== 'rejected' && row.evaluation !== null)
  const base = status.base.evaluation?.accuracy ?? null
  const last = evaluated?.evaluation?.accuracy ?? null
  return {
    title: status.name,
    state: status.state,
    reason: status.reason,
    iterations: status.iterations.length,
    accepted: status.totals.accepted,
    sampled: status.totals.sampled,
    accuracy: base === null && last === null ? null : { base, last },
    cost: status.totals.cost,
    costUnit: status.costUnit,
  }
}

const TAIL_BYTES = 16_384

/** The newest whole line of events.jsonl. */
export function lastEventOf(directory: string): RunInBrief['lastEvent'] {
  const path = join(directory, FOLDER.events)
  if (!existsSync(path)) return null
  const { size } = statSync(path)
  const file = openSync(path, 'r')
  try {
    const length = Math.min(size, TAIL_BYTES)
    const bytes = Buffer.alloc(length)
    readSync(file, bytes, 0, length, size - length)
    const lines = bytes.toString('utf8').split('\n').filter(Boolean)
    for (const line of lines.reverse()) {
      const event = parseEvent(line)
      if (event) return event
    }
    return null
  } finally {
    closeSync(file)
  }
}

/** A line that a killed process left half is passed over. */
function parseEvent(line: string): RunInBrief['lastEvent'] {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && 'kind' in value && 'at' in value
      ? (value as RunEvent & { readonly at: string })
      : null
  } catch {
    return null
  }
}
