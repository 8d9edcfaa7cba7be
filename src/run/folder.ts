/** The run folder's layout, and how paths in it are kept so that moving the folder moves the run. */

import { isAbsolute, join, relative, resolve } from 'node:path'

/** Names inside a run folder. */
export const FOLDER = {
  config: 'resolved.yaml',
  events: 'events.jsonl',
  report: 'report.html',
  prometheus: 'metrics.prom',
  /** TensorBoard takes every file with `tfevents` in its name. */
  tensorboard: 'tensorboard/events.out.tfevents.spendwise',
  serverLog: 'server.log',
} as const

/** `iterations/07`: dataset, its sha256, trainer's log. */
export function iterationDirectory(directory: string, iteration: number): string {
  return join(directory, 'iterations', String(iteration).padStart(2, '0'))
}

/** `checkpoints/07`, or `checkpoints/07-attempt1` for a second training of the same iteration. */
export function checkpointDirectory(directory: string, iteration: number, attempt: number): string {
  const name = String(iteration).padStart(2, '0')
  return join(directory, 'checkpoints', attempt === 0 ? name : `${name}-attempt${attempt}`)
}

/** A path as it is stored: relative to the run folder where it lies below it. */
export function storedPath(directory: string, path: string): string {
  const inside = relative(directory, path)
  return inside.startsWith('..') || isAbsolute(inside) ? path : inside
}

/** A stored path as an absolute one. */
export function absolutePath(directory: string, stored: string): string {
  return resolve(directory, stored)
}
