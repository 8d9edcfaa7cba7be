/** Ctrl-C in every phase: everything is stored, nothing of ours is left running, and the same command ends as if nothing had happened. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunEvent } from '../../src/core/events.ts'
import type { RunStatus } from '../../src/core/status.ts'
import { type Ended, type Started, startCommand } from './command.ts'
import { readRun } from './database.ts'
import { faultsOf, NO_FAULTS, outcomeOf } from './killing.ts'
import { createOwnLoop, ownLoopYaml } from './own-loop.ts'
import { freePort, makeProblems, toRows, trainSection, type Workplace } from './workplace.ts'

let place: Workplace

beforeAll(async () => {
  place = createOwnLoop(200, 0.5)
  place.write('held-out.jsonl', toRows(makeProblems(40, 1000), 'h'))
  const yaml = await ownLoopYaml({
    problems: 'evaluate: [{ dataset: jsonl, path: held-out.jsonl }]',
    sample: 'concurrency: 8',
    budget: '{ policy: { kind: constant, initial: 30 }, iterations: 2 }',
    train: trainSection(['--delay-ms', '600']),
    server: ['--problems', 'held-out.jsonl', '--service-rate', '150', '--load-ms', '100'],
  })
  place.write('run.yaml', yaml)
  const ended = await place.run(await runIn('undisturbed'))
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  expect(faultsOf(place.at('undisturbed'))).toEqual(NO_FAULTS)
})
afterAll(() => place.remove())

/** The command for a run in a folder of its own, with a server at a port of its own. */
async function runIn(folder: string): Promise<string[]> {
  const baseURL = `http://127.0.0.1:${await freePort()}/v1`
  return [
    'run',
    'run.yaml',
    '--dir',
    `${folder}/runs/small`,
    '--json',
    '--set',
    `sample.endpoints.0.baseURL=${baseURL}`,
  ]
}

/** Starts the run and does something when an event first comes that fits. */
function startAndAt(
  run: readonly string[],
  fits: (event: RunEvent) => boolean,
  act: (started: Started) => void,
): Promise<Ended> {
  let acted = false
  const started = startCommand(run, {
    cwd: place.folder,
    onLine(line) {
      if (acted || !fits(JSON.parse(line))) return
      acted = true
      act(started)
    },
  })
  return started.ended
}

async function statusOf(folder: string): Promise<RunStatus> {
  return place.status(`${folder}/runs/small`)
}

const PHASES: readonly [title: string, fits: (event: RunEvent) => boolean][] = [
  ['the base is measured', (event) => event.kind === 'sampling' && event.purpose === 'evaluate' && event.sampled > 5],
  ['it samples', (event) => event.kind === 'sampling' && event.purpose === 'train' && event.sampled > 20],
  ['it trains', (event) => event.kind === 'phase' && event.state === 'training'],
  ['the new checkpoint is handed over', (event) => event.kind === 'phase' && event.state === 'serving'],
  [
    'the new checkpoint is measured',
    (event) => event.kind === 'sampling' && event.purpose === 'greedy' && event.iteration === 0,
  ],
]

test.concurrent.each(PHASES)('while %s', async (title, fits) => {
  const folder = title.replaceAll(' ', '-')
  const run = await runIn(folder)
  const ended = await startAndAt(run, fits, ({ child }) => child.kill('SIGINT'))
  expect(ended).toMatchObject({
    code: 130,
    signal: null,
    stderr:
      '\nStopping; press Ctrl-C again to stop at once.\nInterrupted; everything so far is stored, and the same command resumes the run.\n',
  })
  expect(await statusOf(folder)).toMatchObject({ state: 'interrupted', reason: expect.stringContaining('Interrupted') })
  expect(JSON.parse(ended.stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
    kind: 'run-ended',
    state: 'interrupted',
  })
  await expect(fetch(`${run.at(-1)?.split('=')[1]}/models`)).rejects.toThrow('fetch failed')

  expect(await place.run(run)).toMatchObject({ code: 0, stderr: '' })
  expect(faultsOf(place.at(folder))).toEqual(NO_FAULTS)
  expect(outcomeOf(place.at(folder))).toEqual(outcomeOf(place.at('undisturbed')))
})

test.concurrent('TERM is the same as Ctrl-C', async () => {
  const fits = (event: RunEvent): boolean =>
    event.kind === 'sampling' && event.purpose === 'train' && event.sampled > 20
  const ended = await startAndAt(await runIn('term'), fits, ({ child }) => child.kill('SIGTERM'))
  expect(ended).toMatchObject({ code: 130, signal: null })
  expect(await statusOf('term')).toMatchObject({ state: 'interrupted' })
})

test.concurrent('Ctrl-C twice stops at once, also where the first one waits for a trainer that does not stop', async () => {
  // Only the first training: what follows need not wait for it.
  const script = 'trap "" TERM; mkdir stubborn 2> /dev/null && sleep 3; exec "$@"'
  const stubborn = ['bash', '-c', script, 'bash']
  const text = trainSection()
  const command = JSON.parse(text.slice(text.indexOf('['), text.lastIndexOf(']') + 1))
  const args = [...(await runIn('twice')), '--set', `train.command=${JSON.stringify([...stubborn, ...command])}`]
  let secondAt = 0
  const started = startCommand(args, {
    cwd: place.folder,
    onLine(line) {
      const event: RunEvent = JSON.parse(line)
      if (event.kind !== 'phase' || event.state !== 'training') return
      setTimeout(() => started.child.kill('SIGINT'), 300)
      setTimeout(() => {
        secondAt = performance.now()
        started.child.kill('SIGINT')
      }, 800)
    },
  })
  const ended = await started.ended
  expect(ended).toMatchObject({ code: 130, signal: null, stderr: '\nStopping; press Ctrl-C again to stop at once.\n' })
  expect(secondAt).toBeGreaterThan(0)
  expect(await statusOf('twice')).toMatchObject({
    state: 'interrupted',
    iterations: [{ state: 'training', accepted: 30 }],
  })

  // Its trainer has not noticed; the same command finds it at work and takes what it makes.
  expect(await place.run(args)).toMatchObject({ code: 0, stderr: '' })
  expect(outcomeOf(place.at('twice'))).toEqual(outcomeOf(place.at('undisturbed')))
  const { count } = readRun(place.at('twice', 'runs', 'small'))
  expect(count("select count(*) from job where state = 'succeeded'")).toBe(2)
})
