/** The run folder's layout. */

import { expect, test } from 'vitest'
import { absolutePath, storedPath } from '../../src/run/folder.ts'

test.each([
  ['/runs/a', '/runs/a/checkpoints/00', 'checkpoints/00'],
  ['/runs/a', '/elsewhere/base', '/elsewhere/base'],
])('in %s, %s is stored as %s and found again', (directory, path, stored) => {
  expect(storedPath(directory, path)).toBe(stored)
  expect(absolutePath(directory, stored)).toBe(path)
})
