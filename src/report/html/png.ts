/** Grey images as PNG files, small enough to stand in the page itself. */

import { crc32, deflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/**
 * One grey image (PNG, ISO/IEC 15948: eight bits a pixel, no filter) as a data address.
 * @param values in [-1, 1], row by row
 */
export function greyImage(values: Float32Array, width: number): string {
  const height = values.length / width
  const rows = Buffer.alloc(height * (width + 1))
  for (const [i, value] of values.entries()) {
    rows[Math.floor(i / width) * (width + 1) + 1 + (i % width)] = Math.round(
      127.5 * (Math.min(1, Math.max(-1, value)) + 1),
    )
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 8
  const file = Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
  return `data:image/png;base64,${file.toString('base64')}`
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const ends = Buffer.alloc(8)
  ends.writeUInt32BE(data.length, 0)
  ends.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)])
}
