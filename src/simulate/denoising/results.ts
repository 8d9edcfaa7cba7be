/** Runs of all arms and seeds as people read them: means with Student's 95% intervals, differences paired over seeds, bands along the cost. */

import type { ArmResult, DenoisingDifference, DenoisingPoint, SeedRun } from '../../core/denoising.ts'
import { type Interval, meanInterval } from '../../core/measure/intervals.ts'
import { type DenoisingArm, REFERENCE } from './arms.ts'

export function summarizeArms(
  arms: readonly DenoisingArm[],
  runs: ReadonlyMap<string, readonly SeedRun[]>,
  cost: number,
  places: number,
): { readonly arms: readonly ArmResult[]; readonly differences: readonly DenoisingDifference[] } {
  const of = (name: string): readonly SeedRun[] => runs.get(name) ?? []
  const results = arms.map(({ name, isControl }): ArmResult => {
    const seeds = of(name)
    return {
      ...{ policy: name, isControl, seeds },
      final: meanInterval(seeds.map(({ final }) => final)),
      band: Array.from({ length: places + 1 }, (_, i) => {
        const at = (cost * i) / places
        return { cost: at, ...meanInterval(seeds.map(({ points }) => psnrAt(points, at))) }
      }),
    }
  })
  const compared = arms.filter(({ name }) => name !== REFERENCE).map(({ name }) => [REFERENCE, name] as const)
  const decayed = arms.filter(({ decays, selects }) => decays && selects).map(({ name }) => name)
  const among = decayed.slice(1).map((name) => [decayed[0] ?? '', name] as const)
  return {
    arms: results,
    differences: [...compared, ...among].map(([a, b]) => ({ a, b, ...paired(of(a), of(b)) })),
  }
}

function paired(a: readonly SeedRun[], b: readonly SeedRun[]): Interval {
  return meanInterval(
    a.flatMap(({ seed, final }) => {
      const other = b.find((run) => run.seed === seed)
      return other ? [final - other.final] : []
    }),
  )
}

/** Straight between measurements. */
function psnrAt(points: readonly DenoisingPoint[], cost: number): number {
  const next = points.findIndex((point) => point.cost >= cost)
  const after = points[next]
  const before = points[next - 1]
  if (!after) return points.at(-1)?.psnr ?? Number.NaN
  if (!before) return after.psnr
  return before.psnr + ((cost - before.cost) / (after.cost - before.cost)) * (after.psnr - before.psnr)
}
