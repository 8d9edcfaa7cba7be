/** `compare`: each policy at the same total cost, on the same seeds, from the same base; every run continues where it was. */

import { join } from 'node:path'
import type { RunConfig } from '../../config/schema.ts'
import { withSettings } from '../../config/stored.ts'
import { ConfigError, RunError } from '../../core/errors.ts'
import { type ArmSummary, type ComparedRun, compareArms } from '../../core/measure/compare.ts'
import type { ComparedPoint } from '../../core/measure/crossing.ts'
import { createRandom } from '../../core/seed.ts'
import type { RunStatus } from '../../core/status.ts'
import { runLoop } from '../../loop/loop.ts'
import { holdsRun } from '../../run/find-run.ts'
import { readStatus } from '../../run/status.ts'
import { type Arm, type Candidate, readArms, type Terms } from './arms.ts'

export interface CompareRequest extends Terms {
  readonly config: RunConfig
  /** Where all its runs go, absolute. */
  readonly directory: string
  readonly policies: readonly string[]
  readonly seeds: number
  readonly firstSeed: number
  /** Seeds for tuning, below the first one, where arms have alternatives. */
  readonly tuningSeeds: number
  /** Accuracy in [0, 1]; undefined for the first arm's mean final accuracy. */
  readonly target: number | undefined
  /** Told before each run, and at its end. */
  readonly tell: (line: string) => void
  readonly signal: AbortSignal
}

export interface Comparison {
  readonly name: string
  readonly cost: number
  readonly seeds: readonly number[]
  readonly reference: string
  readonly target: number
  /** What each arm was tuned on: mean gate accuracy over the tuning seeds; empty where there was nothing to choose. */
  readonly tuning: readonly { readonly arm: string; readonly trials: readonly Trial[]; readonly chosen: string }[]
  readonly arms: readonly ArmSummary[]
  /** The control: an arm drawn at random for every seed. */
  readonly atRandom: { readonly accuracy: number; readonly picked: readonly string[] }
  /** Each with the name of its folder. */
  readonly runs: readonly (ComparedRun & { readonly name: string })[]
  /** Runs that ended otherwise than by their budget. */
  readonly notes: readonly string[]
}

export interface Trial {
  readonly candidate: string
  readonly accuracy: number
}

/**
 * @throws ConfigError for what cannot be compared; what runs throw, but for a gate that stops one: that run counts as it is
 */
export async function compare(request: CompareRequest): Promise<Comparison> {
  const { config, seeds, firstSeed, tell } = request
  requireEvaluation(config)
  const arms = readArms(request.policies, config, request)
  const notes: string[] = []
  const tuning: Comparison['tuning'][number][] = []
  const chosen: { arm: Arm; candidate: Candidate }[] = []
  for (const arm of arms) {
    const [only] = arm.candidates
    if (arm.candidates.length === 1 && only) {
      chosen.push({ arm, candidate: only })
      continue
    }
    const trials = await tune(request, arm, notes)
    const best = trials.reduce((a, b) => (b.accuracy > a.accuracy ? b : a))
    const candidate = arm.candidates.find(({ name }) => name === best.candidate)
    if (candidate) chosen.push({ arm, candidate })
    tuning.push({ arm: arm.name, trials, chosen: best.candidate })
    tell(`${arm.name}: ${best.candidate} chosen on the gate split`)
  }
  const runs: Comparison['runs'][number][] = []
  const list = Array.from({ length: seeds }, (_, i) => firstSeed + i)
  for (const seed of list) {
    for (const { arm, candidate } of chosen) {
      const status = await runOne(request, candidate, seed, notes)
      runs.push({ arm: arm.name, seed, name: status.name, ...resultOf(status) })
    }
  }
  const reference = arms[0]?.name ?? ''
  const finals = runs.filter(({ arm }) => arm === reference).map(({ points }) => points.at(-1)?.accuracy ?? 0)
  const target = request.target ?? finals.reduce((sum, value) => sum + value, 0) / finals.length
  return {
    name: config.name,
    cost: request.cost,
    seeds: list,
    reference,
    target,
    tuning,
    arms: compareArms(runs, reference, target),
    atRandom: pickAtRandom(
      runs,
      list,
      arms.map(({ name }) => name),
      config.seed,
    ),
    runs,
    notes,
  }
}

/** Tuning never sees the evaluation split, nor a seed that is compared. */
async function tune(request: CompareRequest, arm: Arm, notes: string[]): Promise<Trial[]> {
  const { config, firstSeed, tuningSeeds } = request
  if (config.problems.gate.length === 0) {
    throw new ConfigError(
      'Alternatives are chosen on the gate split, and run.yaml has no problems.gate; write some, or one value an arm.',
    )
  }
  const trials: Trial[] = []
  for (const candidate of arm.candidates) {
    let sum = 0
    for (let i = 1; i <= tuningSeeds; i++) {
      const status = await runOne(request, candidate, firstSeed - i, notes)
      sum += status.iterations.findLast(({ health }) => health !== null)?.health?.passAt1 ?? 0
    }
    trials.push({ candidate: candidate.name, accuracy: sum / tuningSeeds })
  }
  return trials
}

async function runOne(
  request: CompareRequest,
  candidate: Candidate,
  seed: number,
  notes: string[],
): Promise<RunStatus> {
  const { configPath, signal, tell } = request
  const name = `${candidate.name}-s${seed}`
  const directory = join(request.directory, name)
  const before = holdsRun(directory) ? readStatus(directory) : undefined
  if (before?.state === 'done') return before
  tell(`${name}: ${before ? 'resuming' : 'starting'}`)
  const sets = [...candidate.sets, `seed=${seed}`, `name=${name}`]
  const config = withSettings(request.config, configPath, sets)
  try {
    const command = `spendwise run ${directory}`
    await runLoop({
      config,
      configPath,
      directory,
      command,
      checkpoint: undefined,
      only: undefined,
      emit: () => {},
      signal,
    })
  } catch (error) {
    // A checkpoint that the gate refuses to build on is a result, and the other runs continue.
    if (!(error instanceof RunError)) throw error
    notes.push(`${name}: ${error.message}`)
  }
  const status = readStatus(directory)
  const last = status.iterations.findLast(({ evaluation }) => evaluation !== null)?.evaluation
  tell(
    `${name}: ${status.state}, cost ${Math.round(status.totals.cost)}, accuracy ${((last?.accuracy ?? 0) * 100).toFixed(1)}%`,
  )
  return status
}

/** Rejected checkpoints cost what they cost, and what stands is the one before. */
function resultOf({ base, iterations }: RunStatus): Pick<ComparedRun, 'points' | 'greedy'> {
  const points: ComparedPoint[] = base.evaluation ? [{ cost: 0, accuracy: base.evaluation.accuracy }] : []
  let cost = 0
  let greedy = base.evaluation?.greedy?.accuracy ?? null
  for (const row of iterations) {
    cost += row.cost
    if (row.evaluation && row.state === 'done') {
      points.push({ cost, accuracy: row.evaluation.accuracy })
      greedy = row.evaluation.greedy?.accuracy ?? null
    }
  }
  const last = points.at(-1)
  return { points: last && last.cost < cost ? [...points, { ...last, cost, carried: true }] : points, greedy }
}

function pickAtRandom(
  runs: readonly ComparedRun[],
  seeds: readonly number[],
  arms: readonly string[],
  seed: number,
): Comparison['atRandom'] {
  const random = createRandom(seed)
  const picked = seeds.map(() => arms[Math.floor(random() * arms.length)] ?? '')
  const finals = seeds.map(
    (it, i) => runs.find((run) => run.seed === it && run.arm === picked[i])?.points.at(-1)?.accuracy ?? 0,
  )
  return { accuracy: finals.reduce((sum, value) => sum + value, 0) / finals.length, picked }
}

function requireEvaluation({ problems, train }: RunConfig): void {
  if (problems.evaluate.length === 0) {
    throw new ConfigError('compare needs problems.evaluate: without them no run can be said to be better.')
  }
  if (train.kind === 'none')
    throw new ConfigError('compare needs a trainer: with train: none no run has a second iteration.')
}
