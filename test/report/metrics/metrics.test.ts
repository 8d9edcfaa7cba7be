/** What dashboards read: each format by its own rules, and a longer run's file begins with the shorter one's. */

import { expect, test } from 'vitest'
import { measurementsOf } from '../../../src/report/metrics/measurements.ts'
import { renderPrometheus } from '../../../src/report/metrics/prometheus.ts'
import { renderTensorBoard } from '../../../src/report/metrics/tensorboard.ts'
import { evaluation, iteration, statusOf } from '../fixtures.ts'

const status = statusOf([iteration(0, { evaluation: evaluation(0.5, null, null) }), iteration(1)], {
  name: 'a "quoted"\\name',
})
const endedAt = new Map([
  [-1, 1000.5],
  [0, 2000.25],
  [1, 3000],
])

test('Prometheus: a head for each family, one line a measurement, labels escaped', () => {
  const lines = renderPrometheus(status).trimEnd().split('\n')
  const numbers = lines.filter((line) => !line.startsWith('#'))
  expect(numbers).toHaveLength(measurementsOf(status).length)
  for (const line of lines) {
    expect(line).toMatch(/^(# HELP spendwise_\w+ .+|# TYPE spendwise_\w+ gauge|spendwise_\w+\{.*\} -?[\d.e+-]+)$/)
  }
  expect(numbers).toContain(`spendwise_accepted{run="a \\"quoted\\"\\\\name",iteration="1"} 1000`)
  expect(lines.filter((line) => line === '# TYPE spendwise_accepted gauge')).toHaveLength(1)
})

test('TensorBoard: whole records with right sums, scalars at their steps, first a version', () => {
  const events = readEvents(renderTensorBoard(status, endedAt))
  expect(events[0]).toMatchObject({ wallTime: 1000.5, version: 'brain.Event:2' })
  const accepted = events.filter(({ tag }) => tag === 'iteration/accepted')
  expect(accepted.map(({ step, value, wallTime }) => [step, value, wallTime])).toEqual([
    [1, 500, 2000.25],
    [2, 1000, 3000],
  ])
  const byCost = events.find(({ tag }) => tag === 'by cost/accuracy')
  expect(byCost).toMatchObject({ step: Math.round(status.iterations[0]?.cost ?? 0), value: Math.fround(0.5) })
})

test('the file of a run that continued begins with the file as it was', () => {
  const before = renderTensorBoard({ ...status, iterations: status.iterations.slice(0, 1) }, endedAt)
  const after = renderTensorBoard(status, endedAt)
  expect(after.length).toBeGreaterThan(before.length)
  expect(Buffer.from(after.subarray(0, before.length)).equals(Buffer.from(before))).toBe(true)
})

interface ReadEvent {
  readonly wallTime: number
  readonly version?: string
  readonly step?: number
  readonly tag?: string
  readonly value?: number
}

/** A reader of our own, by the format's description: bit by bit where the writer goes by tables. */
function readEvents(bytes: Uint8Array): ReadEvent[] {
  const buffer = Buffer.from(bytes)
  const events: ReadEvent[] = []
  for (let at = 0; at < buffer.length; ) {
    const length = Number(buffer.readBigUInt64LE(at))
    expect(buffer.readUInt32LE(at + 8)).toBe(masked(buffer.subarray(at, at + 8)))
    const data = buffer.subarray(at + 12, at + 12 + length)
    expect(buffer.readUInt32LE(at + 12 + length)).toBe(masked(data))
    events.push(readEvent(data))
    at += 16 + length
  }
  return events
}

function readEvent(data: Buffer): ReadEvent {
  const fields = readFields(data)
  const summary = fields.get(5)
  const value = summary && readFields(readFields(summary as Buffer).get(1) as Buffer)
  return {
    wallTime: (fields.get(1) as Buffer).readDoubleLE(),
    ...(fields.has(3) && { version: String(fields.get(3)) }),
    ...(fields.has(2) && { step: Number(fields.get(2)) }),
    ...(value && { tag: String(value.get(1)), value: (value.get(2) as Buffer).readFloatLE() }),
  }
}

function readFields(data: Buffer): Map<number, Buffer | number> {
  const fields = new Map<number, Buffer | number>()
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = data.readUInt8(at++)
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }
  while (at < data.length) {
    const key = varint()
    const type = key & 7
    if (type === 0) fields.set(key >> 3, varint())
    else {
      const length = type === 1 ? 8 : type === 5 ? 4 : varint()
      fields.set(key >> 3, data.subarray(at, at + length))
      at += length
    }
  }
  return fields
}

function masked(data: Buffer): number {
  let sum = 0xffffffff
  for (const byte of data) {
    for (let bit = 0; bit < 8; bit++) {
      const low = (sum ^ (byte >> bit)) & 1
      sum = (sum >>> 1) ^ (low ? 0x82f63b78 : 0)
    }
  }
  const crc = (sum ^ 0xffffffff) >>> 0
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
