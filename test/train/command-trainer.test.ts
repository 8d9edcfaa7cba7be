/** The command trainer, with a recipe that keeps the contract and with programs that break it. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { TrainerError } from '../../src/core/errors.ts'
import type { JobHandle } from '../../src/core/job.ts'
import type { TrainJob } from '../../src/core/trainer.ts'
import { commandPlaceholders } from '../../src/train/command-placeholders.ts'
import { readMetrics } from '../../src/train/metrics.ts'
import { startProgram } from '../fixtures/program.ts'
import { ended, localTrainer, recipe, script, submitted, trainerOptions, trainingJob } from './training-job.ts'

const WAIT = { timeout: 30_000, interval: 20 }

async function outcome(job: TrainJob, command: readonly string[]) {
  const { trainer, handle } = await submitted(job, command)
  return ended(trainer, handle, job)
}

/** Waits until the job has written a word to its log. */
function logged(job: TrainJob, word: string): Promise<void> {
  return vi.waitFor(() => expect(readFileSync(job.log, 'utf8')).toContain(word), WAIT)
}

describe('a job', () => {
  test('runs, succeeds, and leaves a checkpoint with metrics of its dataset', async () => {
    const job = trainingJob()
    const { trainer, handle } = await submitted(job, recipe('--delay-ms', '200'))
    expect(await trainer.status(handle, job)).toEqual({ state: 'running', exitCode: undefined, reason: '' })
    expect(readMetrics(job)).toBeUndefined()
    expect(await ended(trainer, handle, job)).toEqual({ state: 'succeeded', exitCode: 0, reason: '' })
    expect(readMetrics(job)).toMatchObject({
      schema: 1,
      dataset: { sha256: job.datasetSha256, rows: 64 },
      steps: 2,
      seed: 11,
    })
    expect(readFileSync(job.log, 'utf8')).toContain('@@sft {"event":"start"')
  })

  test('submitted again when it is done is done again at once, and trains nothing', async () => {
    const job = trainingJob()
    await outcome(job, recipe())
    const before = readFileSync(join(job.output, 'metrics.json'), 'utf8')
    expect(await outcome(job, recipe())).toMatchObject({ state: 'succeeded', exitCode: 0 })
    expect(readFileSync(join(job.output, 'metrics.json'), 'utf8')).toBe(before)
    expect(readFileSync(job.log, 'utf8')).toContain('"already":true')
  })

  test('is told everything about its optimisation', () => {
    const job = trainingJob()
    expect(commandPlaceholders(job)).toEqual({
      base: job.base,
      dataset: job.dataset,
      sha256: job.datasetSha256,
      output: job.output,
      seed: 11,
      epochs: 1,
      steps: 0,
      batch: 32,
      lr: 1e-6,
      lrEnd: 5e-7,
      warmup: 0,
      optimizerState: 'reset',
      shard: 'auto',
      master: 'keep',
      templateKwargs: '{}',
      stopSeconds: 20,
      iteration: 3,
      name: '3-1',
    })
    const steps = { ...job.optimization, epochs: undefined, steps: 40 }
    expect(commandPlaceholders({ ...job, optimization: steps })).toMatchObject({ epochs: 0, steps: 40 })
  })

  test('runs where run.yaml lies, with the environment it was given', async () => {
    const job = trainingJob()
    const options = trainerOptions(job, script('console.log(process.cwd(), process.env.WANDB_MODE)'))
    const trainer = localTrainer({ ...options, env: { WANDB_MODE: 'offline' } })
    await ended(trainer, await trainer.submit(job), job)
    expect(readFileSync(job.log, 'utf8')).toBe(`${options.cwd} offline\n`)
  })
})

describe('how a job can end', () => {
  test.each([
    [2, 'failed', 'it refused its input (exit 2)'],
    [3, 'failed', 'training failed (exit 3)'],
    [75, 'preempted', 'it was stopped with its work saved (exit 75)'],
    [1, 'lost', 'it ended with exit code 1'],
    [137, 'lost', 'it ended with exit code 137'],
  ])('with exit code %i it is %s', async (code, state, reason) => {
    const job = trainingJob()
    expect(await outcome(job, recipe('--fail-code', String(code)))).toEqual({ state, exitCode: code, reason })
    expect(existsSync(job.output)).toBe(false)
  })

  test('asked the very moment it has ended, it is what its exit code says', async () => {
    const job = trainingJob()
    const { trainer, handle } = await submitted(job, script('process.exit(2)'))
    // Never lets the event loop turn while the job runs, so that its exit is seen before it is heard of.
    let status = await trainer.status(handle, job)
    while (status.state === 'running') status = await trainer.status(handle, job)
    expect(status).toEqual({ state: 'failed', exitCode: 2, reason: 'it refused its input (exit 2)' })
  })

  test('killed by a signal it is lost, which is worth another try', async () => {
    const job = trainingJob()
    expect(await outcome(job, script('process.kill(process.pid, "SIGKILL")'))).toEqual({
      state: 'lost',
      exitCode: undefined,
      reason: 'it was ended by SIGKILL',
    })
  })

  test('with exit code 0 and no checkpoint it has failed', async () => {
    const job = trainingJob()
    expect(await outcome(job, script('0'))).toEqual({
      state: 'failed',
      exitCode: 0,
      reason: `it ended with exit code 0 but ${job.output} is not there`,
    })
    mkdirSync(job.output)
    expect((await outcome(job, script('0'))).reason).toBe(
      `it ended with exit code 0 but ${job.output} has no metrics.json`,
    )
  })

  test('with a checkpoint made of another dataset it is an error that says so', async () => {
    const job = trainingJob()
    await outcome(job, recipe())
    const other = { ...job, datasetSha256: 'beef'.repeat(16) }
    const { trainer, handle } = await submitted(other, script('0'))
    const failure = ended(trainer, handle, other)
    await expect(failure).rejects.toThrow(TrainerError)
    await expect(failure).rejects.toThrow(/is of another dataset \([0-9a-f]{12}…, expected beefbeefbeef…\); remove/)
  })

  test('with a changed dataset it refuses its input', async () => {
    const job = trainingJob()
    writeFileSync(job.dataset, '{}\n')
    expect(await outcome(job, recipe())).toMatchObject({ state: 'failed', exitCode: 2 })
  })
})

describe('metrics.json that breaks the contract', () => {
  const whole = {
    schema: 1,
    dataset: { sha256: 'cd', rows: 1 },
    steps: 1,
    tokens: 1,
    seconds: 1,
    loss: { first: 1, last: 1 },
    seed: 1,
    checkpoint: { sha256: 'ef' },
  }
  test.each([
    ['is cut', JSON.stringify(whole).slice(0, -3), 'is not JSON; remove the folder'],
    ['is another schema', JSON.stringify({ ...whole, schema: 2 }), 'schema'],
    ['lacks the dataset', JSON.stringify({ ...whole, dataset: undefined }), 'dataset'],
    ['has a loss that is no number', JSON.stringify({ ...whole, loss: { first: 1, last: Number.NaN } }), 'loss.last'],
    ['is empty', '', 'is not JSON'],
    ['is a list', '[]', 'expected object'],
  ])('because it %s is an error that names it', (_, text, word) => {
    const job = { ...trainingJob(), datasetSha256: 'cd' }
    mkdirSync(job.output)
    writeFileSync(join(job.output, 'metrics.json'), text)
    expect(() => readMetrics(job)).toThrow(TrainerError)
    expect(() => readMetrics(job)).toThrow(word)
  })

  test('may hold more than the contract asks for', () => {
    const job = { ...trainingJob(), datasetSha256: 'cd' }
    mkdirSync(job.output)
    writeFileSync(join(job.output, 'metrics.json'), JSON.stringify({ ...whole, gpu: 'A800' }))
    expect(readMetrics(job)).toEqual(whole)
  })
})

test.each([
  ['that is not there', ['/nowhere/trainer'], '/nowhere/trainer'],
  ['that may not be run', [join(import.meta.dirname, 'command-trainer.test.ts')], 'EACCES'],
])('a program %s makes the trainer unreachable: exit code 3', async (_, command, word) => {
  const job = trainingJob()
  const submit = localTrainer(trainerOptions(job, command)).submit(job)
  await expect(submit).rejects.toBeInstanceOf(TrainerError)
  await expect(submit).rejects.toMatchObject({ exitCode: 3, message: expect.stringContaining(word) })
  await expect(submit).rejects.toThrow('check train.command')
})

describe('cancelling', () => {
  test('lets the job save its work, and the next one continues from there', async () => {
    const job = trainingJob()
    const slow = recipe('--delay-ms', '1500')
    const { trainer, handle } = await submitted(job, slow)
    await logged(job, '"elapsedMs":500')
    await trainer.cancel(handle, job, 30_000)
    expect(await trainer.status(handle, job)).toMatchObject({ state: 'preempted', exitCode: 75 })
    expect(await outcome(job, slow)).toMatchObject({ state: 'succeeded' })
    const starts = [...readFileSync(job.log, 'utf8').matchAll(/"event":"start".*"elapsedMs":(\d+)/g)].map(([, ms]) =>
      Number(ms),
    )
    expect(starts[0]).toBe(0)
    expect(starts[1]).toBeGreaterThanOrEqual(500)
  })

  test('kills a job that will not end, and it is lost', async () => {
    const job = trainingJob()
    const deaf = script('process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("up")')
    const { trainer, handle } = await submitted(job, deaf)
    await logged(job, 'up')
    await trainer.cancel(handle, job, 100)
    expect(await trainer.status(handle, job)).toMatchObject({ state: 'lost', reason: 'it was ended by SIGKILL' })
  })
})

describe.skipIf(process.platform !== 'linux')('a job submitted by a process that was killed (Linux only)', () => {
  /** Submits from another process, kills that, and gives the handle it had told of. */
  async function orphan(job: TrainJob, command: readonly string[]): Promise<JobHandle> {
    const options = trainerOptions(job, command)
    const submitter = startProgram('train-submitter', [JSON.stringify(options), JSON.stringify(job)])
    const handle: JobHandle = JSON.parse((await submitter.line()) ?? '')
    onTestFinished(() => localTrainer(options).cancel(handle, job, 0))
    submitter.child.kill('SIGKILL')
    await submitter.exit
    return handle
  }

  test('continues, is found again by its key, and is followed to its end', async () => {
    const job = trainingJob()
    const slow = recipe('--delay-ms', '700')
    const handle = await orphan(job, slow)
    const trainer = localTrainer(trainerOptions(job, slow))
    expect(await trainer.find(job)).toEqual(handle)
    expect(await trainer.status(handle, job)).toMatchObject({ state: 'running' })
    expect(await ended(trainer, handle, job)).toEqual({ state: 'succeeded', exitCode: undefined, reason: '' })
    expect(await trainer.find(job)).toBeUndefined()
    expect(readFileSync(job.log, 'utf8').match(/"event":"start"/g)).toHaveLength(1)
  })

  test('is not taken for one of another key or of another run', async () => {
    const job = trainingJob()
    const slow = recipe('--delay-ms', '60000')
    await orphan(job, slow)
    const options = trainerOptions(job, slow)
    expect(await localTrainer(options).find({ ...job, key: '3-0' })).toBeUndefined()
    expect(await localTrainer({ ...options, directory: '/another/run' }).find(job)).toBeUndefined()
  })

  test('can be cancelled, and is lost when it leaves no checkpoint', async () => {
    const job = trainingJob()
    const slow = recipe('--delay-ms', '60000')
    const handle = await orphan(job, slow)
    await logged(job, '"event":"start"')
    const trainer = localTrainer(trainerOptions(job, slow))
    await trainer.cancel(handle, job, 30_000)
    expect(await trainer.status(handle, job)).toEqual({
      state: 'lost',
      exitCode: undefined,
      reason: 'its process is gone and left no exit code',
    })
    expect(readFileSync(job.log, 'utf8')).toContain('"event":"preempted"')
  })
})
