/** metrics.json: read whole, or refused in a sentence that names what is wrong with it. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { TrainerError } from '../../src/core/errors.ts'
import { readMetrics } from '../../src/train/metrics.ts'

const output = mkdtempSync(join(tmpdir(), 'spendwise-metrics-'))
afterAll(() => rmSync(output, { recursive: true, force: true }))

const job = { output, datasetSha256: 'abc' }
const WHOLE = {
  schema: 1,
  dataset: { sha256: 'abc', rows: 30 },
  steps: 4,
  tokens: 900,
  seconds: 1.5,
  loss: { first: 2.5, last: 1.5 },
  seed: 7,
  checkpoint: { sha256: 'def' },
}

function read(change: object) {
  writeFileSync(join(output, 'metrics.json'), JSON.stringify({ ...WHOLE, ...change }))
  return readMetrics(job)
}

test('there are none before there is a file', () => {
  expect(readMetrics({ ...job, output: join(output, 'not-yet') })).toBeUndefined()
})

test('what a trainer wrote is read as it stands', () => {
  expect(read({})).toEqual(WHOLE)
  expect(read({ update: null })).toEqual(WHOLE)
})

test.each(['first', 'last'])('a recipe whose %s loss is none has diverged', (which) => {
  expect(() => read({ loss: { ...WHOLE.loss, [which]: null } })).toThrow(`metrics.json: loss.${which} is not a number`)
})

test('a service that trains and serves need not tell its loss', () => {
  const loss = { first: null, last: null }
  expect(read({ loss, servedName: 'ft:1' })).toEqual({ ...WHOLE, loss, servedName: 'ft:1' })
})

test('metrics of another dataset, or that are none, are refused', () => {
  expect(() => read({ dataset: { sha256: 'xyz', rows: 30 } })).toThrow(/is of another dataset \(xyz…, expected abc…\)/)
  expect(() => read({ steps: 'four' })).toThrow(/metrics\.json: steps .*the recipe contract/)
  writeFileSync(join(output, 'metrics.json'), '{ "loss": { "first": NaN } }')
  expect(() => readMetrics(job)).toThrow(/holds a loss that is no number \(NaN or Infinity\): training has diverged/)
})

test('of long hashes the first twelve places are told', () => {
  const dataset = { sha256: `0123456789ab${'0'.repeat(52)}`, rows: 30 }
  read({ dataset: { ...dataset, sha256: 'abc' } })
  expect(() => read({ dataset })).toThrow('another dataset (0123456789ab…, expected abc…)')
  expect(() => readMetrics({ ...job, datasetSha256: `ba9876543210${'0'.repeat(52)}` })).toThrow(
    'expected ba9876543210…)',
  )
})

test('what a trainer may tell besides is read too', () => {
  const more = {
    dataset: { sha256: 'abc', rows: 30, dropped: 2 },
    base: { sha256: '01', master: '02' },
    master: { sha256: '03', bytes: 9 },
    update: { meanAbs: 1e-6, kept: 0.9, served: 0.1 },
    servedName: 'a name of many letters',
  }
  expect(read(more)).toEqual({ ...WHOLE, ...more })
})

test.each([
  ['loss.first', { loss: { last: 1 } }],
  ['loss.last', { loss: { first: 1, last: 'low' } }],
  ['dataset.rows', { dataset: { sha256: 'abc' } }],
  ['checkpoint', { checkpoint: undefined }],
  ['schema', { schema: 2 }],
  ['servedName', { servedName: '' }],
  ['update.kept', { update: { meanAbs: 1, served: 1 } }],
  ['master.bytes', { master: { sha256: '03' } }],
])('a field that is missing or wrong is named: %s', (field, change) => {
  expect(() => read(change)).toThrow(TrainerError)
  expect(() => read(change)).toThrow(`metrics.json: ${field} `)
})

test('both losses may be missing at once, and the first is named', () => {
  expect(() => read({ loss: { first: null, last: null } })).toThrow('loss.first is not a number')
})

test.each([
  ['NaN', '{"loss":{"first":NaN}}'],
  ['infinite', '{"loss":{"first":1, "last": Infinity}}'],
  ['infinite below 0', '{"loss":{"first":-Infinity}}'],
  ['NaN behind many blanks', '{"loss":{"first":  \n NaN}}'],
])('a loss that is %s says that training has diverged', (_, text) => {
  writeFileSync(join(output, 'metrics.json'), text)
  expect(() => readMetrics(job)).toThrow(/training has diverged/)
  expect(() => readMetrics(job)).toThrow(expect.objectContaining({ cause: expect.any(SyntaxError) }))
})

test.each(['{"loss":', '', '{"note": "NaN" "cut"}', '{"loss": NaNs}', 'Infinity'])(
  '%j is no JSON, and nothing more',
  (text) => {
    writeFileSync(join(output, 'metrics.json'), text)
    expect(() => readMetrics(job)).toThrow(/metrics\.json is not JSON; remove the folder and run again/)
    expect(() => readMetrics(job)).toThrow(expect.objectContaining({ cause: expect.any(SyntaxError) }))
  },
)

test('a file that cannot be read is not taken for one that is not there yet', () => {
  const folder = join(output, 'of-a-folder')
  mkdirSync(join(folder, 'metrics.json'), { recursive: true })
  expect(() => readMetrics({ ...job, output: folder })).toThrow('EISDIR')
})
