import { expect, test } from 'vitest'
import { createRandom, randomInteger } from '../../../src/core/seed.ts'
import { addGradient, type TrainingText, targetCount } from '../../../src/embedded/model/gradient.ts'
import { createWorkspace } from '../../../src/embedded/model/kernels.ts'
import { createModel, initialParameters, type ModelShape } from '../../../src/embedded/model/model.ts'
import { createOptimizer, learningRate } from '../../../src/embedded/model/optimizer.ts'
import { oracle } from './oracle.ts'

const SHAPE: ModelShape = { vocabulary: 21, width: 32, layers: 2, heads: 2, hidden: 64, context: 32 }

function randomTexts(seed: number, lengths: readonly number[]): TrainingText[] {
  const random = createRandom(seed)
  return lengths.map((length) => ({
    tokens: Array.from({ length }, () => randomInteger(random, SHAPE.vocabulary)),
    start: 1 + randomInteger(random, length - 1),
  }))
}

function setUp(seed: number): ReturnType<typeof build> {
  return build(initialParameters(SHAPE, seed))
}

function build(parameters: Float32Array) {
  const workspace = createWorkspace()
  const model = createModel(workspace, SHAPE, parameters)
  const gradient = workspace.allocate(model.layout.total)
  return { workspace, model, gradient, total: model.layout.total }
}

test('loss and every gradient equal those of jax-js', async () => {
  const texts = randomTexts(3, [12, 5, 17])
  const { workspace, model, gradient, total } = setUp(8)
  const loss = addGradient(model, gradient, texts, 1)
  const expected = await oracle(SHAPE, initialParameters(SHAPE, 8), texts)
  expect(loss).toBeCloseTo(expected.loss, 3)
  const ours = workspace.floats(gradient, total)
  const largest = expected.gradient.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  expect(largest).toBeGreaterThan(0.1)
  for (let i = 0; i < total; i++) {
    expect(Math.abs((ours[i] ?? 0) - (expected.gradient[i] ?? 0)), `parameter ${i}`).toBeLessThan(2e-5 * largest)
  }
})

test('the gradient points along finite differences of the loss', () => {
  const texts = randomTexts(4, [9, 14])
  const parameters = initialParameters(SHAPE, 2)
  const { workspace, model, gradient, total } = build(parameters)
  addGradient(model, gradient, texts, 1)
  const slope = workspace.floats(gradient, total).slice()
  const random = createRandom(1)
  for (let turn = 0; turn < 20; turn++) {
    const direction = Float32Array.from({ length: total }, () => (random() < 0.5 ? -1 : 1))
    const lossAt = (step: number): number => {
      const values = workspace.floats(model.parameters, total)
      for (let i = 0; i < total; i++) values[i] = (parameters[i] ?? 0) + step * (direction[i] ?? 0)
      return addGradient(model, gradient, texts, 1)
    }
    const measured = (lossAt(1e-4) - lossAt(-1e-4)) / 2e-4
    const predicted = slope.reduce((sum, g, i) => sum + g * (direction[i] ?? 0), 0)
    expect(Math.abs(measured - predicted)).toBeLessThan(0.01 * Math.abs(predicted) + 0.05)
  }
})

test('texts packed together give the sum of their gradients, and the padding tokens none', () => {
  const texts = randomTexts(6, [7, 19, 10])
  const { workspace, model, gradient, total } = setUp(5)
  const together = addGradient(model, gradient, texts, 0.5)
  const packed = workspace.floats(gradient, total).slice()
  workspace.kernels.clear(gradient, total)
  const apart = texts.reduce((sum, text) => sum + addGradient(model, gradient, [text], 0.5), 0)
  expect(together).toBeCloseTo(apart, 4)
  const single = workspace.floats(gradient, total)
  for (let i = 0; i < total; i++) expect(Math.abs((packed[i] ?? 0) - (single[i] ?? 0))).toBeLessThan(1e-4)
  expect(packed.subarray(21 * 32, 24 * 32).every((x) => x === 0)).toBe(true)
})

test('one batch is learnt by heart', () => {
  const texts = randomTexts(9, [12, 12, 12, 12])
  const { workspace, model, gradient, total } = setUp(1)
  const optimizer = createOptimizer(model)
  const losses: number[] = []
  for (let step = 0; step < 120; step++) {
    workspace.kernels.clear(gradient, total)
    losses.push(addGradient(model, gradient, texts, 1 / targetCount(texts)) / targetCount(texts))
    optimizer.step(gradient, 1e-2)
  }
  expect(losses[0]).toBeGreaterThan(2.5)
  expect(losses.at(-1)).toBeLessThan(0.01)
})

test('an optimizer that continues from its state takes the same steps', () => {
  const texts = randomTexts(2, [10, 8])
  const train = (
    steps: number,
    from: ReturnType<typeof setUp>,
    optimizer: ReturnType<typeof createOptimizer>,
  ): void => {
    for (let step = 0; step < steps; step++) {
      from.workspace.kernels.clear(from.gradient, from.total)
      addGradient(from.model, from.gradient, texts, 0.1)
      optimizer.step(from.gradient, 1e-2)
    }
  }
  const whole = setUp(3)
  train(6, whole, createOptimizer(whole.model))
  const first = setUp(3)
  const optimizer = createOptimizer(first.model)
  train(4, first, optimizer)
  const second = build(first.workspace.floats(first.model.parameters, first.total).slice())
  train(2, second, createOptimizer(second.model, optimizer.state()))
  const read = ({ workspace, model, total }: typeof whole): Float32Array => workspace.floats(model.parameters, total)
  expect(read(second)).toEqual(read(whole))
})

test('the learning rate warms up, then moves linearly to its end', () => {
  const schedule = { steps: 7, warmupSteps: 2, lrStart: 0.3, lrEnd: 0.1 }
  const rates = Array.from({ length: 7 }, (_, step) => learningRate(schedule, step))
  const expected = [0.1, 0.2, 0.3, 0.25, 0.2, 0.15, 0.1]
  for (const [step, rate] of rates.entries()) expect(rate).toBeCloseTo(expected[step] ?? 0, 12)
  expect(learningRate({ steps: 1, warmupSteps: 0, lrStart: 0.3, lrEnd: 0 }, 0)).toBe(0.3)
})
