/**
 * spendwise killed at every named point between two steps: the next start continues, no job runs twice, no name stands for two
 * sets of weights, and the end is that of a run that nobody disturbed.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  ADAPTER_POINTS,
  CRASH_VARIABLE,
  type CrashPoint,
  ENGINE_POINTS,
  EXTENSION_POINTS,
  RELOAD_POINTS,
  RESTART_POINTS,
  SUBMISSION_POINTS,
} from '../../src/process/crash-point.ts'
import { findOwned } from '../../src/process/owned.ts'
import { listModels } from '../../src/sample/server/questions.ts'
import { openDatabase } from '../../src/store/open.ts'
import { DATABASE_FILE } from '../../src/store/place/place.ts'
import { createTestServer, type TestServer } from '../server/openai-server.ts'
import { type RayJobsServer, startRayJobsServer } from '../server/ray-jobs-server.ts'
import { type Ended, startCommand } from './command.ts'
import { faultsOf, NO_FAULTS, outcomeOf } from './killing.ts'
import { createOwnLoop, ownLoopYaml, reloadYaml } from './own-loop.ts'
import { makeProblems, trainCommand, type Workplace } from './workplace.ts'

/** Stops once with its work "saved", as a preempted job does; from then on it is the program it was given. */
const PREEMPTED_ONCE = `
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
const [output, program, ...args] = process.argv.slice(2)
if (!existsSync(output + '.preempted')) { writeFileSync(output + '.preempted', ''); process.exit(75) }
process.exit(spawnSync(program, args, { stdio: 'inherit' }).status ?? 1)
`

let place: Workplace
let calm: object

beforeAll(async () => {
  place = createOwnLoop(120, 0.8)
  place.write('preempted-once.mjs', PREEMPTED_ONCE)
  const command = [process.execPath, 'preempted-once.mjs', '{output}', ...trainCommand()]
  const yaml = await ownLoopYaml({
    budget: '{ policy: { kind: constant, initial: 30 }, iterations: 2 }',
    train: `{ kind: command, command: ${JSON.stringify(command)} }`,
  })
  place.write('run.yaml', yaml)
  expect(await run('calm')).toMatchObject({ code: 0, stderr: '' })
  calm = outcomeOf(place.at('calm'))
})
afterAll(() => place.remove())

function run(folder: string, crashAt?: string, file = 'run.yaml'): Promise<Ended> {
  const args = ['run', file, '--dir', `${folder}/runs/small`, '--quiet']
  return startCommand(args, { cwd: place.folder, env: crashAt === undefined ? {} : { [CRASH_VARIABLE]: crashAt } })
    .ended
}

/** How often the recipe began to train, by iteration. */
function jobsOf(folder: string): number[] {
  return ['00', '01'].map((iteration) => {
    const log = place.at(folder, 'runs/small/iterations', iteration, 'train.log')
    return existsSync(log) ? (readFileSync(log, 'utf8').match(/"event":"(?:start|done","already)/g)?.length ?? 0) : 0
  })
}

/** Served names, each with the weights that it has stood for. */
function namesOf(folder: string): { name: string; weights: number }[] {
  const db = openDatabase(place.at(folder, 'runs/small', DATABASE_FILE), { readonly: true })
  try {
    return db
      .prepare<[], { name: string; weights: number }>(
        'select name, count(distinct weights) as weights from hand_over group by name order by name',
      )
      .all()
  } finally {
    db.close()
  }
}

const twice = (points: readonly CrashPoint[]) =>
  points.flatMap((point): [CrashPoint, number][] => [1, 2].map((time) => [point, time]))

describe('killed on the way of a hand-over by restart', () => {
  test.each(twice(RESTART_POINTS))(
    'at %s, passed for the %i. time, no old weights are served under a new name',
    async (point, time) => {
      const folder = `${point}-${time}`
      expect(await run(folder, `${point}:${time}`)).toMatchObject({ signal: 'SIGKILL' })
      expect(await run(folder)).toMatchObject({ code: 0, stderr: '' })
      expect(faultsOf(place.at(folder))).toEqual(NO_FAULTS)
      expect(outcomeOf(place.at(folder))).toEqual(calm)
      expect(namesOf(folder)).toEqual([
        { name: 'small-base', weights: 1 },
        { name: 'small-iteration000', weights: 1 },
        { name: 'small-iteration001', weights: 1 },
      ])
      // Whatever the killed process had started is gone by the end.
      expect(findOwned(`${place.at(folder, 'runs/small')}#serve`)).toBeUndefined()
    },
  )
})

describe('killed on the way of a hand-over by adapters', () => {
  let calmAdapters: object
  let engines: readonly TestServer[]

  beforeAll(async () => {
    const options = { modelNames: ['base'], skill: 0.8, problems: makeProblems(120) }
    engines = [await createTestServer(options), await createTestServer(options)]
    const endpoints = engines.map(({ baseURL }) => ({ baseURL, model: 'base' }))
    const text = readFileSync(place.at('run.yaml'), 'utf8')
      .replace(/^sample: .*$/m, `sample: { endpoints: ${JSON.stringify(endpoints)} }`)
      .replace(/^serve: .*$/m, 'serve: lora')
      .replace('train: { ', 'train: { init: base, ')
    place.write('adapters.yaml', text)
    expect(await run('calm-adapters', undefined, 'adapters.yaml')).toMatchObject({ code: 0, stderr: '' })
    calmAdapters = outcomeOf(place.at('calm-adapters'))
  })
  afterAll(() => Promise.all(engines.map((engine) => engine.close())))

  test.each(twice(ADAPTER_POINTS))(
    'at %s, passed for the %i. time, every engine ends with the last adapter and no other',
    async (point, time) => {
      const folder = `${point}-${time}`
      expect(await run(folder, `${point}:${time}`, 'adapters.yaml')).toMatchObject({ signal: 'SIGKILL' })
      expect(await run(folder, undefined, 'adapters.yaml')).toMatchObject({ code: 0, stderr: '' })
      expect(faultsOf(place.at(folder))).toEqual(NO_FAULTS)
      expect(outcomeOf(place.at(folder))).toEqual(calmAdapters)
      const names = namesOf(folder)
      expect(names.map(({ weights }) => weights)).toEqual([1, 1])
      for (const { baseURL } of engines) {
        const models = await listModels({ baseURL, apiKey: undefined, apiKeyEnv: undefined })
        expect(models.map(({ id }) => id)).toEqual(['base', names.at(-1)?.name])
      }
    },
  )
})

describe('killed on the way of a hand-over by reloading', () => {
  beforeAll(() => place.write('reload.yaml', reloadYaml(readFileSync(place.at('run.yaml'), 'utf8'))))

  test.each(twice(RELOAD_POINTS))(
    'at %s, passed for the %i. time, the checkpoint is the one that answers, and nothing was drawn from another',
    async (point, time) => {
      const folder = `${point}-${time}`
      expect(await run(folder, `${point}:${time}`, 'reload.yaml')).toMatchObject({ signal: 'SIGKILL' })
      expect(await run(folder, undefined, 'reload.yaml')).toMatchObject({ code: 0, stderr: '' })
      expect(faultsOf(place.at(folder))).toEqual(NO_FAULTS)
      expect(outcomeOf(place.at(folder))).toEqual(calm)
      expect(findOwned(`${place.at(folder, 'runs/small')}#serve`)).toBeUndefined()
    },
  )
})

const hasPython = spawnSync('python3', ['-c', 'import fcntl']).status === 0

describe.skipIf(!hasPython)('killed on the way of a job of Ray (needs python3)', () => {
  let ray: RayJobsServer

  beforeAll(async () => {
    ray = await startRayJobsServer()
    const section = `kind: ray, address: "${ray.address}", cpus: 1, pollSeconds: 0.1, requestSeconds: 20`
    place.write('ray.yaml', readFileSync(place.at('run.yaml'), 'utf8').replace('kind: command', section))
  })
  afterAll(() => ray.close())

  test.each(twice([...SUBMISSION_POINTS, ...ENGINE_POINTS]))(
    'at %s, passed for the %i. time, the run continues without a second job',
    async (point, time) => {
      const folder = `ray-${point}-${time}`
      expect(await run(folder, `${point}:${time}`, 'ray.yaml')).toMatchObject({ signal: 'SIGKILL' })
      expect(await run(folder, undefined, 'ray.yaml')).toMatchObject({ code: 0, stderr: '' })
      expect(faultsOf(place.at(folder))).toEqual(NO_FAULTS)
      expect(outcomeOf(place.at(folder))).toEqual(calm)
      expect(jobsOf(folder)).toEqual([1, 1])
    },
  )
})

describe('killed on the way of a job', () => {
  // The second time a point of the first job's second submission, or one of the second iteration.
  test.each(twice(SUBMISSION_POINTS))(
    'at %s, passed for the %i. time, the run continues without a second job',
    async (point, time) => {
      const folder = `${point}-${time}`
      expect(await run(folder, `${point}:${time}`)).toMatchObject({ signal: 'SIGKILL' })
      expect(await run(folder)).toMatchObject({ code: 0, stderr: '' })
      expect(faultsOf(place.at(folder))).toEqual(NO_FAULTS)
      expect(outcomeOf(place.at(folder))).toEqual(calm)
      expect(jobsOf(folder)).toEqual([1, 1])
    },
  )
})

describe('killed while a run is extended', () => {
  test.each(EXTENSION_POINTS)('at %s, the same command extends it once', async (point) => {
    const args = ['run', 'run.yaml', '--dir', `${point}/runs/small`, '--quiet', '--set', 'budget.iterations=1']
    const end = (more: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
      startCommand([...args, ...more], { cwd: place.folder, env }).ended
    expect(await end([])).toMatchObject({ code: 0, stderr: '' })
    const extension = ['--extend', 'iterations=2']
    expect(await end(extension, { [CRASH_VARIABLE]: point })).toMatchObject({ signal: 'SIGKILL' })
    expect(await end(extension)).toMatchObject({ code: 0 })
    expect(faultsOf(place.at(point))).toEqual(NO_FAULTS)
    expect(outcomeOf(place.at(point))).toEqual(calm)
    expect(jobsOf(point)).toEqual([1, 1])
    expect(place.status(`${point}/runs/small`).extensions).toEqual([{ key: 'iterations', was: 1, now: 2, after: 0 }])
  })
})
