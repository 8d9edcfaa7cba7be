/**
 * The paper's loop with a reward in [0, 1] (arXiv 2501.18962, algorithm 1): sample from a frozen copy, keep each sample with the
 * probability that the reward says, train on what was kept, and refresh the copy when n_t batches have been trained on.
 */

import { budgetAt } from '../../core/budget/policy.ts'
import type { DenoisingPoint, DenoisingRun } from '../../core/denoising.ts'
import type { DenoisingArm } from './arms.ts'

/** The model under training and its frozen copy; images are values one after the other. */
export interface DenoisingModel {
  refresh(): void
  sample(count: number): { readonly images: Float32Array; readonly psnr: readonly number[] }
  step(images: Float32Array, rate: number): void
  measure(): number
  uniform(): number
}

export interface DenoisingSettings {
  /** C: what a run may spend. */
  readonly cost: number
  /** Cost of a sample and of training on an image: passes through the model. */
  readonly costs: { readonly sample: number; readonly train: number }
  readonly batch: number
  readonly rate: number
  readonly warmup: number
  /** PSNR that is never kept, and that is always kept, in decibels. */
  readonly window: { readonly low: number; readonly high: number }
  /** Measurements on the way, at equal costs. */
  readonly measurements: number
  /** Steps on every iteration's images; null: each image is used once, so that n_t is the number of steps. */
  readonly refitSteps: number | null
  /** Values of an image. */
  readonly pixels: number
}

/** @param tell is told what has been spent, now and then */
export function runDenoising(
  model: DenoisingModel,
  arm: DenoisingArm,
  settings: DenoisingSettings,
  tell: (cost: number) => void = () => {},
): DenoisingRun {
  const { cost: total, costs, batch, measurements } = settings
  const points: DenoisingPoint[] = [{ cost: 0, psnr: model.measure() }]
  let [cost, steps, sampled, kept, iteration] = [0, 0, 0, 0, 0]
  const take = (source: Source, count: number, ahead: number): Float32Array => {
    const taken = source.take(count, ahead)
    sampled += taken.drawn
    kept += count
    cost += costs.sample * taken.drawn
    return taken.images
  }
  const train = (images: Float32Array): void => {
    model.step(images, rateAt(arm, settings, steps++, cost))
    cost += costs.train * batch
    tell(cost)
    while (points.length <= measurements && cost >= (total * points.length) / measurements) {
      points.push({ cost, psnr: model.measure() })
    }
  }
  for (; cost < total; iteration++) {
    model.refresh()
    const source = createSource(model, arm, settings)
    const batches = budgetAt(arm.policy, iteration)
    if (settings.refitSteps === null) {
      for (let done = 0; done < batches && cost < total; done++) train(take(source, batch, batches - done))
    } else {
      const images = take(source, batches * batch, batches)
      for (let step = 0; step < settings.refitSteps && cost < total; step++) train(chosen(model, images, settings))
    }
  }
  const final = points.at(-1)?.psnr ?? Number.NaN
  return { points, final, iterations: iteration, steps, sampled, acceptanceRate: kept / sampled }
}

function rateAt(
  arm: DenoisingArm,
  { rate, warmup, cost: total }: DenoisingSettings,
  step: number,
  cost: number,
): number {
  const left = arm.decays ? Math.max(0, 1 - cost / total) : 1
  return rate * Math.min(1, (step + 1) / (warmup + 1)) * left
}

/** A batch of images drawn from those of the iteration, with replacement. */
function chosen(model: DenoisingModel, images: Float32Array, { batch, pixels }: DenoisingSettings): Float32Array {
  const out = new Float32Array(batch * pixels)
  for (let i = 0; i < batch; i++) {
    const from = Math.floor((model.uniform() * images.length) / pixels) * pixels
    out.set(images.subarray(from, from + pixels), i * pixels)
  }
  return out
}

interface Source {
  /** The next images that are kept, and how many were drawn to get them. `ahead`: batches that will be asked for, this one included. */
  take(count: number, ahead: number): { readonly images: Float32Array; readonly drawn: number }
}

const CHUNK = { least: 96, most: 1024, batchesAhead: 16, margin: 1.2 } as const

/**
 * Samples of one frozen copy, in order. They are drawn in chunks; what is drawn and not taken is not paid for, as a loop that draws one
 * after the other would not have drawn it.
 */
function createSource(model: DenoisingModel, arm: DenoisingArm, { window, batch, pixels }: DenoisingSettings): Source {
  const keep = (psnr: number): boolean =>
    !arm.selects || model.uniform() < (psnr - window.low) / (window.high - window.low)
  /** Kept images that wait, each with the samples drawn since the one before it. */
  const waiting: { readonly image: Float32Array; readonly drawn: number }[] = []
  let since = 0
  let share = 0.5
  return {
    take(count, ahead) {
      while (waiting.length < count) {
        const missing = count + batch * (Math.min(ahead, CHUNK.batchesAhead) - 1) - waiting.length
        const wanted = Math.ceil((CHUNK.margin * missing) / Math.max(0.05, share))
        const size = Math.min(CHUNK.most, Math.max(CHUNK.least, wanted))
        const { images, psnr } = model.sample(size)
        const before = waiting.length
        for (const [i, value] of psnr.entries()) {
          since++
          if (!keep(value)) continue
          waiting.push({ image: images.subarray(i * pixels, (i + 1) * pixels), drawn: since })
          since = 0
        }
        share = (share + (waiting.length - before) / size) / 2
      }
      const taken = waiting.splice(0, count)
      const out = new Float32Array(count * pixels)
      for (const [i, { image }] of taken.entries()) out.set(image, i * pixels)
      return { images: out, drawn: taken.reduce((sum, { drawn }) => sum + drawn, 0) }
    },
  }
}
