/** Slurm where it is less than whole: no accounting, no sacct, several clusters, a controller that is away, names that a site cuts. */

import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { EngineAway, JobError } from '../../src/core/errors.ts'
import type { Job } from '../../src/jobs/contract.ts'
import { nameOf } from '../../src/jobs/names.ts'
import { createSlurmEngine } from '../../src/jobs/slurm.ts'
import { type SlurmOptions, sbatchArguments } from '../../src/jobs/slurm-submission.ts'
import { jobInFolder } from './engine-job.ts'

const HANDLE = { engine: 'slurm', id: '7' }
const UNKNOWN = 'echo "slurm_load_jobs error: Invalid job id specified" >&2; exit 1'
const OPTIONS: SlurmOptions = {
  script: '/data/job.sh',
  arguments: [],
  requeue: true,
  pollSeconds: 1,
  commandSeconds: 5,
  unreachableSeconds: 60,
}

/** Slurm's programs as shell scripts, the first on the PATH; every call is written down. @returns the calls so far */
function slurm(programs: Readonly<Record<string, string>>, isAlone = false): () => string[] {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-slurm-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'calls'), '')
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\necho "${name} $*" >> ${join(folder, 'calls')}\n${text}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  vi.stubEnv('PATH', isAlone ? folder : [folder, process.env.PATH].join(delimiter))
  onTestFinished(() => void vi.unstubAllEnvs())
  return () => readFileSync(join(folder, 'calls'), 'utf8').trimEnd().split('\n')
}

function said(job: Job, code: string): Job {
  writeFileSync(job.exitFile, code)
  return job
}

describe('a job that the controller has forgotten', () => {
  const noAccounting = 'echo "Slurm accounting storage is disabled" >&2; exit 1'
  test.each([
    ['without accounting', { scontrol: UNKNOWN, sacct: noAccounting }, '75', { state: 'failed', exitCode: 75 }],
    ['without accounting or a word', { scontrol: UNKNOWN, sacct: noAccounting }, '', { state: 'lost' }],
    ['with accounting', { scontrol: UNKNOWN, sacct: 'echo "COMPLETED|0:0"' }, '', { state: 'succeeded', exitCode: 0 }],
    ['with accounting that says TIMEOUT', { scontrol: UNKNOWN, sacct: 'echo "TIMEOUT|0:15"' }, '', { state: 'lost' }],
  ])('%s is what is known of it', async (_, programs, word, status) => {
    slurm(programs)
    expect(await createSlurmEngine(OPTIONS).status(HANDLE, said(jobInFolder([]), word))).toMatchObject(status)
  })

  test('on a machine without sacct is what it said itself', async () => {
    // Without the rest of the PATH, so that no sacct of this machine is found.
    slurm({ scontrol: UNKNOWN.replace('echo', '/bin/echo') }, true)
    const status = await createSlurmEngine(OPTIONS).status(HANDLE, said(jobInFolder([]), '0'))
    expect(status).toMatchObject({ state: 'succeeded', exitCode: 0 })
  })
})

test('with several clusters a job is submitted, looked for, looked at and cancelled where it is', async () => {
  const job = jobInFolder([])
  const calls = slurm({
    sbatch: 'echo "123;west"',
    squeue: `echo "CLUSTER: east"; echo "CLUSTER: west"; echo "123 RUNNING ${nameOf(job)}"`,
    scontrol: 'echo "JobId=123 JobState=COMPLETED Reason=None Restarts=0 ExitCode=0:0"',
  })
  const engine = createSlurmEngine({ ...OPTIONS, arguments: ['--clusters=east,west'] })
  const handle = await engine.submit(job)
  expect(handle).toEqual({ engine: 'slurm', id: '123;west' })
  expect(await engine.find(job)).toEqual(handle)
  expect(await engine.status(handle, job)).toMatchObject({ state: 'succeeded' })
  await engine.cancel(handle, job, 0)
  expect(calls().find((call) => call.startsWith('squeue'))).toContain('--clusters=east,west')
  expect(calls().filter((call) => call.startsWith('scontrol'))).toEqual(
    Array(3).fill('scontrol --clusters=west show job 123 --oneliner'),
  )
})

test('a job whose name the site has cut is found, and another one is not taken for it', async () => {
  const job = jobInFolder([])
  const other = { ...job, key: '1-0' }
  const cut = (one: Job): string => nameOf(one).slice(0, -8)
  slurm({ squeue: `echo "8 RUNNING ${cut(other)}"; echo "9 PENDING ${cut(job)}"` })
  const engine = createSlurmEngine(OPTIONS)
  expect(await engine.find(job)).toEqual({ engine: 'slurm', id: '9' })
  expect(await engine.find({ ...job, key: '2-0' })).toBeUndefined()
})

test('a controller that is away is unknown, and a refusal is an error with its words', async () => {
  const job = jobInFolder([])
  const away = 'echo "slurm_load_jobs error: Unable to contact slurm controller (connect failure)" >&2; exit 1'
  slurm({ scontrol: away, squeue: away, sbatch: 'echo "sbatch: error: invalid partition specified: x" >&2; exit 1' })
  const engine = createSlurmEngine(OPTIONS)
  expect(await engine.status(HANDLE, job)).toMatchObject({ state: 'unknown' })
  await expect(engine.find(job)).rejects.toBeInstanceOf(EngineAway)
  const refused = engine.submit({ ...job, purpose: 'serve' })
  await expect(refused).rejects.toBeInstanceOf(JobError)
  await expect(refused).rejects.toThrow('Slurm refuses the server: invalid partition specified: x; check serve.slurm.')
})

test('a job that is withdrawn is taken out of the queue, and one that gets there later finds a file', async () => {
  const job = jobInFolder([])
  const over = join(job.directory, 'over')
  const calls = slurm({
    sbatch: `echo "$SPENDWISE_WITHDRAWN" > ${job.directory}/file; echo 8`,
    squeue: `[ -e ${over} ] || echo "7 PENDING ${nameOf(job)}"`,
    scontrol: `[ -e ${over} ] && s=CANCELLED || s=PENDING; echo "JobId=7 JobState=$s Reason=None Restarts=0 ExitCode=0:0"`,
    scancel: `touch ${over}`,
  })
  const engine = createSlurmEngine(OPTIONS)
  await engine.submit(job)
  const file = readFileSync(join(job.directory, 'file'), 'utf8').trim()
  expect(existsSync(file)).toBe(false)
  await engine.withdraw(job, 0)
  expect(existsSync(file)).toBe(true)
  expect(calls().filter((call) => call.startsWith('scancel'))).toEqual(['scancel 7'])
  await engine.submit(job)
  expect(existsSync(file)).toBe(false)
})

test('sbatch is told what the job asks for, with the words of run.yaml last', () => {
  const job = { ...jobInFolder(['train', '--x']), resources: { nodes: 2, gpus: 'a100:8', memory: '64G', time: 90 } }
  const options = { ...OPTIONS, partition: 'gpu', account: 'me', arguments: ['--qos=low'] }
  const argv = sbatchArguments(job, options, '--parsable')
  const asked = ['--partition=gpu', '--account=me', '--nodes=2', '--gpus=a100:8', '--time=90', '--mem=64G', '--qos=low']
  expect(argv.slice(-10)).toEqual([...asked, '/data/job.sh', 'train', '--x'])
  expect(argv).toContain('--dependency=singleton')
})

test.each([
  [undefined, '--full'],
  [2, '--batch'],
])('a job on %s nodes is asked to save by a signal to %s', async (nodes, whom) => {
  const job = { ...jobInFolder([]), resources: { nodes } }
  const over = join(job.directory, 'over')
  const calls = slurm({
    scontrol: `[ -e ${over} ] && s=FAILED || s=RUNNING; echo "JobId=7 JobState=$s Reason=None Restarts=0 ExitCode=75:0"`,
    scancel: `touch ${over}`,
  })
  await createSlurmEngine(OPTIONS).cancel(HANDLE, job, 20_000)
  expect(calls().filter((call) => call.startsWith('scancel'))).toEqual([`scancel ${whom} --signal=TERM 7`])
})
