/** Jobs of this machine, by the contract that every engine keeps. */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { JobStatus } from '../../src/core/job.ts'
import type { Job } from '../../src/jobs/contract.ts'
import { createLocalEngine } from '../../src/jobs/local.ts'
import { jobInFolder } from './engine-job.ts'

const WAIT = { timeout: 30_000, interval: 20 }

function script(text: string): Job {
  return jobInFolder([process.execPath, '-e', text])
}

async function ended(job: Job): Promise<JobStatus> {
  const engine = createLocalEngine()
  const handle = await engine.submit(job)
  onTestFinished(() => engine.cancel(handle, job, 0))
  return vi.waitUntil(async () => {
    const status = await engine.status(handle, job)
    return status.state === 'running' ? undefined : status
  }, WAIT)
}

test.each([
  ['process.exit(0)', { state: 'succeeded', exitCode: 0 }],
  ['process.exit(75)', { state: 'failed', exitCode: 75 }],
  ['process.kill(process.pid, "SIGKILL")', { state: 'lost', exitCode: undefined, reason: 'it was ended by SIGKILL' }],
])('a job that ends by %s is told of by its end', async (text, status) => {
  expect(await ended(script(text))).toMatchObject(status)
})

test('a process that does nothing but wait for a job stays until it knows how it ended', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-watch-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const watcher = fileURLToPath(new URL('../fixtures/job-watcher.ts', import.meta.url))
  const { status, stdout } = spawnSync(process.execPath, [watcher, folder], { encoding: 'utf8' })
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'succeeded' })
})

test('a job knows where to write its exit code, and an earlier one’s word is forgotten', async () => {
  const job = script('console.log(process.env.SPENDWISE_EXIT_FILE)')
  writeFileSync(job.exitFile, '3\n')
  await ended(job)
  expect(existsSync(job.exitFile)).toBe(false)
  expect(readFileSync(job.log, 'utf8').trim()).toBe(job.exitFile)
})

test.each([
  ['0\n', { state: 'succeeded', exitCode: 0 }],
  ['75', { state: 'failed', exitCode: 75 }],
  ['', { state: 'lost', reason: 'its process is gone and left no exit code' }],
])('of a job that an earlier process started its own word %j is left', async (said, status) => {
  const job = script('0')
  writeFileSync(job.exitFile, said)
  const gone = { engine: 'command', id: '999999999@1' }
  expect(await createLocalEngine().status(gone, job)).toMatchObject(status)
})

test('another purpose or key is another job', async () => {
  const engine = createLocalEngine()
  const job = script('setInterval(() => {}, 1000)')
  const handle = await engine.submit(job)
  onTestFinished(() => engine.cancel(handle, job, 0))
  expect(await engine.find(job)).toEqual(handle)
  expect(await engine.find({ ...job, purpose: 'serve' })).toBeUndefined()
  expect(await engine.find({ ...job, key: '0-1' })).toBeUndefined()
})

test('one that is withdrawn by its key has ended', async () => {
  const job = script('setInterval(() => {}, 1000)')
  const handle = await createLocalEngine().submit(job)
  const another = createLocalEngine()
  await another.withdraw(job, 5000)
  expect(await another.find(job)).toBeUndefined()
  expect(await another.status(handle, job)).toMatchObject({ state: 'lost' })
  await another.withdraw(job, 0)
})

test('a server that cannot be started is told of as one', async () => {
  const job = { ...jobInFolder(['/nowhere/vllm']), purpose: 'serve' as const }
  await expect(createLocalEngine().submit(job)).rejects.toThrow(
    /^The inference server cannot be started: \/nowhere\/vllm is neither a program on the PATH nor a file; check serve.command \(\/nowhere\/vllm\)/,
  )
})
