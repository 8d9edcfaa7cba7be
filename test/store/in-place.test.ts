/** A run whose files are taken away or replaced while it uses them is told so. */

import { copyFileSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { acquireLock } from '../../src/store/lock.ts'
import { lockFile } from '../../src/store/place/place.ts'
import { openStore } from '../../src/store/store.ts'
import { temporaryFolder } from './hand-made-run.ts'

function openRun(): { readonly folder: string; readonly requireInPlace: () => void } {
  const folder = join(temporaryFolder(), 'run')
  mkdirSync(folder)
  acquireLock(lockFile(folder)).release()
  const { requireInPlace } = openStore(folder)
  return { folder, requireInPlace }
}

test('left alone it is in place', () => {
  expect(openRun().requireInPlace).not.toThrow()
})

test('a folder that was moved is gone', () => {
  const { folder, requireInPlace } = openRun()
  renameSync(folder, `${folder}-moved`)
  expect(requireInPlace).toThrow(/spendwise\.sqlite is gone: .*run was deleted, moved or replaced/)
  renameSync(`${folder}-moved`, folder)
  expect(requireInPlace).not.toThrow()
})

test.each(['spendwise.sqlite', 'lock.sqlite'])('%s that was replaced is another file', (name) => {
  const { folder, requireInPlace } = openRun()
  copyFileSync(join(folder, name), join(folder, 'copy'))
  renameSync(join(folder, 'copy'), join(folder, name))
  expect(requireInPlace).toThrow(new RegExp(`${name.replace('.', '\\.')} is another file now`))
})
