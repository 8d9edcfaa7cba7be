/** What a checkpoint is called while it is served, and which weights that stands for. */

import type { Checkpoint } from '../core/checkpoint.ts'

/** A new name for every checkpoint, so that no cache and no balancer can answer for an old one. */
export function servedName(runName: string, checkpoint: Checkpoint): string {
  if (checkpoint.iteration < 0) return `${runName}-base`
  const attempt = checkpoint.attempt === 0 ? '' : `-attempt${checkpoint.attempt}`
  return `${runName}-iteration${String(checkpoint.iteration).padStart(3, '0')}${attempt}`
}

/** Whether a server was started on the weights that lie there, by the place that it tells in its list of models. */
export function isStartedOn(root: string | undefined, place: string): boolean {
  const trimmed = (path: string): string => path.replace(/(?<=.)\/+$/, '')
  return root !== undefined && trimmed(root) === trimmed(place)
}

/** A name alone may come to stand for other weights (a checkpoint given from outside and then another); this does not. */
export function weightsOf(checkpoint: Checkpoint, place: string): string {
  return `${checkpoint.hash} ${place}`
}
