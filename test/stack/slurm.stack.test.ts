/** Whole runs that train through a real Slurm of one node: killed, cancelled, preempted, cut off from the controller. */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { RunEvent } from '../../src/core/events.ts'
import { recipeFlags } from '../../src/core/placeholders.ts'
import { CRASH_VARIABLE, SUBMISSION_POINTS } from '../../src/process/crash-point.ts'
import { type Ended, type Started, startCommand } from '../loop/command.ts'
import { faultsOf, NO_FAULTS, outcomeOf } from '../loop/killing.ts'
import { createWorkplace, makeProblems, toRows, trainCommand, type Workplace, writeBase } from '../loop/workplace.ts'
import { createTestServer, type TestServer } from '../server/openai-server.ts'
import { stackPython } from './python.ts'
import { createRealLoop } from './real-loop.ts'
import { ensureSlurm, type SlurmCluster, startSlurm } from './slurm-cluster.ts'

/** Stops once with its work "saved", as a preempted job does; from then on it is the program it was given. */
const PREEMPTED_ONCE = `
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
const [output, program, ...args] = process.argv.slice(2)
if (!existsSync(output + '.preempted')) { writeFileSync(output + '.preempted', ''); process.exit(75) }
process.exit(spawnSync(program, args, { stdio: 'inherit' }).status ?? 1)
`
const TOY_TRAINER = new URL('../../src/embedded/train/main.ts', import.meta.url).pathname
const OUTAGE_MS = 120_000
const WAIT = { timeout: 300_000, interval: 200 }

const missing = ensureSlurm()
const python = stackPython()

let cluster: SlurmCluster
let place: Workplace
let server: TestServer
let calm: object

interface RunOptions {
  readonly crashAt?: string
  readonly sets?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

function start(yaml: string, folder: string, { crashAt, sets = [], env = {} }: RunOptions = {}): Started {
  const args = ['run', yaml, '--dir', `${folder}/runs/small`, '--json', ...sets.flatMap((set) => ['--set', set])]
  const crash: Record<string, string> = crashAt === undefined ? {} : { [CRASH_VARIABLE]: crashAt }
  return startCommand(args, { cwd: place.folder, env: { ...cluster.env, ...crash, ...env } })
}

function run(yaml: string, folder: string, options?: RunOptions): Promise<Ended> {
  return start(yaml, folder, options).ended
}

/** Every job that a run has submitted: its id and what became of it. */
function jobsOf(folder: string): { id: string; state: string }[] {
  return jobsIn(place.at(folder, 'runs/small'))
}

/** @param directory the run folder, absolute */
function jobsIn(directory: string): { id: string; state: string }[] {
  const hash = createHash('sha256').update(directory).digest('hex').slice(0, 10)
  return cluster
    .slurm('squeue', '--noheader', '--states=all', '--sort=i', '--format=%i %T %j')
    .split('\n')
    .flatMap((line) => {
      const [id = '', state = '', name = ''] = line.trim().split(' ')
      return name.includes(hash) ? [{ id, state }] : []
    })
}

const statesOf = (folder: string): string[] => jobsOf(folder).map(({ state }) => state)

function logOf(folder: string): string {
  const path = place.at(folder, 'runs/small/iterations/00/train.log')
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

const isTraining = (folder: string): Promise<void> =>
  vi.waitFor(() => expect(logOf(folder)).toContain('"event":"start"'), WAIT)

/** How often the recipe began to train. */
const startsOf = (folder: string): number => logOf(folder).match(/"event":"start"/g)?.length ?? 0

function eventsOf({ stdout }: Ended): RunEvent[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

function expectCalmEnd(folder: string): void {
  expect(faultsOf(place.at(folder))).toEqual(NO_FAULTS)
  expect(outcomeOf(place.at(folder))).toEqual(calm)
}

/** A run of one iteration that trains by this command. */
function writeRun(name: string, command: readonly string[], more = ''): void {
  const keys = `partition: train, pollSeconds: 0.5, commandSeconds: 20, settleSeconds: 5${more}`
  place.write(
    name,
    `name: small
base: base
problems: { train: [{ dataset: jsonl, path: train.jsonl }] }
sample: { endpoints: [{ baseURL: "${server.baseURL}", model: base }] }
budget: { policy: { kind: constant, initial: 30 }, iterations: 1 }
train: { kind: slurm, ${keys}, command: ${JSON.stringify(command)} }
serve: external
`,
  )
}

describe.skipIf(missing !== undefined)(`Slurm${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  beforeAll(async () => {
    cluster = await startSlurm()
    place = createWorkplace()
    place.write('train.jsonl', toRows(makeProblems(120)))
    place.write('preempted-once.mjs', PREEMPTED_ONCE)
    writeBase(place, 0.8)
    server = await createTestServer({ problems: makeProblems(120), modelNames: ['base'], skill: 0.8 })
    writeRun('run.yaml', trainCommand(['--delay-ms', '1500']))
    writeRun('twice.yaml', [
      process.execPath,
      'preempted-once.mjs',
      '{output}',
      ...trainCommand(['--delay-ms', '1500']),
    ])
    writeRun('slow.yaml', trainCommand(['--delay-ms', '15000']))
    writeRun('long.yaml', trainCommand(['--delay-ms', '45000']), ', time: 1, stopSeconds: 30')
    writeRun('hung.yaml', ['bash', '-c', 'sleep 600', '{dataset}', '{output}'], ', hangSeconds: 3')
    expect(await run('run.yaml', 'calm')).toMatchObject({ code: 0, stderr: '' })
    calm = outcomeOf(place.at('calm'))
  })
  afterAll(async () => {
    await cluster?.close()
    await server?.close()
    place?.remove()
  })

  describe.concurrent('while the cluster is well', () => {
    const noPython = python.kind === 'missing' ? ` (skipped: ${python.why})` : ''
    test.skipIf(python.kind === 'missing')(
      `a real model, served by transformers, is trained by TRL under torchrun, and continues from its step when told to stop${noPython}`,
      async () => {
        if (python.kind === 'missing') return
        const loop = await createRealLoop(python.program, cluster)
        try {
          let isAsked = false
          const end = await loop.run({
            // As Slurm does before a time limit: to the batch script alone, which has become torchrun.
            stopAt(event) {
              if (event.kind === 'training' && !isAsked) {
                isAsked = true
                cluster.slurm('scancel', '--batch', '--signal=TERM', jobsIn(loop.directory)[0]?.id ?? '')
              }
              return false
            },
          })
          expect(end).toMatchObject({ code: 0 })
          expect(loop.status()).toMatchObject({ state: 'done', iterations: [{ accepted: 30 }, { accepted: 30 }] })
          expect(jobsIn(loop.directory).map(({ state }) => state)).toEqual(['FAILED', 'COMPLETED', 'COMPLETED'])
          // Nobody but the recipe itself knew that this 1 of torchrun's was a 75.
          const [stopped] = jobsIn(loop.directory)
          expect(cluster.slurm('scontrol', 'show', 'job', stopped?.id ?? '', '--oneliner')).toContain(' ExitCode=1:0 ')
          const log = readFileSync(`${loop.directory}/iterations/00/train.log`, 'utf8')
          const steps = [...log.matchAll(/"event": "start", "step": (\d+)/g)].map(([, step]) => Number(step))
          expect(steps).toEqual([0, expect.any(Number)])
          expect(steps[1]).toBeGreaterThan(0)
        } finally {
          loop.remove()
        }
      },
    )

    test('the toy is trained in two iterations by two jobs, whose progress is seen as it comes', async () => {
      place.write(
        'toy.yaml',
        `name: small
problems: { train: [{ dataset: steps, count: 300 }] }
sample: { kind: embedded, maxTokens: 60 }
budget: { policy: { kind: constant, initial: 60 }, iterations: 2 }
train:
  kind: slurm
  partition: train
  time: 30
  pollSeconds: 0.5
  lr: 1.0e-3
  batch: 32
  command: ${JSON.stringify(toyCommand())}
`,
      )
      const ended = await run('toy.yaml', 'toy')
      expect(ended).toMatchObject({ code: 0, stderr: '' })
      expect(statesOf('toy')).toEqual(['COMPLETED', 'COMPLETED'])
      const steps = eventsOf(ended).flatMap((event) => (event.kind === 'training' ? event.iteration : []))
      expect(new Set(steps)).toEqual(new Set([0, 1]))
    })

    test.each(SUBMISSION_POINTS)('killed at %s it continues, and nothing is submitted twice', async (point) => {
      // A kill at the point's second passing falls into the second submission, after the preemption.
      expect(await run('twice.yaml', point, { crashAt: point })).toMatchObject({ signal: 'SIGKILL' })
      expect(await run('twice.yaml', point)).toMatchObject({ code: 0, stderr: '' })
      expect(statesOf(point)).toEqual(['FAILED', 'COMPLETED'])
      expect(startsOf(point)).toBe(1)
      expectCalmEnd(point)
    })

    test('Ctrl-C lets the job save its work, and the run continues from there by another job', async () => {
      const started = start('slow.yaml', 'interrupted')
      await isTraining('interrupted')
      started.child.kill('SIGINT')
      expect(await started.ended).toMatchObject({ code: 130 })
      expect(statesOf('interrupted')).toEqual(['FAILED'])
      expect(await run('slow.yaml', 'interrupted')).toMatchObject({ code: 0, stderr: '' })
      expect(statesOf('interrupted')).toEqual(['FAILED', 'COMPLETED'])
      expectCalmEnd('interrupted')
    })

    test('Ctrl-C takes a job that waits out of the queue, having told why it waits', async () => {
      const started = start('run.yaml', 'waiting', { sets: ['train.arguments=[--begin=now+3600]'] })
      await vi.waitFor(() => expect(statesOf('waiting')).toEqual(['PENDING']), WAIT)
      await vi.waitFor(
        () => expect(readFileSync(place.at('waiting/runs/small/events.jsonl'), 'utf8')).toContain('BeginTime'),
        WAIT,
      )
      started.child.kill('SIGINT')
      expect(await started.ended).toMatchObject({ code: 130 })
      expect(await run('run.yaml', 'waiting')).toMatchObject({ code: 0, stderr: '' })
      expect(statesOf('waiting')).toEqual(['CANCELLED', 'COMPLETED'])
      expectCalmEnd('waiting')
    })

    test('a job that somebody cancels ends the run with a sentence, and the same command submits it again', async () => {
      const started = start('slow.yaml', 'cancelled')
      await isTraining('cancelled')
      cluster.slurm('scancel', jobsOf('cancelled')[0]?.id ?? '')
      expect(await started.ended).toMatchObject({ code: 1, stderr: expect.stringContaining('somebody cancelled it') })
      expect(await run('slow.yaml', 'cancelled')).toMatchObject({ code: 0 })
      expect(statesOf('cancelled')).toEqual(['CANCELLED', 'COMPLETED'])
      expectCalmEnd('cancelled')
    })

    test('before its time limit a job is told to save, and is submitted again until it is through', async () => {
      expect(await run('long.yaml', 'limited')).toMatchObject({ code: 0, stderr: '' })
      const states = statesOf('limited')
      expect(states.length).toBeGreaterThan(1)
      expect(states.map((state, i) => state === (i === states.length - 1 ? 'COMPLETED' : 'FAILED'))).not.toContain(
        false,
      )
      expectCalmEnd('limited')
    })

    test('a job that hangs is stopped and tried three times, and then told of in one sentence', async () => {
      const ended = await run('hung.yaml', 'hung')
      expect(ended).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^Training of iteration 0 did not succeed: it wrote nothing for 3 s/),
      })
      expect(jobsOf('hung')).toHaveLength(3)
    })

    test('a partition that is not there ends the run with a sentence of Slurm’s, and a fixed one continues', async () => {
      const refused = await run('run.yaml', 'refused', { sets: ['train.partition=nowhere'] })
      expect(refused).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^Slurm refuses the training job: .*partition.*\n$/),
      })
      expect(await run('run.yaml', 'refused')).toMatchObject({ code: 0, stderr: '' })
      expect(statesOf('refused')).toEqual(['COMPLETED'])
    })
  })

  test('preempted jobs continue: put back into the queue by Slurm, or submitted again where Slurm cancels them', async () => {
    const requeued = run('slow.yaml', 'requeued')
    const killable = run('slow.yaml', 'killable', { sets: ['train.partition=killable'] })
    await Promise.all([isTraining('requeued'), isTraining('killable')])
    cluster.slurm('sbatch', '--partition=urgent', '--ntasks=8', '--output=/dev/null', '--wrap=sleep 2')
    const ends = await Promise.all([requeued, killable])
    expect(ends).toMatchObject([
      { code: 0, stderr: '' },
      { code: 0, stderr: '' },
    ])
    expect(statesOf('requeued')).toEqual(['COMPLETED'])
    expect(statesOf('killable')).toEqual(['PREEMPTED', 'COMPLETED'])
    for (const folder of ['requeued', 'killable']) {
      expect(startsOf(folder)).toBe(2)
      expectCalmEnd(folder)
    }
  })

  test('a submission whose answer was lost is not made twice', async () => {
    // The controller freezes as sbatch calls it, and takes the call when it is itself again: sbatch has long been given up.
    place.write(
      'bin/sbatch',
      `#!/bin/bash
if mkdir "$0.once" 2>/dev/null; then
  kill -STOP $(cat ${cluster.controllerPidFile})
  (sleep 8; kill -CONT $(cat ${cluster.controllerPidFile})) >/dev/null 2>&1 &
fi
exec /usr/bin/sbatch "$@"
`,
    )
    cluster.slurm('chmod', '+x', place.at('bin/sbatch'))
    const env = { PATH: `${place.at('bin')}:${process.env.PATH}` }
    const ended = await run('slow.yaml', 'lost', { env, sets: ['train.commandSeconds=3'] })
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(eventsOf(ended)).toContainEqual({ kind: 'note', text: expect.stringContaining('Slurm gives no answer') })
    // Had it been made a second time all the same, that job would never have run next to the first.
    expect(statesOf('lost').filter((state) => state === 'COMPLETED')).toHaveLength(1)
    expect(startsOf('lost')).toBe(1)
    expectCalmEnd('lost')
  })

  test('a controller that is down for two minutes costs the wait: neither a running job nor one to be submitted fails', async () => {
    const running = run('slow.yaml', 'outage-running')
    await isTraining('outage-running')
    await cluster.stopController()
    const submitting = run('run.yaml', 'outage-submitting')
    await sleep(OUTAGE_MS)
    await cluster.startController()
    const ends = await Promise.all([running, submitting])
    for (const ended of ends) {
      expect(ended).toMatchObject({ code: 0, stderr: '' })
      expect(eventsOf(ended)).toContainEqual({ kind: 'note', text: expect.stringContaining('Slurm gives no answer') })
    }
    for (const folder of ['outage-running', 'outage-submitting']) {
      expect(statesOf(folder)).toEqual(['COMPLETED'])
      expect(startsOf(folder)).toBe(1)
      expectCalmEnd(folder)
    }
  })
})

function toyCommand(): string[] {
  const filled = recipeFlags('base', 'dataset', 'sha256', 'output', 'epochs', 'steps', 'batch', 'lr', 'lrEnd', 'seed')
  return [process.execPath, TOY_TRAINER, ...filled]
}
