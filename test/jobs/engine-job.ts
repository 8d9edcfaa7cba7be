/** A job for engines, in a folder of its own. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Job } from '../../src/jobs/contract.ts'

/** Paths of a job that is never submitted. */
export function engineJob(argv: readonly string[] = ['true'], directory = '/data/runs/small'): Job {
  return {
    directory,
    purpose: 'train',
    key: '0-0',
    argv,
    env: {},
    keys: [],
    cwd: directory,
    log: join(directory, 'job.log'),
    exitFile: join(directory, 'job.log.exit'),
    resources: {},
    stopSeconds: 20,
  }
}

/** A job whose folder is there until the test has finished. */
export function jobInFolder(argv: readonly string[]): Job {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-job-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return engineJob(argv, folder)
}
