/**
 * The Gaussian model's tables next to ours: the tabled number, ours, relative difference. A cell says `last digit` where ours would
 * be printed with another one, and DIFFERS (exit code 1) where it is further off.
 *
 *     node bench/theory.ts [1|1b|2|3]
 */

import { constantsOf, type GaussianModel, gaussianStates } from '../src/simulate/gaussian.ts'
import { optimalSizes } from '../src/simulate/sizes.ts'
import { descend } from '../test/simulate/descend.ts'
import { SETTINGS, sum } from '../test/simulate/reference.ts'
import { agree, compare, counts, type Printed } from './theory-cells.ts'
import { type Setting, SHAPES, type Shape, type ShapeName } from './theory-shapes.ts'
import { tableTwo } from './theory-table-two.ts'

const wanted = process.argv[2]
const startedAt = performance.now()
for (const [name, table] of [
  ['1', tableOne],
  ['1b', tableOneB],
  ['2', tableTwo],
  ['3', tableThree],
] as const) {
  if (wanted !== undefined && wanted !== name) continue
  console.log(`\nTable ${name}`)
  table()
}
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
const said = `another last digit: ${counts.lastDigits}; differing: ${counts.differing}`
console.log(`\nlargest relative difference ${(100 * counts.worst).toFixed(2)}%; ${said}; ${seconds} s`)
process.exitCode = counts.differing > 0 ? 1 : 0

/** Expected final gap at a sum of n_t, T given. */
function tableOne(): void {
  const shapes: ShapeName[] = ['constant', '1+t', '(1+t)^2', '1.05^t', '(1/lam)^t', '(1/lam^2)^t', '2^t']
  const rows: [Setting, number, number, Printed[]][] = [
    ['A', 20, 1000, ['3.31e-3', '1.78e-3', '1.24e-3', '2.21e-3', '5.00e-4', '3.31e-3', '5.00e-4']],
    ['B', 20, 1000, ['7.14e-3', '4.27e-3', '3.52e-3', '5.17e-3', '3.21e-3', '7.14e-3', '1.09e-1']],
    ['B', 40, 10_000, ['1.42e-3', '7.65e-4', '5.45e-4', '7.03e-4', '3.20e-4', '1.42e-3', '5.52e-1']],
    ['C', 40, 10_000, ['7.19e-3', '6.71e-3', '8.28e-3', '6.66e-3', '6.64e-3', '7.19e-3', '9.41e-1']],
  ]
  for (const [setting, iterations, total, printed] of rows) {
    for (const [i, shape] of shapes.entries()) {
      compare(
        `${setting}, T ${iterations}, C ${total}, ${shape}`,
        printed[i] ?? '',
        gapAt(setting, shape, iterations, total),
      )
    }
  }
}

/** The same at the best T of 1 to 200. */
function tableOneB(): void {
  const shapes: ShapeName[] = ['constant', '1+t', '(1+t)^2', '(1/lam)^t', '2^t']
  const rows: [Setting, number, [Printed, number | undefined][]][] = [
    [
      'A',
      3000,
      [
        ['4.19e-4', 7],
        ['2.67e-4', 7],
        ['2.08e-4', 8],
        ['1.67e-4', 12],
        ['1.67e-4', undefined],
      ],
    ],
    [
      'B',
      3000,
      [
        ['2.36e-3', 18],
        ['1.49e-3', 19],
        ['1.23e-3', 21],
        ['1.06e-3', 29],
        ['8.90e-3', 12],
      ],
    ],
    [
      'B',
      30_000,
      [
        ['2.98e-4', 23],
        ['1.78e-4', 25],
        ['1.37e-4', 26],
        ['1.07e-4', 40],
        ['2.09e-3', 15],
      ],
    ],
    [
      'C',
      30_000,
      [
        ['1.21e-3', 71],
        ['7.36e-4', 77],
        ['6.09e-4', 87],
        ['5.01e-4', 119],
        ['1.24e-1', 15],
      ],
    ],
  ]
  for (const [setting, total, cells] of rows) {
    for (const [i, shape] of shapes.entries()) {
      const gaps = Array.from({ length: 200 }, (_, t) => gapAt(setting, shape, t + 1, total))
      const best = Math.min(...gaps)
      const [printed = '', iterations] = cells[i] ?? []
      compare(`${setting}, C ${total}, ${shape}`, printed, best)
      if (iterations !== undefined) {
        compare(`${setting}, C ${total}, ${shape}, best T`, String(iterations), gaps.indexOf(best) + 1)
      }
    }
  }
}

/** V_T at a total cost of 20,000, c_g = 1, c_t = 0.2. */
function tableThree(): void {
  const shapes: ShapeName[] = ['constant', '1+t', '(1/lam)^t', '2^t']
  const rows: [Setting, number, Printed[]][] = [
    ['A', 10, ['0.000873', '0.000438', '0.000220', '0.000220', '0.000220', '0.000220']],
    ['B', 10, ['0.002055', '0.001340', '0.001308', '0.004623', '0.001296', '0.001296']],
    ['C', 20, ['0.012432', '0.011862', '0.010493', 'infeasible', '0.010426', '0.010426']],
    ['D', 10, ['0.008667', '0.002724', '0.003007', '0.005285', '0.002167', '0.002167']],
  ]
  const costs = { sample: 1, train: 0.2 }
  const budget = 20_000
  for (const [setting, iterations, printed] of rows) {
    const model = SETTINGS[setting]
    const { contraction } = constantsOf(model)
    for (const [i, name] of shapes.entries()) {
      const shape: Shape = SHAPES[name]
      const parts = Array.from({ length: iterations }, (_, t) => shape(t, contraction))
      const sizes = scaledToCost(model, parts, budget, costs)
      const where = `${setting}, ${name}`
      if (sizes === undefined) agree(where, printed[i] ?? '', 'infeasible')
      else compare(where, printed[i] ?? '', varianceOf(model, sizes))
    }
    const aware = optimalSizes(model, costs, budget, iterations, 0)
    compare(`${setting}, (1/lam)^t / sqrt(w_t)`, printed[4] ?? '', varianceOf(model, aware?.sizes ?? []))
    // The optimiser starts from the constant policy and knows only what a choice leaves and costs.
    const scaledTo = (logs: readonly number[]) => scaledToCost(model, logs.map(Math.exp), budget, costs)
    const of = (logs: readonly number[]) => Math.log(varianceOf(model, scaledTo(logs) ?? []))
    const found = scaledTo(descend(of, Array<number>(iterations).fill(0))) ?? []
    compare(`${setting}, numeric optimum`, printed[5] ?? '', varianceOf(model, found))
    const apart = Math.max(...found.map((n, t) => Math.abs((aware?.sizes[t] ?? 0) / n - 1)))
    console.log(`${setting}, largest difference of an n_t between the two: ${(100 * apart).toFixed(3)}%`)
  }
}

/** A shape scaled so that its expected cost, by its own acceptance rates, is the budget; undefined where no scale does it. */
function scaledToCost(
  model: GaussianModel,
  shape: readonly number[],
  budget: number,
  costs: { readonly sample: number; readonly train: number },
): number[] | undefined {
  const costAt = (scale: number): number => {
    const states = gaussianStates(
      model,
      shape.map((part) => part * scale),
    )
    return sum([...states].map(({ n, expectedSamples }) => costs.train * n + costs.sample * expectedSamples))
  }
  // Too small a scale has no expected cost at all; above that it rises.
  let low = 0
  let high = budget / costs.train / sum(shape)
  for (let halving = 0; halving < 100; halving++) {
    const middle = (low + high) / 2
    if (costAt(middle) > budget && costAt(middle) < Number.POSITIVE_INFINITY) high = middle
    else low = middle
  }
  return Math.abs(costAt(low) / budget - 1) < 1e-9 ? shape.map((part) => part * low) : undefined
}

function gapAt(setting: Setting, name: ShapeName, iterations: number, total: number): number {
  const model = SETTINGS[setting]
  const { contraction, bestReward } = constantsOf(model)
  const shape: Shape = SHAPES[name]
  const parts = Array.from({ length: iterations }, (_, t) => shape(t, contraction))
  const all = sum(parts)
  const states = gaussianStates(
    model,
    parts.map((part) => (total * part) / all),
  )
  return bestReward - ([...states].at(-1)?.expectedReward ?? 0)
}

function varianceOf(model: GaussianModel, sizes: readonly number[]): number {
  return [...gaussianStates(model, sizes)].at(-1)?.variance ?? Number.NaN
}
