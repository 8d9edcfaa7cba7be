/** Doctor's probe job: what a training job would see on the machine that its engine gives it, and whether both see the same disk. */

import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { StoreError } from '../../core/errors.ts'
import type { Finding } from '../../core/finding.ts'
import type { JobStatus } from '../../core/job.ts'
import type { Job, JobEngine, JobResources } from '../../jobs/contract.ts'
import { type Probe, readProbe } from '../../jobs/probe.ts'
import { acquireLock } from '../../store/lock.ts'
import { LOCK_FILE } from '../../store/place/place.ts'

const PROBE = fileURLToPath(new URL('../../../recipes/job-probe.py', import.meta.url))
const STOP_SECONDS = 5
/** A cluster that is busy is no fault: the probe is taken back. */
const PATIENCE_MS = 90_000
/** How long a shared disk may take to show here what was renamed there. */
const SETTLE_MS = 30_000
const POLL_MS = 200

/**
 * Submits a job that looks around and ends at once.
 * @param like the training job that it stands for
 * @param resources other ones than that job's
 * @throws EngineAway when the engine gives no answer; JobError when it refuses such a job
 */
export async function probeJob(engine: JobEngine, like: Job, resources?: JobResources): Promise<Finding[]> {
  const folder = mkdtempSync(join(nearestFolder(like.directory), '.spendwise-probe-'))
  const program = like.argv[0] ?? ''
  const log = join(folder, 'probe.log')
  const job: Job = {
    ...like,
    directory: folder,
    purpose: 'probe',
    argv: ['python3', '-c', readFileSync(PROBE, 'utf8'), folder, program],
    log,
    exitFile: `${log}.exit`,
    resources: resources ?? like.resources,
    stopSeconds: STOP_SECONDS,
  }
  const lock = tryLock(join(folder, LOCK_FILE))
  try {
    writeFileSync(join(folder, 'word.tmp'), folder)
    renameSync(join(folder, 'word.tmp'), join(folder, 'word'))
    const handle = await engine.submit(job)
    const deadline = performance.now() + PATIENCE_MS
    let status = await engine.status(handle, job)
    while (isUnderWay(status) && performance.now() < deadline) {
      await sleep(Math.max(POLL_MS, engine.pollMs))
      status = await engine.status(handle, job)
    }
    if (isUnderWay(status)) await engine.cancel(handle, job, STOP_SECONDS * 1000)
    const findings = describeProbe(status, textOf(log), program)
    const seen = readProbe(textOf(log))
    return seen && status.state === 'succeeded' ? [...findings, await describeSight(folder, seen)] : findings
  } finally {
    lock?.release()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** undefined where the disk refuses locks, which is said elsewhere. */
function tryLock(path: string): { release(): void } | undefined {
  try {
    return acquireLock(path)
  } catch (error) {
    if (error instanceof StoreError) return undefined
    throw error
  }
}

/** The disk on which a run folder lies, or will lie. */
function nearestFolder(directory: string): string {
  return existsSync(directory) ? directory : nearestFolder(dirname(directory))
}

function isUnderWay({ state }: JobStatus): boolean {
  return state === 'pending' || state === 'running' || state === 'unknown'
}

/** Nothing where a file is not there: the job never came so far, and its status says why. */
function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

/** Who a job is, to somebody who reads of it here. */
function placeOf(host: string): string {
  return host === hostname() ? 'jobs on this machine' : host
}

/** Does each machine see what the other one renames, and hold to its locks? */
async function describeSight(folder: string, { host, word, lock }: Probe): Promise<Finding> {
  const answer = join(folder, 'answer')
  const since = performance.now()
  while (word !== null && !existsSync(answer) && performance.now() - since < SETTLE_MS) await sleep(POLL_MS)
  const finding = (level: Finding['level'], text: string): Finding => ({ level, subject: 'disk', text })
  if (word !== folder || textOf(answer) !== folder) {
    const [there, here] = word === folder ? [placeOf(host), 'this process'] : ['this process', placeOf(host)]
    return finding(
      'problem',
      `What ${there} renames into the run folder is not seen by ${here} within ${SETTLE_MS / 1000} s; mount one disk on both, with a shorter time of its attribute cache.`,
    )
  }
  const seen = `What is renamed here is seen by ${placeOf(host)}, and the other way round`
  if (lock === 'held' || lock === null) return finding('ok', `${seen}${lock === null ? '' : '; so are locks'}.`)
  const what = lock === 'free' ? `a lock that is held here is free there` : `locks are refused there (${lock})`
  return finding('note', `${seen}, but ${what}: start this run from one machine only.`)
}

/** @param words of the probe's log */
export function describeProbe(status: JobStatus, words: string, program: string): Finding[] {
  const subject = 'trainer'
  if (isUnderWay(status)) {
    const text = `A probe job had no answer in ${PATIENCE_MS / 1000} s (${status.reason || status.state}) and was taken back: the cluster has no place now, or never has so much.`
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
