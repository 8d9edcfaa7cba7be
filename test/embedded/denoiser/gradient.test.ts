/** The denoiser's loss and hand-written gradient against the same network in jax-js, and what its noise must be. */

import { grad, init, nn, numpy as np } from '@jax-js/jax'
import { beforeAll, expect, test } from 'vitest'
import { addNoise, denoise, squareErrors } from '../../../src/embedded/denoiser/diffusion.ts'
import { readDigits } from '../../../src/embedded/denoiser/digits.ts'
import { createLearner, noisyPsnr } from '../../../src/embedded/denoiser/learner.ts'
import {
  createDenoiser,
  denoiserLayout,
  denoiserShapes,
  initialParameters,
  PIXELS,
} from '../../../src/embedded/denoiser/network.ts'
import { createNormals } from '../../../src/embedded/denoiser/normals.ts'
import { alphaBars, noiseLevel, strided } from '../../../src/embedded/denoiser/schedule.ts'
import { createWorkspace } from '../../../src/embedded/model/kernels.ts'

type Tensor = np.Array

beforeAll(async () => void (await init()))

const STEPS = 20

/** Pixel by pixel, window by window: written from the description, not from the kernels. */
function features(image: Float32Array, c: number): number[][] {
  const at = (y: number, x: number): number => (y < 0 || x < 0 || y > 27 || x > 27 ? -1 : (image[28 * y + x] ?? 0))
  const soft = (z: number): number => z / (1 + Math.abs(z))
  return Array.from({ length: 16 }, (_, window) => {
    const [top, left] = [7 * Math.floor(window / 4) - 2, 7 * (window % 4) - 2]
    const values = Array.from({ length: 121 }, (_, i) => at(top + Math.floor(i / 11), left + (i % 11)))
    return [...values.map((v) => soft((v + 1) * c)), ...values.map((v) => soft((1 - v) * c))]
  })
}

function target(noise: Float32Array): number[][] {
  return Array.from({ length: 16 }, (_, window) =>
    Array.from(
      { length: 49 },
      (_, i) => noise[28 * (7 * Math.floor(window / 4) + Math.floor(i / 7)) + 7 * (window % 4) + (i % 7)] ?? 0,
    ),
  )
}

test('the gradient is that of jax-js', async () => {
  const normals = createNormals(3)
  const parameters = initialParameters(STEPS, (out) => normals.fill(out))
  const images = new Float32Array(2 * PIXELS)
  const noise = new Float32Array(2 * PIXELS)
  normals.fill(images)
  normals.fill(noise)
  for (let i = 0; i < images.length; i++) images[i] = Math.max(-1, Math.min(1, 0.5 * (images[i] ?? 0)))
  const steps = [3, 17]
  const workspace = createWorkspace()
  const model = createDenoiser(workspace, STEPS, parameters)
  const { total } = denoiserLayout(STEPS)
  const gradient = workspace.allocate(total)
  const loss = model.addGradient(gradient, images, noise, 2, (image) => steps[image] ?? 0)
  const own = workspace.floats(gradient, total).slice()

  const places = new Map<string, { offset: number; sizes: [number, number] }>()
  let offset = 0
  for (const [name, rows, columns] of denoiserShapes(STEPS)) {
    places.set(name, { offset, sizes: [rows, columns] })
    offset += rows * columns
  }
  const tensors = (): Record<string, Tensor> =>
    Object.fromEntries(
      [...places].map(([name, { offset: from, sizes }]) => [
        name,
        np.array(parameters.slice(from, from + sizes[0] * sizes[1]), { shape: sizes }),
      ]),
    )
  const c = 1 / (3 * noiseLevel(STEPS))
  const inputs = [0, 1].flatMap((i) => features(images.subarray(i * PIXELS, (i + 1) * PIXELS), c))
  const targets = [0, 1].flatMap((i) => target(noise.subarray(i * PIXELS, (i + 1) * PIXELS)))
  const rowSteps = Array.from({ length: 32 }, (_, row) => steps[Math.floor(row / 16)] ?? 0)
  const lossOf = (p: Record<string, Tensor>): Tensor => {
    const get = (name: string): Tensor => (p[name] as Tensor).ref
    const oneHot = np.array(rowSteps.map((step) => Array.from({ length: STEPS }, (_, i) => (i === step ? 1 : 0))))
    const state = np.matmul(np.array(inputs), get('input')).add(np.matmul(oneHot, get('time')))
    const mean = np.mean(state.ref.mul(state.ref), 1, { keepdims: true })
    const normal = state.ref.div(np.sqrt(mean.add(1e-6))).mul(get('norm'))
    const hidden = nn.relu(np.matmul(normal, get('up')))
    const end = state.add(np.matmul(hidden.ref.mul(hidden), get('down')))
    const error = np.matmul(end, get('output')).sub(np.array(targets))
    return error.ref
      .mul(error)
      .sum()
      .div(2 * PIXELS)
  }
  expect(loss).toBeCloseTo(Number((await lossOf(tensors()).data())[0]), 4)
  const slopes = grad(lossOf)(tensors())
  for (const [name, { offset: from, sizes }] of places) {
    const wanted = Array.from(await (slopes[name] as Tensor).data(), Number)
    const largest = Math.max(...wanted.map(Math.abs))
    const worst = Math.max(...wanted.map((value, i) => Math.abs(value - (own[from + i] ?? 0))))
    expect(wanted).toHaveLength(sizes[0] * sizes[1])
    expect({ name, isClose: worst < 2e-4 * largest }).toEqual({ name, isClose: true })
  }
})

test('noisy PSNR is that of the paper, 33.25 and 28.40 dB, to a hundredth', () => {
  expect([noiseLevel(10), noiseLevel(20)].map((sigma) => sigma.toFixed(4))).toEqual(['0.0435', '0.0760'])
  const digits = Object.values(readDigits())
  expect(noisyPsnr(digits, 20).toFixed(2)).toBe('28.40')
  // Of 4,000 images the value is unsure by 0.003.
  expect(Math.abs(noisyPsnr(digits, 10) - 33.25)).toBeLessThan(0.0125)
  expect(strided(20, 4)).toEqual([19, 13, 6, 0])
  expect(alphaBars(1)).toEqual([1 - 1e-4])
})

test('a sampler that knows the noise gives the image back', () => {
  const clean = readDigits().pilot.slice(0, 2 * PIXELS)
  const noisy = addNoise(clean, STEPS, createNormals(5))
  const bars = alphaBars(STEPS)
  const oracle = {
    steps: STEPS,
    predict(x: Float32Array, _count: number, stepOf: (image: number) => number, out: Float32Array): void {
      const bar = bars[stepOf(0)] ?? 1
      for (let i = 0; i < x.length; i++) out[i] = ((x[i] ?? 0) - Math.sqrt(bar) * (clean[i] ?? 0)) / Math.sqrt(1 - bar)
    },
  } as Parameters<typeof denoise>[0]
  expect(Math.max(...squareErrors(denoise(oracle, noisy, createNormals(6)), clean))).toBeLessThan(1e-8)
})

test('a learner repeats itself to the last bit', () => {
  const { pool, pilot } = readDigits()
  const normals = createNormals(9)
  const parameters = initialParameters(10, (out) => normals.fill(out))
  const play = (): number[] => {
    const learner = createLearner({ noise: 10, parameters, pool, held: pilot.slice(0, 8 * PIXELS), seed: 4 })
    learner.refresh()
    const { images, psnr } = learner.sample(40)
    learner.step(images.subarray(0, 32 * PIXELS), 1e-3)
    return [...psnr, learner.measure()]
  }
  expect(play()).toEqual(play())
})
