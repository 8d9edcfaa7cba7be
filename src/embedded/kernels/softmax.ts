/** Softmax over rows: attention weights with their gradient, the loss, and the choice of a token. */

import { exponential, logarithm, maxLanes, sumLanes } from './vector'

/**
 * One row in place: softmax of `scale` times the first `n` entries; the rest up to `stride` becomes 0.
 * `stride` is a multiple of 4 and at least n.
 */
export function softmax(row: usize, n: i32, stride: i32, scale: f32): void {
  const full = <usize>((n + 3) & ~3) << 2
  for (let j = <usize>n << 2; j < full; j += 4) store<f32>(row + j, -1e30)
  let largest = f32x4.splat(-1e30)
  for (let j: usize = 0; j < full; j += 16) largest = f32x4.max(largest, v128.load(row + j))
  const top = f32x4.splat(maxLanes(largest))
  const factor = f32x4.splat(scale)
  let sum = f32x4.splat(0)
  for (let j: usize = 0; j < full; j += 16) {
    const e = exponential(f32x4.mul(f32x4.sub(v128.load(row + j), top), factor))
    v128.store(row + j, e)
    sum = f32x4.add(sum, e)
  }
  const inverse = f32x4.splat(1 / sumLanes(sum))
  for (let j: usize = 0; j < full; j += 16) v128.store(row + j, f32x4.mul(v128.load(row + j), inverse))
  for (let j = <usize>n << 2; j < full; j += 4) store<f32>(row + j, 0)
  for (let j = full; j < <usize>stride << 2; j += 16) v128.store(row + j, f32x4.splat(0))
}

/** Attention weights of one head: row i sees entries 0 to i. */
export function softmaxCausal(scores: usize, rows: i32, stride: i32, scale: f32): void {
  for (let i = 0; i < rows; i++) softmax(scores + (<usize>(i * stride) << 2), i + 1, stride, scale)
}

/** Turns the gradient of the weights into that of the scores, in place: scale P (dP - sum(P dP)). */
export function softmaxCausalBackward(weights: usize, gradient: usize, rows: i32, stride: i32, scale: f32): void {
  const factor = f32x4.splat(scale)
  const rowBytes = <usize>stride << 2
  for (let i = 0; i < rows; i++, weights += rowBytes, gradient += rowBytes) {
    const full = <usize>((i + 4) & ~3) << 2
    let sum = f32x4.splat(0)
    for (let j: usize = 0; j < full; j += 16) {
      sum = f32x4.add(sum, f32x4.mul(v128.load(weights + j), v128.load(gradient + j)))
    }
    const mean = f32x4.splat(sumLanes(sum))
    for (let j: usize = 0; j < full; j += 16) {
      const g = f32x4.sub(v128.load(gradient + j), mean)
      v128.store(gradient + j, f32x4.mul(factor, f32x4.mul(v128.load(weights + j), g)))
    }
    for (let j = full; j < rowBytes; j += 16) v128.store(gradient + j, f32x4.splat(0))
  }
}

/**
 * Cross-entropy of `rows` rows of logits against `targets` (32-bit token numbers).
 * Logits become their gradient times `scale`. Returns the sum of the losses in nats.
 */
export function crossEntropy(logits: usize, targets: usize, rows: i32, n: i32, stride: i32, scale: f32): f64 {
  let loss: f64 = 0
  const factor = f32x4.splat(scale)
  for (let i = 0; i < rows; i++, logits += <usize>stride << 2) {
    softmax(logits, n, stride, 1)
    const target = logits + (<usize>load<i32>(targets + (<usize>i << 2)) << 2)
    const p = load<f32>(target)
    loss -= logarithm(<f64>p)
    store<f32>(target, p - 1)
    for (let j: usize = 0; j < <usize>stride << 2; j += 16) v128.store(logits + j, f32x4.mul(v128.load(logits + j), factor))
  }
  return loss
}

/** The token with the largest logit, the first of equals. */
export function largest(logits: usize, n: i32): i32 {
  let best = 0
  for (let i = 1; i < n; i++) {
    if (load<f32>(logits + (<usize>i << 2)) > load<f32>(logits + (<usize>best << 2))) best = i
  }
  return best
}

/** The token at which the running sum of the probabilities passes `uniform` in [0, 1). */
export function pick(probabilities: usize, n: i32, uniform: f64): i32 {
  let left = uniform
  for (let i = 0; i < n; i++) {
    left -= <f64>load<f32>(probabilities + (<usize>i << 2))
    if (left < 0) return i
  }
  // Rounding left the sum a hair below 1: the last token that can occur at all.
  for (let i = n - 1; i > 0; i--) if (load<f32>(probabilities + (<usize>i << 2)) > 0) return i
  return 0
}
