/** What a run gets over by itself, and what it asks its user for and then really continues from. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunEvent } from '../../src/core/events.ts'
import type { RunStatus } from '../../src/core/status.ts'
import { createTestServer, type TestServer } from '../server/openai-server.ts'
import { type Ended, startCommand } from './command.ts'
import { readRun } from './database.ts'
import { faultsOf, NO_FAULTS, outcomeOf } from './killing.ts'
import { ownLoopYaml } from './own-loop.ts'
import { createWorkplace, makeProblems, toRows, trainSection, type Workplace, writeBase } from './workplace.ts'

const TRAIN = makeProblems(200)
const HELD_OUT = makeProblems(120, 1000)

let place: Workplace

beforeAll(() => {
  place = createWorkplace()
  place.write('train.jsonl', toRows(TRAIN))
  place.write('held-out.jsonl', toRows(HELD_OUT, 'h'))
  writeBase(place, 0.8)
})
afterAll(() => place.remove())

/** Starts the run and does something each time an event comes that fits, so often. */
function runAndAt(
  args: readonly string[],
  times: number,
  fits: (event: RunEvent) => boolean,
  act: () => void,
): Promise<Ended> {
  let left = times
  return startCommand([...args, '--json'], {
    cwd: place.folder,
    onLine(line) {
      if (left === 0 || !fits(JSON.parse(line))) return
      left--
      act()
    },
  }).ended
}

const isSampling = (event: RunEvent): boolean =>
  event.kind === 'sampling' && event.purpose === 'train' && event.sampled > 20

function notesIn({ stdout }: Ended): string[] {
  const events: RunEvent[] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  return events.flatMap((event) => (event.kind === 'note' ? event.text : []))
}

async function statusOf(folder: string): Promise<RunStatus> {
  return place.status(`${folder}/runs/small`)
}

test.concurrent('a server of our own that dies is started again, and the run ends as if it had not', async () => {
  const loop = {
    problems: 'evaluate: [{ dataset: jsonl, path: held-out.jsonl, take: first-40 }]',
    sample: 'concurrency: 8, unreachableSeconds: 1',
    budget: '{ policy: { kind: constant, initial: 40 }, iterations: 1 }',
  }
  const books = ['--problems', 'held-out.jsonl']
  place.write('steady.yaml', await ownLoopYaml({ ...loop, server: books }))
  place.write('dying.yaml', await ownLoopYaml({ ...loop, server: [...books, '--die-after', '35'] }))
  const run = (name: string): Promise<Ended> =>
    place.run(['run', `${name}.yaml`, '--dir', `${name}/runs/small`, '--json'])
  expect(await run('steady')).toMatchObject({ code: 0, stderr: '' })
  const ended = await run('dying')
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  // Twice with the base, twice with its successor.
  expect(notesIn(ended).filter((note) => note.includes('has died and is started again'))).toHaveLength(4)
  expect(faultsOf(place.at('dying'))).toEqual(NO_FAULTS)
  expect(outcomeOf(place.at('dying'))).toEqual(outcomeOf(place.at('steady')))
})

test.concurrent("somebody else's server that is away for a moment is waited for; one that stays away ends the run until it is back", async () => {
  const options = { problems: TRAIN, modelNames: ['base'], serviceRate: 150 }
  let server: TestServer = await createTestServer(options)
  const { port } = server
  place.write(
    'external.yaml',
    `name: small
problems: { train: [{ dataset: jsonl, path: train.jsonl }] }
sample: { endpoints: [{ baseURL: "${server.baseURL}", model: base }], concurrency: 8 }
budget: { policy: { kind: constant, initial: 60 }, iterations: 1 }
`,
  )
  const run = (folder: string): string[] => ['run', 'external.yaml', '--dir', `${folder}/runs/small`]
  expect(await place.run([...run('present'), '--quiet'])).toMatchObject({ code: 0 })

  const comeBack = async (): Promise<void> => {
    await server.close()
    await new Promise((resolve) => setTimeout(resolve, 500))
    server = await createTestServer({ ...options, port })
  }
  const patient = await runAndAt(run('away'), 1, isSampling, () => void comeBack())
  expect(patient).toMatchObject({ code: 0, stderr: '' })
  expect(
    readRun(place.at('away/runs/small')).count("select count(*) from attempt where outcome = 'connection'"),
  ).toBeGreaterThan(0)
  expect(outcomeOf(place.at('away'))).toEqual(outcomeOf(place.at('present')))

  const short = [...run('gone'), '--set', 'sample.unreachableSeconds=1']
  const gone = await runAndAt(short, 1, isSampling, () => void server.close())
  expect(gone).toMatchObject({ code: 3, stderr: expect.stringMatching(/^Nobody answers at .* for 1 s .*\n$/) })
  expect(await statusOf('gone')).toMatchObject({ state: 'failed', iterations: [{ state: 'sampling' }] })
  server = await createTestServer({ ...options, port })
  expect(await place.run([...short, '--quiet'])).toMatchObject({ code: 0 })
  expect(faultsOf(place.at('gone'))).toEqual(NO_FAULTS)
  expect(outcomeOf(place.at('gone'))).toEqual(outcomeOf(place.at('present')))
  await server.close()
})

test.concurrent('a gate that says stop tells how to continue, and that is how it continues', async () => {
  const yaml = await ownLoopYaml({
    problems: 'gate: [{ dataset: jsonl, path: held-out.jsonl }]',
    budget: '{ policy: { kind: constant, initial: 30 }, iterations: 2 }',
    more: 'gate: { retries: 1 }',
    train: trainSection(['--gain=-20']),
    server: ['--problems', 'held-out.jsonl'],
  })
  place.write('gate.yaml', yaml)
  const run = ['run', 'gate.yaml', '--dir', 'harm/runs/small', '--quiet']
  const stopped = await place.run(run)
  expect(stopped.code).toBe(1)
  expect(stopped.stderr).toMatch(/^The gate rejected the checkpoint of iteration 0; .*\n$/)
  expect(await statusOf('harm')).toMatchObject({
    state: 'failed',
    iterations: [{ state: 'rejected', gate: { decision: 'failed' } }],
  })
  expect(await place.run(run)).toMatchObject({ code: 1, stderr: stopped.stderr })

  const advice = Array.from(stopped.stderr.matchAll(/--set (\S+=\w+)/g), (match) => ['--set', match[1] ?? '']).flat()
  expect(advice.length).toBeGreaterThan(0)
  expect(await place.run([...run, ...advice])).toMatchObject({ code: 0, stderr: '' })
  const status = await statusOf('harm')
  expect(status).toMatchObject({ state: 'done', iterations: [{ state: 'rejected' }, { state: 'rejected' }] })
  // Nothing was built on what the gate rejected: the second iteration samples from the base again.
  expect(
    readRun(place.at('harm/runs/small')).rows(
      "select distinct iteration, model from completion where purpose = 'train' order by 1",
    ),
  ).toEqual([
    { iteration: 0, model: 'small-base' },
    { iteration: 1, model: 'small-base' },
  ])
})
