/** The toy model written once more with jax-js: its automatic gradients are what our hand-written ones must equal. */

import { grad, nn, numpy as np } from '@jax-js/jax'
import type { TrainingText } from '../../../src/embedded/model/gradient.ts'
import { type ModelShape, parameterLayout } from '../../../src/embedded/model/model.ts'

type Tensor = np.Array
type Parameters = Record<string, Tensor>

/** Summed loss of the texts and its gradient, as one flat array in our layout. */
export async function oracle(
  shape: ModelShape,
  flat: Float32Array,
  texts: readonly TrainingText[],
): Promise<{ loss: number; gradient: Float32Array }> {
  const layout = parameterLayout(shape)
  const places = tensors(shape)
  const parameters = (): Parameters =>
    Object.fromEntries(
      places.map(({ name, offset, sizes }) => {
        const count = sizes.reduce((a, b) => a * b, 1)
        return [name, np.array(flat.slice(offset, offset + count), { shape: sizes })]
      }),
    )
  const gradient = new Float32Array(layout.total)
  let loss = 0
  for (const text of texts) {
    loss += Number((await textLoss(shape, parameters(), text).data())[0])
    const slopes = grad((p: Parameters) => textLoss(shape, p, text))(parameters())
    for (const { name, offset } of places) {
      const values = await (slopes[name] as Tensor).data()
      for (let i = 0; i < values.length; i++) gradient[offset + i] = (gradient[offset + i] ?? 0) + Number(values[i])
    }
  }
  return { loss, gradient }
}

function tensors(shape: ModelShape): { name: string; offset: number; sizes: number[] }[] {
  const { width, hidden } = shape
  const layout = parameterLayout(shape)
  return [
    { name: 'embedding', offset: layout.embedding, sizes: [layout.rows, width] },
    { name: 'finalNorm', offset: layout.finalNorm, sizes: [width] },
    ...layout.layers.flatMap((layer, i) => [
      { name: `attentionNorm${i}`, offset: layer.attentionNorm, sizes: [width] },
      { name: `attentionIn${i}`, offset: layer.attentionIn, sizes: [width, 3 * width] },
      { name: `attentionOut${i}`, offset: layer.attentionOut, sizes: [width, width] },
      { name: `hiddenNorm${i}`, offset: layer.hiddenNorm, sizes: [width] },
      { name: `hiddenIn${i}`, offset: layer.hiddenIn, sizes: [width, hidden] },
      { name: `hiddenOut${i}`, offset: layer.hiddenOut, sizes: [hidden, width] },
    ]),
  ]
}

/** Tensors are counted by reference there: every use of one but the last takes `.ref`; here all do, and leak a little. */
function textLoss(shape: ModelShape, p: Parameters, { tokens, start }: TrainingText): Tensor {
  const length = tokens.length - 1
  const get = (name: string): Tensor => (p[name] as Tensor).ref
  let x = np.matmul(oneHot(Array.from(tokens).slice(0, length), parameterLayout(shape).rows), get('embedding'))
  for (let i = 0; i < shape.layers; i++) {
    const projected = np.matmul(norm(x.ref, get(`attentionNorm${i}`)), get(`attentionIn${i}`))
    x = x.add(np.matmul(attention(shape, projected, length), get(`attentionOut${i}`)))
    const hidden = nn.relu(np.matmul(norm(x.ref, get(`hiddenNorm${i}`)), get(`hiddenIn${i}`)))
    x = x.add(np.matmul(hidden.ref.mul(hidden), get(`hiddenOut${i}`)))
  }
  const logits = np.matmul(norm(x, get('finalNorm')), np.transpose(get('embedding')))
  const logarithms = nn.logSoftmax(logits.slice([start - 1, length], [0, shape.vocabulary]), 1)
  return logarithms
    .mul(oneHot(Array.from(tokens).slice(start), shape.vocabulary))
    .sum()
    .mul(-1)
}

function attention({ width, heads }: ModelShape, projected: Tensor, length: number): Tensor {
  const head = width / heads
  const mask = np.array(
    Array.from({ length }, (_, row) => Array.from({ length }, (_, column) => (column <= row ? 0 : -1e9))),
  )
  const parts = Array.from({ length: heads }, (_, h) => {
    const part = (which: number): Tensor =>
      projected.ref.slice([], [which * width + h * head, which * width + (h + 1) * head])
    const scores = np.matmul(turn(part(0), length, head), np.transpose(turn(part(1), length, head)))
    return np.matmul(nn.softmax(scores.mul(1 / Math.sqrt(head)).add(mask.ref), 1), part(2))
  })
  return np.concatenate(parts, 1)
}

function turn(x: Tensor, length: number, head: number): Tensor {
  const half = head / 2
  const table = (f: (angle: number) => number): Tensor =>
    np.array(Array.from({ length }, (_, t) => Array.from({ length: half }, (_, i) => f(t * 100 ** (-i / half)))))
  const [low, high] = [x.ref.slice([], [0, half]), x.ref.slice([], [half, head])]
  const [c, s] = [table(Math.cos), table(Math.sin)]
  return np.concatenate([low.ref.mul(c.ref).sub(high.ref.mul(s.ref)), low.mul(s).add(high.mul(c))], 1)
}

function norm(x: Tensor, weight: Tensor): Tensor {
  const mean = np.mean(x.ref.mul(x.ref), 1, { keepdims: true })
  return x.div(np.sqrt(mean.add(1e-6))).mul(weight)
}

/** A product with one-hot rows picks rows, as the gradient of `take` cannot be had there. */
function oneHot(numbers: number[], size: number): Tensor {
  return np.array(numbers.map((n) => Array.from({ length: size }, (_, i) => (i === n ? 1 : 0))))
}
