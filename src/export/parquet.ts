/** Rows as Parquet: the columns of a format, in row groups that are written as they fill. */

import { gzipSync, zstdCompressSync } from 'node:zlib'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import type { Compression, Encoder, Sink } from './encoder.ts'
import { type ColumnType, type ExportFormat, formatOf, markingHinted } from './formats.ts'

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number]

/** Rows of a group: enough to compress well, and a few megabytes in memory. */
const GROUP_ROWS = 2_000

const CODECS = { none: 'SNAPPY', gzip: 'GZIP', zstd: 'ZSTD' } as const

export function createParquet(
  format: ExportFormat,
  compression: Compression,
  write: Sink,
  marksHinted = false,
): Encoder {
  const { columns, object } = marksHinted ? markingHinted(formatOf(format)) : formatOf(format)
  const names = Object.keys(columns)
  const bytes = new ByteWriter()
  const writer = new ParquetWriter({
    writer: bytes,
    schema: schemaOf(columns),
    codec: CODECS[compression],
    compressors: { GZIP: (input) => gzipSync(input), ZSTD: (input) => zstdCompressSync(input) },
    createdBy: 'spendwise',
  })
  let group: Record<string, unknown>[] = []
  const drain = (): void => {
    if (bytes.index > 0) write(new Uint8Array(bytes.buffer, 0, bytes.index))
    bytes.index = 0
  }
  const flush = (): void => {
    if (group.length > 0) {
      const columnData = names.map((name) => ({ name, data: group.map((row) => row[name]) }))
      writer.write({ columnData, rowGroupSize: GROUP_ROWS })
    }
    group = []
    drain()
  }
  return {
    add(row) {
      group.push(object(row) as Record<string, unknown>)
      if (group.length >= GROUP_ROWS) flush()
    },
    end() {
      flush()
      writer.finish()
      drain()
    },
  }
}

function schemaOf(columns: Readonly<Record<string, ColumnType>>): SchemaElement[] {
  const children = Object.entries(columns).flatMap(([name, type]) => column(name, type))
  return [{ name: 'schema', num_children: Object.keys(columns).length }, ...children]
}

function column(name: string, type: ColumnType): SchemaElement[] {
  switch (type) {
    case 'text':
      return [text(name)]
    case 'boolean':
      return [{ name, type: 'BOOLEAN', repetition_type: 'REQUIRED' }]
    case 'messages':
      return list(name, [group('element', 2), text('role'), text('content')])
    case 'turns':
      return list(name, [group('element', 2), text('from'), text('value')])
    case 'message':
      return [group(name, 2), text('from'), text('value')]
    case 'history':
      return list(name, list('element', [text('element')]))
    case 'ids':
      return list(name, [{ name: 'element', type: 'INT32', repetition_type: 'REQUIRED' }])
    case 'share':
      return [share(name)]
    case 'reward':
      return [group(name, 2), text('style'), text('ground_truth')]
    case 'extra':
      return [
        group(name, 4),
        text('split'),
        { name: 'index', type: 'INT32', repetition_type: 'REQUIRED' },
        text('problem'),
        share('solve_rate'),
      ]
  }
}

function share(name: string): SchemaElement {
  return { name, type: 'DOUBLE', repetition_type: 'OPTIONAL' }
}

function text(name: string): SchemaElement {
  return { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' }
}

function group(name: string, children: number): SchemaElement {
  return { name, repetition_type: 'REQUIRED', num_children: children }
}

/** The three levels that the format prescribes for lists. */
function list(name: string, element: readonly SchemaElement[]): SchemaElement[] {
  return [
    { name, repetition_type: 'REQUIRED', num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    ...element,
  ]
}
