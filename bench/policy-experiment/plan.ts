/** What the policy experiment does, fixed before it is run (docs/policy-experiment.md): arms, trials, seeds, budgets, tests. */

export const ARM_NAMES = [
  'exponential',
  'linear',
  'constant 100',
  'constant 400',
  'constant 1600',
  'decay',
  'adaptive',
] as const
/** Arms are known by these names in every table. */
export type ArmName = (typeof ARM_NAMES)[number]

/** Arms whose n_t and learning rate stay as they are: one of them is the best constant, and their plateau is tested. */
export const CONSTANTS = ['constant 100', 'constant 400', 'constant 1600'] as const satisfies ArmName[]
export type Constant = (typeof CONSTANTS)[number]

export interface ExperimentPlan {
  /** C of a confirmation, and of a tuning trial. */
  readonly cost: number
  readonly tuningCost: number
  /** Costs at which every run is measured, uncharged; the end is the mean of the last `endBudgets` of them. */
  readonly budgets: readonly number[]
  readonly endBudgets: number
  readonly stepsAnIteration: number
  /** More than any arm gets to. */
  readonly iterations: number
  /** Settings of run.yaml. */
  readonly arms: Readonly<Record<ArmName, readonly string[]>>
  /** Alternatives of each arm; every arm has as many. */
  readonly trials: Readonly<Record<ArmName, readonly (readonly string[])[]>>
  readonly tuningSeeds: readonly number[]
  readonly firstSeed: number
  readonly seeds: number
  readonly problems: {
    readonly seed: number
    readonly train: number
    /** What tuning chooses by. */
    readonly tuning: number
    /** What the policy may look at; only `adaptive` does, and pays for it in every iteration. */
    readonly gate: number
    /** What is reported. */
    readonly test: number
  }
  /** Annealed side copies, of the first seeds' exponential and constant runs at these budgets. */
  readonly anneal: {
    readonly seeds: number
    readonly budgets: readonly number[]
    readonly seed: number
    readonly steps: number
    readonly traces: number
    readonly lr: number
  }
}

const policy = (fields: object): string => `budget.policy=${JSON.stringify(fields)}`
const RATES = ['5.0e-4', '3.0e-4', '8.0e-4'] as const
const rates = RATES.map((lr) => [`train.lr=${lr}`])
const falling = (lr: string, tau: number): string[] => [`train.lr=${lr}`, `train.tau=${tau}`]
/** Problems that the adaptive policy measures after every iteration, at one sample each. */
const GATE = 300

export const PLAN: ExperimentPlan = {
  cost: 200_000,
  tuningCost: 40_000,
  budgets: [5, 10, 20, 40, 80, 120, 160, 200].map((thousands) => 1000 * thousands),
  endBudgets: 3,
  stepsAnIteration: 25,
  iterations: 600,
  arms: {
    exponential: [policy({ kind: 'exponential', initial: 100, growth: 1.05 })],
    linear: [policy({ kind: 'polynomial', initial: 20, degree: 1 })],
    'constant 100': [policy({ kind: 'constant', initial: 100 })],
    'constant 400': [policy({ kind: 'constant', initial: 400 })],
    'constant 1600': [policy({ kind: 'constant', initial: 1600 })],
    decay: [policy({ kind: 'constant', initial: 400 }), 'train.lrSchedule=run-inverse-time'],
    adaptive: [
      policy({ kind: 'adaptive', initial: 100, stopBelow: 0 }),
      `problems.gate=${JSON.stringify([{ dataset: 'jsonl', path: 'gate.jsonl' }])}`,
      'gate.onFail=continue',
      `budget.costs=${JSON.stringify({ sample: 1, train: 2, iteration: GATE })}`,
    ],
  },
  trials: {
    exponential: rates,
    linear: rates,
    'constant 100': rates,
    'constant 400': rates,
    'constant 1600': rates,
    decay: [falling('8.0e-4', 40), falling('8.0e-4', 15), falling('1.2e-3', 15)],
    adaptive: rates,
  },
  tuningSeeds: [2900],
  firstSeed: 3001,
  seeds: 12,
  problems: { seed: 8001, train: 40_000, tuning: 1500, gate: GATE, test: 3000 },
  anneal: { seeds: 2, budgets: [80_000, 200_000], seed: 5001, steps: 100, traces: 3200, lr: 1e-3 },
}

/** Everything once, at a size of seconds: to see that it works, not what comes out. */
export const REHEARSAL: ExperimentPlan = {
  ...PLAN,
  cost: 240,
  tuningCost: 80,
  budgets: [60, 120, 240],
  iterations: 40,
  endBudgets: 2,
  stepsAnIteration: 2,
  arms: {
    ...PLAN.arms,
    exponential: [policy({ kind: 'exponential', initial: 8, growth: 1.5 })],
    linear: [policy({ kind: 'polynomial', initial: 8, degree: 1 })],
    'constant 100': [policy({ kind: 'constant', initial: 10 })],
    'constant 400': [policy({ kind: 'constant', initial: 15 })],
    'constant 1600': [policy({ kind: 'constant', initial: 20 })],
    decay: [policy({ kind: 'constant', initial: 15 }), 'train.lrSchedule=run-inverse-time'],
    adaptive: [
      policy({ kind: 'adaptive', initial: 8, stopBelow: 0 }),
      `problems.gate=${JSON.stringify([{ dataset: 'jsonl', path: 'gate.jsonl' }])}`,
      'gate.onFail=continue',
      `budget.costs=${JSON.stringify({ sample: 1, train: 2, iteration: 6 })}`,
    ],
  },
  trials: {
    exponential: rates.slice(0, 2),
    linear: rates.slice(0, 2),
    'constant 100': rates.slice(0, 2),
    'constant 400': rates.slice(0, 2),
    'constant 1600': rates.slice(0, 2),
    decay: PLAN.trials.decay.slice(0, 2),
    adaptive: rates.slice(0, 2),
  },
  seeds: 2,
  problems: { seed: 8001, train: 600, tuning: 30, gate: 6, test: 60 },
  anneal: { seeds: 1, budgets: [240], seed: 5001, steps: 2, traces: 16, lr: 1e-4 },
}
