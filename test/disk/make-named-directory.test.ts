import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { SpendwiseError } from '../../src/core/errors.ts'
import { makeNamedDirectory } from '../../src/disk/make-directory.ts'

const placed = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-disk-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('a folder is made with its parents, and one that is there is left alone', () => {
  const path = join(placed(), 'a/b/c')
  makeNamedDirectory(path, 'The folder', 'name another')
  makeNamedDirectory(path, 'The folder', 'name another')
  expect(existsSync(path)).toBe(true)
})

test.each([
  ['below a file', (folder: string) => join(folder, 'file/run')],
  ['in a place of the system where nobody makes folders', () => '/proc/spendwise/run'],
  ['with a name that is too long', (folder: string) => join(folder, 'x'.repeat(300))],
])('one %s is bad usage, in one sentence that says what to do', (_, pathOf) => {
  const folder = placed()
  writeFileSync(join(folder, 'file'), '')
  const make = (): void => makeNamedDirectory(pathOf(folder), 'The run folder X', 'name another place with --dir')
  expect(make).toThrow(/^The run folder X cannot be made \(.*\); name another place with --dir\.$/)
  try {
    make()
  } catch (error) {
    expect(error instanceof SpendwiseError && error.exitCode).toBe(2)
  }
})
