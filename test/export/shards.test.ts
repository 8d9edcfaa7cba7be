/** A dataset in parts: their names, their rows, and that they are there together or not at all. */

import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { StoreError } from '../../src/core/errors.ts'
import { type FileKind, PLAIN } from '../../src/export/dataset-file.ts'
import type { ExportRow } from '../../src/export/formats.ts'
import { sayingWhere, writeShards } from '../../src/export/write-dataset.ts'

function newFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'spendwise-shards-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const rows = (count: number): ExportRow[] =>
  Array.from({ length: count }, (_, i) => ({ api: 'completions', prompt: [], completion: `row ${i}` }))

function write(count: number, shardRows: number | undefined, kind: FileKind = PLAIN) {
  const folder = newFolder()
  const shards = writeShards(folder, { format: 'text', kind, stem: 'train', shardRows }, rows(count))
  return { folder, shards }
}

describe('the parts', () => {
  test.each<[number, number | undefined, Record<string, number>]>([
    [5, undefined, { 'train.jsonl': 5 }],
    [0, undefined, { 'train.jsonl': 0 }],
    [0, 2, { 'train-00000-of-00001.jsonl': 0 }],
    [2, 2, { 'train-00000-of-00001.jsonl': 2 }],
    [3, 2, { 'train-00000-of-00002.jsonl': 2, 'train-00001-of-00002.jsonl': 1 }],
    [4, 2, { 'train-00000-of-00002.jsonl': 2, 'train-00001-of-00002.jsonl': 2 }],
    [3, 100, { 'train-00000-of-00001.jsonl': 3 }],
  ])('of %i rows, at most %s each, are %j', (count, shardRows, expected) => {
    const { folder, shards } = write(count, shardRows)
    expect(Object.fromEntries(shards.map(({ name, rows: own }) => [name, own]))).toEqual(expected)
    expect(readdirSync(folder).sort()).toEqual(Object.keys(expected))
    const text = shards.map(({ name }) => readFileSync(join(folder, name), 'utf8')).join('')
    expect(text).toBe(
      rows(count)
        .map(({ completion }) => `{"text":"${completion}"}\n`)
        .join(''),
    )
  })

  test('are numbered with five digits, so that they sort as they follow', () => {
    const { shards } = write(12, 1)
    const names = shards.map(({ name }) => name)
    expect([names[0], names[9], names[11]]).toEqual(
      ['00000', '00009', '00011'].map((number) => `train-${number}-of-00012.jsonl`),
    )
    expect(names.toSorted()).toEqual(names)
  })

  test('have their own bytes and hashes', () => {
    const { folder, shards } = write(3, 2)
    for (const { name, bytes, sha256 } of shards) {
      const content = readFileSync(join(folder, name))
      expect([bytes, sha256]).toEqual([content.length, createHash('sha256').update(content).digest('hex')])
    }
  })

  test('end as their kind does', () => {
    const { folder, shards } = write(3, 2, { container: 'jsonl', compression: 'gzip' })
    const [first] = shards
    expect(first?.name).toBe('train-00000-of-00002.jsonl.gz')
    expect(gunzipSync(readFileSync(join(folder, first?.name ?? ''))).toString('utf8')).toContain('row 0')
    expect(write(1, undefined, { container: 'parquet', compression: 'none' }).shards[0]?.name).toBe('train.parquet')
  })
})

test('a failure amid the rows is told as it is, and the part that was open is gone', () => {
  const folder = newFolder()
  function* failing(): Generator<ExportRow> {
    yield* rows(3)
    throw new Error('the store broke')
  }
  const options = { format: 'text', kind: PLAIN, stem: 'train', shardRows: undefined } as const
  expect(() => writeShards(folder, options, failing())).toThrow('the store broke')
  expect(readdirSync(folder)).toEqual([])
})

test('a folder that cannot be written is one sentence', () => {
  const options = { format: 'text', kind: PLAIN, stem: 'train', shardRows: undefined } as const
  const folder = join(newFolder(), 'nowhere')
  expect(() => writeShards(folder, options, [])).toThrow(StoreError)
  expect(() => writeShards(folder, options, [])).toThrow(/nowhere cannot be written: ENOENT.*name another place/)
  const taken = newFolder()
  mkdirSync(join(taken, 'train.jsonl', 'full'), { recursive: true })
  expect(() => writeShards(taken, options, rows(1))).toThrow(StoreError)
})

describe('an error while something is written', () => {
  const failing = (error: unknown) => () =>
    sayingWhere('/a/place', () => {
      throw error
    })

  test("of the system names the place and keeps the system's own", () => {
    const error = Object.assign(new Error('ENOSPC: no space left on device, write'), { syscall: 'write' })
    expect(failing(error)).toThrow(
      expect.objectContaining({
        message:
          '/a/place cannot be written: ENOSPC: no space left on device, write; free some space or name another place.',
        cause: error,
      }),
    )
    expect(failing(error)).toThrow(StoreError)
  })

  test('of anything else is that error', () => {
    const coded = Object.assign(new Error('malformed'), { code: 'SQLITE_CORRUPT' })
    for (const error of [coded, new TypeError('a fault')]) expect(failing(error)).toThrow(error)
    const thrown = (value: unknown): unknown => {
      try {
        failing(value)()
      } catch (error) {
        return error
      }
      return undefined
    }
    expect(thrown({ syscall: 'write' })).toEqual({ syscall: 'write' })
  })

  test('is none where nothing fails', () => {
    expect(sayingWhere('/a/place', () => 7)).toBe(7)
  })
})
