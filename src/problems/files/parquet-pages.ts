/** Where the pages of a Parquet column chunk begin, so that a chunk can be read a few pages at a time. */

export interface Page {
  /** Bytes from the start of the chunk. */
  readonly start: number
  readonly end: number
  readonly isDictionary: boolean
  /** Values of a data page, nulls and items of lists counted; at least as many as its rows. */
  readonly values: number
  /** Bytes once decompressed. */
  readonly size: number
}

/**
 * The pages of a chunk, from their Thrift headers (parquet-format, PageHeader: 1 type, 2 and 3 sizes, 5 and 8 data pages, 7 dictionary).
 * @throws Error where a header cannot be read
 */
export function pagesOf(chunk: Uint8Array): Page[] {
  const pages: Page[] = []
  for (let start = 0; start < chunk.length; ) {
    const { fields, end } = readStruct(chunk, start)
    const compressed = Number(fields.get(3) ?? Number.NaN)
    const body = end + compressed
    if (!(compressed >= 0 && body <= chunk.length)) throw new Error('a page reaches beyond its column')
    const data = fields.get(5) ?? fields.get(8)
    const values = data instanceof Map ? Number(data.get(1)) : 0
    pages.push({ start, end: body, isDictionary: fields.get(1) === 2, values, size: Number(fields.get(2)) })
    start = body
  }
  return pages
}

type Field = number | ReadonlyMap<number, Field> | undefined

/** One struct of Thrift's compact protocol; numbers and structs are kept, texts and lists are passed over. */
function readStruct(bytes: Uint8Array, from: number): { readonly fields: Map<number, Field>; readonly end: number } {
  let at = from
  const byte = (): number => {
    const value = bytes[at++]
    if (value === undefined) throw new Error('a page header is cut short')
    return value
  }
  const varint = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const next = byte()
      value += (next & 127) * scale
      if (next < 128) return value
    }
  }
  const zigzag = (): number => {
    const value = varint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
  const read = (type: number): Field => {
    switch (type) {
      case 1:
      case 2:
        return 2 - type
      case 3:
        return byte()
      case 4:
      case 5:
      case 6:
        return zigzag()
      case 7:
        at += 8
        return undefined
      case 8: {
        const length = varint()
        at += length
        return undefined
      }
      case 9:
      case 10: {
        const head = byte()
        const size = head >> 4 === 15 ? varint() : head >> 4
        for (let item = 0; item < size; item++) read(head & 15)
        return undefined
      }
      case 12: {
        const inner = readStruct(bytes, at)
        at = inner.end
        return inner.fields
      }
      default:
        throw new Error(`a page header has a field of the unknown type ${type}`)
    }
  }
  const fields = new Map<number, Field>()
  for (let id = 0; ; ) {
    const head = byte()
    if (head === 0) return { fields, end: at }
    id = head >> 4 === 0 ? zigzag() : id + (head >> 4)
    fields.set(id, read(head & 15))
  }
}
