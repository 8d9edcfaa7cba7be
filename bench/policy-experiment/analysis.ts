/** What the finished runs show: regrets over budgets, the differences that are tested, plateaus and side copies. Pure. */

import { holm, signFlipTest } from '../../src/core/measure/compare.ts'
import { type Interval, meanInterval } from '../../src/core/measure/intervals.ts'
import { studentQuantile } from '../../src/core/measure/student.ts'
import { chosenTrial, tunedAccuracy } from './jobs.ts'
import { ARM_NAMES, type ArmName, CONSTANTS, type Constant, type ExperimentPlan } from './plan.ts'
import type { RunLine } from './results-file.ts'

export interface Test {
  readonly name: string
  readonly question: string
  /** In shares: `a` minus `b`, paired over seeds. */
  readonly difference: Interval
  readonly byStudent: number
  readonly bySignFlip: number | null
  readonly adjusted: { readonly byStudent: number | null; readonly bySignFlip: number | null }
}

export interface ArmRow {
  readonly name: ArmName
  /** Mean accuracy over seeds at each budget. */
  readonly curve: readonly Interval[]
  /** Of the mean curve below the best arm's, at each budget. */
  readonly regrets: readonly number[]
  /** Of each seed's own curves, the worst over budgets: its mean over seeds. */
  readonly worst: Interval
  readonly end: Interval
}

export interface Results {
  readonly tuning: readonly {
    readonly arm: ArmName
    readonly trials: readonly { readonly settings: readonly string[]; readonly accuracy: number }[]
    readonly chosen: number
  }[]
  /** The constant that tuning put first. */
  readonly bestConstant: Constant
  /** Those at which every arm has ended. */
  readonly seeds: readonly number[]
  readonly budgets: readonly number[]
  readonly arms: readonly ArmRow[]
  readonly tests: readonly Test[]
  /** Slope over the last third of the budgets, in points per 100,000 of cost. */
  readonly plateaus: readonly { readonly arm: Constant; readonly slope: Interval; readonly p: number }[]
  readonly sides: readonly (RunLine['sides'][number] & { readonly arm: ArmName; readonly seed: number })[]
  readonly lines: readonly RunLine[]
}

export function analyze(plan: ExperimentPlan, lines: readonly RunLine[]): Results {
  const tuning = ARM_NAMES.map((arm) => ({
    arm,
    trials: plan.trials[arm].map((settings, trial) => ({ settings, accuracy: tunedAccuracy(lines, arm, trial) })),
    chosen: chosenTrial(plan, lines, arm),
  }))
  const best = (arm: Constant): number =>
    Math.max(...(tuning.find((row) => row.arm === arm)?.trials ?? []).map((it) => it.accuracy))
  const bestConstant = CONSTANTS.reduce((a, b) => (best(b) > best(a) ? b : a))
  const runs = new Map(
    lines.filter(({ stage }) => stage === 'confirmation').map((line) => [`${line.arm}/${line.seed}`, line]),
  )
  const seeds = Array.from({ length: plan.seeds }, (_, i) => plan.firstSeed + i).filter((seed) =>
    ARM_NAMES.every((arm) => runs.has(`${arm}/${seed}`)),
  )
  const accuracy = (arm: ArmName, seed: number, budget: number): number =>
    runs.get(`${arm}/${seed}`)?.points.find((point) => point.budget === budget)?.accuracy ?? Number.NaN
  const arms = armRows(plan, seeds, accuracy)
  const perSeed = (of: (seed: number) => number): number[] => seeds.map(of)
  const worst = (arm: ArmName, seed: number): number =>
    worstRegret(plan, (name, budget) => accuracy(name, seed, budget), arm)
  const end = (arm: ArmName, seed: number): number => endOf(plan, (budget) => accuracy(arm, seed, budget))
  const tests = withHolm([
    testOf(
      'regret',
      `worst regret over budgets: ${bestConstant} minus exponential`,
      perSeed((s) => worst(bestConstant, s) - worst('exponential', s)),
    ),
    testOf(
      'end',
      `end: exponential minus ${bestConstant}`,
      perSeed((s) => end('exponential', s) - end(bestConstant, s)),
    ),
    testOf(
      'decay',
      'end: exponential minus constant with a falling rate',
      perSeed((s) => end('exponential', s) - end('decay', s)),
    ),
  ])
  const late = plan.budgets.slice(-Math.max(2, Math.ceil(plan.budgets.length / 3)))
  const plateaus = CONSTANTS.map((arm) => {
    const slopes = perSeed((seed) =>
      slopeOf(late.map((budget) => [budget / 100_000, 100 * accuracy(arm, seed, budget)])),
    )
    return { arm, slope: meanInterval(slopes), p: studentTest(slopes) }
  })
  const sides = lines.flatMap(({ arm, seed, sides: own }) => own.map((side) => ({ ...side, arm, seed })))
  return { tuning, bestConstant, seeds, budgets: plan.budgets, arms, tests, plateaus, sides, lines }
}

function armRows(
  plan: ExperimentPlan,
  seeds: readonly number[],
  accuracy: (arm: ArmName, seed: number, budget: number) => number,
): ArmRow[] {
  const curves = new Map(
    ARM_NAMES.map((arm) => [
      arm,
      plan.budgets.map((budget) => meanInterval(seeds.map((seed) => accuracy(arm, seed, budget)))),
    ]),
  )
  const best = plan.budgets.map((_, i) => Math.max(...[...curves.values()].map((curve) => curve[i]?.mean ?? 0)))
  return ARM_NAMES.map((name) => {
    const curve = curves.get(name) ?? []
    return {
      ...{ name, curve },
      regrets: curve.map(({ mean }, i) => (best[i] ?? 0) - mean),
      worst: meanInterval(seeds.map((seed) => worstRegret(plan, (arm, budget) => accuracy(arm, seed, budget), name))),
      end: meanInterval(seeds.map((seed) => endOf(plan, (budget) => accuracy(name, seed, budget)))),
    }
  })
}

/** The largest distance below the best arm at any of the budgets. */
export function worstRegret(
  { budgets }: Pick<ExperimentPlan, 'budgets'>,
  accuracy: (arm: ArmName, budget: number) => number,
  arm: ArmName,
): number {
  return Math.max(
    ...budgets.map((budget) => Math.max(...ARM_NAMES.map((name) => accuracy(name, budget))) - accuracy(arm, budget)),
  )
}

function endOf({ budgets, endBudgets }: ExperimentPlan, accuracy: (budget: number) => number): number {
  const last = budgets.slice(-endBudgets)
  return last.reduce((sum, budget) => sum + accuracy(budget), 0) / last.length
}

function testOf(name: string, question: string, differences: readonly number[]): Omit<Test, 'adjusted'> {
  return {
    ...{ name, question },
    difference: meanInterval(differences),
    byStudent: studentTest(differences),
    bySignFlip: signFlipTest(differences),
  }
}

function withHolm(tests: readonly Omit<Test, 'adjusted'>[]): Test[] {
  const byStudent = holm(tests.map((test) => test.byStudent))
  const bySignFlip = holm(tests.map((test) => test.bySignFlip))
  return tests.map((test, i) => ({
    ...test,
    adjusted: { byStudent: byStudent[i] ?? null, bySignFlip: bySignFlip[i] ?? null },
  }))
}

/** Least squares. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (at: 0 | 1): number => points.reduce((sum, point) => sum + point[at], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  const spread = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0)
  return points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) / spread
}

/** Two-sided p of the paired t-test, by bisection on the quantile. */
export function studentTest(differences: readonly number[]): number {
  const { mean, high, n } = meanInterval(differences)
  if (n < 2 || high === mean) return n < 2 || mean === 0 ? 1 : 0
  const t = (Math.abs(mean) / (high - mean)) * studentQuantile(0.975, n - 1)
  let [low, top] = [0.5, 1 - 1e-9]
  for (let step = 0; step < 60; step++) {
    const middle = (low + top) / 2
    if (studentQuantile(middle, n - 1) < t) low = middle
    else top = middle
  }
  return 2 * (1 - top)
}
