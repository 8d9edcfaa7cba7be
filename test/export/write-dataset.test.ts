/** Writing a dataset: its bytes, its hash, and all or nothing. */

import { createHash } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { describe, expect, onTestFinished, test } from 'vitest'
import { StoreError } from '../../src/core/errors.ts'
import { type ExportRow, exportLine } from '../../src/export/formats.ts'
import { writeDataset } from '../../src/export/write-dataset.ts'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'spendwise-export-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

function rows(count: number, text = (i: number) => `A: ${i}`): ExportRow[] {
  return Array.from({ length: count }, (_, i) => ({
    prompt: [{ role: 'user', content: `${i} + 0?` }],
    completion: text(i),
  }))
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

describe('a dataset', () => {
  test.each([
    ['a few rows', rows(3)],
    ['no rows', []],
    ['characters of several bytes', rows(50, (i) => '😀∑é\u2028'.repeat(i))],
    ['more than one flush', rows(3000, (i) => `${i} ${'数学'.repeat(400)}`)],
  ])('of %s is its lines, byte for byte, with their hash', (_, list) => {
    const path = join(folder(), 'out.jsonl')
    const written = writeDataset(path, 'messages', list)
    const bytes = readFileSync(path)
    expect(bytes.equals(Buffer.from(list.map((row) => `${exportLine('messages', row)}\n`).join('')))).toBe(true)
    expect(written).toEqual({ path, rows: list.length, sha256: sha256(bytes) })
  })

  test('written twice is the same bytes', () => {
    const at = folder()
    const one = writeDataset(join(at, 'a'), 'prompt-completion', rows(100))
    const two = writeDataset(join(at, 'b'), 'prompt-completion', rows(100))
    expect(two.sha256).toBe(one.sha256)
  })

  test('takes the place of an older one, and nothing else is left', () => {
    const at = folder()
    const path = join(at, 'out.jsonl')
    writeFileSync(path, 'old')
    writeDataset(path, 'messages', rows(2))
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(3)
    expect(readdirSync(at)).toEqual(['out.jsonl'])
  })

  test('is written while it is read, however long it is', () => {
    const path = join(folder(), 'out.jsonl')
    let bytesBeforeTheLast = 0
    function* stream(): Generator<ExportRow> {
      for (const row of rows(2000, (i) => `${i} `.repeat(300))) {
        bytesBeforeTheLast = statSync(`${path}.tmp`).size
        yield row
      }
    }
    expect(writeDataset(path, 'messages', stream()).rows).toBe(2000)
    expect(bytesBeforeTheLast).toBeGreaterThan(1 << 20)
    expect(statSync(path).size).toBeGreaterThan(bytesBeforeTheLast)
  })
})

describe('a failure', () => {
  function* failing(error: Error): Generator<ExportRow> {
    yield* rows(5)
    throw error
  }

  test('amid the rows leaves no file', () => {
    const at = folder()
    expect(() => writeDataset(join(at, 'out.jsonl'), 'messages', failing(new Error('the store broke')))).toThrow(
      'the store broke',
    )
    expect(readdirSync(at)).toEqual([])
  })

  test('amid the rows leaves the older file as it was', () => {
    const at = folder()
    const path = join(at, 'out.jsonl')
    writeFileSync(path, 'old')
    expect(() => writeDataset(path, 'messages', failing(new Error('x')))).toThrow('x')
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(readdirSync(at)).toEqual(['out.jsonl'])
  })

  test('of the database is not taken for one of the disk', () => {
    const error = new Database.SqliteError('database disk image is malformed', 'SQLITE_CORRUPT')
    expect(() => writeDataset(join(folder(), 'out.jsonl'), 'messages', failing(error))).toThrow(error)
  })

  test('in a row closes the stream it came from', () => {
    let closed = false
    function* stream(): Generator<ExportRow> {
      try {
        yield* rows(2)
        // A prompt that is no value of JSON.
        yield { prompt: [{ role: 'user', content: 1n as unknown as string }], completion: '' }
      } finally {
        closed = true
      }
    }
    expect(() => writeDataset(join(folder(), 'out.jsonl'), 'messages', stream())).toThrow(TypeError)
    expect(closed).toBe(true)
  })
})

describe('a place that cannot be written is a sentence', () => {
  function refusal(path: string): StoreError {
    try {
      writeDataset(path, 'messages', rows(1))
    } catch (error) {
      if (error instanceof StoreError) return error
      throw error
    }
    throw new Error('it was written')
  }

  test('when its folder is not there', () => {
    const path = join(folder(), 'nowhere', 'out.jsonl')
    const { message, exitCode } = refusal(path)
    expect(message).toMatch(/out\.jsonl cannot be written: ENOENT.*; free some space or name another place\.$/)
    expect(exitCode).toBe(1)
  })

  test('when a file is in the place of its folder', () => {
    const path = join(folder(), 'file')
    writeFileSync(path, '')
    expect(refusal(join(path, 'out.jsonl')).message).toContain('ENOTDIR')
  })

  test('when a folder is in its own place', () => {
    const at = folder()
    mkdirSync(join(at, 'out.jsonl', 'full'), { recursive: true })
    expect(refusal(join(at, 'out.jsonl')).message).toContain('cannot be written')
    expect(readdirSync(at)).toEqual(['out.jsonl'])
  })

  test('when its folder may not be written', ({ skip }) => {
    if (process.getuid?.() === 0) skip('the superuser may write everywhere')
    const at = folder()
    chmodSync(at, 0o500)
    expect(refusal(join(at, 'out.jsonl')).message).toContain('EACCES')
  })

  test.runIf(process.platform === 'linux')('when the disk is full', () => {
    const path = join(folder(), 'out.jsonl')
    // The device that is always full, reached by the name of the file that is written first.
    symlinkSync('/dev/full', `${path}.tmp`)
    expect(refusal(path).message).toContain('ENOSPC')
    expect(readdirSync(join(path, '..'))).toEqual([])
  })
})

describe('traces that were drawn with a hint', () => {
  const marked: ExportRow[] = rows(5).map((row, i) => ({ ...row, hinted: i > 2 }))

  test.each(['jsonl', 'parquet'] as const)(
    'are told apart in every row of %s, where there are any',
    async (container) => {
      const path = join(folder(), `marked.${container}`)
      writeDataset(path, 'prompt-completion', marked, { container, compression: 'none', marksHinted: true })
      const read =
        container === 'jsonl'
          ? readFileSync(path, 'utf8')
              .trim()
              .split('\n')
              .map((line) => JSON.parse(line) as { hinted: boolean })
          : await parquetReadObjects({ file: await asyncBufferFromFile(path) })
      expect(read.map(({ hinted }) => hinted)).toEqual([false, false, false, true, true])
      writeDataset(path, 'prompt-completion', marked)
      expect(readFileSync(path, 'utf8')).not.toContain('hinted')
    },
  )
})
