/** Folders that people name are made with their parents. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeDirectory } from '../../src/disk/make-directory.ts'

test('a folder is made with all those above it, and once made it stays', () => {
  const root = mkdtempSync(join(tmpdir(), 'spendwise-folder-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const deep = join(root, 'a/b/c')
  makeDirectory(deep)
  makeDirectory(deep)
  expect(existsSync(deep)).toBe(true)
})

test.skipIf(process.platform !== 'linux')(
  'a folder that the system cannot make is an error, not an endless try',
  () => {
    expect(() => makeDirectory('/proc/spendwise/run')).toThrow(/ENOENT/)
  },
)
