/** What the end of a training job means: its exit code, its own word for it, and the checkpoint that it has left. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { TrainerError } from '../../src/core/errors.ts'
import type { JobStatus } from '../../src/core/job.ts'
import type { TrainJob } from '../../src/core/trainer.ts'
import { exited, stateOnly } from '../../src/jobs/contract.ts'
import { exitFileOf, trainingStatus } from '../../src/train/exit-code.ts'
import { leaveCheckpoint, trainingJob } from './training-job.ts'

const SUCCEEDED: JobStatus = { state: 'succeeded', exitCode: 0, reason: '' }

/** A job that has written its own exit code down. */
function saying(code: string, job = trainingJob()): TrainJob {
  writeFileSync(exitFileOf(job), code)
  return job
}

test('the file of its own exit code lies next to its log', () => {
  expect(exitFileOf({ log: '/run/train.log' })).toBe('/run/train.log.exit')
})

describe('an exit code', () => {
  test.each([
    [2, 'failed', /refused its input \(exit 2\)/],
    [3, 'failed', /training failed \(exit 3\)/],
    [75, 'preempted', /stopped with its work saved \(exit 75\)/],
    [1, 'lost', /it ended with exit code 1$/],
    [137, 'lost', /it ended with exit code 137$/],
  ])('of %i is %s, with a checkpoint too', (code, state, reason) => {
    const job = trainingJob()
    const expected = { state, exitCode: code, reason: expect.stringMatching(reason) }
    expect(trainingStatus(exited(code), job)).toEqual(expected)
    leaveCheckpoint(job)
    expect(trainingStatus(exited(code), job)).toEqual(expected)
  })

  test('of 0 is success with a checkpoint, and without one a failure that says what is missing', () => {
    const job = trainingJob()
    const failed = { state: 'failed', exitCode: 0 }
    expect(trainingStatus(exited(0), job)).toEqual({
      ...failed,
      reason: `it ended with exit code 0 but ${job.output} is not there`,
    })
    mkdirSync(job.output)
    expect(trainingStatus(exited(0), job)).toEqual({
      ...failed,
      reason: `it ended with exit code 0 but ${job.output} has no metrics.json`,
    })
    leaveCheckpoint(job)
    expect(trainingStatus(exited(0), job)).toEqual(SUCCEEDED)
  })

  test('of 0 with a checkpoint of another dataset is an error', () => {
    const job = trainingJob()
    leaveCheckpoint(job, { dataset: { sha256: 'beef', rows: 1 } })
    expect(() => trainingStatus(exited(0), job)).toThrow(TrainerError)
  })
})

describe("a launcher's exit code", () => {
  test.each([
    ['2', 'failed', 2],
    ['75', 'preempted', 75],
    ['9', 'lost', 9],
  ])('gives way to the %s that the job itself wrote down', (word, state, code) => {
    expect(trainingStatus(exited(1), saying(word))).toMatchObject({ state, exitCode: code })
  })

  test('of 1 is success where the job says 0 and has left a checkpoint', () => {
    const job = saying('0')
    expect(trainingStatus(exited(1), job)).toMatchObject({ state: 'failed', exitCode: 0 })
    leaveCheckpoint(job)
    expect(trainingStatus(exited(1), job)).toEqual(SUCCEEDED)
  })

  test('that has a meaning of its own counts before what the job wrote', () => {
    for (const code of [2, 3, 75]) expect(trainingStatus(exited(code), saying('1'))).toMatchObject({ exitCode: code })
    const job = saying('3')
    leaveCheckpoint(job)
    expect(trainingStatus(exited(0), job)).toEqual(SUCCEEDED)
  })

  test('counts where the job wrote nothing that is a code', () => {
    for (const word of ['', 'done', '-1'])
      expect(trainingStatus(exited(1), saying(word))).toMatchObject({ exitCode: 1 })
  })
})

describe('without an exit code', () => {
  test.each(['pending', 'running', 'unknown', 'cancelled', 'failed', 'preempted'] as const)(
    'a job that is %s is that, whatever it has left',
    (state) => {
      const job = trainingJob()
      leaveCheckpoint(job)
      expect(trainingStatus(stateOnly(state, 'so it is'), job)).toEqual(stateOnly(state, 'so it is'))
    },
  )

  test('one that is lost has succeeded where its checkpoint is whole, and nowhere else', () => {
    const job = trainingJob()
    const lost = stateOnly('lost', 'its machine is gone')
    expect(trainingStatus(lost, job)).toEqual(lost)
    mkdirSync(job.output)
    expect(trainingStatus(lost, job)).toEqual(lost)
    leaveCheckpoint(job)
    expect(trainingStatus(lost, job)).toEqual({ state: 'succeeded', exitCode: undefined, reason: '' })
  })
})
