/** Asks the recipe for its tokens where jobs run: the machine of spendwise may have neither its libraries nor its modules. */

import { existsSync, readFileSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { EngineAway } from '../core/errors.ts'
import type { JobHandle, JobStatus } from '../core/job.ts'
import type { Job, JobEngine } from '../jobs/contract.ts'
import { noTokens, readTold, type ToldTokens } from './check-tokens.ts'
import { asTrainerError } from './program-trainer.ts'

/** How long the words of an ended job may take to appear here, on a shared disk. */
const SETTLE_MS = 30_000

/**
 * @param training the job that would train on these rows; its argv is asked for tokens in its place
 * @throws TrainerError when it is refused or does not answer; the signal's reason
 */
export async function checkTokensByJob(engine: JobEngine, training: Job, signal: AbortSignal): Promise<ToldTokens> {
  const log = `${training.log}.tokens`
  const exitFile = `${log}.exit`
  const job: Job = { ...training, purpose: 'probe', argv: [...training.argv, '--check-tokens'], log, exitFile }
  try {
    const left = await engine.find(job)
    if (left) await engine.cancel(left, job, 0)
    rmSync(log, { force: true })
    const handle = await engine.submit(job).catch(async (error: unknown) => {
      if (error instanceof EngineAway) await engine.withdraw(job, 0)
      throw error
    })
    const { state, exitCode, reason } = await untilEnded(engine, handle, job, signal)
    const words = await settledWords(log)
    if (state === 'succeeded') return readTold(words)
    const said = words.trim().split('\n').at(-1) ?? ''
    throw noTokens(`its job ${exitCode === undefined ? `is ${state}: ${reason}` : `ended with ${exitCode}`}; ${said}`)
  } catch (error) {
    throw asTrainerError(error)
  }
}

async function untilEnded(engine: JobEngine, handle: JobHandle, job: Job, signal: AbortSignal): Promise<JobStatus> {
  let answeredAt = performance.now()
  for (;;) {
    const status = await engine.status(handle, job)
    if (!['pending', 'running', 'unknown'].includes(status.state)) return status
    if (status.state !== 'unknown') answeredAt = performance.now()
    else if (performance.now() - answeredAt > engine.patienceMs) throw new EngineAway(status.reason)
    await sleep(engine.pollMs, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) {
      await engine.cancel(handle, job, 0)
      signal.throwIfAborted()
    }
  }
}

async function settledWords(log: string): Promise<string> {
  const deadline = performance.now() + SETTLE_MS
  while (!existsSync(log) && performance.now() < deadline) await sleep(500)
  return existsSync(log) ? readFileSync(log, 'utf8') : ''
}
