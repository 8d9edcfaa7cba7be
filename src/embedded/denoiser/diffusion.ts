/** What the denoiser is for: noise added to images, taken away again step by step, and learned from. */

import { type Denoiser, PIXELS } from './network.ts'
import type { Normals } from './normals.ts'
import { alphaBars, strided } from './schedule.ts'

/** Stops of the sampler on its way from the noisy image to the clean one. */
export const STRIDES = 4

/** The images with the noise of all `steps` steps. */
export function addNoise(images: Float32Array, steps: number, normals: Normals): Float32Array {
  const left = alphaBars(steps).at(-1) ?? 1
  const [keep, noise] = [Math.sqrt(left), Math.sqrt(1 - left)]
  const out = new Float32Array(images.length)
  normals.fill(out)
  for (let i = 0; i < out.length; i++) out[i] = keep * (images[i] ?? 0) + noise * (out[i] ?? 0)
  return out
}

/** Strided ancestral sampling (DDPM) with the posterior's variance and the predicted image clipped to [-1, 1]. */
export function denoise(model: Denoiser, noisy: Float32Array, normals: Normals): Float32Array {
  const bars = alphaBars(model.steps)
  const stops = strided(model.steps, STRIDES)
  const count = noisy.length / PIXELS
  const x = noisy.slice()
  const predicted = new Float32Array(noisy.length)
  const fresh = new Float32Array(noisy.length)
  for (const [stride, step] of stops.entries()) {
    const bar = bars[step] ?? 1
    model.predict(x, count, () => step, predicted)
    const next = stops[stride + 1]
    const before = next === undefined ? 1 : (bars[next] ?? 1)
    const beta = 1 - bar / before
    const [noise, image] = [Math.sqrt(1 - bar), 1 / Math.sqrt(bar)]
    const fromImage = (Math.sqrt(before) * beta) / (1 - bar)
    const fromState = (Math.sqrt(1 - beta) * (1 - before)) / (1 - bar)
    const spread = Math.sqrt((beta * (1 - before)) / (1 - bar))
    if (next !== undefined) normals.fill(fresh)
    for (let i = 0; i < x.length; i++) {
      const state = x[i] ?? 0
      const clean = Math.min(1, Math.max(-1, (state - noise * (predicted[i] ?? 0)) * image))
      x[i] = next === undefined ? clean : fromImage * clean + fromState * state + spread * (fresh[i] ?? 0)
    }
  }
  return x
}

/** Mean square difference of each pair of images. */
export function squareErrors(images: Float32Array, others: Float32Array): Float64Array {
  const out = new Float64Array(images.length / PIXELS)
  for (let image = 0; image < out.length; image++) {
    let sum = 0
    for (let i = image * PIXELS; i < (image + 1) * PIXELS; i++) sum += ((images[i] ?? 0) - (others[i] ?? 0)) ** 2
    out[image] = sum / PIXELS
  }
  return out
}

/**
 * One ordinary noise-prediction gradient: every image gets the noise of a step of its own, uniform over all of them.
 * @returns the mean square error of the predicted noise
 */
export function addNoiseGradient(model: Denoiser, gradient: number, images: Float32Array, normals: Normals): number {
  const bars = alphaBars(model.steps)
  const count = images.length / PIXELS
  const steps = Array.from({ length: count }, () => Math.floor(normals.uniform() * model.steps))
  const noise = new Float32Array(images.length)
  normals.fill(noise)
  const noisy = new Float32Array(images.length)
  for (let i = 0; i < noisy.length; i++) {
    const bar = bars[steps[Math.floor(i / PIXELS)] ?? 0] ?? 1
    noisy[i] = Math.sqrt(bar) * (images[i] ?? 0) + Math.sqrt(1 - bar) * (noise[i] ?? 0)
  }
  return model.addGradient(gradient, noisy, noise, count, (image) => steps[image] ?? 0)
}
