/** What a plan cannot deliver, said before anything is spent. */

import { optimizationNotPassed } from '../../config/not-passed.ts'
import type { RunConfig } from '../../config/schema.ts'
import { costUnitName, type KnownPrices } from '../../core/budget/cost-settings.ts'
import { runTargets } from '../../core/budget/next-target.ts'
import type { PlanInput } from '../../core/budget/plan.ts'
import type { Target } from '../../core/budget/policy.ts'
import { plural } from '../../core/words/plural.ts'
import { NotFetched } from '../../hub/fetch-dataset.ts'
import { fetchSources } from '../../loop/hub-sources.ts'
import { countTraining } from '../../problems/count.ts'

/** Above so many traces of one problem, exact duplicates and easy problems take over. */
const MANY_PER_PROBLEM = 64

/** What the plan cannot deliver, and what is not laid out, a sentence each. */
export async function warningsOn(config: RunConfig, directory: string, rates: readonly number[]): Promise<string[]> {
  const onSupply = await warningsOnSupply(config, directory, rates)
  return [...warningsOnTotal(config), ...warningsOnTraining(config), ...onSupply]
}

const PRICE_WORDS = { sample: 'a sample', train: 'training on a trace', iteration: 'an iteration' } as const

/** A unit whose prices are measured has none before anything is. */
export function warningsOnPrices({ budget }: RunConfig, prices: KnownPrices): string[] {
  const unknown = (['sample', 'train', 'iteration'] as const).filter((name) => prices[name] === null)
  if (unknown.length === 0) return []
  const names = unknown.map((name) => PRICE_WORDS[name]).join(' and ')
  return [
    `What ${names} costs in ${costUnitName(budget.costs)} is not measured yet, so no cost is planned; draw a pilot (--pilot 200), or write budget.costs.expect.`,
  ]
}

/** What the error budget of the gate and the decay of the learning rate are laid out over in the meantime is what the run itself measures. */
export function warningsOnLength({ budget }: RunConfig, rate: PlanInput['acceptanceRate']): string[] {
  if (budget.cost === null || budget.policy.kind === 'auto' || rate !== null) return []
  return [
    `How many iterations budget.cost pays for is not known before an acceptance rate is, so that all ${budget.iterations} are shown; give an expected one with --rate, or draw a pilot (--pilot 200).`,
  ]
}

function warningsOnTotal({ budget }: RunConfig): string[] {
  const { unit, total, iterations } = budget
  const counts = runTargets({ ...budget, batchSize: 1 }).map(({ count }) => count)
  const asked = counts.reduce((sum, count) => sum + count, 0)
  if (total === null || asked >= total) return []
  return [
    `budget.total is ${total} (${unit}), but ${iterations} ${plural(iterations, 'iteration asks', 'iterations ask')} for ${asked} only; raise budget.iterations to spend it.`,
  ]
}

function warningsOnTraining(config: RunConfig): string[] {
  const keys = optimizationNotPassed(config)
  if (keys.length === 0) return []
  return [
    `train.command is not passed ${keys.join(', ')}: the program uses values of its own (docs/trainers.md has the placeholders).`,
  ]
}

/** Of train; a sentence where that cannot be known without asking the Hub. */
async function countProblems({ problems, seed }: RunConfig, directory: string): Promise<number | string> {
  try {
    return countTraining((await fetchSources(problems, { cachedOnly: true })).sources, seed, directory)
  } catch (error) {
    if (error instanceof NotFetched) return `${error.message} What its problems can yield is not predicted.`
    throw error
  }
}

/** A finite pool of problems may not have what the last iteration asks for. */
async function warningsOnSupply(config: RunConfig, directory: string, rates: readonly number[]): Promise<string[]> {
  const targets = runTargets(config.budget, rates)
  const last = targets.at(-1)
  if (last === undefined || last.kind === 'sampled') return []
  const problems = await countProblems(config, directory)
  if (typeof problems === 'string') return [problems]
  return [
    ...warningsOnPresamples(config, problems, rates),
    ...warningsOnPool(config, problems, targets.length - 1, last),
  ]
}

/** Before anything is measured, one sample in two is taken to be accepted. */
const UNMEASURED_RATE = 0.5

/** Rules that look at every problem first may have nothing left to follow what they saw. */
function warningsOnPresamples({ budget }: RunConfig, problems: number, rates: readonly number[]): string[] {
  const { allocation } = budget
  const [first] = runTargets(budget, rates)
  if (allocation.kind === 'until-k' && first) return warningsOnLap(allocation.correct, first.count, problems)
  if (!('presamples' in allocation) || !first) return []
  const looks = allocation.presamples * problems
  const samples = Math.round(first.count / (rates[0] ?? UNMEASURED_RATE))
  if (looks < samples) return []
  return [
    `budget.allocation first takes ${allocation.presamples} samples of each of ${problems} problems, ${looks} in all, and iteration 0 needs about ${samples}: it is as good as uniform. Ask for fewer presamples, or take until-k.`,
  ]
}

/** Until every problem has its traces, those that are easy bring most of them. */
function warningsOnLap(correct: number, count: number, problems: number): string[] {
  if (count >= correct * problems) return []
  return [
    `budget.allocation until-k wants ${correct} traces of each of ${problems} problems, ${correct * problems} in all, and iteration 0 asks for ${count}: it ends within the first lap, where hard problems have had few of theirs, and is near uniform. Ask for more, for fewer a problem, or take fewer problems.`,
  ]
}

function warningsOnPool(config: RunConfig, problems: number, iteration: number, last: Target): string[] {
  const { maxPerProblem } = config.accept
  const asked = `Iteration ${iteration} asks for ${last.count} accepted traces`
  if (maxPerProblem !== null && last.count > problems * maxPerProblem) {
    return [
      `${asked}, but ${problems} ${plural(problems, 'problem')} with accept.maxPerProblem ${maxPerProblem} cannot give more than ${problems * maxPerProblem}.`,
    ]
  }
  if (last.count > problems * MANY_PER_PROBLEM) {
    return [
      `${asked} from ${problems} ${plural(problems, 'problem')}: more than ${MANY_PER_PROBLEM} different ones of each.`,
    ]
  }
  return []
}
