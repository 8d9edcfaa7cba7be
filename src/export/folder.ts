/** A dataset folder that is there whole or not at all: made next to its place, then put there. */

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ConfigError } from '../core/errors.ts'
import { sayingWhere } from './write-dataset.ts'

export const MANIFEST_FILE = 'manifest.json'

/**
 * Lets `fill` write a new folder and puts it at `path`. A dataset folder that is there already is replaced; any other is refused.
 * @throws ConfigError where something else than a dataset is there; StoreError when the disk refuses; whatever `fill` throws
 */
export function replaceFolder<T>(path: string, fill: (folder: string) => T): T {
  const place = resolve(path)
  refuseForeign(place)
  return sayingWhere(place, () => {
    const partial = `${place}.tmp`
    const old = `${place}.old.tmp`
    rmSync(partial, { recursive: true, force: true })
    mkdirSync(partial, { recursive: true })
    try {
      const result = fill(partial)
      rmSync(old, { recursive: true, force: true })
      if (existsSync(place)) renameSync(place, old)
      renameSync(partial, place)
      rmSync(old, { recursive: true, force: true })
      return result
    } catch (error) {
      rmSync(partial, { recursive: true, force: true })
      throw error
    }
  })
}

function refuseForeign(place: string): void {
  const there = statSync(place, { throwIfNoEntry: false })
  if (!there) return
  if (!there.isDirectory()) throw new ConfigError(`--out ${place} is a file; name a folder that is not there yet.`)
  if (readdirSync(place).length === 0 || existsSync(join(place, MANIFEST_FILE))) return
  throw new ConfigError(
    `--out ${place} holds other files and no ${MANIFEST_FILE}, so it is no dataset that could be replaced; name another folder.`,
  )
}
