/**
 * Losses of a job and numbers of a run go to MLflow, W&B and Trackio through their own clients, and are read back: from the servers of
 * the first and the last, and from the files that W&B's client writes where it is offline.
 */

import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createWorkplace,
  freePort,
  makeProblems,
  serveSection,
  toRows,
  trainSection,
  writeBase,
} from '../loop/workplace.ts'
import { datasetText, endChildren, RECIPE, recipe, type SftEvent, terminatedAt } from '../recipes/recipe.ts'
import { trackersPython } from './python.ts'
import { MODEL } from './real-loop.ts'
import {
  mlflowTracker,
  type Point,
  type Stop,
  startTracker,
  type Tracker,
  trackioTracker,
  wandbTracker,
} from './tracker-servers.ts'

const TRACK_RUN = fileURLToPath(new URL('../../recipes/track_run.py', import.meta.url))
const PROJECT = 'sums'
const STEPS = 8
const KINDS = ['mlflow', 'trackio', 'wandb'] as const

const python = trackersPython()

describe.skipIf(python.kind === 'missing')('trackers', () => {
  const program = (name: string): string => (python.kind === 'there' ? python.program(name) : '')
  const place = createWorkplace()
  const stops: Stop[] = []
  let env: Readonly<Record<string, string>> = {}
  let trackers: Readonly<Record<(typeof KINDS)[number], Tracker>>

  beforeAll(async () => {
    const [mlflowPort, trackioPort] = [await freePort(), await freePort()]
    const mlflow = `http://127.0.0.1:${mlflowPort}`
    const trackio = `http://127.0.0.1:${trackioPort}`
    env = {
      ...{
        MLFLOW_TRACKING_URI: mlflow,
        MLFLOW_DISABLE_TELEMETRY: 'true',
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
        MLFLOW_HTTP_REQUEST_MAX_RETRIES: '1',
      },
      ...{ WANDB_MODE: 'offline', WANDB_DIR: place.folder, WANDB_SILENT: 'true', WANDB_CONSOLE: 'off' },
      ...{ TRACKIO_DIR: place.at('trackio'), GRADIO_SERVER_PORT: String(trackioPort), BROWSER: 'true' },
      ...{ DO_NOT_TRACK: '1', HF_HUB_OFFLINE: '1' },
    }
    mkdirSync(place.at('wandb'))
    place.write('dataset.jsonl', datasetText(32))
    const at = ['--host', '127.0.0.1']
    const store = ['--backend-store-uri', `sqlite:///${place.at('mlflow.db')}`]
    const files = ['--artifacts-destination', place.at('artifacts'), '--workers', '1']
    stops.push(
      await startTracker(
        'mlflow',
        [program('mlflow'), 'server', ...at, '--port', String(mlflowPort), ...store, ...files],
        {
          folder: place.folder,
          env,
          health: `${mlflow}/health`,
        },
      ),
      await startTracker('trackio', [program('trackio'), 'show', ...at], {
        folder: place.folder,
        env,
        health: `${trackio}/version`,
      }),
    )
    trackers = {
      mlflow: mlflowTracker(mlflow, PROJECT),
      trackio: trackioTracker(trackio, PROJECT),
      wandb: wandbTracker(program('python'), place.folder),
    }
  })
  afterAll(async () => {
    endChildren()
    for (const stop of stops) await stop()
    place.remove()
  })

  /** A training job that reports to some of them; stopped at a step where one is given. */
  function train(name: string, reportTo: string, stopAt?: number, more: readonly string[] = []) {
    const own = { 'base-model': MODEL, 'output-dir': place.at(name), 'batch-size': '32', epochs: String(STEPS) }
    const reports = { 'report-to': reportTo, 'run-name': name, project: PROJECT }
    const variables = Object.entries(env).map(([key, value]) => `${key}=${value}`)
    return recipe(
      place.folder,
      { ...own, ...reports, 'micro-batch-size': '16' },
      undefined,
      [...variables, ...more, program('python'), ...(stopAt === undefined ? [RECIPE] : terminatedAt(stopAt))],
      '/usr/bin/env',
    )
  }

  test('a job that is stopped and resumed is one run in each, with the loss of each step once', async () => {
    const first = await train('0-0', KINDS.join(), 3)
    expect(first.code, JSON.stringify(first.events.at(-1))).toBe(75)
    const second = await train('0-0', KINDS.join())
    expect(second.code, JSON.stringify(second.events.at(-1))).toBe(0)
    const events = [...first.events, ...second.events]
    expect(events.filter(({ event }) => event === 'warning')).toEqual([])
    const told = lossesOf(events)
    expect(told.length).toBeGreaterThan(2)
    for (const kind of KINDS) {
      const found = await trackers[kind].read('0-0', kind === 'mlflow' ? 'loss' : 'train/loss')
      const [points = []] = found
      expect({ kind, runs: found.length }).toEqual({ kind, runs: 1 })
      expect({ kind, steps: points.map(([step]) => step) }).toEqual({ kind, steps: [1, 2, 3, 4, 5, 6, 7, 8] })
      // Lines of progress that come fast are left out; those there are say what the tracker has.
      for (const [step, loss] of told) expect(points[step - 1]?.[1], `${kind}, step ${step}`).toBeCloseTo(loss, 6)
    }
  })

  test('a tracker that is away, or not installed, is said; the first costs no job', async () => {
    const away = await train('1-0', 'mlflow', undefined, [`MLFLOW_TRACKING_URI=http://127.0.0.1:${await freePort()}`])
    expect(away.code).toBe(0)
    expect(away.events.filter(({ event }) => event === 'warning')).toEqual([
      { event: 'warning', message: expect.stringMatching(/^mlflow takes nothing more of this job, which continues/) },
    ])
    const missing = await train('2-0', 'tensorboard')
    expect(missing.code).toBe(2)
    expect(missing.events.at(-1)?.message).toContain('tensorboard is not installed')
  })

  test('the numbers of a run arrive iteration by iteration, and none twice', async () => {
    const problems = makeProblems(60)
    const port = await freePort()
    writeBase(place, 0)
    const file = place.write('problems.jsonl', toRows(problems))
    place.write(
      'run.yaml',
      `name: tracked
base: base
problems: { train: [{ dataset: jsonl, path: problems.jsonl }], evaluate: [{ dataset: jsonl, path: problems.jsonl, take: last-20 }] }
sample: { endpoints: [{ baseURL: "http://127.0.0.1:${port}/v1", model: base }] }
budget: { policy: { kind: constant, initial: 20 }, iterations: 1 }
train: ${trainSection()}
serve: ${serveSection(file)}
`,
    )
    const send = (kind: string): string => {
      const status = JSON.stringify(place.status('tracked'))
      const argv = [TRACK_RUN, '--to', kind, '--project', PROJECT]
      const ended = spawnSync(program('python'), argv, {
        input: status,
        encoding: 'utf8',
        env: { ...process.env, ...env },
      })
      expect(ended.status, ended.stderr).toBe(0)
      return /^\d+ of \d+/m.exec(ended.stdout)?.[0] ?? ended.stdout
    }
    expect(await place.run(['run', 'run.yaml', '--quiet'])).toMatchObject({ code: 0 })
    const firstly = KINDS.map(send)
    expect(await place.run(['run', 'run.yaml', '--quiet', '--extend', 'budget.iterations=2'])).toMatchObject({
      code: 0,
    })
    const status = place.status('tracked')
    const accuracies = [status.base.evaluation, ...status.iterations.map((row) => row.evaluation)]
    const known = accuracies.map((evaluation, step): Point => [step, evaluation?.accuracy ?? Number.NaN])
    expect({ firstly, secondly: KINDS.map(send), again: KINDS.map(send) }).toEqual({
      firstly: ['2 of 2', '2 of 2', '2 of 2'],
      secondly: ['1 of 3', '1 of 3', '1 of 3'],
      again: ['0 of 3', '0 of 3', '0 of 3'],
    })
    for (const kind of KINDS) {
      expect({ kind, read: await trackers[kind].read('tracked', 'accuracy') }).toEqual({ kind, read: [known] })
    }
  })
})

function lossesOf(events: readonly SftEvent[]): Point[] {
  return events.flatMap(({ event, step, loss }): Point[] =>
    event === 'progress' && step !== undefined && loss !== undefined ? [[step, loss]] : [],
  )
}
