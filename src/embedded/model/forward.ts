/** The forward pass that training and generation share; they differ in how attention finds its keys and values. */

import type { Pointer, Workspace } from './kernels.ts'
import type { LayerLayout, Model, ModelShape } from './model.ts'

/** Tokens of one pass, packed one after another without padding; 32-bit numbers in the workspace. */
export interface PackedTokens {
  readonly count: number
  readonly tokens: Pointer
  readonly positions: Pointer
}

/** What one layer computes for `count` tokens. Training keeps one a layer, generation uses one for all. */
export interface Activations {
  /** Input of the layer, count x width. */
  readonly input: Pointer
  readonly attentionNorm: Pointer
  readonly attentionInverse: Pointer
  /** Rows of [query | key | value], rotated. */
  readonly projected: Pointer
  readonly attended: Pointer
  /** Input plus attention. */
  readonly middle: Pointer
  readonly hiddenNorm: Pointer
  readonly hiddenInverse: Pointer
  readonly hidden: Pointer
  readonly active: Pointer
  readonly output: Pointer
}

/** Room for a layer that keeps everything for its gradient; `input` is the previous layer's output. */
export function allocateActivations(
  workspace: Workspace,
  { width, hidden }: ModelShape,
  count: number,
  input: Pointer,
): Activations {
  const { allocate } = workspace
  return {
    input,
    attentionNorm: allocate(count * width),
    attentionInverse: allocate(count),
    projected: allocate(count * 3 * width),
    attended: allocate(count * width),
    middle: allocate(count * width),
    hiddenNorm: allocate(count * width),
    hiddenInverse: allocate(count),
    hidden: allocate(count * hidden),
    active: allocate(count * hidden),
    output: allocate(count * width),
  }
}

/** Room for a pass without gradient: every layer works in place on the same memory. */
export function allocateInPlace(workspace: Workspace, { width, hidden }: ModelShape, count: number): Activations {
  const { allocate } = workspace
  const state = allocate(count * width)
  const normal = allocate(count * width)
  const inverse = allocate(count)
  const wide = allocate(count * hidden)
  return {
    input: state,
    attentionNorm: normal,
    attentionInverse: inverse,
    projected: allocate(count * 3 * width),
    attended: allocate(count * width),
    middle: state,
    hiddenNorm: normal,
    hiddenInverse: inverse,
    hidden: wide,
    active: wide,
    output: state,
  }
}

/** Fills `attended` from the `projected` rows of one layer. */
export type Attention = (layer: number, activations: Activations) => void

/** Runs all layers; the state after the last one is in the last activations' `output`. */
export function forward(
  model: Model,
  { count, tokens, positions }: PackedTokens,
  activations: (layer: number) => Activations,
  attention: Attention,
): void {
  const { kernels } = model.workspace
  const { width, heads } = model.shape
  const embedding = model.parameters + 4 * model.layout.embedding
  kernels.gatherRows(embedding, tokens, activations(0).input, count, width)
  model.layout.layers.forEach((layout, layer) => {
    const a = activations(layer)
    const at = (tensor: keyof LayerLayout): Pointer => model.parameters + 4 * layout[tensor]
    kernels.rmsNorm(a.input, at('attentionNorm'), a.attentionNorm, a.attentionInverse, count, width)
    multiply(model, a.attentionNorm, at('attentionIn'), a.projected, count, 3 * width, width, false)
    kernels.rotate(a.projected, positions, count, width, width / heads, model.turns, 1)
    attention(layer, a)
    if (a.middle !== a.input) kernels.copy(a.input, a.middle, count * width)
    multiply(model, a.attended, at('attentionOut'), a.middle, count, width, width, true)
    hiddenForward(model, a, at, count)
  })
}

function hiddenForward(model: Model, a: Activations, at: (tensor: keyof LayerLayout) => Pointer, count: number): void {
  const { kernels } = model.workspace
  const { width, hidden } = model.shape
  kernels.rmsNorm(a.middle, at('hiddenNorm'), a.hiddenNorm, a.hiddenInverse, count, width)
  multiply(model, a.hiddenNorm, at('hiddenIn'), a.hidden, count, hidden, width, false)
  kernels.squaredRelu(a.hidden, a.active, count * hidden)
  if (a.output !== a.middle) kernels.copy(a.middle, a.output, count * width)
  multiply(model, a.active, at('hiddenOut'), a.output, count, width, hidden, true)
}

/** Causal attention of one text within itself, head by head; `weights` gets heads x length x stride(length) floats. */
export function attendWithin(
  model: Model,
  activations: Activations,
  from: number,
  length: number,
  weights: Pointer,
): void {
  const { kernels } = model.workspace
  const { width, heads } = model.shape
  const head = width / heads
  const stride = weightStride(length)
  const row = 3 * width
  for (let h = 0; h < heads; h++) {
    const query = activations.projected + 4 * (from * row + h * head)
    const scores = weights + 4 * h * length * stride
    const out = activations.attended + 4 * (from * width + h * head)
    kernels.gemm(query, row, 1, query + 4 * width, 1, row, scores, stride, length, length, head, false)
    kernels.softmaxCausal(scores, length, stride, attentionScale(head))
    kernels.gemm(scores, stride, 1, query + 8 * width, row, 1, out, width, length, head, length, false)
  }
}

/** Row stride of a text's attention weights: its length rounded up to whole vectors. */
export function weightStride(length: number): number {
  return (length + 3) & ~3
}

export function attentionScale(head: number): number {
  return 1 / Math.sqrt(head)
}

/** Final norm and logits: `states` (count x width) become `normal`, and `logits` count x rows. */
export function predict(
  model: Model,
  states: Pointer,
  normal: Pointer,
  inverse: Pointer,
  logits: Pointer,
  count: number,
): void {
  const { kernels } = model.workspace
  const { width } = model.shape
  const { rows, finalNorm, embedding } = model.layout
  kernels.rmsNorm(states, model.parameters + 4 * finalNorm, normal, inverse, count, width)
  kernels.gemm(normal, width, 1, model.parameters + 4 * embedding, 1, width, logits, rows, count, rows, width, false)
}

/** C (m x n) = A (m x k) B (k x n), all dense. */
function multiply(
  { workspace }: Model,
  a: Pointer,
  b: Pointer,
  c: Pointer,
  m: number,
  n: number,
  k: number,
  accumulate: boolean,
): void {
  workspace.kernels.gemm(a, k, 1, b, n, 1, c, n, m, n, k, accumulate)
}
