/**
 * The rows of a Parquet file that are the first with their text in one column, in bounded memory: a column is read a few pages at
 * a time, equal texts are made once, and only the columns that are wanted are read. Published sets repeat a problem a hundred times.
 */

import type { AsyncBuffer, Compressors, FileMetaData, ParquetParsers, RowGroup, SchemaElement } from 'hyparquet'
import { parquetRead } from 'hyparquet'
import { type Page, pagesOf } from './parquet-pages.ts'

export interface DistinctRequest {
  readonly file: AsyncBuffer
  readonly metadata: FileMetaData
  readonly compressors: Compressors
  /** Fields that are wanted, a dot reaching into a column: `prompt.0.content`. */
  readonly fields: readonly string[]
  /** The one whose text a row is told apart by. */
  readonly distinct: string
}

export interface DistinctRow {
  /** From 0. */
  readonly number: number
  readonly value: Readonly<Record<string, unknown>>
}

/** What a file begins with: an offset of 0 would mean that there is no such page. */
const MAGIC = Buffer.from('PAR1')

/** What of a column is decompressed at once, about. */
const PORTION_BYTES = 8e6
const PORTION_VALUES = 50_000

/**
 * @returns undefined where the file's pages do not begin with a row, so that it has to be read as a whole
 * @throws Error where the file cannot be read
 */
export async function readDistinctRows(request: DistinctRequest): Promise<readonly DistinctRow[] | undefined> {
  const seen = new Set<unknown>()
  const parsers = { stringFromBytes: createInterner() }
  const leaves = leavesOf(request.metadata.schema).filter((leaf) => request.fields.some((field) => covers(field, leaf)))
  const [key] = leaves.filter((leaf) => covers(request.distinct, leaf))
  if (key === undefined) return undefined
  const found: DistinctRow[] = []
  let start = 0
  for (const group of request.metadata.row_groups) {
    const kept = new Map<number, Record<string, unknown>>()
    for (const leaf of [key, ...leaves.filter((one) => one !== key)]) {
      const rows = await readLeaf(request, group, leaf, parsers, (number, value) => {
        if (leaf === key) {
          const text = inner({ [leaf[0] ?? '']: value }, request.distinct)
          if (seen.has(text)) return
          seen.add(text)
          kept.set(number, {})
        }
        const row = kept.get(number)
        if (row !== undefined) row[leaf[0] ?? ''] = merged(row[leaf[0] ?? ''], value)
      })
      if (rows !== Number(group.num_rows)) return undefined
    }
    for (const [number, value] of kept) found.push({ number: start + number, value })
    start += Number(group.num_rows)
  }
  return found
}

/** Hands over a column of a row group, row by row; gives how many there were. */
async function readLeaf(
  { file, metadata, compressors }: DistinctRequest,
  group: RowGroup,
  leaf: readonly string[],
  parsers: Partial<ParquetParsers>,
  each: (number: number, value: unknown) => void,
): Promise<number> {
  const column = group.columns.find(({ meta_data }) => meta_data?.path_in_schema.join('.') === leaf.join('.'))
  const meta = column?.meta_data
  if (column === undefined || meta === undefined) throw new Error(`it has no column ${leaf.join('.')}`)
  const start = Number(meta.dictionary_page_offset ?? meta.data_page_offset)
  const chunk = new Uint8Array(await file.slice(start, start + Number(meta.total_compressed_size)))
  const pages = pagesOf(chunk)
  const dictionary = pages
    .filter(({ isDictionary }) => isDictionary)
    .map((page) => chunk.subarray(page.start, page.end))
  const schema = prunedTo(metadata.schema, leaf)
  let rows = 0
  for (const portion of portionsOf(pages.filter(({ isDictionary }) => !isDictionary))) {
    const bytes = Buffer.concat([MAGIC, ...dictionary, ...portion.map((page) => chunk.subarray(page.start, page.end))])
    const values = portion.reduce((sum, page) => sum + page.values, 0)
    const whole: FileMetaData = {
      ...metadata,
      schema,
      num_rows: BigInt(values),
      row_groups: [
        {
          ...group,
          num_rows: BigInt(values),
          columns: [{ ...column, meta_data: placed(meta, dictionary, bytes, values) }],
        },
      ],
    }
    await parquetRead({
      file: {
        byteLength: bytes.length,
        slice: (from, to) =>
          bytes.buffer.slice(bytes.byteOffset + from, bytes.byteOffset + (to ?? bytes.length)) as ArrayBuffer,
      },
      metadata: whole,
      compressors,
      parsers,
      onChunk: ({ columnData }) => {
        for (const value of columnData) each(rows++, value)
      },
    })
  }
  return rows
}

function placed(
  meta: NonNullable<RowGroup['columns'][number]['meta_data']>,
  dictionary: readonly Uint8Array[],
  bytes: Uint8Array,
  values: number,
): typeof meta {
  const before = dictionary.reduce((sum, page) => sum + page.length, MAGIC.length)
  return {
    ...meta,
    num_values: BigInt(values),
    total_compressed_size: BigInt(bytes.length - MAGIC.length),
    data_page_offset: BigInt(before),
    dictionary_page_offset: before === MAGIC.length ? undefined : BigInt(MAGIC.length),
  }
}

function* portionsOf<P extends Pick<Page, 'size' | 'values'>>(pages: readonly P[]): Generator<readonly P[]> {
  let portion: P[] = []
  let size = 0
  let values = 0
  for (const page of pages) {
    if (portion.length > 0 && (size + page.size > PORTION_BYTES || values + page.values > PORTION_VALUES)) {
      yield portion
      portion = []
      size = 0
      values = 0
    }
    portion.push(page)
    size += page.size
    values += page.values
  }
  if (portion.length > 0) yield portion
}

/** Paths of the columns that hold values. */
function leavesOf(schema: readonly SchemaElement[]): string[][] {
  const leaves: string[][] = []
  walk(schema, 0, [], (path) => leaves.push(path))
  return leaves
}

/** The schema of one leaf alone, with what is above it. */
function prunedTo(schema: readonly SchemaElement[], leaf: readonly string[]): SchemaElement[] {
  const out: SchemaElement[] = []
  let at = 0
  for (const [depth, element] of schema.entries()) {
    if (depth === 0) out.push({ ...element, num_children: 1 })
    else if (element.name === leaf[at] && isBelow(schema, depth, leaf.slice(0, at))) {
      at++
      out.push(at === leaf.length ? element : { ...element, num_children: 1 })
    }
  }
  return out
}

/** Whether the element at a place of the flat schema has exactly these names above it. */
function isBelow(schema: readonly SchemaElement[], place: number, above: readonly string[]): boolean {
  let found = false
  walk(schema, 0, [], undefined, (index, path) => {
    if (index === place) found = path.slice(0, -1).join('.') === above.join('.')
  })
  return found
}

function walk(
  schema: readonly SchemaElement[],
  index: number,
  path: readonly string[],
  onLeaf: ((path: string[]) => void) | undefined,
  onAny?: (index: number, path: readonly string[]) => void,
): number {
  const element = schema[index]
  const here = index === 0 ? [] : [...path, element?.name ?? '']
  onAny?.(index, here)
  const children = element?.num_children ?? 0
  if (children === 0) onLeaf?.(here)
  let next = index + 1
  for (let child = 0; child < children; child++) next = walk(schema, next, here, onLeaf, onAny)
  return next
}

/** Whether a field means a leaf or what is above it: `prompt.0.content` and `prompt` mean `prompt.list.element.content`. */
function covers(field: string, leaf: readonly string[]): boolean {
  const parts = field.split('.').filter((part) => !/^\d+$/.test(part))
  const names = leaf.filter((name, depth) => depth === 0 || !/^(?:list|element|array|item|bag)$/.test(name))
  return leaf[0] === field || parts.every((part, depth) => names[depth] === part)
}

function inner(value: unknown, field: string): unknown {
  let found = value
  for (const part of field.split('.')) {
    found = typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[part] : undefined
  }
  return found
}

/** The same value of a row from two of its leaves. */
function merged(a: unknown, b: unknown): unknown {
  if (Array.isArray(a) && Array.isArray(b)) return a.map((item, place) => merged(item, b[place]))
  return typeof a === 'object' && a !== null && typeof b === 'object' && b !== null ? { ...a, ...b } : (b ?? a)
}

/** Decodes UTF-8; equal bytes become the same text, so that a text that stands a hundred times is held once. */
function createInterner(): (bytes: Uint8Array | undefined) => string | undefined {
  const decoder = new TextDecoder()
  const known = new Map<number, { readonly bytes: Buffer; readonly text: string }[]>()
  return (bytes) => {
    if (bytes === undefined) return undefined
    // FNV-1a, 32 bits; what it cannot tell apart, the comparison does.
    let hash = 0x811c9dc5
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
    const alike = known.get(hash) ?? []
    const found = alike.find((one) => Buffer.compare(one.bytes, bytes) === 0)
    if (found !== undefined) return found.text
    const text = decoder.decode(bytes)
    known.set(hash, [...alike, { bytes: Buffer.from(bytes), text }])
    return text
  }
}
