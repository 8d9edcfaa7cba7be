/** The denoising loop's accounts on a model whose samples are known beforehand: what is paid, kept, refreshed and measured. */

import { expect, test } from 'vitest'
import { ARMS, type DenoisingArm, QUICK_ARMS, REFERENCE } from '../../../src/simulate/denoising/arms.ts'
import { type DenoisingModel, type DenoisingSettings, runDenoising } from '../../../src/simulate/denoising/loop.ts'
import { summarizeArms } from '../../../src/simulate/denoising/results.ts'

const SETTINGS: DenoisingSettings = {
  cost: 2_000,
  costs: { sample: 4, train: 3 },
  batch: 8,
  rate: 1,
  warmup: 0,
  window: { low: 20, high: 40 },
  measurements: 4,
  refitSteps: null,
  pixels: 1,
}

/** Every second sample is good; the weights are the number of steps. */
function createModel(): { model: DenoisingModel; log: { refreshed: number[]; trained: number[][]; rates: number[] } } {
  const log = { refreshed: [] as number[], trained: [] as number[][], rates: [] as number[] }
  let [steps, drawn] = [0, 0]
  return {
    log,
    model: {
      refresh: () => void log.refreshed.push(steps),
      sample(count) {
        const from = drawn
        drawn += count
        const psnr = Array.from({ length: count }, (_, i) => ((from + i) % 2 === 0 ? 40 : 20))
        return { images: Float32Array.from({ length: count }, (_, i) => from + i), psnr }
      },
      step(images, rate) {
        log.trained.push([...images])
        log.rates.push(rate)
        steps++
      },
      measure: () => 20 + steps,
      uniform: () => 0.5,
    },
  }
}

function armOf(name: string): DenoisingArm {
  const arm = ARMS.find((one) => one.name === name)
  if (!arm) throw new Error(name)
  return arm
}

test('a kept image costs the samples up to it, is trained on once, and the copy is refreshed after n_t batches', () => {
  const { model, log } = createModel()
  const run = runDenoising(model, armOf('constant 10'), SETTINGS)
  // Eight kept ones take 15 or 16 samples, as a copy begins with a good one or not.
  expect(run.steps).toBeGreaterThanOrEqual(Math.floor(2_000 / (4 * 16 + 3 * 8)))
  expect(run.steps).toBeLessThanOrEqual(Math.ceil(2_000 / (4 * 15 + 3 * 8)))
  expect(run.acceptanceRate).toBeCloseTo(0.5, 1)
  expect(log.refreshed).toEqual([0, 10, 20])
  const trained = log.trained.flat()
  expect(new Set(trained).size).toBe(trained.length)
  expect(trained.every((image) => image % 2 === 0)).toBe(true)
  expect(run.points.map(({ psnr }) => psnr)[0]).toBe(20)
  expect(run.points).toHaveLength(5)
  expect(run.final).toBe(20 + run.steps)
})

test('n_t of 1.3^t counts batches: 1, 1, 2, 2, 3, 4', () => {
  const { model, log } = createModel()
  runDenoising(model, armOf(REFERENCE), SETTINGS)
  expect(log.refreshed.slice(0, 7)).toEqual([0, 1, 2, 4, 6, 9, 13])
})

test('nothing selected keeps all, the decayed rate falls to 0 with the cost, never refreshed samples from the base', () => {
  const all = createModel()
  const everything = runDenoising(all.model, armOf('1.3^t, nothing selected'), SETTINGS)
  expect(everything.acceptanceRate).toBe(1)
  expect(everything.steps).toBe(Math.ceil(2_000 / (4 * 8 + 3 * 8)))
  const falling = createModel()
  runDenoising(falling.model, armOf('1.3^t, rate to 0'), SETTINGS)
  const { rates } = falling.log
  expect(rates.every((rate, i) => i === 0 || rate < (rates[i - 1] ?? 0))).toBe(true)
  expect(rates.at(-1)).toBeLessThan(0.1)
  const never = createModel()
  runDenoising(never.model, armOf('never refreshed'), SETTINGS)
  expect(never.log.refreshed).toEqual([0])
})

test('refitted images are few and are fitted for a fixed number of steps', () => {
  const { model, log } = createModel()
  const run = runDenoising(model, armOf('constant 1'), { ...SETTINGS, refitSteps: 5 })
  expect(log.refreshed).toEqual(Array.from({ length: run.iterations }, (_, i) => 5 * i))
  for (let t = 0; t < run.iterations - 1; t++) {
    expect(new Set(log.trained.slice(5 * t, 5 * t + 5).flat()).size).toBeLessThanOrEqual(SETTINGS.batch)
  }
})

test('the quick preset shows every kind of control, and differences are paired over seeds', () => {
  expect(QUICK_ARMS.filter(({ isControl }) => isControl).map(({ name }) => name)).toEqual([
    'never refreshed',
    '1.3^t, nothing selected',
    '1.3^t, rate to 0',
  ])
  const run = (final: number) => ({
    points: [
      { cost: 0, psnr: 30 },
      { cost: 100, psnr: final },
    ],
    final,
    iterations: 1,
    steps: 1,
    sampled: 1,
    acceptanceRate: 1,
  })
  const arms = ARMS.slice(0, 2)
  const runs = new Map([
    [
      REFERENCE,
      [
        { seed: 1, ...run(32) },
        { seed: 2, ...run(34) },
      ],
    ],
    [
      'constant 1',
      [
        { seed: 2, ...run(33) },
        { seed: 1, ...run(31) },
      ],
    ],
  ])
  const { differences, arms: rows } = summarizeArms(arms, runs, 100, 2)
  expect(differences).toEqual([{ a: REFERENCE, b: 'constant 1', mean: 1, low: 1, high: 1, n: 2 }])
  expect(rows[0]?.band.map(({ cost, mean }) => [cost, mean])).toEqual([
    [0, 30],
    [50, 31.5],
    [100, 33],
  ])
})
