/** Which runs are shown: those under a folder, and the one that was named. Addresses reach nothing else. */

import { realpathSync } from 'node:fs'
import { basename } from 'node:path'
import { Worker } from 'node:worker_threads'
import { runsIn } from '../run/list-runs.ts'
import { YOUNG_MB } from './ask.ts'
import type { Place } from './summing.ts'

export interface RunRegistry {
  all(): Place[]
  /** undefined where no run of this name is shown. */
  find(name: string): Place | undefined
  /** Somebody looks at it: its texts are indexed from now on. */
  touch(place: Place): void
  close(): Promise<void>
}

/** Runs whose texts are indexed at once. */
const MOST_INDEXED = 3

/**
 * @param parent folder of runs
 * @param named the folder of a run that is shown wherever it is
 * @param onTrouble told once for a run whose folder cannot be written, which is then shown without search
 */
export function createRegistry(
  parent: string,
  named: string | undefined,
  onTrouble: (message: string) => void,
): RunRegistry {
  const indexers = new Map<string, Worker>()
  const own = named === undefined ? undefined : { name: basename(named), directory: named }
  const all = (): Place[] => {
    const listed = runsIn(parent)
    if (!own || listed.some(({ directory }) => isSame(directory, own.directory))) return listed
    // A run from elsewhere keeps its name, and the one under runs/ that has the same steps back.
    return [own, ...listed.filter(({ name }) => name !== own.name)]
  }
  return {
    all,
    find: (name) => all().find((place) => place.name === name),
    touch({ directory }) {
      if (indexers.has(directory) || indexers.size >= MOST_INDEXED) return
      const worker = new Worker(new URL(`./index-worker${import.meta.url.slice(-3)}`, import.meta.url), {
        workerData: { directory },
        resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: YOUNG_MB },
      })
      worker.unref()
      worker.on('error', (error) =>
        onTrouble(`The texts of ${directory} cannot be indexed (${error.message}); the search finds nothing there.`),
      )
      indexers.set(directory, worker)
    },
    async close() {
      await Promise.all([...indexers.values()].map((worker) => worker.terminate()))
      indexers.clear()
    },
  }
}

function isSame(a: string, b: string): boolean {
  return a === b || realpathSync(a) === realpathSync(b)
}
