/** The Slurm engine against programs of Slurm's names that answer as the real ones were seen to; the real ones are in test/stack. */

import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EngineAway, JobError } from '../../src/core/errors.ts'
import type { Job } from '../../src/jobs/contract.ts'
import { nameOf } from '../../src/jobs/names.ts'
import { createSlurmEngine } from '../../src/jobs/slurm.ts'
import { jobInFolder } from './engine-job.ts'

const ENGINE = createSlurmEngine({
  script: '/recipes/slurm-job.sh',
  arguments: [],
  requeue: false,
  pollSeconds: 1,
  commandSeconds: 60,
  unreachableSeconds: 60,
})
const PROGRAMS = ['sbatch', 'squeue', 'scontrol', 'sacct', 'scancel'] as const
type Program = (typeof PROGRAMS)[number]

const path = process.env.PATH
let job: Job
const at = (name: string): string => join(job.cwd, name)

beforeEach(() => {
  job = jobInFolder(['python', 'train.py'])
  process.env.PATH = job.cwd + delimiter + path
  for (const program of PROGRAMS) answers(program, '')
})
afterEach(() => {
  process.env.PATH = path
  delete process.env.SPENDWISE_TEST_KEY
})

/** What a program prints from now on, to stderr where it ends with another code than 0. */
function answers(program: Program, text: string, code = 0): void {
  writeFileSync(at(`${program}.out`), text)
  writeFileSync(
    at(program),
    `#!/bin/sh
here=$(dirname "$0")
echo ${program} "$@" >> "$here/calls"
env > "$here/${program}.env"
cat "$here/${program}.out" >&${code === 0 ? 1 : 2}
exit ${code}
`,
  )
  chmodSync(at(program), 0o755)
}

function calls(program: Program): string[] {
  const lines = existsSync(at('calls')) ? readFileSync(at('calls'), 'utf8').trimEnd().split('\n') : []
  return lines.filter((line) => line.startsWith(`${program} `))
}

const HANDLE = { engine: 'slurm', id: '123' }
const shown = (state: string, more = ''): string => `JobId=123 JobName=x JobState=${state} Reason=None ${more}`

describe('submitting', () => {
  test('gives the job its name, one at a time, and returns the id', async () => {
    answers('sbatch', '123\n')
    expect(await ENGINE.submit(job)).toEqual(HANDLE)
    const [call = ''] = calls('sbatch')
    for (const part of ['--parsable', `--job-name=${nameOf(job)}`, '--dependency=singleton', '--signal=B:TERM@20'])
      expect(call).toContain(part)
    expect(call).toMatch(/slurm-job\.sh python train\.py$/)
  })

  test('keeps the cluster with the id', async () => {
    answers('sbatch', '123;west\n')
    const handle = await ENGINE.submit(job)
    expect(handle.id).toBe('123;west')
    answers('scontrol', shown('RUNNING'))
    expect(await ENGINE.status(handle, job)).toMatchObject({ state: 'running' })
    expect(calls('scontrol')).toEqual(['scontrol --clusters=west show job 123 --oneliner'])
  })

  test('forgets the exit code of an earlier try', async () => {
    answers('sbatch', '123\n')
    writeFileSync(job.exitFile, '3')
    await ENGINE.submit(job)
    expect(existsSync(job.exitFile)).toBe(false)
  })

  test('passes on no variable that holds a key', async () => {
    process.env.SPENDWISE_TEST_KEY = 'sk-secret'
    answers('sbatch', '123\n')
    await ENGINE.submit({ ...job, keys: ['SPENDWISE_TEST_KEY'], env: { OWN: 'yes' } })
    const env = readFileSync(at('sbatch.env'), 'utf8')
    expect(env).not.toContain('sk-secret')
    expect(env).toMatch(/^OWN=yes$/m)
  })

  test('that Slurm refuses says why', async () => {
    answers('sbatch', 'sbatch: error: Batch job submission failed: Invalid partition name specified\n', 1)
    const error = await ENGINE.submit(job).catch((it: unknown) => it)
    expect(error).toBeInstanceOf(JobError)
    expect(String(error)).toContain('Batch job submission failed: Invalid partition name specified')
  })

  test.each([
    ['sbatch: error: Unable to contact slurm controller (connect failure)\n', 1],
    ['Submitted batch job, somewhere\n', 0],
  ])('that got no certain answer may have happened: %j', async (text, code) => {
    answers('sbatch', text, code)
    await expect(ENGINE.submit(job)).rejects.toBeInstanceOf(EngineAway)
  })

  test('without Slurm on this machine is one sentence', async () => {
    process.env.PATH = '/nowhere'
    await expect(ENGINE.submit(job)).rejects.toThrow(/^sbatch is not on the PATH; jobs through Slurm need/)
  })
})

describe('the status', () => {
  test.each([
    ['PENDING', 'pending'],
    ['RUNNING', 'running'],
    ['COMPLETED', 'succeeded'],
    ['CANCELLED', 'cancelled'],
    ['PREEMPTED', 'preempted'],
    ['NODE_FAIL', 'lost'],
    ['MADE_UP', 'unknown'],
  ])('of a job that the controller calls %s is %s', async (slurm, state) => {
    answers('scontrol', shown(slurm, 'ExitCode=0:0'))
    expect(await ENGINE.status(HANDLE, job)).toMatchObject({ state })
  })

  test('of a job that failed has its exit code', async () => {
    answers('scontrol', shown('FAILED', 'ExitCode=3:0'))
    expect(await ENGINE.status(HANDLE, job)).toMatchObject({ state: 'failed', exitCode: 3 })
  })

  test('of a job that the controller has dropped comes from accounting', async () => {
    answers('scontrol', 'slurm_load_jobs error: Invalid job id specified\n', 1)
    answers('sacct', 'FAILED|75:0\n')
    expect(await ENGINE.status(HANDLE, job)).toMatchObject({ exitCode: 75 })
    expect(calls('sacct')[0]).toContain('--jobs=123')
  })

  test('of a job that nobody knows any longer is what it wrote itself, else lost', async () => {
    answers('scontrol', 'slurm_load_jobs error: Invalid job id specified\n', 1)
    answers('sacct', 'sacct: error: Slurm accounting storage is disabled\n', 1)
    expect(await ENGINE.status(HANDLE, job)).toMatchObject({ state: 'lost' })
    writeFileSync(job.exitFile, '0')
    expect(await ENGINE.status(HANDLE, job)).toMatchObject({ state: 'succeeded', exitCode: 0 })
  })

  test('is unknown, never failed, while the controller is away', async () => {
    answers('scontrol', 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n', 1)
    expect(await ENGINE.status(HANDLE, job)).toMatchObject({ state: 'unknown' })
  })
})

describe('a job', () => {
  test('is found again by its name, and what a lost answer left besides is cancelled', async () => {
    answers(
      'squeue',
      `200 RUNNING ${nameOf(job)}\n123 PENDING ${nameOf(job)}\n7 RUNNING other\n9 COMPLETED ${nameOf(job)}\n`,
    )
    expect(await ENGINE.find(job)).toEqual(HANDLE)
    expect(calls('scancel')).toEqual(['scancel 200'])
  })

  test('that is not there is not found', async () => {
    expect(await ENGINE.find(job)).toBeUndefined()
  })

  test('cannot be looked for while the controller is away', async () => {
    answers('squeue', 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n', 1)
    await expect(ENGINE.find(job)).rejects.toBeInstanceOf(EngineAway)
  })

  test('that has ended is not cancelled', async () => {
    answers('scontrol', shown('COMPLETED'))
    await ENGINE.cancel(HANDLE, job, 1000)
    expect(calls('scancel')).toEqual([])
  })

  test('that runs hears TERM first', async () => {
    answers('scontrol', shown('RUNNING'))
    // Whoever is told to end ends.
    writeFileSync(
      at('scancel'),
      `#!/bin/sh\necho scancel "$@" >> "${at('calls')}"\necho JobState=CANCELLED > "${at('scontrol.out')}"\n`,
    )
    await ENGINE.cancel(HANDLE, job, 60_000)
    expect(calls('scancel')).toEqual(['scancel --full --signal=TERM 123'])
  })
})
