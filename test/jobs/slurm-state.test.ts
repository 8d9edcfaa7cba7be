/** Slurm's words as states: lines that Slurm 22.05 wrote, and what must not be read into them. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { JobStatus } from '../../src/core/job.ts'
import type { TrainJob } from '../../src/core/trainer.ts'
import { formerNameOf, nameOf } from '../../src/jobs/names.ts'
import { clustersIn, isJobId, isNameOf, jobArguments, readSqueue } from '../../src/jobs/slurm-queue.ts'
import { isUnderWay, readSacct, readScontrol, type SlurmJob, statusOfSlurmJob } from '../../src/jobs/slurm-state.ts'
import { jobEnvironment } from '../../src/jobs/slurm-submission.ts'
import { exitFileOf, trainingStatus } from '../../src/train/exit-code.ts'
import { trainingJob } from '../train/training-job.ts'
import { engineJob } from './engine-job.ts'

const LINE =
  'JobId=7 JobName=spendwise-small-0-0-1f UserId=root(0) Priority=4294901753 JobState=STATE Reason=REASON Dependency=(null) Requeue=1 Restarts=TIMES BatchFlag=1 ExitCode=CODE DerivedExitCode=0:0 RunTime=00:00:01 Command=/tmp/job.sh train --note JobState=FAILED ExitCode=3:0'

function line(state: string, code: string, reason = 'None', restarts = 0): string {
  return LINE.replace('STATE', state).replace('CODE', code).replace('REASON', reason).replace('TIMES', String(restarts))
}

function seen(state: string, code = '0:0', reason = 'None', restarts = 0): SlurmJob {
  const job = readScontrol(line(state, code, reason, restarts))
  if (!job) throw new Error('the line tells of a job')
  return job
}

/** What a training job is, once Slurm has told of it. */
function statusFor(slurm: SlurmJob, job: TrainJob): JobStatus {
  return trainingStatus(statusOfSlurmJob(slurm, exitFileOf(job)), job)
}

test('a line of scontrol is read, whatever the command in it looks like', () => {
  expect(readScontrol(line('FAILED', '75:0', 'NonZeroExitCode', 2))).toEqual({
    state: 'FAILED',
    code: 75,
    signal: 0,
    reason: 'NonZeroExitCode',
    restarts: 2,
  })
  expect(readScontrol('slurm_load_jobs error: Invalid job id specified')).toBeUndefined()
})

test.each([
  ['COMPLETED|0:0', { state: 'COMPLETED', code: 0 }],
  ['CANCELLED by 1000|0:15\nmore', { state: 'CANCELLED', signal: 15 }],
  ['FAILED|75:0', { state: 'FAILED', code: 75 }],
])('sacct’s %j is read', (text, job) => {
  expect(readSacct(text)).toMatchObject(job)
})
test('sacct without a row knows nothing', () => expect(readSacct('')).toBeUndefined())

test.each([
  ['PENDING', '0:0', 'Resources', 0, 'pending', 'Resources'],
  ['PENDING', '0:0', 'None', 0, 'pending', ''],
  ['PENDING', '0:0', 'BeginTime', 1, 'pending', 'back in the queue, start 2, BeginTime'],
  ['CONFIGURING', '0:0', 'None', 0, 'pending', ''],
  ['SUSPENDED', '0:0', 'None', 0, 'pending', 'suspended'],
  ['RUNNING', '0:0', 'None', 3, 'running', ''],
  ['COMPLETING', '0:0', 'None', 0, 'running', ''],
  ['COMPLETED', '0:0', 'None', 0, 'failed', 'it ended with exit code 0 but '],
  ['FAILED', '2:0', 'NonZeroExitCode', 0, 'failed', 'it refused its input (exit 2)'],
  ['FAILED', '3:0', 'NonZeroExitCode', 0, 'failed', 'training failed (exit 3)'],
  ['FAILED', '75:0', 'NonZeroExitCode', 0, 'preempted', 'it was stopped with its work saved (exit 75)'],
  ['FAILED', '1:0', 'NonZeroExitCode', 0, 'lost', 'it ended with exit code 1'],
  ['FAILED', '0:9', 'RaisedSignal:9(Killed)', 0, 'lost', 'it was ended by signal 9'],
  ['CANCELLED', '0:15', 'None', 0, 'cancelled', 'somebody cancelled it'],
  ['CANCELLED', '75:0', 'None', 0, 'cancelled', 'somebody cancelled it'],
  ['PREEMPTED', '0:15', 'None', 0, 'preempted', 'Slurm gave its place'],
  ['TIMEOUT', '0:15', 'TimeLimit', 0, 'lost', 'raise its `time`'],
  ['TIMEOUT', '75:0', 'TimeLimit', 0, 'preempted', 'with its work saved'],
  ['OUT_OF_MEMORY', '0:125', 'OutOfMemory', 0, 'failed', 'raise its `memory`'],
  ['NODE_FAIL', '0:0', 'NodeFail', 0, 'lost', 'its node failed'],
  ['SOMETHING_NEW', '0:0', 'None', 0, 'unknown', 'Slurm calls its state SOMETHING_NEW'],
])('%s with exit code %s (%s, %i restarts) is %s', (slurm, code, why, restarts, state, reason) => {
  const status = statusFor(seen(slurm, code, why, restarts), trainingJob())
  expect(status).toMatchObject({ state, reason: expect.stringContaining(reason) })
  expect(isUnderWay(slurm)).toBe(state === 'pending' || state === 'running')
})

describe('a launcher that turns every exit code into 1', () => {
  test.each([
    ['75\n', 'preempted'],
    ['2\n', 'failed'],
    ['1\n', 'lost'],
    ['', 'lost'],
    ['what', 'lost'],
  ])('hides %j, which the job wrote down, from nobody: it is %s', (said, state) => {
    const job = trainingJob()
    writeFileSync(exitFileOf(job), said)
    expect(statusFor(seen('FAILED', '1:0'), job).state).toBe(state)
  })

  test('does not make a checkpoint of a job that only says it is done', () => {
    const job = trainingJob()
    mkdirSync(job.output)
    writeFileSync(exitFileOf(job), '0\n')
    expect(statusFor(seen('FAILED', '1:0'), job)).toMatchObject({ state: 'failed' })
  })
})

test('a job sees neither the job that spendwise runs in nor the keys of servers', () => {
  const ours = { PATH: '/bin', SLURM_JOB_ID: '3', SLURM_CPU_BIND: 'none', SLURM_CONF: '/etc/slurm.conf', KEY: 'secret' }
  expect(jobEnvironment(ours, { WANDB_MODE: 'offline' }, ['KEY'])).toEqual({
    PATH: '/bin',
    SLURM_CONF: '/etc/slurm.conf',
    WANDB_MODE: 'offline',
  })
})

describe('several clusters', () => {
  test('a job is named with its cluster, and asked about there', () => {
    expect(['123', '123;west', '12a', '', '1;2;3'].map(isJobId)).toEqual([true, true, false, false, false])
    expect(jobArguments('123')).toEqual(['123'])
    expect(jobArguments('123;west')).toEqual(['--clusters=west', '123'])
  })

  test('squeue lists jobs below the name of their cluster', () => {
    const all = (): boolean => true
    expect(readSqueue('7 RUNNING a\n8 COMPLETED a\n', all)).toEqual(['7'])
    const lines = 'CLUSTER: east\n7 PENDING a\nCLUSTER: west\n9 RUNNING a\n10 RUNNING b\n'
    expect(readSqueue(lines, all)).toEqual(['7;east', '9;west', '10;west'])
    expect(readSqueue(lines, (name) => name === 'b')).toEqual(['10;west'])
  })

  test('the clusters are those that sbatch is told', () => {
    expect(clustersIn(['--qos=low', '--clusters=east,west'])).toBe('east,west')
    expect(clustersIn(['-Mwest'])).toBe('west')
    expect(clustersIn(['--mem=64G'])).toBeUndefined()
  })
})

describe('the name of a job in the queue', () => {
  const job = { ...engineJob(), directory: '/data/runs/gsm8k exponential', key: '3-1' }

  test('tells run, purpose and key, and needs no quoting', () => {
    expect(nameOf(job)).toMatch(/^spendwise-[0-9a-f]{10}-train-3-1-gsm8k_exponential$/)
  })

  test('is known again where a site has cut it, unless what makes it unique is gone', () => {
    const name = nameOf(job)
    expect([name, name.slice(0, -12), name.slice(0, -18)].map((cut) => isNameOf(job, cut))).toEqual([true, true, false])
  })

  test('is not that of another key, purpose or run', () => {
    const others = [
      { key: '3-10' },
      { key: '3-0' },
      { purpose: 'serve' as const },
      { directory: '/other/gsm8k exponential' },
    ]
    expect(others.map((other) => isNameOf(job, nameOf({ ...job, ...other })))).toEqual([false, false, false, false])
  })

  test('may be the one that 0.1.0 gave to training', () => {
    const former = formerNameOf(job)
    expect(former).toMatch(/^spendwise-gsm8k_exponential-3-1-[0-9a-f]{10}$/)
    expect(isNameOf(job, former)).toBe(true)
    expect(isNameOf({ ...job, purpose: 'serve' }, former)).toBe(false)
  })
})
