/** Paths as the inference server's machine knows them, where disks are mounted in other places there. */

import { relative, resolve } from 'node:path'

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
