/** What the policy experiment does, fixed before it is run (docs/policy-experiment.md): arms, grids, seeds, sizes, tests. */

/** Arms are known by these names in every table. */
export type ArmName = 'constant' | 'exponential' | 'decay' | 'linear'

export interface ExperimentPlan {
  /** C of every run: c_g = 1 a completion, c_t = 2 an accepted trace. */
  readonly cost: number
  /** Expected acceptance rate, by which n_0 is solved. */
  readonly rate: number
  readonly stepsAnIteration: number
  /** Alternatives of each arm, as `spendwise compare` reads them; every arm has as many. */
  readonly arms: Readonly<Record<ArmName, readonly string[]>>
  /** One epoch at a fixed batch: expected to tie. */
  readonly control: { readonly arms: readonly [string, string]; readonly iterations: number; readonly seeds: number }
  readonly tuningSeed: number
  readonly firstSeed: number
  readonly seeds: number
  /** Problems, a third of each level: the gate split's, the probe's and the test's of the evaluation split. */
  readonly problems: {
    readonly seed: number
    readonly gate: number
    readonly probe: number
    readonly test: number
    readonly train: number
  }
  /** Iterations between two probes. */
  readonly probeEvery: number
  /** The accuracy whose cost is asked for. */
  readonly target: number
  /** Annealed side copies: of the first seeds' constant run its end, of the exponential one its thirds. */
  readonly anneal: {
    readonly seeds: number
    readonly seed: number
    readonly steps: number
    readonly traces: number
    readonly lr: number
  }
}

/** Differences that are tested, the primary one first; Holm's correction is over all of them. */
export const COMPARISONS: readonly (readonly [ArmName, ArmName])[] = [
  ['exponential', 'constant'],
  ['exponential', 'decay'],
  ['linear', 'constant'],
]

const own = (iterations: number, lr: string): string => `+budget.iterations=${iterations}+train.lr=${lr}`
const decay = (iterations: number, lr: string): string => `constant+train.lrSchedule=run-decay${own(iterations, lr)}`

/** Every number of iterations with every learning rate. */
function grid(
  iterations: readonly number[],
  rates: readonly string[],
  write: (iterations: number, lr: string) => string,
): string[] {
  return iterations.flatMap((count) => rates.map((lr) => write(count, lr)))
}

export const PLAN: ExperimentPlan = {
  cost: 30_000,
  rate: 0.45,
  stepsAnIteration: 25,
  arms: {
    constant: grid([10, 20], ['1.0e-3', '5.0e-4'], (iterations, lr) => `constant${own(iterations, lr)}`),
    exponential: [
      ...['1.0e-3', '5.0e-4'].map((lr) => `exponential:1.08${own(20, lr)}`),
      ...['1.0e-3', '5.0e-4'].map((lr) => `exponential:1.2${own(12, lr)}`),
    ],
    decay: grid([15, 25], ['1.0e-3', '1.5e-3'], decay),
    linear: grid([8, 15], ['1.0e-3', '5.0e-4'], (iterations, lr) => `linear${own(iterations, lr)}`),
  },
  control: { arms: ['constant', 'exponential:2'], iterations: 6, seeds: 4 },
  tuningSeed: 900,
  firstSeed: 1001,
  seeds: 8,
  problems: { seed: 7001, gate: 2001, probe: 501, test: 5001, train: 40_000 },
  probeEvery: 5,
  target: 0.6,
  anneal: { seeds: 2, seed: 5001, steps: 100, traces: 3200, lr: 1e-3 },
}

/** Everything once, at a size of seconds: to see that it works, not what comes out. */
export const REHEARSAL: ExperimentPlan = {
  ...PLAN,
  cost: 240,
  stepsAnIteration: 2,
  arms: {
    constant: ['constant+budget.iterations=1', 'constant+budget.iterations=2'],
    exponential: ['exponential:1.5+budget.iterations=2', 'exponential:2+budget.iterations=2'],
    decay: [decay(2, '1.0e-4'), decay(2, '2.0e-4')],
    linear: ['linear+budget.iterations=1', 'linear+budget.iterations=2'],
  },
  control: { ...PLAN.control, iterations: 2, seeds: 1 },
  seeds: 2,
  problems: { seed: 7001, gate: 30, probe: 30, test: 60, train: 600 },
  probeEvery: 1,
  anneal: { seeds: 1, seed: 5001, steps: 2, traces: 16, lr: 1e-4 },
}
