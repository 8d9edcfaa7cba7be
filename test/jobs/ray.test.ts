/** Jobs through Ray's Jobs API: each runs once, whatever is lost on the way, and is told of by its own word. */

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { EngineAway, JobError } from '../../src/core/errors.ts'
import type { Job } from '../../src/jobs/contract.ts'
import { createRayEngine } from '../../src/jobs/ray.ts'
import { readTicket, ticketFileOf, writeTicket } from '../../src/jobs/ray-files.ts'
import { statusOfRayJob } from '../../src/jobs/ray-state.ts'
import { jobInFolder } from './engine-job.ts'
import { ended, hasPython, LAUNCHER, logOf, ray, says, script, WAIT, WORK } from './ray-engine.ts'

describe.skipIf(!hasPython)('a job (needs python3, which starts it on the cluster)', () => {
  test('has its words in the log and its code in the status, and no variable but its own', async () => {
    const it = await ray()
    const job = {
      ...script('console.log(process.argv.slice(1).join("|"), process.env.A); process.exit(75)', "it's", '$(a) *'),
      env: { A: '1' },
    }
    const handle = await it.engine.submit(job)
    expect(await ended(it, handle, job)).toMatchObject({ state: 'failed', exitCode: 75 })
    expect(logOf(job)).toBe("it's|$(a) * 1\n")
    expect(readFileSync(job.exitFile, 'utf8')).toBe('75\n')
    expect(it.server.jobs.get(handle.id)?.runtime_env).toEqual({
      env_vars: { A: '1', SPENDWISE_EXIT_FILE: job.exitFile, RAY_JOB_STOP_WAIT_TIME_S: '20' },
    })
  })

  test('has a new id each time, stored before it is submitted', async () => {
    const it = await ray()
    const job = script('0')
    const first = await it.engine.submit(job)
    await ended(it, first, job)
    const second = await it.engine.submit(job)
    expect([first.id, second.id].map((id) => id.slice(-2))).toEqual(['-1', '-2'])
    // Killed between the two: the id is spent, and was never submitted.
    writeTicket(job, { id: `${second.id.slice(0, -2)}-3`, withdrawn: false })
    expect(await it.engine.find(job)).toBeUndefined()
    expect((await it.engine.submit(job)).id.slice(-2)).toBe('-4')
    expect(it.server.jobs.size).toBe(3)
  })

  test('whose submission got no answer is found, and not made twice', async () => {
    const it = await ray()
    const job = script(WORK)
    it.server.loseAnswer()
    await expect(it.engine.submit(job)).rejects.toBeInstanceOf(EngineAway)
    const found = await it.engine.find(job)
    expect(found?.id).toBe(readTicket(job)?.id)
    // Also where the ticket is lost: the id is taken, and is ours.
    rmSync(ticketFileOf(job))
    expect(await it.engine.submit(job)).toEqual(found)
    expect(it.server.jobs.size).toBe(1)
  })

  test('that is stopped saves its work, which its exit file tells of', async () => {
    const it = await ray()
    const job = script(
      `process.on('SIGTERM', () => setTimeout(() => process.exit(75), 300)); console.log('up'); setInterval(() => {}, 1000)`,
    )
    const handle = await it.engine.submit(job)
    await says(job, 'up')
    await it.engine.cancel(handle, job, 20_000)
    expect(it.server.jobs.get(handle.id)).toMatchObject({ status: 'STOPPED', exitCode: null })
    expect(await it.engine.status(handle, job)).toMatchObject({ state: 'failed', exitCode: 75 })
    expect(await it.engine.find(job)).toBeUndefined()
  })

  test('that does not hear is killed with its program when its grace is over', async () => {
    const it = await ray()
    const job = {
      ...script(`process.on('SIGTERM', () => {}); console.log(process.pid); setInterval(() => {}, 1000)`),
      stopSeconds: 1,
    }
    const handle = await it.engine.submit(job)
    await says(job, '\n')
    await it.engine.cancel(handle, job, 1000)
    expect(await it.engine.status(handle, job)).toMatchObject({ state: 'cancelled' })
    await vi.waitFor(() => expect(existsSync(`/proc/${logOf(job).trim()}`)).toBe(false), WAIT)
  })

  test('that waited when it was stopped does nothing when Ray starts it all the same', async () => {
    const it = await ray({ cpus: 1 })
    const [first, second] = [script(WORK), script('console.log("starts")')]
    const handle = await it.engine.submit(first)
    await says(first, 'starts')
    const waiting = await it.engine.submit(second)
    expect(await it.engine.status(waiting, second)).toMatchObject({ state: 'pending' })
    await it.engine.cancel(waiting, second, 0)
    expect(it.server.jobs.get(waiting.id)?.status).toBe('PENDING')
    expect(await it.engine.status(waiting, second)).toMatchObject({ state: 'cancelled' })
    expect(await it.engine.find(second)).toBeUndefined()
    writeFileSync(join(first.cwd, 'go'), '')
    await ended(it, handle, first)
    await vi.waitFor(() => expect(it.server.jobs.get(waiting.id)?.status).not.toBe('PENDING'), WAIT)
    await vi.waitFor(() => expect(it.server.jobs.get(waiting.id)?.status).not.toBe('RUNNING'), WAIT)
    expect(logOf(second)).toBe('')
    expect(await it.engine.status(waiting, second)).toMatchObject({ state: 'cancelled' })
  })

  test('whose submission arrives after it was withdrawn does nothing, and the next one runs', async () => {
    const it = await ray()
    const job = script('console.log("starts")')
    it.server.keepNext()
    await expect(it.engine.submit(job)).rejects.toBeInstanceOf(EngineAway)
    expect(await it.engine.find(job)).toBeUndefined()
    const { id = '' } = readTicket(job) ?? {}
    await it.engine.withdraw(job, 0)
    it.server.arrive()
    await vi.waitFor(() => expect(it.server.jobs.get(id)).toMatchObject({ status: 'FAILED', exitCode: 98 }), WAIT)
    expect(logOf(job)).toBe('')
    expect(await it.engine.find(job)).toBeUndefined()
    expect(await ended(it, await it.engine.submit(job), job)).toMatchObject({ state: 'succeeded' })
    expect(logOf(job)).toBe('starts\n')
  })

  test('that is withdrawn while the head is away starts nothing either; one that was under way by then is ended when it is back', async () => {
    const it = await ray()
    const [late, running] = [script('console.log("starts")'), script(WORK)]
    it.server.keepNext()
    await expect(it.engine.submit(late)).rejects.toBeInstanceOf(EngineAway)
    it.server.loseAnswer()
    await expect(it.engine.submit(running)).rejects.toBeInstanceOf(EngineAway)
    await says(running, 'starts')
    it.server.setAway('proxy')
    for (const job of [late, running]) await expect(it.engine.withdraw(job, 0)).rejects.toBeInstanceOf(EngineAway)
    it.server.setAway(undefined)
    it.server.arrive()
    const statusOf = (job: Job) => it.server.jobs.get(readTicket(job)?.id ?? '')?.status
    await vi.waitFor(() => expect(statusOf(late)).toBe('FAILED'), WAIT)
    expect(logOf(late)).toBe('')
    await it.engine.withdraw(running, 0)
    expect(statusOf(running)).toBe('STOPPED')
  })

  test('that outlives the memory of the head keeps a second one out until it has ended', async () => {
    const it = await ray()
    const job = script(WORK)
    const first = await it.engine.submit(job)
    await says(job, 'starts')
    it.server.restart()
    expect(await it.engine.status(first, job)).toMatchObject({ state: 'lost' })
    expect(await it.engine.find(job)).toBeUndefined()
    const second = await it.engine.submit(job)
    await says(job, 'waiting for its end')
    writeFileSync(join(job.cwd, 'go'), '')
    expect(await ended(it, second, job)).toMatchObject({ state: 'succeeded', exitCode: 0 })
    const words = logOf(job)
      .split('\n')
      .filter((line) => /^(?:starts|ends)$/.test(line))
    expect(words).toEqual(['starts', 'ends', 'starts', 'ends'])
  })

  test('whose program is not there says so', async () => {
    const it = await ray()
    const job = { ...jobInFolder(['/nowhere/trainer']), resources: {} }
    const handle = await it.engine.submit(job)
    expect(await ended(it, handle, job)).toMatchObject({ state: 'failed', exitCode: 2 })
    expect(logOf(job)).toContain('/nowhere/trainer cannot be started')
  })

  test('on a machine that does not see the run folder fails with a sentence', async () => {
    const it = await ray({ cpus: 0 })
    const job = script('0')
    const handle = await it.engine.submit(job)
    const { entrypoint = '' } = it.server.jobs.get(handle.id) ?? {}
    rmSync(job.directory, { recursive: true })
    const { status } = spawnSync('sh', ['-c', entrypoint])
    const seen = { status: 'FAILED', driver_exit_code: status } as const
    expect(statusOfRayJob(seen, { id: handle.id, isWithdrawn: false, said: undefined })).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('does not see the run folder'),
    })
  })
})

describe('a head', () => {
  test.each(['silent', 'proxy'] as const)(
    'that is %s is unknown, never failed, and nothing is lost by it',
    async (how) => {
      const it = await ray()
      const job = script('0')
      const handle = await it.engine.submit(job)
      it.server.setAway(how)
      expect(await it.engine.status(handle, job)).toMatchObject({ state: 'unknown' })
      await expect(it.engine.find(job)).rejects.toBeInstanceOf(EngineAway)
      await expect(it.engine.cancel(handle, job, 0)).rejects.toBeInstanceOf(EngineAway)
    },
  )

  test('that is no Ray’s refuses, and is not asked for an hour', async () => {
    const server = createServer((_, response) => response.writeHead(405).end('405: Method Not Allowed'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const address = `http://127.0.0.1:${port}`
    const times = { pollSeconds: 0.1, unreachableSeconds: 60, requestSeconds: 1 }
    const engine = createRayEngine({ address, tokenEnv: undefined, launcher: LAUNCHER, ...times })
    const refused = engine.submit(script('0'))
    await expect(refused).rejects.not.toBeInstanceOf(EngineAway)
    await expect(refused).rejects.toThrow(`Ray at ${address} refuses what it is asked (405: 405: Method Not Allowed)`)
  })

  test('that is not there is unknown', async () => {
    const it = await ray()
    const job = script('0')
    const handle = await it.engine.submit(job)
    await it.server.close()
    expect(await it.engine.status(handle, job)).toMatchObject({
      state: 'unknown',
      reason: expect.stringMatching(/^Ray gives no answer at http:\/\/127\.0\.0\.1:\d+ \(.*\)\.$/),
    })
  })

  test('with a token lets in who has it, and tells the others in one sentence', async () => {
    const it = await ray({ token: 'right' }, 'RAY_TEST_TOKEN')
    const job = script('0')
    for (const [token, said] of [
      ['', 'RAY_TEST_TOKEN, which is not set'],
      ['wrong', 'without the right token (403); check RAY_TEST_TOKEN'],
    ] as const) {
      vi.stubEnv('RAY_TEST_TOKEN', token)
      const refused = it.engine.submit(job)
      await expect(refused).rejects.toBeInstanceOf(JobError)
      await expect(refused).rejects.toThrow(said)
    }
    vi.stubEnv('RAY_TEST_TOKEN', 'right')
    expect(await it.engine.submit(job)).toMatchObject({ engine: 'ray' })
    vi.unstubAllEnvs()
  })
})
