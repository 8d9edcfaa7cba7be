/** What there is to do, as runs: tuning first, then the confirmation seed by seed, so that whatever is finished is paired. */

import type { ArmName, ExperimentPlan } from './plan.ts'
import { ARM_NAMES } from './plan.ts'
import type { RunLine } from './results-file.ts'

export interface Job {
  readonly stage: RunLine['stage']
  readonly arm: ArmName
  readonly trial: number
  readonly settings: readonly string[]
  readonly seed: number
  readonly cost: number
  /** Names its folder. */
  readonly name: string
}

/** The jobs that have no line yet, in order; the confirmation only once all of tuning has ended. */
export function jobsLeft(plan: ExperimentPlan, lines: readonly RunLine[]): Job[] {
  const has = (job: Job): boolean =>
    lines.some(
      (line) => line.stage === job.stage && line.arm === job.arm && line.trial === job.trial && line.seed === job.seed,
    )
  const tuning = plan.tuningSeeds.flatMap((seed) =>
    ARM_NAMES.flatMap((arm) => plan.trials[arm].map((_, trial) => jobOf(plan, 'tuning', arm, trial, seed))),
  )
  const tuningLeft = tuning.filter((job) => !has(job))
  if (tuningLeft.length > 0) return tuningLeft
  const seeds = Array.from({ length: plan.seeds }, (_, i) => plan.firstSeed + i)
  return seeds
    .flatMap((seed) => ARM_NAMES.map((arm) => jobOf(plan, 'confirmation', arm, chosenTrial(plan, lines, arm), seed)))
    .filter((job) => !has(job))
}

function jobOf(plan: ExperimentPlan, stage: Job['stage'], arm: ArmName, trial: number, seed: number): Job {
  const settings = [...plan.arms[arm], ...(plan.trials[arm][trial] ?? [])]
  const cost = stage === 'tuning' ? plan.tuningCost : plan.cost
  return { stage, arm, trial, settings, seed, cost, name: `${stage}-${arm.replace(' ', '-')}-${trial}-s${seed}` }
}

/** The trial with the best mean accuracy at the end of its tuning runs; the first of equal ones. */
export function chosenTrial(plan: ExperimentPlan, lines: readonly RunLine[], arm: ArmName): number {
  const means = plan.trials[arm].map((_, trial) => tunedAccuracy(lines, arm, trial))
  return means.indexOf(Math.max(...means))
}

export function tunedAccuracy(lines: readonly RunLine[], arm: ArmName, trial: number): number {
  const own = lines.filter((line) => line.stage === 'tuning' && line.arm === arm && line.trial === trial)
  return own.reduce((sum, { points }) => sum + (points.at(-1)?.accuracy ?? 0), 0) / own.length
}
