/** What shows that weights which only have a name are other ones by now: their files, and what was heard of them when they were served. */

import { createHash, type Hash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { absolutePath } from '../../run/folder.ts'
import type { Store } from '../../store/store.ts'

/** Pieces of a file that are read, evenly spread; training changes nearly every weight, so that a few thousand show it. */
const PIECES = 64
const PIECE_BYTES = 4096

/**
 * Evidence by a checkpoint's identity: a sample of its files' bytes where they lie here, where the server says that the weights
 * are, and its greedy answers to the canary prompts where they repeat.
 */
export function weightsEvidence(store: Store, directory: string): (identity: string) => readonly string[] {
  const known = new Map<string, readonly string[]>()
  return (identity) => {
    const found = known.get(identity)
    if (found) return found
    const row = store.iterations.checkpoints().find(({ hash }) => hash === identity)
    if (!row) return []
    const canary = store.handOvers.canaryOf(row.id)
    const said = canary ? [canary.root ?? '', ...(canary.repeats ? canary.texts : [])] : []
    const files = row.kind === 'name' ? undefined : sampleFiles(absolutePath(directory, row.path))
    const evidence = [...(files === undefined ? [] : [files]), ...said]
    // Before it has been served once there is more to come.
    if (canary) known.set(identity, evidence)
    return evidence
  }
}

/** A digest of names, sizes and some of the bytes of a directory's files; undefined where there is no directory. */
function sampleFiles(directory: string): string | undefined {
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return undefined
  const hash = createHash('sha256')
  for (const entry of readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.isFile()) addFile(hash, join(directory, entry.name), entry.name)
  }
  return hash.digest('hex')
}

function addFile(hash: Hash, path: string, name: string): void {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    hash.update(`${name}\0${size}\0`)
    const piece = Buffer.alloc(PIECE_BYTES)
    const step = Math.max(PIECE_BYTES, Math.floor(size / PIECES))
    for (let at = 0; at < size; at += step) hash.update(piece.subarray(0, readSync(file, piece, 0, PIECE_BYTES, at)))
  } finally {
    closeSync(file)
  }
}
