/** Loss and gradient of a batch of texts: the forward pass with everything kept, then backward by hand. */

import {
  type Activations,
  allocateActivations,
  attendWithin,
  attentionScale,
  forward,
  type PackedTokens,
  predict,
  weightStride,
} from './forward.ts'
import type { Pointer } from './kernels.ts'
import type { LayerLayout, Model } from './model.ts'

/** A text to learn: the tokens before `start` are given, the loss counts those from `start` on. */
export interface TrainingText {
  readonly tokens: ArrayLike<number>
  /** At least 1. */
  readonly start: number
}

/** One text's place among the packed tokens. */
interface Piece {
  readonly from: number
  readonly length: number
  /** Attention weights of all heads, from the layer's first. */
  readonly weights: number
}

interface Batch extends PackedTokens {
  readonly pieces: readonly Piece[]
  /** Floats of one layer's attention weights. */
  readonly weights: number
  /** Rows that predict a token which counts, and those tokens. */
  readonly targets: number
  readonly targetRows: Pointer
  readonly targetTokens: Pointer
}

/** Tokens that count towards the loss. */
export function targetCount(texts: readonly TrainingText[]): number {
  return texts.reduce((sum, text) => sum + text.tokens.length - text.start, 0)
}

/**
 * Adds the gradient of `scale` times the summed loss to `gradient` (as many floats as parameters).
 * @returns the summed loss in nats, not scaled
 */
export function addGradient(model: Model, gradient: Pointer, texts: readonly TrainingText[], scale: number): number {
  const { workspace } = model
  const mark = workspace.mark()
  const batch = packTexts(model, texts)
  const weights = model.layout.layers.map(() => workspace.allocate(batch.weights))
  const kept = keepActivations(model, batch.count)
  forward(
    model,
    batch,
    (layer) => at(kept, layer),
    (layer, activations) => {
      for (const piece of batch.pieces) {
        attendWithin(model, activations, piece.from, piece.length, at(weights, layer) + 4 * piece.weights)
      }
    },
  )
  const state = workspace.allocate(batch.count * model.shape.width)
  const loss = headGradient(model, gradient, batch, at(kept, kept.length - 1).output, scale, state)
  for (let layer = kept.length - 1; layer >= 0; layer--) {
    layerGradient(model, gradient, batch, layer, at(kept, layer), at(weights, layer), state)
  }
  const embedding = gradient + 4 * model.layout.embedding
  workspace.kernels.scatterRows(state, batch.tokens, embedding, batch.count, model.shape.width)
  workspace.release(mark)
  return loss
}

function packTexts({ workspace, shape }: Model, texts: readonly TrainingText[]): Batch {
  const count = texts.reduce((sum, text) => sum + text.tokens.length - 1, 0)
  const targets = targetCount(texts)
  const [tokens, positions] = [workspace.allocate(count), workspace.allocate(count)]
  const [targetRows, targetTokens] = [workspace.allocate(targets), workspace.allocate(targets)]
  const views = {
    tokens: workspace.integers(tokens, count),
    positions: workspace.integers(positions, count),
    targetRows: workspace.integers(targetRows, targets),
    targetTokens: workspace.integers(targetTokens, targets),
  }
  const pieces: Piece[] = []
  let [row, target, weights] = [0, 0, 0]
  for (const text of texts) {
    const length = text.tokens.length - 1
    pieces.push({ from: row, length, weights })
    weights += shape.heads * length * weightStride(length)
    for (let position = 0; position < length; position++, row++) {
      views.tokens[row] = text.tokens[position] ?? 0
      views.positions[row] = position
      if (position < text.start - 1) continue
      views.targetRows[target] = row
      views.targetTokens[target++] = text.tokens[position + 1] ?? 0
    }
  }
  return { count, tokens, positions, pieces, weights, targets, targetRows, targetTokens }
}

function keepActivations(model: Model, count: number): Activations[] {
  const { workspace, shape } = model
  const kept: Activations[] = []
  let input = workspace.allocate(count * shape.width)
  for (let layer = 0; layer < shape.layers; layer++) {
    const activations = allocateActivations(workspace, shape, count, input)
    kept.push(activations)
    input = activations.output
  }
  return kept
}

/** Loss and the gradient of the last layer's output (into `state`), over the rows that have a target alone. */
function headGradient(
  model: Model,
  gradient: Pointer,
  batch: Batch,
  output: Pointer,
  scale: number,
  state: Pointer,
): number {
  const { workspace, shape, layout, parameters } = model
  const { kernels, allocate } = workspace
  const { width } = shape
  const { targets, targetRows } = batch
  const chosen = allocate(targets * width)
  const normal = allocate(targets * width)
  const inverse = allocate(targets)
  const logits = allocate(targets * layout.rows)
  const normalGradient = allocate(targets * width)
  const chosenGradient = allocate(targets * width)
  kernels.gatherRows(output, targetRows, chosen, targets, width)
  predict(model, chosen, normal, inverse, logits, targets)
  const loss = kernels.crossEntropy(logits, batch.targetTokens, targets, shape.vocabulary, layout.rows, scale)
  const embedding = 4 * layout.embedding
  const norm = 4 * layout.finalNorm
  kernels.gemm(logits, 1, layout.rows, normal, width, 1, gradient + embedding, width, layout.rows, width, targets, true)
  kernels.gemm(
    logits,
    layout.rows,
    1,
    parameters + embedding,
    width,
    1,
    normalGradient,
    width,
    targets,
    width,
    layout.rows,
    false,
  )
  kernels.clear(chosenGradient, targets * width)
  kernels.rmsNormBackward(
    chosen,
    parameters + norm,
    inverse,
    normalGradient,
    chosenGradient,
    gradient + norm,
    targets,
    width,
  )
  kernels.clear(state, batch.count * width)
  kernels.scatterRows(chosenGradient, targetRows, state, targets, width)
  return loss
}

/** Turns `state`, the gradient of the layer's output, into that of its input. */
function layerGradient(
  model: Model,
  gradient: Pointer,
  batch: Batch,
  layer: number,
  a: Activations,
  weights: Pointer,
  state: Pointer,
): void {
  const { kernels, allocate, mark, release } = model.workspace
  const { width, hidden, heads } = model.shape
  const { count } = batch
  const layout = at(model.layout.layers, layer)
  const value = (tensor: keyof LayerLayout): Pointer => model.parameters + 4 * layout[tensor]
  const slope = (tensor: keyof LayerLayout): Pointer => gradient + 4 * layout[tensor]
  const top = mark()
  const wide = allocate(count * hidden)
  const normal = allocate(count * width)
  const projected = allocate(count * 3 * width)
  // Each product Y = X W gives the weight's gradient X' dY and the input's gradient dY W'.
  const weightGradient = (x: Pointer, dy: Pointer, tensor: keyof LayerLayout, rows: number, columns: number): void =>
    kernels.gemm(x, 1, rows, dy, columns, 1, slope(tensor), columns, rows, columns, count, true)
  const inputGradient = (dy: Pointer, tensor: keyof LayerLayout, dx: Pointer, rows: number, columns: number): void =>
    kernels.gemm(dy, columns, 1, value(tensor), 1, columns, dx, rows, count, rows, columns, false)

  weightGradient(a.active, state, 'hiddenOut', hidden, width)
  inputGradient(state, 'hiddenOut', wide, hidden, width)
  kernels.squaredReluBackward(a.hidden, wide, count * hidden)
  weightGradient(a.hiddenNorm, wide, 'hiddenIn', width, hidden)
  inputGradient(wide, 'hiddenIn', normal, width, hidden)
  const middle = [a.middle, value('hiddenNorm'), a.hiddenInverse] as const
  kernels.rmsNormBackward(...middle, normal, state, slope('hiddenNorm'), count, width)

  weightGradient(a.attended, state, 'attentionOut', width, width)
  inputGradient(state, 'attentionOut', normal, width, width)
  for (const piece of batch.pieces) attentionGradient(model, piece, a, weights, normal, projected)
  kernels.rotate(projected, batch.positions, count, width, width / heads, model.turns, -1)
  weightGradient(a.attentionNorm, projected, 'attentionIn', width, 3 * width)
  inputGradient(projected, 'attentionIn', normal, width, 3 * width)
  const input = [a.input, value('attentionNorm'), a.attentionInverse] as const
  kernels.rmsNormBackward(...input, normal, state, slope('attentionNorm'), count, width)
  release(top)
}

/** Gradient of one text's queries, keys and values from that of what attention gave. */
function attentionGradient(
  model: Model,
  piece: Piece,
  a: Activations,
  weights: Pointer,
  attended: Pointer,
  projected: Pointer,
): void {
  const { kernels, allocate, mark, release } = model.workspace
  const { width, heads } = model.shape
  const { from, length } = piece
  const head = width / heads
  const row = 3 * width
  const stride = weightStride(length)
  const top = mark()
  const slopes = allocate(length * stride)
  for (let h = 0; h < heads; h++) {
    const query = a.projected + 4 * (from * row + h * head)
    const out = projected + 4 * (from * row + h * head)
    const given = attended + 4 * (from * width + h * head)
    const p = weights + 4 * (piece.weights + h * length * stride)
    kernels.gemm(p, 1, stride, given, width, 1, out + 8 * width, row, length, head, length, false)
    kernels.gemm(given, width, 1, query + 8 * width, 1, row, slopes, stride, length, length, head, false)
    kernels.softmaxCausalBackward(p, slopes, length, stride, attentionScale(head))
    kernels.gemm(slopes, stride, 1, query + 4 * width, row, 1, out, row, length, head, length, false)
    kernels.gemm(slopes, 1, stride, query, row, 1, out + 4 * width, row, length, head, length, false)
  }
  release(top)
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index]
  if (item === undefined) throw new RangeError(`No item ${index} among ${items.length}.`)
  return item
}
