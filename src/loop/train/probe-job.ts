/** Doctor's probe job: what a training job would see on the machine that its engine gives it. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Finding } from '../../core/finding.ts'
import type { JobStatus } from '../../core/job.ts'
import type { Job, JobEngine } from '../../jobs/contract.ts'
import { readProbe } from '../../jobs/probe.ts'

const PROBE = fileURLToPath(new URL('../../../recipes/job-probe.py', import.meta.url))
const STOP_SECONDS = 5
/** A cluster that is busy is no fault: the probe is taken back. */
const PATIENCE_MS = 90_000
const POLL_MS = 1000

/**
 * Submits a job that looks around and ends at once, with the resources of a training job.
 * @param like the training job that it stands for
 * @throws EngineAway when the engine gives no answer; JobError when it refuses such a job
 */
export async function probeJob(engine: JobEngine, like: Job): Promise<Finding[]> {
  const folder = mkdtempSync(join(like.cwd, '.spendwise-probe-'))
  const program = like.argv[0] ?? ''
  const log = join(folder, 'probe.log')
  const job: Job = {
    ...like,
    directory: folder,
    purpose: 'probe',
    argv: ['python3', '-c', readFileSync(PROBE, 'utf8'), folder, program],
    log,
    exitFile: `${log}.exit`,
    stopSeconds: STOP_SECONDS,
  }
  try {
    const handle = await engine.submit(job)
    const deadline = performance.now() + PATIENCE_MS
    let status = await engine.status(handle, job)
    while (isUnderWay(status) && performance.now() < deadline) {
      await sleep(POLL_MS)
      status = await engine.status(handle, job)
    }
    if (isUnderWay(status)) await engine.cancel(handle, job, STOP_SECONDS * 1000)
    return describeProbe(status, wordsIn(log), program)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function isUnderWay({ state }: JobStatus): boolean {
  return state === 'pending' || state === 'running' || state === 'unknown'
}

function wordsIn(log: string): string {
  try {
    return readFileSync(log, 'utf8')
  } catch {
    // It never came so far; its status says why.
    return ''
  }
}

/** @param words of the probe's log */
export function describeProbe(status: JobStatus, words: string, program: string): Finding[] {
  const subject = 'trainer'
  if (isUnderWay(status)) {
    const text = `A probe job with the resources of a training job had no answer in ${PATIENCE_MS / 1000} s (${status.reason || status.state}) and was taken back: the cluster has no place now, or never has so much.`
    return [{ level: 'note', subject, text }]
  }
  const seen = readProbe(words)
  if (status.state !== 'succeeded' || seen === undefined) {
    const end = words.trim().split('\n').at(-1) ?? ''
    return [
      {
        level: 'problem',
        subject,
        text: `A probe job did not do its work: ${status.reason || status.state}${end === '' ? '' : `; it said: ${end}`}.`,
      },
    ]
  }
  const { host, python, gpus, freeBytes, program: found } = seen
  const has = gpus.length === 0 ? 'no GPU (nvidia-smi)' : `${gpus.length} GPUs (${gpus[0]})`
  const free = `${(freeBytes / 1e9).toFixed(0)} GB free where the run lies`
  const findings: Finding[] = [
    { level: 'ok', subject, text: `A job runs on ${host}: ${has}, Python ${python}, ${free}.` },
  ]
  if (found === null) {
    const text = `A job does not find ${program}, which train.command starts; install it there, give its path, or set PATH in train.env.`
    findings.push({ level: 'problem', subject, text })
  }
  return findings
}
