/** Files that are there whole or not at all: written under a passing name, and given their own by one rename. */

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'

export interface GrowingFile {
  write(bytes: Uint8Array): void
  /** Ends the file, and has the disk keep it: after a power cut the name never stands for half of it. */
  end(): void
  /** Gives it its name; what was there before is gone. */
  publish(path: string): void
  /** Removes what there is of it. */
  discard(): void
}

/**
 * @param partial the passing name
 * @throws the system's errors as they are
 */
export function openGrowingFile(partial: string): GrowingFile {
  const file = openSync(partial, 'w')
  let isOpen = true
  const close = (): void => {
    if (isOpen) closeSync(file)
    isOpen = false
  }
  return {
    write(bytes) {
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
    },
    end() {
      fsyncSync(file)
      close()
    },
    publish: (path) => renameSync(partial, path),
    discard() {
      close()
      rmSync(partial, { force: true })
    },
  }
}

/**
 * Writes a file at once.
 * @throws the system's errors as they are; what was at `path` before then stays
 */
export function writeWhole(path: string, content: string | Uint8Array): void {
  // Two processes may write the same file; each has a passing name of its own.
  const file = openGrowingFile(`${path}.${process.pid}.tmp`)
  try {
    file.write(typeof content === 'string' ? Buffer.from(content) : content)
    file.end()
    file.publish(path)
  } catch (error) {
    file.discard()
    throw error
  }
}
