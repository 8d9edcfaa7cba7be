/** The recipe's tokens, asked for by a job of the engine that trains. */

import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { EngineAway, TrainerAway } from '../../src/core/errors.ts'
import type { JobStatus } from '../../src/core/job.ts'
import type { Job, JobEngine } from '../../src/jobs/contract.ts'
import { createLocalEngine } from '../../src/jobs/local.ts'
import { checkTokensByJob } from '../../src/train/check-tokens-job.ts'
import { jobInFolder } from '../jobs/engine-job.ts'

const never = new AbortController().signal
const TOLD = '@@sft {"event":"tokens","prompt":[1,2],"completion":[3],"kept":true}'

const training = (text: string): Job => ({ ...jobInFolder([process.execPath, '-e', text, '--']), stopSeconds: 1 })

/** The machine's own engine, with some of its answers in other words. */
function engineWith(changed: (own: JobEngine) => Partial<JobEngine> = () => ({})): JobEngine {
  const own = createLocalEngine()
  return { ...own, pollMs: 20, ...changed(own) }
}

test('a job that takes its time is waited for, and asked for tokens in the place of the training', async () => {
  const job = training(
    `setTimeout(() => console.log(process.argv.at(-1) === '--check-tokens' ? '${TOLD}' : 'trained'), 300)`,
  )
  // Words of an earlier question are not this one's.
  writeFileSync(`${job.log}.tokens`, `${TOLD}\n`)
  const told = await checkTokensByJob(engineWith(), job, never)
  expect(told).toEqual({ rows: [{ prompt: [1, 2], completion: [3], isKept: true }], template: undefined })
  expect(existsSync(job.log)).toBe(false)
})

test('a job that fails says why in its last words', async () => {
  const job = training(`console.log('reading'); console.error('no such tokenizer'); process.exit(4)`)
  await expect(checkTokensByJob(engineWith(), job, never)).rejects.toThrow(
    /does not tell the tokens .*its job ended with 4; no such tokenizer\); fix train.command/,
  )
})

test('one of an interrupted start is ended before the question is put again', async () => {
  const job = training(
    `require('node:fs').appendFileSync('starts', process.pid + '\\n'); setTimeout(() => console.log('${TOLD}'), 200)`,
  )
  const engine = engineWith()
  const left = { ...job, purpose: 'probe', argv: [process.execPath, '-e', 'setInterval(() => 0, 1000)'] } as const
  const handle = await engine.submit(left)
  onTestFinished(() => engine.cancel(handle, left, 0))
  const { rows } = await checkTokensByJob(engine, job, never)
  expect(rows).toHaveLength(1)
  expect(readFileSync(`${job.cwd}/starts`, 'utf8').trim().split('\n')).toHaveLength(1)
  expect((await engine.status(handle, left)).state).not.toBe('running')
})

test('Ctrl-C ends the job and gives its own reason', async () => {
  const job = training(`require('node:fs').writeFileSync('pid', String(process.pid)); setInterval(() => 0, 1000)`)
  const stop = new AbortController()
  const asking = checkTokensByJob(engineWith(), job, stop.signal)
  const ended = expect(asking).rejects.toThrow('stopped by hand')
  const pid = await vi.waitUntil(() => existsSync(`${job.cwd}/pid`) && Number(readFileSync(`${job.cwd}/pid`, 'utf8')))
  onTestFinished(() => {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended, as it should.
    }
  })
  stop.abort(new Error('stopped by hand'))
  await ended
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})

test('an engine that is away when the job is submitted has it withdrawn; later it is waited for as long as it asks', async () => {
  const job = training(`console.log('${TOLD}')`)
  const withdrawn: string[] = []
  const lost = engineWith(() => ({
    submit: () => Promise.reject(new EngineAway('the head does not answer')),
    withdraw: async ({ key }) => void withdrawn.push(key),
  }))
  await expect(checkTokensByJob(lost, job, never)).rejects.toThrow(TrainerAway)
  expect(withdrawn).toEqual([job.key])

  const away: JobStatus = { state: 'unknown', exitCode: undefined, reason: 'the head does not answer' }
  let answers = 0
  const slow = engineWith((own) => ({
    patienceMs: 200,
    status: async (handle, one) => (++answers % 3 === 0 ? own.status(handle, one) : away),
  }))
  appendFileSync(job.log, '')
  expect((await checkTokensByJob(slow, job, never)).rows).toHaveLength(1)
  await expect(checkTokensByJob({ ...slow, status: async () => away }, job, never)).rejects.toThrow(TrainerAway)
})
