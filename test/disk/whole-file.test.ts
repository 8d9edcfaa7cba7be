/** Whole files: under their name there is the old one or the new one, never a part. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openGrowingFile, writeWhole } from '../../src/disk/whole-file.ts'
import { writeDataset } from '../../src/export/write-dataset.ts'
import { writeTicket } from '../../src/jobs/ray-files.ts'
import { writeRows } from '../../src/problems/files/write-rows.ts'

/** The calls that decide what a power cut leaves behind, in their order; all of them are really made. */
const calls: string[] = []
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>()
  const seen = <T extends unknown[], R>(name: string, call: (...given: T) => R) => {
    return (...given: T): R => {
      calls.push(name)
      return call(...given)
    }
  }
  return {
    ...real,
    writeSync: seen('write', real.writeSync as (...given: unknown[]) => number),
    fsyncSync: seen('fsync', real.fsyncSync),
    renameSync: seen('rename', real.renameSync),
  }
})

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spendwise-disk-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

test('a growing file has its name only when it is published', () => {
  const path = join(folder, 'rows.jsonl')
  const file = openGrowingFile(`${path}.tmp`)
  file.write(Buffer.from('one\n'))
  file.write(Buffer.from('two\n'))
  expect(existsSync(path)).toBe(false)
  file.end()
  expect(existsSync(path)).toBe(false)
  file.publish(path)
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n')
  expect(readdirSync(folder)).toEqual(['rows.jsonl'])
})

test('the disk has the whole file before the file has its name', () => {
  const path = join(folder, 'rows.jsonl')
  calls.length = 0
  writeWhole(path, 'text')
  writeRows(path, (write) => write({ a: 1 }))
  writeDataset(path, 'messages', [])
  writeTicket({ log: join(folder, 'job.log') }, { id: 'job-1', withdrawn: false })
  const whole = ['write', 'fsync', 'rename']
  expect(calls).toEqual([...whole, ...whole, 'fsync', 'rename', ...whole])
})

test('what is discarded leaves nothing, and what was there before stays', () => {
  const path = join(folder, 'rows.jsonl')
  writeFileSync(path, 'old')
  const file = openGrowingFile(`${path}.tmp`)
  file.write(Buffer.from('new'))
  file.discard()
  file.discard()
  expect(readFileSync(path, 'utf8')).toBe('old')
  expect(readdirSync(folder)).toEqual(['rows.jsonl'])
})

test('a file that cannot take its place leaves none under its passing name', () => {
  expect(() => writeWhole(join(folder, 'no', 'place'), 'text')).toThrow(/ENOENT/)
  writeWhole(join(folder, 'a'), 'text')
  expect(() => writeWhole(folder, 'a folder is there')).toThrow(/EISDIR|ENOTEMPTY|EEXIST/)
  expect(readdirSync(folder)).toEqual(['a'])
})
