/** Ray's engine on the test server of its job API, and jobs whose log says how far they are. */

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, vi } from 'vitest'
import type { JobHandle, JobStatus } from '../../src/core/job.ts'
import type { Job, JobEngine } from '../../src/jobs/contract.ts'
import { createRayEngine } from '../../src/jobs/ray.ts'
import { type RayJobsServer, type RayJobsServerOptions, startRayJobsServer } from '../server/ray-jobs-server.ts'
import { jobInFolder } from './engine-job.ts'

export const LAUNCHER = fileURLToPath(new URL('../../recipes/ray-job.py', import.meta.url))
export const WAIT = { timeout: 60_000, interval: 20 }
export const hasPython = spawnSync('python3', ['-c', 'import fcntl']).status === 0

export interface Ray {
  readonly server: RayJobsServer
  readonly engine: JobEngine
}

export async function ray(options: RayJobsServerOptions = {}, tokenEnv?: string): Promise<Ray> {
  const server = await startRayJobsServer(options)
  onTestFinished(() => server.close())
  const times = { pollSeconds: 0.1, unreachableSeconds: 60, requestSeconds: 1 }
  return { server, engine: createRayEngine({ address: server.address, tokenEnv, launcher: LAUNCHER, ...times }) }
}

export function script(text: string, ...args: string[]): Job {
  return { ...jobInFolder([process.execPath, '-e', text, ...args]), resources: { cpus: 1 } }
}

export async function ended({ engine }: Ray, handle: JobHandle, job: Job): Promise<JobStatus> {
  return await vi.waitUntil(async () => {
    const status = await engine.status(handle, job)
    return ['pending', 'running', 'unknown'].includes(status.state) ? undefined : status
  }, WAIT)
}

export const logOf = (job: Job): string => (existsSync(job.log) ? readFileSync(job.log, 'utf8') : '')
export const says = (job: Job, word: string): Promise<void> =>
  vi.waitFor(() => expect(logOf(job)).toContain(word), WAIT)

/** Works until its file is there, and says when it starts and ends. */
export const WORK = `const fs = require('node:fs'); console.log('starts')
setInterval(() => { if (fs.existsSync('go')) { console.log('ends'); process.exit(0) } }, 20)`
