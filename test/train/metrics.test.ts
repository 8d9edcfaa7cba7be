/** metrics.json: read whole, or refused in a sentence that names what is wrong with it. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
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
