/** MLflow's and Trackio's own servers on this machine, and what they, or W&B's files, say of a run. */

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isAlive, spawnOwned } from '../../src/process/owned.ts'
import { stopStarted } from '../../src/process/stop.ts'
import { endOf } from './vllm/server.ts'

const READY_MS = 300_000
const STOP_MS = 10_000
const READ_WANDB = fileURLToPath(new URL('read_wandb.py', import.meta.url))

/** A value that a tracker has at a step. */
export type Point = readonly [step: number, value: number]

export interface Tracker {
  /** The points of a metric, in the order of their steps, for each run of this name. */
  read(name: string, metric: string): Promise<readonly (readonly Point[])[]>
}

/** Ends it. */
export type Stop = () => Promise<void>

/**
 * Starts a server and waits until it answers.
 * @throws Error with the end of its log
 */
export async function startTracker(
  name: string,
  argv: readonly string[],
  { folder, env, health }: { folder: string; env: Readonly<Record<string, string>>; health: string },
): Promise<Stop> {
  const log = join(folder, `${name}.log`)
  const marker = `${folder}#${name}`
  const { identity } = await spawnOwned({ argv, cwd: folder, env, log, marker })
  const stop = (): Promise<void> => stopStarted({ identity, marker }, STOP_MS)
  const deadline = performance.now() + READY_MS
  while (!(await isThere(health))) {
    if (!isAlive(identity) || performance.now() > deadline) {
      await stop()
      throw new Error(`${name} does not start: ${endOf(log)}`)
    }
    await sleep(500)
  }
  return stop
}

async function isThere(address: string): Promise<boolean> {
  return await fetch(address).then(
    ({ ok }) => ok,
    () => false,
  )
}

/** Through the REST interface of its server. */
export function mlflowTracker(address: string, project: string): Tracker {
  const ask = async <Answer>(path: string, body?: object): Promise<Answer> => {
    const more = body
      ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      : {}
    const answer = await fetch(`${address}/api/2.0/mlflow/${path}`, more)
    if (!answer.ok) throw new Error(`MLflow answered ${answer.status} to ${path}: ${await answer.text()}`)
    return (await answer.json()) as Answer
  }
  return {
    async read(name, metric) {
      const named = `experiments/get-by-name?experiment_name=${project}`
      const { experiment } = await ask<{ experiment: { experiment_id: string } }>(named)
      const { runs = [] } = await ask<{ runs?: { info: { run_id: string; run_name: string } }[] }>('runs/search', {
        experiment_ids: [experiment.experiment_id],
        max_results: 100,
      })
      const own = runs.filter(({ info }) => info.run_name === name)
      return await Promise.all(
        own.map(async ({ info }) => {
          const history = `metrics/get-history?run_id=${info.run_id}&metric_key=${encodeURIComponent(metric)}`
          // int64 is a string in protobuf's JSON.
          const { metrics = [] } = await ask<{ metrics?: { step?: number | string; value: number }[] }>(history)
          return metrics.map(({ step = 0, value }): Point => [Number(step), value])
        }),
      )
    },
  }
}

/** Through the routes that its dashboard uses. */
export function trackioTracker(address: string, project: string): Tracker {
  const ask = async <Answer>(name: string, body: object): Promise<Answer> => {
    const more = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const answer = await fetch(`${address}/api/${name}`, more)
    if (!answer.ok) throw new Error(`Trackio answered ${answer.status} to ${name}: ${await answer.text()}`)
    return ((await answer.json()) as { data: Answer }).data
  }
  return {
    async read(name, metric) {
      const runs = await ask<{ name: string; id: string }[]>('get_runs_for_project', { project })
      const own = runs.filter((run) => run.name === name)
      return await Promise.all(
        own.map(async ({ id }) => {
          const logs = await ask<Record<string, number>[]>('get_logs', { project, run: name, run_id: id })
          return pointsOf(logs, metric)
        }),
      )
    },
  }
}

/** From the files of a client that is offline: those with one id are one run, once they are uploaded. */
export function wandbTracker(python: string, folder: string): Tracker {
  return {
    async read(name, metric) {
      const { status, stdout, stderr } = spawnSync(python, [READ_WANDB, folder], { encoding: 'utf8' })
      if (status !== 0) throw new Error(`read_wandb.py ended with ${status}: ${stderr}`)
      const files = stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { id: string; name: string; points: Record<string, number>[] })
      const byId = Map.groupBy(
        files.filter((file) => file.name === name),
        ({ id }) => id,
      )
      return [...byId.values()].map((parts) => parts.flatMap(({ points }) => pointsOf(points, metric)))
    },
  }
}

/** transformers gives its own step beside the tracker's. */
function pointsOf(logs: readonly Readonly<Record<string, number>>[], metric: string): Point[] {
  return logs.flatMap((row): Point[] => {
    const value = row[metric]
    return value === undefined ? [] : [[row['train/global_step'] ?? row.step ?? Number.NaN, value]]
  })
}
