/** The stages of the policy experiment: tuning, confirmation, control, side copies. Each is made of runs that go on where they were. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Comparison, compare } from '../../src/commands/compare/compare.ts'
import type { Evaluation, RunStatus } from '../../src/core/status.ts'
import { runLoop } from '../../src/loop/loop.ts'
import { shippedBaseDirectory } from '../../src/loop/tools.ts'
import { readStatus } from '../../src/run/status.ts'
import { configOf, type Place, type RunKind } from './place.ts'
import type { ArmName } from './plan.ts'

/** Work that is done a few pieces at a time. */
export type Job = () => Promise<void>

export const tuningKind: RunKind = { name: 'tuning', evaluate: 'gate', sets: ['evaluate.every=1000'] }

export function confirmationKind({ plan }: Place): RunKind {
  return { name: 'confirmation', evaluate: 'probe', sets: [`evaluate.every=${plan.probeEvery}`] }
}

/** As people train by default: one epoch, batch 32, rate and optimizer anew in every iteration. */
export function controlKind({ plan }: Place): RunKind {
  const train = { kind: 'embedded', epochs: 1, batch: 32, lr: 7e-4, lrSchedule: 'iteration-decay' }
  const sets = [`train=${JSON.stringify(train)}`, `budget.iterations=${plan.control.iterations}`, 'evaluate.every=1000']
  return { name: 'control', evaluate: 'probe', sets }
}

/** Runs of the given arms at one seed or several; those that have ended are only read. */
export async function compareIn(
  place: Place,
  kind: RunKind,
  policies: readonly string[],
  seeds: { readonly first: number; readonly count: number },
): Promise<Comparison> {
  const { config, configPath } = configOf(place, kind)
  const { cost, rate, target } = place.plan
  return await compare({
    ...{ config, configPath, cost, rate, target, policies },
    directory: join(place.directory, kind.name),
    seeds: seeds.count,
    firstSeed: seeds.first,
    tuningSeeds: 1,
    tell: place.tell,
    signal: place.signal,
  })
}

/** Name of an arm's run, as `compare` gives it. */
export function runOf(text: string, seed: number): string {
  return `${text.replace(/[^A-Za-z0-9.-]+/g, '-')}-s${seed}`
}

export function statusIn({ directory }: Place, kind: RunKind, run: string): RunStatus {
  return readStatus(join(directory, kind.name, run))
}

/** The shipped base, as a run like any other to be measured. */
export const BASE = 'base'

/** Two samples of every test problem at temperature 1, and greedy: nothing that a run is charged for. */
export async function measure(place: Place, run: string, checkpoint: string): Promise<void> {
  const kind: RunKind = {
    name: `measure-${run}`,
    evaluate: 'test',
    sets: [`base=${JSON.stringify(checkpoint)}`, 'train=none', 'evaluate.samples=2', 'evaluate.greedy=true'],
  }
  if (measured(place, run)) return
  await runKind(place, kind, 'evaluate')
  const evaluation = measured(place, run)
  place.tell(`${run}: test accuracy ${(100 * (evaluation?.accuracy ?? 0)).toFixed(2)}%`)
}

/** What `measure` found; undefined where it has not ended. */
export function measured(place: Place, run: string): Evaluation | undefined {
  const status = statusAt(place, `measure-${run}`)
  const n = status?.base.evaluation?.greedy?.n ?? 0
  return n < place.plan.problems.test ? undefined : (status?.base.evaluation ?? undefined)
}

/** The last checkpoint of a run that was compared, measured. */
export async function measureEnd(place: Place, kind: RunKind, run: string): Promise<void> {
  const path = statusIn(place, kind, run).iterations.findLast(({ state }) => state === 'done')?.checkpoint?.path
  if (path) await measure(place, run, join(place.directory, kind.name, run, path))
}

export const measureBase = (place: Place): Promise<void> => measure(place, BASE, shippedBaseDirectory)

/** A side copy of a checkpoint: sampled from, annealed, and measured before and after. */
export async function anneal(place: Place, name: string, checkpoint: string): Promise<void> {
  const { steps, traces, lr, seed } = place.plan.anneal
  const train = { kind: 'embedded', steps, lr, lrSchedule: 'iteration-decay', optimizerState: 'keep' }
  const sets = [
    `base=${JSON.stringify(checkpoint)}`,
    `seed=${seed}`,
    `train=${JSON.stringify(train)}`,
    `budget.policy=${JSON.stringify({ kind: 'constant', initial: traces })}`,
  ]
  if (statusAt(place, name)?.state === 'done') return
  await runKind(place, { name, evaluate: 'test', sets }, undefined)
  const gain = annealed(place, name)
  place.tell(`${name}: annealing brought ${(100 * (gain?.accuracy ?? 0)).toFixed(2)} points`)
}

/** What annealing brought, paired over problems; undefined where it has not ended. */
export function annealed(place: Place, name: string): Evaluation['gain'] | undefined {
  const status = statusAt(place, name)
  return status?.state === 'done' ? status.iterations[0]?.evaluation?.gain : undefined
}

/** Checkpoints that get a side copy: name, path and n_t. */
export function sidesOf(
  { directory, plan }: Place,
  kind: RunKind,
  arm: ArmName,
  run: string,
): { readonly name: string; readonly path: string; readonly accepted: number }[] {
  const done = readStatus(join(directory, kind.name, run)).iterations.filter(({ state }) => state === 'done')
  const thirds = arm === 'constant' ? [done.length] : [1, 2, 3].map((third) => Math.ceil((third * done.length) / 3))
  return [...new Set(thirds)].flatMap((count) => {
    const row = done[count - 1]
    const path = row?.checkpoint?.path
    if (!row || !path || plan.anneal.seeds === 0) return []
    const name = `anneal-${arm}-${run.split('-').at(-1)}-t${row.iteration}`
    return [{ name, path: join(directory, kind.name, run, path), accepted: row.accepted }]
  })
}

function statusAt({ directory }: Place, name: string): RunStatus | undefined {
  const folder = join(directory, 'measured', name)
  return existsSync(join(folder, 'spendwise.sqlite')) ? readStatus(folder) : undefined
}

async function runKind(place: Place, kind: RunKind, only: 'evaluate' | undefined): Promise<void> {
  const { config, configPath } = configOf(place, kind)
  const directory = join(place.directory, 'measured', kind.name)
  await runLoop({
    ...{ config, configPath, directory, only },
    command: `spendwise run ${directory}`,
    checkpoint: undefined,
    emit: () => {},
    signal: place.signal,
  })
}

/** Does the jobs in order, so many at a time; the first failure is thrown when all lanes have ended. */
export async function inLanes(jobs: readonly Job[], lanes: number): Promise<void> {
  const left = [...jobs]
  const ends = await Promise.allSettled(
    Array.from({ length: lanes }, async () => {
      for (let job = left.shift(); job; job = left.shift()) await job()
    }),
  )
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed) throw failed.reason
}
