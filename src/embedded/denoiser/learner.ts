/** A denoiser that learns, with the frozen copy of itself that samples: what the denoising experiment does to a model. */

import { createRandom } from '../../core/seed.ts'
import { createWorkspace } from '../model/kernels.ts'
import { createOptimizer } from '../model/optimizer.ts'
import { drawCurves } from './curves.ts'
import { addNoise, addNoiseGradient, denoise, squareErrors } from './diffusion.ts'
import { createDenoiser, initialParameters, PIXELS } from './network.ts'
import { createNormals } from './normals.ts'
import { psnr } from './schedule.ts'

/** Samples of one batch with what they show. */
export interface Denoised {
  /** One after the other, values in [-1, 1]. */
  readonly images: Float32Array
  /** Of each image against the true one, in decibels. */
  readonly psnr: readonly number[]
}

export interface LearnerOptions {
  /** Steps of the noise: 10 or 20 in the paper. */
  readonly noise: number
  readonly parameters: Float32Array
  /** True images that noisy ones are made of. */
  readonly pool: Float32Array
  /** Images to measure on, none of which is in the pool. */
  readonly held: Float32Array
  readonly seed: number
}

export interface Learner {
  /** Makes the present weights those that sample. */
  refresh(): void
  /** Denoises noisy versions of so many random images of the pool with the frozen copy. */
  sample(count: number): Denoised
  /** One optimizer step on these images, each with fresh noise. */
  step(images: Float32Array, rate: number): void
  /** PSNR of the present weights on the held images, in decibels; the same noise whenever it is asked. */
  measure(): number
  /** Uniform in [0, 1). */
  uniform(): number
  /** The first held images, noisy, denoised by the present weights, and true. */
  show(count: number): { readonly noisy: Float32Array; readonly denoised: Float32Array; readonly clean: Float32Array }
}

const MEASURE_SEED = 999

export function createLearner({ noise, parameters, pool, held, seed }: LearnerOptions): Learner {
  const workspace = createWorkspace()
  const model = createDenoiser(workspace, noise, parameters)
  const frozen = createDenoiser(workspace, noise, parameters)
  const { total } = model.layout
  const gradient = workspace.allocate(total)
  const optimizer = createOptimizer(model, undefined, 0)
  const normals = createNormals(seed)
  const size = pool.length / PIXELS
  return {
    uniform: () => normals.uniform(),
    refresh: () => workspace.kernels.copy(model.parameters, frozen.parameters, total),
    sample(count) {
      const clean = new Float32Array(count * PIXELS)
      for (let i = 0; i < count; i++) {
        const from = Math.floor(normals.uniform() * size) * PIXELS
        clean.set(pool.subarray(from, from + PIXELS), i * PIXELS)
      }
      const images = denoise(frozen, addNoise(clean, noise, normals), normals)
      return { images, psnr: Array.from(squareErrors(images, clean), psnr) }
    },
    step(images, rate) {
      workspace.kernels.clear(gradient, total)
      addNoiseGradient(model, gradient, images, normals)
      optimizer.step(gradient, rate)
    },
    measure() {
      const own = createNormals(MEASURE_SEED)
      return meanPsnr(denoise(model, addNoise(held, noise, own), own), held)
    },
    show(count) {
      const own = createNormals(MEASURE_SEED)
      const noisy = addNoise(held, noise, own)
      const denoised = denoise(model, noisy, own)
      const first = (images: Float32Array): Float32Array => images.slice(0, count * PIXELS)
      return { noisy: first(noisy), denoised: first(denoised), clean: first(held) }
    },
  }
}

/** PSNR of the mean square error over all images, as the paper has it. */
export function meanPsnr(images: Float32Array, clean: Float32Array): number {
  const errors = squareErrors(images, clean)
  return psnr(errors.reduce((sum, error) => sum + error, 0) / errors.length)
}

/** PSNR of the noisy images themselves. The mean of each image's own PSNR is 0.0055 dB above it. */
export function noisyPsnr(parts: readonly Float32Array[], noise: number): number {
  const normals = createNormals(MEASURE_SEED)
  const errors = parts.flatMap((images) => [...squareErrors(addNoise(images, noise, normals), images)])
  return psnr(errors.reduce((sum, error) => sum + error, 0) / errors.length)
}

const BASE = { curves: 5_000, curvesSeed: 1, seed: 5, steps: 400, batch: 64, rate: 4e-3, warmup: 30, decay: 0.01 }

/**
 * The base: trained on curves alone, the rate falling to 0 over its second half. It takes seconds, so no weights are shipped.
 * @returns its parameters, the same bits every time
 */
export function trainBase(noise: number): Float32Array {
  const curves = drawCurves(BASE.curves, createRandom(BASE.curvesSeed))
  const workspace = createWorkspace()
  const normals = createNormals(BASE.seed)
  const model = createDenoiser(
    workspace,
    noise,
    initialParameters(noise, (out) => normals.fill(out)),
  )
  const { total } = model.layout
  const gradient = workspace.allocate(total)
  const optimizer = createOptimizer(model, undefined, BASE.decay)
  const batch = new Float32Array(BASE.batch * PIXELS)
  for (let step = 0; step < BASE.steps; step++) {
    for (let i = 0; i < BASE.batch; i++) {
      const from = Math.floor(normals.uniform() * BASE.curves) * PIXELS
      batch.set(curves.subarray(from, from + PIXELS), i * PIXELS)
    }
    workspace.kernels.clear(gradient, total)
    addNoiseGradient(model, gradient, batch, normals)
    const half = BASE.steps / 2
    optimizer.step(
      gradient,
      BASE.rate * Math.min(1, (step + 1) / BASE.warmup) * Math.min(1, (BASE.steps - step) / half),
    )
  }
  return workspace.floats(model.parameters, total).slice()
}
