/** One run of the experiment: trained until its cost is spent, its checkpoints kept at the budgets, and measured uncharged. */

import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseRunConfig } from '../../src/config/parse.ts'
import { Interrupted } from '../../src/core/errors.ts'
import type { Evaluation } from '../../src/core/status.ts'
import { runLoop } from '../../src/loop/loop.ts'
import { shippedBaseDirectory } from '../../src/loop/tools.ts'
import { costsBefore } from '../../src/run/costs.ts'
import { checkpointDirectory } from '../../src/run/folder.ts'
import { readStore } from '../../src/run/read-store.ts'
import { readStatus } from '../../src/run/status.ts'
import type { Job } from './jobs.ts'
import { CONSTANTS, type ExperimentPlan } from './plan.ts'
import type { ProblemFile } from './problems.ts'
import type { Measured, RunLine, SideCopy } from './results-file.ts'

export interface Place {
  readonly directory: string
  readonly plan: ExperimentPlan
  readonly signal: AbortSignal
  readonly tell: (line: string) => void
}

interface Kept {
  readonly budget: number
  readonly cost: number
  readonly iteration: number
  readonly accepted: number
  readonly path: string
}

/** @throws what the run throws; `Interrupted` when the place's signal ended it, and the same call continues */
export async function runJob(place: Place, job: Job): Promise<Omit<RunLine, 'at' | 'commit' | 'seconds'>> {
  const { plan, tell } = place
  const directory = join(place.directory, job.name)
  const budgets = job.stage === 'tuning' ? [job.cost] : plan.budgets
  await train(place, job, directory)
  const kept = keptAt(directory, budgets)
  const missing = kept.find(({ path }) => !existsSync(path))
  if (missing) {
    // Killed between an iteration's end and the copy, and the checkpoint is gone: rare, and the run is made again.
    rmSync(directory, { recursive: true, force: true })
    throw new Error(`${job.name}: the checkpoint at ${missing.budget} was lost in a kill; the run starts over.`)
  }
  const points: Measured[] = []
  for (const { path, accepted: _, ...where } of kept) {
    const { accuracy } = await measure(place, job, path, job.stage === 'tuning' ? 'tuning' : 'test', `b${where.budget}`)
    points.push({ ...where, accuracy })
    tell(`${job.name}: ${(100 * accuracy).toFixed(1)}% at ${Math.round(where.cost)}`)
  }
  const sides = job.stage === 'tuning' ? [] : await sideCopies(place, job, kept)
  const { totals, iterations } = readStatus(directory)
  return {
    ...{ stage: job.stage, arm: job.arm, trial: job.trial, settings: job.settings, seed: job.seed },
    ...{ points, sides, iterations: iterations.filter(({ state }) => state === 'done').length },
    ...{ sampled: totals.sampled, accepted: totals.accepted },
  }
}

/** Trains whole iterations until the cost is spent: no iteration is cut, and none ends the run that is. */
async function train(place: Place, job: Job, directory: string): Promise<void> {
  const budgets = job.stage === 'tuning' ? [job.cost] : place.plan.budgets
  const enough = new AbortController()
  const look = (): void => keepCheckpoints(directory, budgets)
  const isSpent = (): boolean => (spentIn(directory).at(-1)?.cost ?? 0) >= job.cost
  if (existsSync(join(directory, 'spendwise.sqlite'))) {
    look()
    if (isSpent()) return
  }
  const { config, configPath } = configOf(place, job.name, 'test', [
    ...job.settings,
    `seed=${job.seed}`,
    `budget.iterations=${place.plan.iterations}`,
    'problems.evaluate=[]',
  ])
  try {
    await runLoop({
      ...{ config, configPath, directory, only: undefined, checkpoint: undefined, cache: false },
      command: 'npm run experiment:policies',
      emit(event) {
        if (event.kind !== 'iteration-ended') return
        look()
        if (isSpent()) enough.abort(new Interrupted())
      },
      signal: AbortSignal.any([place.signal, enough.signal]),
    })
  } catch (error) {
    if (!(error instanceof Interrupted) || !enough.signal.aborted) throw error
  }
}

/** What the run had spent after each iteration, in order, as sequential rejection sampling would have spent it. */
function spentIn(
  directory: string,
): { readonly iteration: number; readonly cost: number; readonly accepted: number }[] {
  return readStore(directory, (store) => {
    const config = JSON.parse(store.run.read()?.config ?? '{}')
    const done = store.iterations.all().filter(({ state }) => state === 'done' || state === 'rejected')
    const costs = costsBefore(config, store, done.length)
    const accepted = new Map(store.ledger.inOrder(done.length).map((row) => [row.iteration, row.accepted]))
    let cost = costs.get(-1) ?? 0
    return done.map(({ iteration }) => {
      cost += costs.get(iteration) ?? 0
      return { iteration, cost, accepted: accepted.get(iteration) ?? 0 }
    })
  })
}

/** Where the newest checkpoint within each budget that the run has passed is kept. */
function keptAt(directory: string, budgets: readonly number[]): Kept[] {
  const spent = spentIn(directory)
  const last = spent.at(-1)
  return budgets.flatMap((budget) => {
    if (!last || last.cost < budget) return []
    const newest = spent.findLast(({ cost }) => cost <= budget)
    // What the budget does not pay one iteration for is spent on nothing: the base it is.
    if (!newest) return [{ budget, iteration: -1, cost: 0, accepted: 0, path: shippedBaseDirectory }]
    return [{ budget, ...newest, path: join(directory, 'kept', String(budget)) }]
  })
}

/** Copies them while the run still has them. */
function keepCheckpoints(directory: string, budgets: readonly number[]): void {
  for (const { path, iteration } of keptAt(directory, budgets)) {
    if (iteration < 0) continue
    const from = checkpointDirectory(directory, iteration, 0)
    if (existsSync(path) || !existsSync(from)) continue
    rmSync(`${path}.tmp`, { recursive: true, force: true })
    cpSync(from, `${path}.tmp`, { recursive: true })
    renameSync(`${path}.tmp`, path)
  }
}

/** One sample of every problem of the file at temperature 1: nothing that a run is charged for. */
async function measure(
  place: Place,
  job: Job,
  checkpoint: string,
  problems: ProblemFile,
  name: string,
): Promise<Evaluation> {
  const directory = join(place.directory, `${job.name}-${name}`)
  const sets = [`base=${JSON.stringify(checkpoint)}`, 'train=none', 'seed=1']
  const { config, configPath } = configOf(place, `${job.name}-${name}`, problems, sets)
  const read = (): Evaluation | null =>
    existsSync(join(directory, 'spendwise.sqlite')) ? readStatus(directory).base.evaluation : null
  if (!read()) await loopOf(place, config, configPath, directory, 'evaluate')
  const evaluation = read()
  if (!evaluation) throw new Error(`${directory} holds no evaluation`)
  return evaluation
}

/** Annealed side copies: sampled from, trained with a rate that falls to 0, measured before and after. */
async function sideCopies(place: Place, job: Job, kept: readonly Kept[]): Promise<SideCopy[]> {
  const { anneal, firstSeed } = place.plan
  const isAnnealed = job.arm === 'exponential' || CONSTANTS.some((name) => name === job.arm)
  if (!isAnnealed || job.seed >= firstSeed + anneal.seeds) return []
  const sides: SideCopy[] = []
  for (const { budget, path, accepted } of kept.filter((one) => anneal.budgets.includes(one.budget))) {
    const name = `${job.name}-anneal${budget}`
    const directory = join(place.directory, name)
    const train = {
      kind: 'embedded',
      steps: anneal.steps,
      lr: anneal.lr,
      lrSchedule: 'iteration-decay',
      optimizerState: 'keep',
    }
    const { config, configPath } = configOf(place, name, 'test', [
      `base=${JSON.stringify(path)}`,
      `seed=${anneal.seed}`,
      `train=${JSON.stringify(train)}`,
      `budget.policy=${JSON.stringify({ kind: 'constant', initial: anneal.traces })}`,
      'budget.iterations=1',
    ])
    await loopOf(place, config, configPath, directory, undefined)
    const gain = readStatus(directory).iterations[0]?.evaluation?.gain?.accuracy
    if (gain !== undefined) sides.push({ budget, accepted, gain })
  }
  return sides
}

async function loopOf(
  { signal }: Place,
  config: Parameters<typeof runLoop>[0]['config'],
  configPath: string,
  directory: string,
  only: 'evaluate' | undefined,
): Promise<void> {
  await runLoop({
    ...{ config, configPath, directory, only, checkpoint: undefined, cache: false, signal },
    command: 'npm run experiment:policies',
    emit: () => {},
  })
}

function configOf({ directory, plan }: Place, name: string, evaluate: ProblemFile, sets: readonly string[]) {
  const text = `name: ${name}
problems:
  train: [{ dataset: steps, count: ${plan.problems.train} }]
  evaluate: [{ dataset: jsonl, path: ${evaluate}.jsonl }]
sample: { kind: embedded, maxTokens: 60 }
serve: { kind: embedded, threads: 1 }
budget: { policy: { kind: constant, initial: 1 }, iterations: 1 }
accept: { equations: hold }
evaluate: { greedy: false }
train: { kind: embedded, steps: ${plan.stepsAnIteration}, lr: 5.0e-4, lrSchedule: run-constant, optimizerState: keep }
keep: { last: 4 }
`
  const configPath = join(directory, `${name}.yaml`)
  mkdirSync(directory, { recursive: true })
  writeFileSync(configPath, text)
  return { config: parseRunConfig({ text, file: configPath, sets }), configPath }
}
