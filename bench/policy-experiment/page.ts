/** The results as Markdown tables. */

import type { Interval } from '../../src/core/measure/intervals.ts'
import type { Results } from './analysis.ts'
import { ARM_NAMES, type ExperimentPlan } from './plan.ts'

export function renderResults(results: Results, plan: ExperimentPlan): string {
  const { seeds, lines } = results
  const confirmed = lines.filter(({ stage }) => stage === 'confirmation').length
  const head = `${lines.length - confirmed} of ${ARM_NAMES.reduce((sum, arm) => sum + plan.trials[arm].length * plan.tuningSeeds.length, 0)} tuning runs, ${confirmed} of ${plan.seeds * ARM_NAMES.length} confirmation runs; ${seeds.length} of ${plan.seeds} seeds complete${seeds.length > 0 ? ` (${seeds.join(', ')})` : ''}; C = ${plan.cost}.`
  const parts = [head, tuningTable(results), runTable(results)]
  if (seeds.length > 1) parts.push(regretTable(results), testTable(results), plateauTable(results))
  return [...parts, sideTable(results), ''].join('\n\n')
}

function tuningTable({ tuning, bestConstant }: Results): string {
  const rows = tuning.flatMap(({ arm, trials, chosen }) =>
    trials.map(({ settings, accuracy }, trial) => [
      arm,
      `\`${settings.join(' ')}\`${trial === chosen ? ' (chosen)' : ''}`,
      Number.isNaN(accuracy) ? 'not run' : percent(accuracy),
    ]),
  )
  return `${table(['arm', 'trial', 'tuning problems'], rows)}\n\nBest constant by tuning: ${bestConstant}.`
}

function runTable({ lines, budgets }: Results): string {
  const rows = lines
    .filter(({ stage }) => stage === 'confirmation')
    .map(({ arm, seed, points, iterations, accepted, sampled, seconds }) => [
      ...[arm, seed, iterations, accepted, `${((100 * accepted) / sampled).toFixed(1)}%`],
      ...budgets.map((budget) => percent(points.find((point) => point.budget === budget)?.accuracy ?? Number.NaN)),
      seconds,
    ])
  if (rows.length === 0) return 'No confirmation run has ended.'
  return table(['arm', 'seed', 'iterations', 'accepted', 'rate', ...budgets.map(thousands), 's'], rows)
}

function regretTable({ arms, budgets }: Results): string {
  const rows = arms.map(({ name, curve, regrets, worst, end }) => [
    name,
    ...curve.map(({ mean }, i) => `${percent(mean)} (-${(100 * (regrets[i] ?? 0)).toFixed(1)})`),
    interval(worst, points),
    interval(end, percent),
  ])
  return table(['arm', ...budgets.map(thousands), 'worst regret, points', 'end'], rows)
}

function testTable({ tests }: Results): string {
  const rows = tests.map(({ question, difference, byStudent, bySignFlip, adjusted }) => [
    question,
    interval(difference, points),
    `${chance(byStudent)} / ${chance(bySignFlip)}`,
    `${chance(adjusted.byStudent)} / ${chance(adjusted.bySignFlip)}`,
  ])
  return table(['difference', 'points', 'p: t / sign-flip', 'Holm'], rows)
}

function plateauTable({ plateaus }: Results): string {
  const rows = plateaus.map(({ arm, slope, p }) => [arm, interval(slope, (x) => x.toFixed(2)), chance(p)])
  return table(['constant', 'points per 100,000 over the last third', 'p'], rows)
}

function sideTable({ sides }: Results): string {
  if (sides.length === 0) return 'No side copy has been made.'
  const rows = sides.map(({ arm, seed, budget, accepted, gain }) => [
    arm,
    seed,
    thousands(budget),
    accepted,
    points(gain),
  ])
  return table(['side copy of', 'seed', 'at', 'n_t', 'points recovered'], rows)
}

function table(titles: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
  return [line(titles), `|${'---|'.repeat(titles.length)}`, ...rows.map(line)].join('\n')
}

function thousands(cost: number): string {
  return cost >= 1000 ? `${cost / 1000}k` : String(cost)
}

function interval({ mean, low, high }: Interval, write: (value: number) => string): string {
  return Number.isFinite(low) ? `${write(mean)} (${write(low)} to ${write(high)})` : write(mean)
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)}%`
}

function points(value: number): string {
  return `${value > 0 ? '+' : ''}${(100 * value).toFixed(2)}`
}

function chance(p: number | null): string {
  return p === null ? '-' : p < 0.0001 ? '< 0.0001' : p.toPrecision(2)
}
