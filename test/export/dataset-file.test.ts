/** One file of a dataset: what it is called, what it counts, and when it is there. */

import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { expect, onTestFinished, test } from 'vitest'
import { endingOf, type FileKind, kindOf, openDatasetFile, PLAIN } from '../../src/export/dataset-file.ts'
import { type ExportRow, exportLine } from '../../src/export/formats.ts'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'spendwise-file-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const ROWS: readonly ExportRow[] = [1, 2, 3].map((n) => ({
  prompt: [{ role: 'user', content: `${n}?` }],
  completion: `A: ${n}`,
  hinted: n === 2,
}))

/** The bytes of a file with these rows, and what it says of itself. */
function write(kind: FileKind, rows = ROWS) {
  const at = folder()
  const file = openDatasetFile(join(at, 'part'), 'messages', kind)
  for (const row of rows) file.add(row)
  const written = file.end()
  file.publish(join(at, 'whole'))
  expect(readdirSync(at)).toEqual(['whole'])
  return { written, bytes: readFileSync(join(at, 'whole')) }
}

test.each<[FileKind, string]>([
  [{ container: 'jsonl', compression: 'none' }, '.jsonl'],
  [{ container: 'jsonl', compression: 'gzip' }, '.jsonl.gz'],
  [{ container: 'parquet', compression: 'none' }, '.parquet'],
  [{ container: 'parquet', compression: 'gzip' }, '.parquet'],
  [{ container: 'parquet', compression: 'zstd' }, '.parquet'],
])('%j ends in %s', (kind, ending) => {
  expect(endingOf(kind)).toBe(ending)
})

test.each<[string, FileKind | undefined]>([
  ['a/b.parquet', { container: 'parquet', compression: 'none' }],
  ['a/b.jsonl.gz', { container: 'jsonl', compression: 'gzip' }],
  ['a/b.gz', { container: 'jsonl', compression: 'gzip' }],
  ['a/b.jsonl', undefined],
  ['a.parquet/b', undefined],
  ['a.gz/b.json', undefined],
])('the name %s promises %j', (path, kind) => {
  expect(kindOf(path)).toEqual(kind)
})

const lines = ROWS.map((row) => `${exportLine('messages', row)}\n`).join('')

test('JSON lines are as they are, or one stream of gzip', () => {
  expect(write(PLAIN).bytes.toString('utf8')).toBe(lines)
  expect(gunzipSync(write({ container: 'jsonl', compression: 'gzip' }).bytes).toString('utf8')).toBe(lines)
  const long = Array.from({ length: 30 }, (_, i) => ({ ...(ROWS[0] as ExportRow), completion: `${i}`.repeat(60_000) }))
  expect(gunzipSync(write({ container: 'jsonl', compression: 'gzip' }, long).bytes).toString('utf8')).toBe(
    long.map((row) => `${exportLine('messages', row)}\n`).join(''),
  )
})

test.each(['none', 'gzip', 'zstd'] as const)('Parquet with %s holds the rows', async (compression) => {
  const { bytes } = write({ container: 'parquet', compression })
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
  expect(await parquetReadObjects({ file, compressors })).toEqual(
    ROWS.map((row) => JSON.parse(exportLine('messages', row))),
  )
})

test('hinted rows are marked in either container where it is asked for, and in none where not', () => {
  for (const container of ['jsonl', 'parquet'] as const) {
    const marked = write({ container, compression: 'none', marksHinted: true }).bytes
    expect(marked.includes('hinted')).toBe(true)
    for (const kind of [
      { container, compression: 'none' },
      { container, compression: 'none', marksHinted: false },
    ] as const)
      expect(write(kind).bytes.includes('hinted')).toBe(false)
  }
})

test.each<[FileKind]>([
  [PLAIN],
  [{ container: 'jsonl', compression: 'gzip' }],
  [{ container: 'parquet', compression: 'none' }],
])('%j counts its rows and its bytes, and hashes what is on disk', (kind) => {
  const { written, bytes } = write(kind)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  expect(written).toEqual({ rows: 3, bytes: bytes.length, sha256 })
})

test('rows are counted as they are added, and what is thrown away leaves nothing', () => {
  const at = folder()
  const file = openDatasetFile(join(at, 'part'), 'messages', PLAIN)
  expect(file.rows).toBe(0)
  for (const row of ROWS) file.add(row)
  expect(file.rows).toBe(3)
  expect(existsSync(join(at, 'part'))).toBe(true)
  file.discard()
  expect(readdirSync(at)).toEqual([])
})

test.runIf(process.platform === 'linux')('a file that has ended is held open no longer', () => {
  const path = join(folder(), 'part')
  const isOpen = (): boolean =>
    readdirSync('/proc/self/fd').some((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === path
      } catch {
        // The one that lists the others is gone.
        return false
      }
    })
  const file = openDatasetFile(path, 'messages', PLAIN)
  expect(isOpen()).toBe(true)
  file.end()
  expect(isOpen()).toBe(false)
})
