/** The results as Markdown tables. */

import type { Interval } from '../../src/core/measure/statistics.ts'
import type { ExperimentPlan } from './plan.ts'
import type { Results } from './results.ts'

export function renderResults(results: Results, plan: ExperimentPlan): string {
  const { seeds, base } = results
  return [
    `${seeds.length} of ${plan.seeds} seeds complete (${seeds.join(', ')}); C = ${plan.cost}; base ${percent(base.accuracy)}, greedy ${percent(base.greedy)}.`,
    tuningTable(results),
    armTable(results, plan),
    differenceTable(results),
    controlTable(results),
    sideTable(results),
    '',
  ].join('\n\n')
}

function tuningTable({ chosen }: Results): string {
  const rows = Object.entries(chosen).flatMap(([arm, { text, trials }]) =>
    trials.map((trial) => [
      arm,
      `\`${trial.text}\`${trial.text === text ? ' (chosen)' : ''}`,
      trial.iterations,
      trial.accepted,
      rate(trial),
      Math.round(trial.cost),
      percent(trial.accuracy),
    ]),
  )
  return table(['arm', 'trial', 'iterations', 'accepted', 'acceptance', 'cost', 'gate problems, T = 1'], rows)
}

function armTable({ arms, finals, base }: Results, plan: ExperimentPlan): string {
  const rows = arms.map((row) => {
    const own = finals.filter(({ arm }) => arm === row.name)
    const mean = (key: 'cost' | 'iterations' | 'accepted'): number =>
      own.reduce((sum, one) => sum + one[key], 0) / own.length
    const { median, censored } = row.toTarget
    return [
      row.name,
      interval(row.accuracy, percent),
      points(row.accuracy.mean - base.accuracy),
      interval(row.greedyInterval, percent),
      Math.round(mean('accepted')),
      mean('iterations').toFixed(1),
      Math.round(mean('cost')),
      median === null ? 'not by half' : Math.round(median),
      `${censored} of ${row.runs}`,
    ]
  })
  const titles = ['arm', 'test accuracy, T = 1', 'over base', 'greedy', 'sum n_t', 'iterations', 'cost']
  return table([...titles, `median cost to ${percent(plan.target)}`, 'never there'], rows)
}

function differenceTable({ differences }: Results): string {
  const rows = differences.map(({ of, to, accuracy, byStudent, bySignFlip, adjusted, greedy, logCostRatio }) => [
    `${of} - ${to}`,
    interval(accuracy, points),
    chance(byStudent),
    chance(bySignFlip),
    `${chance(adjusted.byStudent)} / ${chance(adjusted.bySignFlip)}`,
    interval(greedy, points),
    logCostRatio
      ? `${interval(logCostRatio, (x) => Math.exp(x).toFixed(2))}, ${logCostRatio.n} pairs`
      : 'no pair reached it',
  ])
  const titles = ['difference', 'points, T = 1', 'p, t', 'p, sign-flip', 'Holm: t / sign-flip', 'points, greedy']
  return table([...titles, 'times the cost to the target'], rows)
}

function controlTable({ control: { finals, difference, byStudent } }: Results): string {
  if (finals.length === 0) return 'The control has not been run.'
  const rows = finals.map((one) => [
    `\`${one.arm}\``,
    one.seed,
    one.accepted,
    one.iterations,
    Math.round(one.cost),
    percent(one.accuracy),
    percent(one.greedy),
  ])
  const said = `Exponential - constant: ${interval(difference, points)} points, t-test p ${chance(byStudent)}.`
  return `${table(['control', 'seed', 'sum n_t', 'iterations', 'cost', 'test accuracy, T = 1', 'greedy'], rows)}\n\n${said}`
}

function sideTable({ sides, scaling }: Results): string {
  if (sides.length === 0) return 'No side copy has been made.'
  const rows = sides.map(({ arm, seed, name, accepted, gain }) => [
    arm,
    seed,
    name.split('-').at(-1) ?? '',
    accepted,
    interval(gain, points),
  ])
  const said = scaling
    ? `Least squares: points = ${points(scaling.intercept)} + ${(100 * scaling.slope).toFixed(0)} (standard error ${(100 * scaling.error).toFixed(0)}) / n_t.`
    : 'Too few side copies for a line.'
  return `${table(['side copy of', 'seed', 'iteration', 'n_t', 'points recovered'], rows)}\n\n${said}`
}

function table(titles: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
  return [line(titles), `|${'---|'.repeat(titles.length)}`, ...rows.map(line)].join('\n')
}

function rate({ accepted, sampled }: { readonly accepted: number; readonly sampled: number }): string {
  return percent(accepted / sampled)
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
