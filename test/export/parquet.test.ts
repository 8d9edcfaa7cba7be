/** Parquet: columns of each type as readers know them, and rows in groups that are written as they fill. */

import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { describe, expect, test } from 'vitest'
import { EXPORT_FORMATS, type ExportFormat, type ExportRow, exportLine } from '../../src/export/formats.ts'
import { createParquet } from '../../src/export/parquet.ts'

const row = (n: number): ExportRow => ({
  prompt: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'q?' },
    { role: 'assistant', content: 'a' },
    { role: 'user', content: `${n} + 数?` },
  ],
  completion: `A: ${n}`,
  rejected: `B: ${n}`,
  label: n % 2 === 0,
  tokens: () => ({ prompt: [n, 70_000], completion: [n + 1] }),
  problem: { id: `p/${n}`, source: 's', index: n, gold: String(n), solveRate: n % 3 === 0 ? null : n / 10 },
  hinted: n === 1,
})
const rows = (count: number): ExportRow[] => Array.from({ length: count }, (_, i) => row(i))

/** What was written, in the pieces in which it was. */
function pieces(
  format: ExportFormat,
  list: readonly ExportRow[],
  compression: 'none' | 'gzip' | 'zstd' = 'none',
  marks?: boolean,
) {
  const written: Buffer[] = []
  const after: number[] = []
  const encoder = createParquet(format, compression, (bytes) => written.push(Buffer.from(bytes)), marks)
  for (const one of list) {
    encoder.add(one)
    after.push(written.length)
  }
  encoder.end()
  return { written, after }
}

function fileOf(...args: Parameters<typeof pieces>): ArrayBuffer {
  const bytes = Buffer.concat(pieces(...args).written)
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
}

test.each(EXPORT_FORMATS.map((format) => [format]))('%s is read as its JSON lines are', async (format) => {
  const list = rows(4)
  const read = await parquetReadObjects({ file: fileOf(format, list) })
  expect(read).toEqual(list.map((one) => JSON.parse(exportLine(format, one))))
})

describe('columns', () => {
  /** The leaves and groups of a file, by their path: type, how often, and how they are to be read. */
  function schema(format: ExportFormat, marks?: boolean): string[] {
    const { schema: elements } = parquetMetadata(fileOf(format, rows(1), 'none', marks))
    const path: { name: string; left: number }[] = []
    return elements.slice(1).map(({ name, type, repetition_type, converted_type, num_children = 0 }) => {
      while (path.length > 0 && path.at(-1)?.left === 0) path.pop()
      const above = path.at(-1)
      if (above) above.left--
      const full = [...path.map((one) => one.name), name].join('.')
      if (num_children > 0) path.push({ name, left: num_children })
      return [full, type, repetition_type?.toLowerCase(), converted_type].filter(Boolean).join(' ')
    })
  }

  test('of messages and turns are lists of structures, as the format prescribes lists', () => {
    expect(schema('messages')).toEqual([
      'messages required LIST',
      'messages.list repeated',
      'messages.list.element required',
      'messages.list.element.role BYTE_ARRAY required UTF8',
      'messages.list.element.content BYTE_ARRAY required UTF8',
    ])
    expect(schema('sharegpt-dpo').slice(3)).toEqual([
      'conversations.list.element.from BYTE_ARRAY required UTF8',
      'conversations.list.element.value BYTE_ARRAY required UTF8',
      'chosen required',
      'chosen.from BYTE_ARRAY required UTF8',
      'chosen.value BYTE_ARRAY required UTF8',
      'rejected required',
      'rejected.from BYTE_ARRAY required UTF8',
      'rejected.value BYTE_ARRAY required UTF8',
    ])
  })

  test('of a history are lists of lists', () => {
    expect(schema('alpaca').slice(4)).toEqual([
      'history required LIST',
      'history.list repeated',
      'history.list.element required LIST',
      'history.list.element.list repeated',
      'history.list.element.list.element BYTE_ARRAY required UTF8',
    ])
  })

  test('of numbers and truths have their own types; a share may be missing', () => {
    expect(schema('token-ids').slice(0, 3)).toEqual([
      'input_ids required LIST',
      'input_ids.list repeated',
      'input_ids.list.element INT32 required',
    ])
    expect(schema('kto').at(-1)).toBe('label BOOLEAN required')
    expect(schema('grpo-trl')).toContain('solve_rate DOUBLE optional')
    expect(schema('grpo-verl').slice(-8)).toEqual([
      'reward_model required',
      'reward_model.style BYTE_ARRAY required UTF8',
      'reward_model.ground_truth BYTE_ARRAY required UTF8',
      'extra_info required',
      'extra_info.split BYTE_ARRAY required UTF8',
      'extra_info.index INT32 required',
      'extra_info.problem BYTE_ARRAY required UTF8',
      'extra_info.solve_rate DOUBLE optional',
    ])
  })

  test('have one more where hinted rows are marked', async () => {
    expect(schema('text')).toEqual(['text BYTE_ARRAY required UTF8'])
    expect(schema('text', true)).toEqual(['text BYTE_ARRAY required UTF8', 'hinted BOOLEAN required'])
    const read = await parquetReadObjects({ file: fileOf('text', rows(3), 'none', true) })
    expect(read.map(({ hinted }) => hinted)).toEqual([false, true, false])
  })
})

describe('a file', () => {
  test.each([
    ['none', 'SNAPPY'],
    ['gzip', 'GZIP'],
    ['zstd', 'ZSTD'],
  ] as const)('asked for %s is compressed by %s and says who made it', async (compression, codec) => {
    const list = rows(300)
    const file = fileOf('messages', list, compression)
    const { row_groups, created_by } = parquetMetadata(file)
    expect(row_groups.flatMap(({ columns }) => columns.map(({ meta_data }) => meta_data?.codec))).toEqual([
      codec,
      codec,
    ])
    expect(created_by).toContain('spendwise')
    const read = await parquetReadObjects({ file, compressors })
    expect(read).toEqual(list.map((one) => JSON.parse(exportLine('messages', one))))
  })

  test.each([
    [0, []],
    [1, [1]],
    [1_999, [1_999]],
    [2_000, [2_000]],
    [2_001, [2_000, 1]],
    [4_000, [2_000, 2_000]],
    [4_500, [2_000, 2_000, 500]],
  ])('of %i rows has groups of %j, each with its own rows', async (count, groups) => {
    const list = rows(count)
    const file = fileOf('text', list)
    for (const piece of pieces('text', list).written) expect(piece.length).toBeGreaterThan(0)
    const { row_groups, num_rows } = parquetMetadata(file)
    expect(Number(num_rows)).toBe(count)
    expect(row_groups.map(({ num_rows: own }) => Number(own))).toEqual(groups)
    const read = await parquetReadObjects({ file })
    expect(read.map(({ text }) => text)).toEqual(list.map((one) => JSON.parse(exportLine('text', one)).text))
  })

  test('leaves group by group, so that no more than one waits in memory', () => {
    const { written, after } = pieces('text', rows(4_001))
    expect([after[1_998], after[1_999], after[3_998], after[3_999], after[4_000]]).toEqual([0, 1, 1, 2, 2])
    expect(written).toHaveLength(4)
    for (const piece of written) expect(piece.length).toBeGreaterThan(0)
  })

  test('of no rows is still one that can be read', async () => {
    const { written } = pieces('text', [])
    expect(Buffer.concat(written).subarray(0, 4).toString()).toBe('PAR1')
    expect(await parquetReadObjects({ file: fileOf('text', []) })).toEqual([])
    for (const piece of written) expect(piece.length).toBeGreaterThan(0)
  })
})
