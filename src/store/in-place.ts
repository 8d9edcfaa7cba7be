/** Whether the files that a run has open are still those at their paths: a folder can be deleted, moved or replaced under it. */

import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { StoreError } from '../core/errors.ts'

/** A file by its path, and which one it was when it was opened. */
export interface OpenFile {
  readonly path: string
  readonly device: bigint
  readonly inode: bigint
}

/** @throws what the system says of a file that is not there */
export function openFileAt(path: string): OpenFile {
  const { dev, ino } = statSync(path, { bigint: true })
  return { path, device: dev, inode: ino }
}

/** @throws StoreError for a file that is gone, or another one by now; what is written from then on would be lost */
export function requireInPlace(files: readonly OpenFile[]): void {
  for (const { path, device, inode } of files) {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false })
    if (found?.dev === device && found.ino === inode) continue
    const what = found === undefined ? 'is gone' : 'is another file now'
    throw new StoreError(
      `${path} ${what}: ${dirname(path)} was deleted, moved or replaced while the run was using it, so the run has stopped; put the folder back and run again, or start a new run.`,
    )
  }
}
