/** A dataset folder is there whole or not at all, and nobody's other files are ever replaced. */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ConfigError, StoreError } from '../../src/core/errors.ts'
import { MANIFEST_FILE, replaceFolder } from '../../src/export/folder.ts'

/** A folder to work in, and a place in it that is not there yet. */
function place(): { readonly root: string; readonly out: string } {
  const root = mkdtempSync(join(tmpdir(), 'spendwise-folder-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  return { root, out: join(root, 'set') }
}

/** Fills a folder with a dataset of one file. */
const dataset =
  (word: string) =>
  (folder: string): string => {
    writeFileSync(join(folder, MANIFEST_FILE), '{}')
    writeFileSync(join(folder, word), word)
    return word
  }

test('a new folder is filled next to its place, put there, and what filling it gave is given back', () => {
  const { root, out } = place()
  const made = replaceFolder(out, (folder) => {
    expect(existsSync(out)).toBe(false)
    expect(readdirSync(folder)).toEqual([])
    return dataset('rows')(folder)
  })
  expect(made).toBe('rows')
  expect(readdirSync(root)).toEqual(['set'])
  expect(readdirSync(out).sort()).toEqual([MANIFEST_FILE, 'rows'])
})

test('folders above it are made', () => {
  const { root } = place()
  replaceFolder(join(root, 'a', 'b', 'set'), dataset('rows'))
  expect(readFileSync(join(root, 'a', 'b', 'set', 'rows'), 'utf8')).toBe('rows')
})

test('a dataset that is there stays until the next one is whole, and nothing of it is left then', () => {
  const { root, out } = place()
  replaceFolder(out, dataset('old'))
  replaceFolder(out, (folder) => {
    expect(readdirSync(out).sort()).toEqual([MANIFEST_FILE, 'old'])
    dataset('new')(folder)
  })
  expect(readdirSync(out).sort()).toEqual([MANIFEST_FILE, 'new'])
  expect(readdirSync(root)).toEqual(['set'])
})

test('an empty folder is as good as none', () => {
  const { out } = place()
  mkdirSync(out)
  replaceFolder(out, dataset('rows'))
  expect(readdirSync(out).sort()).toEqual([MANIFEST_FILE, 'rows'])
})

test('a folder with a slash behind its name is that folder', () => {
  const { root, out } = place()
  replaceFolder(`${out}/`, dataset('rows'))
  expect(readdirSync(root)).toEqual(['set'])
})

test("what an export that was killed has left, on the way in or on the way out, is in nobody's way", () => {
  const { root, out } = place()
  replaceFolder(out, dataset('old'))
  for (const left of ['set.tmp', 'set.old.tmp']) {
    mkdirSync(join(root, left, 'data'), { recursive: true })
    writeFileSync(join(root, left, 'data', 'half'), 'half')
  }
  replaceFolder(out, dataset('new'))
  expect(readdirSync(out).sort()).toEqual([MANIFEST_FILE, 'new'])
  expect(readdirSync(root)).toEqual(['set'])
})

test('when filling fails, its error is told, the old dataset is as it was, and nothing else is left', () => {
  const { root, out } = place()
  const failing = (folder: string): never => {
    mkdirSync(join(folder, 'data'))
    writeFileSync(join(folder, 'data', 'half'), 'half')
    throw new Error('the run is gone')
  }
  expect(() => replaceFolder(out, failing)).toThrow('the run is gone')
  expect(readdirSync(root)).toEqual([])
  replaceFolder(out, dataset('old'))
  expect(() => replaceFolder(out, failing)).toThrow('the run is gone')
  expect(readdirSync(root)).toEqual(['set'])
  expect(readdirSync(out).sort()).toEqual([MANIFEST_FILE, 'old'])
})

test('the error of filling is told even where the new folder is gone already', () => {
  const { root, out } = place()
  const failing = (folder: string): never => {
    rmSync(folder, { recursive: true })
    throw new Error('the run is gone')
  }
  expect(() => replaceFolder(out, failing)).toThrow('the run is gone')
  expect(readdirSync(root)).toEqual([])
})

test('a folder of other files is refused, a file too, and neither is touched', () => {
  const { root, out } = place()
  const refused = (): unknown => {
    let asked = false
    try {
      replaceFolder(out, () => {
        asked = true
      })
    } catch (error) {
      expect(asked).toBe(false)
      return error
    }
    return undefined
  }
  mkdirSync(out)
  writeFileSync(join(out, 'thesis.txt'), 'years')
  expect(refused()).toBeInstanceOf(ConfigError)
  expect(refused()).toMatchObject({ message: expect.stringMatching(/holds other files and no manifest\.json/) })
  expect(readFileSync(join(out, 'thesis.txt'), 'utf8')).toBe('years')
  rmSync(out, { recursive: true })
  writeFileSync(out, 'a file')
  expect(refused()).toBeInstanceOf(ConfigError)
  expect(refused()).toMatchObject({ message: expect.stringMatching(/set is a file; name a folder/) })
  expect(readFileSync(out, 'utf8')).toBe('a file')
  expect(readdirSync(root)).toEqual(['set'])
})

test('a folder with other files next to its manifest is a dataset, and is replaced', () => {
  const { out } = place()
  replaceFolder(out, dataset('old'))
  writeFileSync(join(out, 'notes.txt'), 'mine')
  replaceFolder(out, dataset('new'))
  expect(readdirSync(out).sort()).toEqual([MANIFEST_FILE, 'new'])
})

test('a disk that refuses is a sentence that names the place', () => {
  const { root } = place()
  writeFileSync(join(root, 'file'), '')
  const making = (): unknown => replaceFolder(join(root, 'file', 'set'), dataset('rows'))
  expect(making).toThrow(/file\/set/)
  expect(() => replaceFolder(join(root, 'set'), (folder) => readFileSync(join(folder, 'nowhere')))).toThrow(StoreError)
})
