/** Whole runs that train through a real Slurm of one node: killed, cancelled, preempted, cut off from the controller. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { recipeFlags } from '../../src/core/placeholders.ts'
import { SUBMISSION_POINTS } from '../../src/process/crash-point.ts'
import { trainCommand } from '../loop/workplace.ts'
import { type ClusterRuns, createClusterRuns, eventsOf, testAway, testKillsAndStops, WAIT } from './cluster-runs.ts'
import { stackPython } from './python.ts'
import { createRealLoop } from './real-loop.ts'
import { ensureSlurm, type SlurmCluster, startSlurm } from './slurm-cluster.ts'

const TOY_TRAINER = new URL('../../src/embedded/train/main.ts', import.meta.url).pathname

const missing = ensureSlurm()
const python = stackPython()

let cluster: SlurmCluster
let runs: ClusterRuns

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

const jobsOf = (folder: string) => jobsIn(runs.place.at(folder, 'runs/small'))
const statesOf = (folder: string): string[] => jobsOf(folder).map(({ state }) => state)

describe.skipIf(missing !== undefined)(`Slurm${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  beforeAll(async () => {
    cluster = await startSlurm()
    runs = await createClusterRuns({
      env: cluster.env,
      train: 'kind: slurm, partition: train, pollSeconds: 0.5, commandSeconds: 20',
      statesOf: async (directory) => jobsIn(directory).map(({ state }) => state),
      words: { whole: 'COMPLETED', failed: 'FAILED', stopped: 'FAILED' },
      goAway: cluster.stopController,
      comeBack: cluster.startController,
      awayNote: 'Slurm gives no answer',
    })
    runs.writeRun('long.yaml', trainCommand(['--delay-ms', '45000']), ', time: 1, stopSeconds: 30')
    runs.writeRun('hung.yaml', ['bash', '-c', 'sleep 600', '{dataset}', '{output}'], ', hangSeconds: 3')
  })
  afterAll(async () => {
    await cluster?.close()
    await runs?.close()
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
      runs.place.write(
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
      const ended = await runs.run('toy.yaml', 'toy')
      expect(ended).toMatchObject({ code: 0, stderr: '' })
      expect(statesOf('toy')).toEqual(['COMPLETED', 'COMPLETED'])
      const steps = eventsOf(ended).flatMap((event) => (event.kind === 'training' ? event.iteration : []))
      expect(new Set(steps)).toEqual(new Set([0, 1]))
    })

    testKillsAndStops(SUBMISSION_POINTS, () => runs)

    test('Ctrl-C takes a job that waits out of the queue, having told why it waits', async () => {
      const started = runs.start('run.yaml', 'waiting', { sets: ['train.arguments=[--begin=now+3600]'] })
      await vi.waitFor(() => expect(statesOf('waiting')).toEqual(['PENDING']), WAIT)
      await vi.waitFor(
        () => expect(readFileSync(runs.place.at('waiting/runs/small/events.jsonl'), 'utf8')).toContain('BeginTime'),
        WAIT,
      )
      started.child.kill('SIGINT')
      expect(await started.ended).toMatchObject({ code: 130 })
      expect(await runs.run('run.yaml', 'waiting')).toMatchObject({ code: 0, stderr: '' })
      expect(statesOf('waiting')).toEqual(['CANCELLED', 'COMPLETED'])
      runs.expectCalmEnd('waiting')
    })

    test('a job that somebody cancels ends the run with a sentence, and the same command submits it again', async () => {
      const started = runs.start('slow.yaml', 'cancelled')
      await runs.isTraining('cancelled')
      cluster.slurm('scancel', jobsOf('cancelled')[0]?.id ?? '')
      expect(await started.ended).toMatchObject({ code: 1, stderr: expect.stringContaining('somebody cancelled it') })
      expect(await runs.run('slow.yaml', 'cancelled')).toMatchObject({ code: 0 })
      expect(statesOf('cancelled')).toEqual(['CANCELLED', 'COMPLETED'])
      runs.expectCalmEnd('cancelled')
    })

    test('before its time limit a job is told to save, and is submitted again until it is through', async () => {
      expect(await runs.run('long.yaml', 'limited')).toMatchObject({ code: 0, stderr: '' })
      const states = statesOf('limited')
      expect(states.length).toBeGreaterThan(1)
      expect(states.map((state, i) => state === (i === states.length - 1 ? 'COMPLETED' : 'FAILED'))).not.toContain(
        false,
      )
      runs.expectCalmEnd('limited')
    })

    test('a job that hangs is stopped and tried three times, and then told of in one sentence', async () => {
      const ended = await runs.run('hung.yaml', 'hung')
      expect(ended).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^Training of iteration 0 did not succeed: it wrote nothing for 3 s/),
      })
      expect(jobsOf('hung')).toHaveLength(3)
    })

    test('a partition that is not there ends the run with a sentence of Slurm’s, and a fixed one continues', async () => {
      const refused = await runs.run('run.yaml', 'refused', { sets: ['train.partition=nowhere'] })
      expect(refused).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^Slurm refuses the training job: .*partition.*\n$/),
      })
      expect(await runs.run('run.yaml', 'refused')).toMatchObject({ code: 0, stderr: '' })
      expect(statesOf('refused')).toEqual(['COMPLETED'])
    })
  })

  test('preempted jobs continue: put back into the queue by Slurm, or submitted again where Slurm cancels them', async () => {
    const requeued = runs.run('slow.yaml', 'requeued')
    const killable = runs.run('slow.yaml', 'killable', { sets: ['train.partition=killable'] })
    await Promise.all([runs.isTraining('requeued'), runs.isTraining('killable')])
    cluster.slurm('sbatch', '--partition=urgent', '--ntasks=8', '--output=/dev/null', '--wrap=sleep 2')
    const ends = await Promise.all([requeued, killable])
    expect(ends).toMatchObject([
      { code: 0, stderr: '' },
      { code: 0, stderr: '' },
    ])
    expect(statesOf('requeued')).toEqual(['COMPLETED'])
    expect(statesOf('killable')).toEqual(['PREEMPTED', 'COMPLETED'])
    for (const folder of ['requeued', 'killable']) {
      expect(runs.startsOf(folder)).toBe(2)
      runs.expectCalmEnd(folder)
    }
  })

  test('a submission whose answer was lost is not made twice', async () => {
    // The controller freezes as sbatch calls it, and takes the call when it is itself again: sbatch has long been given up.
    runs.place.write(
      'bin/sbatch',
      `#!/bin/bash
if mkdir "$0.once" 2>/dev/null; then
  kill -STOP $(cat ${cluster.controllerPidFile})
  (sleep 8; kill -CONT $(cat ${cluster.controllerPidFile})) >/dev/null 2>&1 &
fi
exec /usr/bin/sbatch "$@"
`,
    )
    cluster.slurm('chmod', '+x', runs.place.at('bin/sbatch'))
    const env = { PATH: `${runs.place.at('bin')}:${process.env.PATH}` }
    const ended = await runs.run('slow.yaml', 'lost', { env, sets: ['train.commandSeconds=3'] })
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(eventsOf(ended)).toContainEqual({ kind: 'note', text: expect.stringContaining('Slurm gives no answer') })
    // Had it been made a second time all the same, that job would never have run next to the first.
    expect(statesOf('lost').filter((state) => state === 'COMPLETED')).toHaveLength(1)
    expect(runs.startsOf('lost')).toBe(1)
    runs.expectCalmEnd('lost')
  })

  testAway(() => runs)
})

function toyCommand(): string[] {
  const filled = recipeFlags('base', 'dataset', 'sha256', 'output', 'epochs', 'steps', 'batch', 'lr', 'lrEnd', 'seed')
  return [process.execPath, TOY_TRAINER, ...filled]
}
