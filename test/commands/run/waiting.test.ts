/** Runs that wait for somebody: for a checkpoint trained elsewhere, for one to be served, for the next phase to be called. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunStatus } from '../../../src/core/status.ts'
import { readRun } from '../../loop/database.ts'
import {
  createWorkplace,
  freePort,
  makeProblems,
  serveSection,
  toRows,
  trainSection,
  type Workplace,
  writeBase,
} from '../../loop/workplace.ts'
import { createTestServer, type TestServer } from '../../server/openai-server.ts'
import { expectOneSentence } from '../sentence.ts'

const TRAIN = makeProblems(100)
const HELD_OUT = makeProblems(20, 1000)
const TARGET = 20

let place: Workplace
let server: TestServer

beforeAll(async () => {
  place = createWorkplace()
  server = await createTestServer({ problems: [...TRAIN, ...HELD_OUT], modelNames: ['base', 'better'] })
  place.write('train.jsonl', toRows(TRAIN))
  place.write('held-out.jsonl', toRows(HELD_OUT, 'h'))
  writeBase(place, 0.3)
})
afterAll(async () => {
  await server.close()
  place.remove()
})

function yaml(name: string, rest: string, baseURL = server.baseURL): string {
  return `name: ${name}
problems: { train: [{ dataset: jsonl, path: train.jsonl }], evaluate: [{ dataset: jsonl, path: held-out.jsonl }] }
sample: { endpoints: [{ baseURL: "${baseURL}", model: base }] }
budget: { policy: { kind: constant, initial: ${TARGET} }, iterations: 2 }
${rest}
`
}

async function statusOf(name: string): Promise<RunStatus> {
  return place.status(name)
}

/** The names under which the completions of an iteration were asked for, as the server answered them. */
function modelsAsked(name: string, iteration: number): unknown[] {
  return readRun(place.at('runs', name))
    .rows(`select distinct model from completion where iteration = ${iteration} and purpose = 'train'`)
    .map(({ model }) => model)
}

test.concurrent('train: none samples one iteration, says how to continue, and continues with a checkpoint under its served name', async () => {
  place.write('outside.yaml', yaml('outside', 'train: none'))
  const first = await place.run(['run', 'outside.yaml'])
  expect(first.code).toBe(0)
  const line =
    /Train on (\S+dataset\.jsonl) \(20 traces\), .* continue with: spendwise run outside\.yaml --checkpoint PATH\|MODEL/
  const dataset = line.exec(first.stderr)?.[1] ?? ''
  expect(readFileSync(dataset, 'utf8').trimEnd().split('\n')).toHaveLength(TARGET)
  expect(await statusOf('outside')).toMatchObject({ state: 'waiting', reason: expect.stringMatching(line) })

  // Asked again it waits on, and samples nothing from the same weights.
  const again = await place.run(['run', 'outside.yaml', '--quiet'])
  expectOneSentence(again, 0, line)
  expect((await statusOf('outside')).iterations).toHaveLength(1)

  const second = await place.run(['run', 'outside.yaml', '--checkpoint', 'better', '--quiet'])
  expect(second).toMatchObject({ code: 0, stderr: expect.stringContaining('--checkpoint PATH|MODEL') })
  expect(await statusOf('outside')).toMatchObject({
    state: 'waiting',
    iterations: [
      { state: 'done', accepted: TARGET, checkpoint: { path: 'better', weights: 'unproven' }, evaluation: { n: 20 } },
      { state: 'training', accepted: TARGET, checkpoint: null },
    ],
  })
  expect([modelsAsked('outside', 0), modelsAsked('outside', 1)]).toEqual([['base'], ['better']])

  expect(await place.run(['run', 'outside', '--checkpoint', 'better', '--quiet'])).toMatchObject({
    code: 0,
    stderr: '',
  })
  expect(await statusOf('outside')).toMatchObject({ state: 'done', iterations: [{ state: 'done' }, { state: 'done' }] })
})

test.concurrent('with flags that run.yaml does not know, the line to continue with names the folder that does', async () => {
  place.write('flags.yaml', yaml('flags', 'train: none'))
  const sets = ['--set', 'budget.policy.initial=5', '--dir', 'my runs/flags']
  const first = await place.run(['run', 'flags.yaml', ...sets, '--quiet'])
  expectOneSentence(first, 0, /continue with: spendwise run "my runs\/flags" --checkpoint PATH\|MODEL$/m)
  expect(await place.run(['run', 'my runs/flags', '--checkpoint', 'better', '--quiet'])).toMatchObject({ code: 0 })
  expect((await statusOf('my runs/flags')).iterations).toMatchObject([{ accepted: 5 }, { accepted: 5 }])
})

test.concurrent('a checkpoint given as a path is served by our own server; a wrong one can be taken back', async () => {
  const serve = serveSection('train.jsonl', ['--problems', 'held-out.jsonl'])
  const baseURL = `http://127.0.0.1:${await freePort()}/v1`
  place.write('path.yaml', yaml('path', `base: base\ntrain: none\nserve: ${serve}`, baseURL))
  expect(await place.run(['run', 'path.yaml', '--quiet'])).toMatchObject({ code: 0 })
  place.write('not-weights/readme.txt', 'nothing here')
  expectOneSentence(
    await place.run(['run', 'path.yaml', '--checkpoint', 'not-weights', '--quiet']),
    3,
    /ended while starting \(exit code 1\)/,
  )
  place.write('mine/skill.json', '{"skill": 2}')
  expect(await place.run(['run', 'path.yaml', '--checkpoint', 'mine', '--quiet'])).toMatchObject({ code: 0 })
  expect(await statusOf('path')).toMatchObject({
    state: 'waiting',
    iterations: [{ state: 'done', checkpoint: { path: place.at('mine'), weights: 'proven' } }, { state: 'training' }],
  })
  expect(modelsAsked('path', 1)).toEqual(['path-iteration000'])
})

test.concurrent('serve: external with wait stops after each training until it is told the served name', async () => {
  place.write('wait.yaml', yaml('wait', `base: base\ntrain: ${trainSection()}\nserve: { kind: external, wait: true }`))
  const first = await place.run(['run', 'wait.yaml', '--quiet'])
  const line = /^Serve (\S+) and continue with: spendwise run wait\.yaml --checkpoint MODEL, MODEL being the name/
  expectOneSentence(first, 0, line)
  expect(existsSync(join(line.exec(first.stderr)?.[1] ?? '-', 'skill.json'))).toBe(true)
  expect(await statusOf('wait')).toMatchObject({
    state: 'waiting',
    iterations: [{ state: 'serving', accepted: TARGET }],
  })
  expectOneSentence(await place.run(['run', 'wait.yaml', '--quiet']), 0, line)

  expect(await place.run(['run', 'wait.yaml', '--checkpoint', 'better', '--quiet'])).toMatchObject({ code: 0 })
  expect(modelsAsked('wait', 1)).toEqual(['better'])
  expect(await statusOf('wait')).toMatchObject({ iterations: [{ state: 'done' }, { state: 'serving' }] })
  expect(await place.run(['run', 'wait.yaml', '--checkpoint', 'better', '--quiet'])).toMatchObject({
    code: 0,
    stderr: '',
  })
  expect(await statusOf('wait')).toMatchObject({ state: 'done', iterations: [{ state: 'done' }, { state: 'done' }] })
})

test.concurrent('sample, train and evaluate alone do their phase and no other, and come to the same end as run', async () => {
  const rest = `base: base\ntrain: ${trainSection()}\nserve: external`
  place.write('whole.yaml', yaml('whole', rest))
  place.write('phases.yaml', yaml('phases', rest))
  expect(await place.run(['run', 'whole.yaml', '--quiet'])).toMatchObject({ code: 0, stderr: '' })

  const states: unknown[] = []
  const call = async (phase: string): Promise<void> => {
    const { code, stderr } = await place.run([phase, 'phases.yaml', '--quiet'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('error') })
    const { state, iterations } = await statusOf('phases')
    states.push([phase, state, ...iterations.map((row) => row.state)])
  }
  for (const phase of ['evaluate', 'train', 'sample', 'sample', 'train', 'evaluate', 'sample', 'train', 'evaluate']) {
    await call(phase)
  }
  expect(states).toEqual([
    ['evaluate', 'waiting', 'planned'],
    ['train', 'waiting', 'planned'],
    ['sample', 'waiting', 'training'],
    ['sample', 'waiting', 'training'],
    ['train', 'waiting', 'evaluating'],
    ['evaluate', 'waiting', 'done', 'planned'],
    ['sample', 'waiting', 'done', 'training'],
    ['train', 'waiting', 'done', 'evaluating'],
    ['evaluate', 'done', 'done', 'done'],
  ])
  const told = async (name: string): Promise<unknown> => {
    const { base, iterations } = await statusOf(name)
    return [
      base.evaluation,
      iterations.map(({ accepted, evaluation, checkpoint }) => [accepted, evaluation, checkpoint?.hash]),
    ]
  }
  expect(await told('phases')).toEqual(await told('whole'))
})
