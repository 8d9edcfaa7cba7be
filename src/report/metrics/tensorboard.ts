/** TensorBoard's event file: length-prefixed records of protocol buffers, each with masked CRC-32C sums (tensorflow's record_writer). */

import type { RunNumbers } from '../../core/status.ts'
import { measurementsOf } from './measurements.ts'

/**
 * Scalars by iteration (the base is step 0, iteration t is step t + 1), and the accuracies by cost besides.
 * The file of a run that has continued begins with the file as it was.
 * @param endedAt seconds since 1970 at which an iteration ended; -1 is the base
 */
export function renderTensorBoard(status: RunNumbers, endedAt: ReadonlyMap<number, number>): Uint8Array {
  const first = endedAt.get(-1) ?? Math.min(...endedAt.values(), Number.MAX_SAFE_INTEGER)
  const records = [record(event(Number.isFinite(first) ? first : 0, { version: 'brain.Event:2' }))]
  for (const { name, iteration, value, cost } of measurementsOf(status)) {
    const at = iteration === null ? undefined : endedAt.get(iteration)
    if (iteration === null || at === undefined) continue
    records.push(record(event(at, { tag: tagOf(name), value, step: iteration + 1 })))
    if (name.startsWith('accuracy')) {
      records.push(record(event(at, { tag: `by cost/${name}`, value, step: Math.round(cost) })))
    }
  }
  return Buffer.concat(records)
}

function tagOf(name: string): string {
  return name.startsWith('health_') ? `health/${name.slice('health_'.length)}` : `iteration/${name}`
}

type EventContent =
  | { readonly version: string }
  | { readonly tag: string; readonly value: number; readonly step: number }

/** tensorflow/core/util/event.proto: wall_time = 1, step = 2, file_version = 3, summary = 5. */
function event(wallTime: number, content: EventContent): Buffer {
  const time = Buffer.concat([Buffer.from([0x09]), doubleBytes(wallTime)])
  if ('version' in content) return Buffer.concat([time, field(3, Buffer.from(content.version))])
  // summary.proto: value = 1, with tag = 1 and simple_value = 2.
  const simple = Buffer.concat([Buffer.from([0x15]), floatBytes(content.value)])
  const value = Buffer.concat([field(1, Buffer.from(content.tag)), simple])
  return Buffer.concat([time, Buffer.from([0x10]), varint(content.step), field(5, field(1, value))])
}

/** A length-delimited field. */
function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = BigInt(Math.max(0, value))
  do {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    bytes.push(rest > 0n ? low | 0x80 : low)
  } while (rest > 0n)
  return Buffer.from(bytes)
}

function doubleBytes(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return bytes
}

function floatBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return bytes
}

function record(data: Buffer): Buffer {
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(data.length))
  return Buffer.concat([length, maskedCrc(length), data, maskedCrc(data)])
}

/** Sums of data that holds sums are weak, so they are rotated and shifted. */
function maskedCrc(data: Buffer): Buffer {
  const sum = crc32c(data)
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE((((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0)
  return bytes
}

/** Castagnoli's polynomial, reflected. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0x82f63b78 : sum >>> 1
  return sum
})

function crc32c(data: Buffer): number {
  let sum = 0xffffffff
  for (const byte of data) sum = (sum >>> 8) ^ (CRC_TABLE[(sum ^ byte) & 0xff] ?? 0)
  return (sum ^ 0xffffffff) >>> 0
}
