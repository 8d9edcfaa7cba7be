/** What run.yaml asks for, iteration by iteration, and in a sentence for people. */

import type { RunConfig } from '../config/schema.ts'
import { runTargets } from '../core/budget/next-target.ts'
import type { PlannedExtras } from '../core/budget/plan.ts'
import { plural } from '../core/words/plural.ts'
import { counted } from '../report/format.ts'

/** n_t (or N_t, with unit sampled) of every iteration. */
export function plannedTargets(config: RunConfig): number[] {
  return runTargets(config.budget).map(({ count }) => count)
}

/** What the configuration draws next to n_t. */
export function plannedExtras({ probe, rationalize }: RunConfig): PlannedExtras {
  return { probes: probe.temperatures.length * probe.problems * probe.samples, hintShare: rationalize.share }
}

/** In one sentence; undefined where nothing is. */
export function extrasInWords({ probe, rationalize }: RunConfig): string | undefined {
  const { temperatures, problems, samples } = probe
  const parts = [
    temperatures.length > 0 &&
      `${temperatures.length * problems * samples} samples to choose among ${temperatures.length} temperatures`,
    rationalize.share > 0 &&
      `at most ${rationalize.share} n_t hinted samples for problems never solved, priced as if all of them were trained on`,
  ].filter((part) => part !== false)
  return parts.length === 0 ? undefined : `In each iteration's cost: ${parts.join('; ')}.`
}

/** How an iteration trains, for people. */
export function trainingInWords({ train }: RunConfig): string {
  const length = train.steps === undefined ? counted(train.epochs ?? 1, 'epoch') : counted(train.steps, 'step')
  const batch = train.batch === undefined ? 'batch n_t / steps' : `batch ${train.batch}`
  return `${train.kind}: ${length} an iteration, ${batch}, learning rate ${train.lr} (${train.lrSchedule}, ${train.warmupSteps} ${plural(train.warmupSteps, 'warm-up step')}), optimizer state ${train.optimizerState}, from ${train.init}, on ${train.data} traces`
}
