/** Where the server's machine finds a checkpoint: disks may be mounted in other places there. */

import { relative, resolve } from 'node:path'
import type { RunConfig } from '../../config/schema.ts'
import type { Checkpoint } from '../../core/checkpoint.ts'
import { absolutePath } from '../../run/folder.ts'

export interface CheckpointPlace {
  readonly config: RunConfig
  /** Run folder, absolute. */
  readonly directory: string
  /** Where run.yaml lies: relative folders of `serve.paths` start there. */
  readonly configDirectory: string
}

/** Path, or name, of a checkpoint for the server. */
export function pathForServer(
  { config: { serve }, directory, configDirectory }: CheckpointPlace,
  checkpoint: Checkpoint,
): string {
  if (checkpoint.kind === 'name') return checkpoint.path
  const path = absolutePath(directory, checkpoint.path)
  return 'paths' in serve ? mapPath(serve.paths, configDirectory, path) : path
}

export interface PathPair {
  /** A folder on this machine, absolute or relative to `from`. */
  readonly here: string
  /** The same folder as the server's machine sees it. */
  readonly there: string
}

/**
 * The path there; the path itself where no folder of the map holds it. The deepest folder counts.
 * @param from absolute; relative folders of the map start there
 */
export function mapPath(map: readonly PathPair[], from: string, path: string): string {
  const holding = map
    .map(({ here, there }) => ({ here: resolve(from, here), there }))
    .filter(({ here }) => path === here || path.startsWith(here === '/' ? here : `${here}/`))
    .sort((a, b) => b.here.length - a.here.length)
  const [deepest] = holding
  if (!deepest) return path
  const below = relative(deepest.here, path)
  return below === '' ? deepest.there : `${deepest.there.replace(/\/+$/, '')}/${below}`
}
