/** The second table of the Gaussian model: fixed n_0, run until the expected gap is small enough. */

import { reachGap } from '../src/simulate/reach.ts'
import { SETTINGS } from '../test/simulate/reference.ts'
import { agree, compare } from './theory-cells.ts'
import { endless, type Setting, SHAPES, type Shape } from './theory-shapes.ts'

/** Fixed n_0, run until the expected gap is small enough: T, sum n_t, E sum N_t. */
export function tableTwo(): void {
  const limits = { iterations: 1_000_000, accepted: 1e9 }
  const never = undefined
  type Cell = [number, number, number] | undefined
  const rows: [Setting, string, number, Shape, [Cell, Cell, Cell]][] = [
    ['A', 'const 10', 10, SHAPES.constant, [never, never, never]],
    ['B', 'const 10', 10, SHAPES.constant, [never, never, never]],
    ['C', 'const 10', 10, SHAPES.constant, [never, never, never]],
    ['A', 'const 100', 100, SHAPES.constant, [[3, 300, 1015], never, never]],
    ['A', 'const 1000', 1000, SHAPES.constant, [[3, 3000, 10_135], [5, 5000, 14_176], never]],
    [
      'A',
      '10(1+t)',
      10,
      SHAPES['1+t'],
      [
        [4, 100, 255],
        [17, 1530, 3126],
        [167, 140_280, 280_728],
      ],
    ],
    [
      'A',
      '10(1+t)^2',
      10,
      SHAPES['(1+t)^2'],
      [
        [4, 300, 682],
        [6, 910, 1907],
        [14, 10_150, 20_395],
      ],
    ],
    [
      'A',
      '10 (1/lam)^t',
      10,
      SHAPES['(1/lam)^t'],
      [
        [4, 150, 359],
        [6, 630, 1324],
        [9, 5110, 10_291],
      ],
    ],
    ['B', 'const 100', 100, SHAPES.constant, [[11, 1100, 1802], never, never]],
    ['B', 'const 1000', 1000, SHAPES.constant, [[10, 10_000, 16_707], [16, 16_000, 24_244], never]],
    [
      'B',
      '10(1+t)',
      10,
      SHAPES['1+t'],
      [
        [11, 660, 938],
        [38, 7410, 9396],
        [358, 642_610, 803_577],
      ],
    ],
    [
      'B',
      '10(1+t)^2',
      10,
      SHAPES['(1+t)^2'],
      [
        [10, 3850, 5213],
        [16, 14_960, 19_160],
        [24, 49_000, 61_726],
      ],
    ],
    [
      'B',
      '10 x 1.05^t',
      10,
      SHAPES['1.05^t'],
      [
        [29, 625, 846],
        [77, 8361, 10_547],
        [124, 84_620, 105_901],
      ],
    ],
    [
      'B',
      '10 (1/lam)^t',
      10,
      SHAPES['(1/lam)^t'],
      [
        [12, 544, 758],
        [21, 4298, 5464],
        [30, 32_273, 40_445],
      ],
    ],
    [
      'B',
      '10 (1/lam^2)^t',
      10,
      SHAPES['(1/lam^2)^t'],
      [
        [11, 2391, 3150],
        [16, 22_421, 28_265],
        [21, 208_960, 261_523],
      ],
    ],
    [
      'B',
      '10 x 2^t',
      10,
      SHAPES['2^t'],
      [
        [10, 10_230, 13_297],
        [16, 655_350, 821_509],
        [21, 20_971_510, 26_222_430],
      ],
    ],
    ['C', 'const 1000', 1000, SHAPES.constant, [[36, 36_000, 46_626], [59, 59_000, 71_157], never]],
    [
      'C',
      '10(1+t)',
      10,
      SHAPES['1+t'],
      [
        [37, 7030, 8142],
        [68, 23_460, 25_654],
        [465, 1_083_450, 1_152_110],
      ],
    ],
    [
      'C',
      '10 (1/lam)^t',
      10,
      SHAPES['(1/lam)^t'],
      [
        [44, 2145, 2459],
        [76, 15_880, 17_093],
        [114, 160_397, 170_684],
      ],
    ],
    [
      'C',
      '10 x 1.05^t',
      10,
      SHAPES['1.05^t'],
      [
        [47, 1783, 2057],
        [90, 15_944, 17_145],
        [137, 159_742, 169_972],
      ],
    ],
    ['C', '10 x 2^t', 10, SHAPES['2^t'], [never, never, never]],
  ]
  for (const [setting, name, initial, shape, cells] of rows) {
    const model = SETTINGS[setting]
    for (const [i, gap] of [1e-2, 1e-3, 1e-4].entries()) {
      const reached = reachGap(model, endless(model, shape, initial), gap, limits)
      const where = `${setting} ${name}, eps ${gap}`
      const cell = cells[i]
      if (cell === undefined || reached === undefined) {
        agree(where, cell === undefined ? 'never' : cell.join(' / '), reached ? String(reached.iterations) : 'never')
        continue
      }
      compare(`${where}, T`, String(cell[0]), reached.iterations)
      compare(`${where}, sum n`, String(cell[1]), reached.accepted)
      compare(`${where}, E sum N`, String(cell[2]), reached.expectedSamples)
    }
  }
}
