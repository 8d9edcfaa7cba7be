/** The trainer in this process when its files are taken away: the job fails, with both errors, and the process lives. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TrainJob } from '../../../src/core/trainer.ts'
import { createEmbeddedTrainer } from '../../../src/embedded/train/trainer.ts'
import { writeBase, writeDataset } from './program.ts'

let folder: string
const at = (...names: string[]): string => join(folder, ...names)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'unwritable-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function jobIn(name: string, log: string): TrainJob {
  mkdirSync(at(name))
  writeBase(at(name, 'base'))
  const datasetSha256 = writeDataset(at(name, 'data.jsonl'))
  return {
    key: name,
    iteration: 0,
    base: at(name, 'base'),
    dataset: at(name, 'data.jsonl'),
    datasetSha256,
    rows: 50,
    output: at(name, 'checkpoint'),
    log,
    seed: 1,
    optimization: {
      epochs: undefined,
      steps: 400,
      batch: 25,
      lrStart: 1e-3,
      lrEnd: 0,
      warmupSteps: 0,
      optimizerState: 'reset',
    },
    recipe: { shard: 'auto', master: 'keep', templateKwargs: {}, stopSeconds: 60 },
  }
}

async function endOf(job: TrainJob, whileItTrains: () => void): Promise<{ state: string; reason: string }> {
  const trainer = createEmbeddedTrainer(1)
  const handle = await trainer.submit(job)
  whileItTrains()
  for (;;) {
    const status = await trainer.status(handle, job)
    if (status.state !== 'running') return status
  }
}

test('a job whose log has no folder fails and says so, since there is nowhere else to say it', async () => {
  const job = jobIn('no-log', at('missing', 'train.log'))
  expect(await endOf(job, () => undefined)).toMatchObject({
    state: 'failed',
    reason: expect.stringMatching(/^training failed; ENOENT.*; its log cannot be written \(ENOENT/),
  })
})

test('a job whose folder is taken away in mid-training fails, at the first report of its thread', async () => {
  const job = jobIn('taken', at('taken', 'train.log'))
  const { state, reason } = await endOf(job, () => rmSync(at('taken'), { recursive: true }))
  expect({ state, reason }).toMatchObject({
    state: 'failed',
    reason: expect.stringMatching(/its log cannot be written \(ENOENT/),
  })
})
