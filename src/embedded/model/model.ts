/** The toy language model's shape, where its parameters lie, and how they begin. */

import { createRandom, type Random } from '../../core/seed.ts'
import type { Pointer, Workspace } from './kernels.ts'

/** A decoder with rotary positions, RMSNorm before each part, squared ReLU, tied embeddings and no biases. */
export interface ModelShape {
  /** Number of tokens. */
  readonly vocabulary: number
  /** Floats of one position's state, a multiple of `heads` times 8. */
  readonly width: number
  readonly layers: number
  /** Attention heads; width / heads is 8, 16, 32, ...: a power of two. */
  readonly heads: number
  /** Floats between the two halves of a feed-forward part, a multiple of 8. */
  readonly hidden: number
  /** Most positions of a text, prompt included; a multiple of 16. */
  readonly context: number
}

/** Offsets of one layer's tensors, in floats from the first parameter. */
export interface LayerLayout {
  readonly attentionNorm: number
  /** width x 3 width: query, key, value side by side. */
  readonly attentionIn: number
  /** width x width. */
  readonly attentionOut: number
  readonly hiddenNorm: number
  /** width x hidden. */
  readonly hiddenIn: number
  /** hidden x width. */
  readonly hiddenOut: number
}

export interface Layout {
  /** rows x width, used both to embed and to predict. */
  readonly embedding: number
  /** Rows of the embedding: the vocabulary rounded up to 8; the additional ones stay out of every softmax. */
  readonly rows: number
  readonly layers: readonly LayerLayout[]
  readonly finalNorm: number
  /** All parameters, in floats. */
  readonly total: number
}

/** A model in a workspace. */
export interface Model {
  readonly workspace: Workspace
  readonly shape: ModelShape
  readonly layout: Layout
  readonly parameters: Pointer
  /** Cosines and sines of every position. */
  readonly turns: Pointer
}

export function parameterLayout(shape: ModelShape): Layout {
  const { width, hidden } = shape
  const rows = (shape.vocabulary + 7) & ~7
  let total = 0
  const take = (count: number): number => {
    const offset = total
    total += count
    return offset
  }
  const embedding = take(rows * width)
  const layers = Array.from({ length: shape.layers }, () => ({
    attentionNorm: take(width),
    attentionIn: take(width * 3 * width),
    attentionOut: take(width * width),
    hiddenNorm: take(width),
    hiddenIn: take(width * hidden),
    hiddenOut: take(hidden * width),
  }))
  const finalNorm = take(width)
  return { embedding, rows, layers, finalNorm, total }
}

/**
 * Puts a model into the workspace.
 * @throws RangeError when the shape is not one the kernels can compute, or the parameters are not of its size
 */
export function createModel(workspace: Workspace, shape: ModelShape, parameters: Float32Array): Model {
  checkShape(shape)
  const layout = parameterLayout(shape)
  if (parameters.length !== layout.total) {
    throw new RangeError(`The model has ${layout.total} parameters, but ${parameters.length} were given.`)
  }
  const head = shape.width / shape.heads
  const pointer = workspace.allocate(layout.total)
  const turns = workspace.allocate(shape.context * head)
  workspace.floats(pointer, layout.total).set(parameters)
  workspace.kernels.ropeTable(turns, shape.context, head / 2)
  return { workspace, shape, layout, parameters: pointer, turns }
}

function checkShape({ vocabulary, width, layers, heads, hidden, context }: ModelShape): void {
  const head = width / heads
  const fits =
    [vocabulary, layers, heads].every((count) => Number.isInteger(count) && count > 0) &&
    head >= 8 &&
    (head & (head - 1)) === 0 &&
    hidden % 8 === 0 &&
    context % 16 === 0 &&
    context <= 4096
  if (!fits) {
    throw new RangeError(
      'The model needs width / heads of 8, 16 or another power of two, hidden in eights, and a context in sixteens up to 4096.',
    )
  }
}

/** First parameters: normal weights scaled by their input's size, the parts that write to the residual halved further. */
export function initialParameters(shape: ModelShape, seed: number): Float32Array {
  const { width, hidden } = shape
  const layout = parameterLayout(shape)
  const parameters = new Float32Array(layout.total)
  const random = createRandom(seed)
  const draw = (offset: number, count: number, deviation: number): void => {
    for (let i = offset; i < offset + count; i++) parameters[i] = deviation * normal(random)
  }
  const ones = (offset: number): unknown => parameters.fill(1, offset, offset + width)
  const residual = 1 / Math.sqrt(2 * shape.layers)
  draw(layout.embedding, shape.vocabulary * width, 0.02)
  for (const layer of layout.layers) {
    ones(layer.attentionNorm)
    ones(layer.hiddenNorm)
    draw(layer.attentionIn, width * 3 * width, 1 / Math.sqrt(width))
    draw(layer.attentionOut, width * width, residual / Math.sqrt(width))
    draw(layer.hiddenIn, width * hidden, 1 / Math.sqrt(width))
    draw(layer.hiddenOut, hidden * width, residual / Math.sqrt(hidden))
  }
  ones(layout.finalNorm)
  return parameters
}

/** Nearly normal: twelve uniforms summed (Irwin-Hall). Additions alone, so that every engine draws the same numbers. */
function normal(random: Random): number {
  let sum = -6
  for (let i = 0; i < 12; i++) sum += random()
  return sum
}
