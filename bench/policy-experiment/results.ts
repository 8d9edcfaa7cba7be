/** What came out: every complete seed, paired differences with both tests, cost to the target, the control, the side copies. */

import { type ArmSummary, type ComparedRun, compareArms, holm, signFlipTest } from '../../src/core/measure/compare.ts'
import { type Interval, meanInterval, studentQuantile } from '../../src/core/measure/statistics.ts'
import type { Evaluation } from '../../src/core/status.ts'
import type { Place } from './place.ts'
import { type ArmName, COMPARISONS } from './plan.ts'
import {
  annealed,
  BASE,
  compareIn,
  confirmationKind,
  controlKind,
  measured,
  runOf,
  sidesOf,
  statusIn,
} from './stages.ts'
import { type Chosen, choose } from './tuning.ts'

export interface Difference {
  readonly of: ArmName
  readonly to: ArmName
  /** Final test accuracy, paired over seeds, with Student's 95% interval. */
  readonly accuracy: Interval
  readonly byStudent: number
  readonly bySignFlip: number | null
  /** Holm's correction of each over all differences. */
  readonly adjusted: { readonly byStudent: number | null; readonly bySignFlip: number | null }
  readonly greedy: Interval
  /** Log of the costs' ratio, over seeds at which both reached the target. */
  readonly logCostRatio: Interval | null
}

export interface Side {
  readonly arm: ArmName
  readonly seed: number
  readonly name: string
  readonly accepted: number
  /** Points that annealing brought, in [-1, 1], with their interval over problems. */
  readonly gain: Interval
}

export interface Results {
  readonly base: { readonly accuracy: number; readonly greedy: number }
  readonly chosen: Chosen
  /** Seeds at which every arm has been measured; the others are in no table. */
  readonly seeds: readonly number[]
  readonly finals: readonly Final[]
  readonly arms: readonly (ArmSummary & { readonly name: ArmName; readonly greedyInterval: Interval })[]
  readonly differences: readonly Difference[]
  readonly runs: readonly (ComparedRun & { readonly arm: ArmName })[]
  readonly control: {
    readonly finals: readonly Final[]
    readonly difference: Interval
    readonly byStudent: number
  }
  readonly sides: readonly Side[]
  /** gain = intercept + slope / n_t by least squares over the side copies; the slope with its standard error. */
  readonly scaling: { readonly intercept: number; readonly slope: number; readonly error: number } | null
}

export interface Final {
  readonly arm: string
  readonly seed: number
  readonly accuracy: number
  readonly greedy: number
  readonly cost: number
  readonly iterations: number
  readonly accepted: number
  readonly sampled: number
}

export async function gather(place: Place): Promise<Results> {
  const { plan } = place
  const chosen = choose(place)
  const kind = confirmationKind(place)
  const names = Object.keys(chosen) as ArmName[]
  const nameOf = (text: string): ArmName => names.find((name) => chosen[name].text === text) ?? 'constant'
  const seeds = Array.from({ length: plan.seeds }, (_, i) => plan.firstSeed + i).filter((seed) =>
    names.every((name) => measured(place, runOf(chosen[name].text, seed))),
  )
  const texts = names.map((name) => chosen[name].text)
  const runs: Results['runs'][number][] = []
  const finals: Final[] = []
  for (const seed of seeds) {
    // Every one of them has ended and is only read.
    for (const run of (await compareIn(place, kind, texts, { first: seed, count: 1 })).runs) {
      runs.push({ ...run, arm: nameOf(run.arm) })
      finals.push({ ...finalOf(place, kind, run.name), arm: nameOf(run.arm), seed })
    }
  }
  const sides = seeds.slice(0, plan.anneal.seeds).flatMap((seed) => {
    return (['constant', 'exponential'] as const).flatMap((arm) =>
      sidesOf(place, kind, arm, runOf(chosen[arm].text, seed)).flatMap(({ name, accepted }): Side[] => {
        const gain = annealed(place, name)
        return gain ? [{ arm, seed, name, accepted, gain: { ...gain, mean: gain.accuracy } }] : []
      }),
    )
  })
  const base = measured(place, BASE)
  return {
    base: { accuracy: base?.accuracy ?? Number.NaN, greedy: base?.greedy?.accuracy ?? Number.NaN },
    ...{ chosen, seeds, finals, runs, sides },
    arms: summaries(runs, finals, 'constant', plan.target),
    differences: differencesOf(runs, finals, plan.target),
    control: controlOf(place),
    scaling: lineThrough(sides.map(({ accepted, gain }) => [1 / accepted, gain.mean])),
  }
}

function finalOf(place: Place, kind: Parameters<typeof statusIn>[1], run: string): Omit<Final, 'arm' | 'seed'> {
  const { iterations, totals } = statusIn(place, kind, run)
  const test: Evaluation | undefined = measured(place, run)
  return {
    accuracy: test?.accuracy ?? Number.NaN,
    greedy: test?.greedy?.accuracy ?? Number.NaN,
    cost: totals.cost,
    iterations: iterations.filter(({ state }) => state === 'done').length,
    accepted: totals.accepted,
    sampled: totals.sampled,
  }
}

/** Cost to the target by the probes; the end by the test problems. */
function summaries(
  runs: Results['runs'],
  finals: readonly Final[],
  reference: ArmName,
  target: number,
): Results['arms'] {
  return compareArms(runs, reference, target).map((row) => {
    const own = finals.filter(({ arm }) => arm === row.arm)
    return {
      ...row,
      name: row.arm as ArmName,
      accuracy: meanInterval(own.map(({ accuracy }) => accuracy)),
      greedyInterval: meanInterval(own.map(({ greedy }) => greedy)),
      cost: own.reduce((sum, { cost }) => sum + cost, 0) / own.length,
    }
  })
}

function differencesOf(runs: Results['runs'], finals: readonly Final[], target: number): Difference[] {
  const rows = COMPARISONS.map(([of, to]): Difference => {
    const paired = (key: 'accuracy' | 'greedy'): number[] =>
      finals.flatMap((one) => {
        const other = finals.find(({ arm, seed }) => arm === to && seed === one.seed)
        return one.arm === of && other ? [one[key] - other[key]] : []
      })
    const accuracy = paired('accuracy')
    const pair = compareArms(
      runs.filter(({ arm }) => arm === of || arm === to),
      to,
      target,
    )
    return {
      ...{ of, to },
      accuracy: meanInterval(accuracy),
      byStudent: studentTest(accuracy),
      bySignFlip: signFlipTest(accuracy),
      adjusted: { byStudent: null, bySignFlip: null },
      greedy: meanInterval(paired('greedy')),
      logCostRatio: pair.find(({ arm }) => arm === of)?.toTarget.logRatio ?? null,
    }
  })
  const byStudent = holm(rows.map((row) => row.byStudent))
  const bySignFlip = holm(rows.map((row) => row.bySignFlip))
  return rows.map((row, i) => ({
    ...row,
    adjusted: { byStudent: byStudent[i] ?? null, bySignFlip: bySignFlip[i] ?? null },
  }))
}

function controlOf(place: Place): Results['control'] {
  const { control, firstSeed } = place.plan
  const kind = controlKind(place)
  const finals: Final[] = []
  const differences: number[] = []
  for (let seed = firstSeed; seed < firstSeed + control.seeds; seed++) {
    const names = control.arms.map((text) => runOf(text, seed))
    if (!names.every((name) => measured(place, name))) continue
    const [constant, growing] = control.arms.map((arm, i) => {
      const final = { ...finalOf(place, kind, names[i] ?? ''), arm, seed }
      finals.push(final)
      return final
    })
    if (constant && growing) differences.push(growing.accuracy - constant.accuracy)
  }
  return { finals, difference: meanInterval(differences), byStudent: studentTest(differences) }
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

function lineThrough(points: readonly (readonly [number, number])[]): Results['scaling'] {
  const n = points.length
  if (n < 3) return null
  const mean = (at: 0 | 1): number => points.reduce((sum, point) => sum + point[at], 0) / n
  const [x, y] = [mean(0), mean(1)]
  const spread = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0)
  const slope = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) / spread
  const intercept = y - slope * x
  const residual = points.reduce((sum, point) => sum + (point[1] - intercept - slope * point[0]) ** 2, 0)
  return { intercept, slope, error: Math.sqrt(residual / (n - 2) / spread) }
}
