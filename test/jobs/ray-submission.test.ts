/** What Ray is sent of a job, and what its answers mean. */

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readTicket, ticketFileOf } from '../../src/jobs/ray-files.ts'
import { statusOfRayJob } from '../../src/jobs/ray-state.ts'
import { quoted, submissionOf } from '../../src/jobs/ray-submission.ts'
import { engineJob, jobInFolder } from './engine-job.ts'

test.each([
  ['PENDING', null, null, false, undefined, 'pending', 'Ray has not started it yet'],
  ['PENDING', null, null, true, undefined, 'cancelled', 'withdrawn'],
  ['RUNNING', null, null, false, undefined, 'running', ''],
  ['SUCCEEDED', 0, null, false, undefined, 'succeeded', ''],
  ['FAILED', 75, 'JOB_ENTRYPOINT_COMMAND_ERROR', false, 75, 'failed', 'exit code 75'],
  ['FAILED', 98, 'JOB_ENTRYPOINT_COMMAND_ERROR', true, undefined, 'cancelled', 'withdrawn'],
  ['FAILED', null, 'JOB_SUPERVISOR_ACTOR_START_TIMEOUT', false, undefined, 'preempted', 'no place for it'],
  [
    'FAILED',
    null,
    'RUNTIME_ENV_SETUP_FAILURE',
    false,
    undefined,
    'failed',
    'runtime environment could not be made: words',
  ],
  ['FAILED', null, 'JOB_SUPERVISOR_ACTOR_DIED', false, undefined, 'lost', 'died'],
  ['FAILED', null, 'SOMETHING_NEW', false, undefined, 'lost', 'Ray could not run it'],
  ['STOPPED', null, null, false, 75, 'failed', 'exit code 75'],
  ['STOPPED', null, null, false, 143, 'cancelled', 'somebody stopped it'],
  ['STOPPED', null, null, false, undefined, 'cancelled', 'somebody stopped it'],
] as const)(
  '%s with code %j, error %j, withdrawn: %j and word %j is %6$s',
  (status, code, error, isWithdrawn, said, state, reason) => {
    const job = { status, driver_exit_code: code, error_type: error, message: 'many\nwords' }
    expect(statusOfRayJob(job, { id: 'a-1', isWithdrawn, said })).toMatchObject({
      state,
      reason: expect.stringContaining(reason),
    })
  },
)

test('a job that the head has forgotten is what it said itself, else lost', () => {
  const beside = { id: 'a-1', isWithdrawn: false, said: undefined }
  expect(statusOfRayJob(undefined, beside)).toMatchObject({ state: 'lost', reason: 'Ray does not know job a-1' })
  expect(statusOfRayJob(undefined, { ...beside, said: 0 })).toMatchObject({ state: 'succeeded' })
  expect(statusOfRayJob(undefined, { ...beside, said: 3 })).toMatchObject({ state: 'failed', exitCode: 3 })
})

describe('a submission', () => {
  test('names what the job needs, in Ray’s own units', () => {
    const job = { ...engineJob(), resources: { gpus: 8, cpus: 16, memory: '64G', custom: { tpu: 1 } } }
    expect(submissionOf(job, 'a-1', '/data/ray-job.py')).toMatchObject({
      entrypoint_num_gpus: 8,
      entrypoint_num_cpus: 16,
      entrypoint_memory: 64 * 2 ** 30,
      entrypoint_resources: { tpu: 1 },
    })
    expect(submissionOf(engineJob(), 'a-1', '/data/ray-job.py')).not.toHaveProperty('entrypoint_num_gpus')
    expect(() => submissionOf({ ...job, resources: { gpus: 'a100:8' } }, 'a-1', '/data/ray-job.py')).toThrow(
      'a number of GPUs',
    )
  })

  test('is read by a shell as the words that were meant', () => {
    const words = ['plain', '', "it's", '"$HOME" `id` \\', 'two\nlines', '*', '; exit 3']
    const said = execFileSync('sh', ['-c', `printf '%s\\0' ${words.map(quoted).join(' ')}`], { encoding: 'utf8' })
    expect(said.split('\0').slice(0, -1)).toEqual(words)
  })

  test('is not made next to a ticket that cannot be read', () => {
    const job = jobInFolder([])
    writeFileSync(ticketFileOf(job), '{')
    expect(() => readTicket(job)).toThrow(/is damaged; see in Ray's dashboard/)
  })
})
