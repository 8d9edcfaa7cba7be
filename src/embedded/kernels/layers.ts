/** The small layers with their gradients: RMSNorm, squared ReLU, rows of a table. Counts are multiples of 4. */

import { sumLanes } from './vector'

const EPSILON: f32 = 1e-6

/** y = w x / rms(x) for each row; keeps 1 / rms in `inverse` for the gradient. */
export function rmsNorm(x: usize, w: usize, y: usize, inverse: usize, rows: i32, width: i32): void {
  const bytes = <usize>width << 2
  for (let i = 0; i < rows; i++, x += bytes, y += bytes) {
    let sum = f32x4.splat(0)
    for (let j: usize = 0; j < bytes; j += 16) {
      const v = v128.load(x + j)
      sum = f32x4.add(sum, f32x4.mul(v, v))
    }
    const r: f32 = 1 / sqrt<f32>(sumLanes(sum) / <f32>width + EPSILON)
    store<f32>(inverse + (<usize>i << 2), r)
    const factor = f32x4.splat(r)
    for (let j: usize = 0; j < bytes; j += 16) {
      v128.store(y + j, f32x4.mul(f32x4.mul(v128.load(x + j), factor), v128.load(w + j)))
    }
  }
}

/** Adds to `dx` and to `dw`. */
export function rmsNormBackward(
  x: usize, w: usize, inverse: usize, dy: usize, dx: usize, dw: usize, rows: i32, width: i32,
): void {
  const bytes = <usize>width << 2
  for (let i = 0; i < rows; i++, x += bytes, dy += bytes, dx += bytes) {
    const r = f32x4.splat(load<f32>(inverse + (<usize>i << 2)))
    let sum = f32x4.splat(0)
    for (let j: usize = 0; j < bytes; j += 16) {
      const normal = f32x4.mul(v128.load(x + j), r)
      const g = v128.load(dy + j)
      v128.store(dw + j, f32x4.add(v128.load(dw + j), f32x4.mul(g, normal)))
      sum = f32x4.add(sum, f32x4.mul(f32x4.mul(g, v128.load(w + j)), normal))
    }
    const mean = f32x4.splat(sumLanes(sum) / <f32>width)
    for (let j: usize = 0; j < bytes; j += 16) {
      const normal = f32x4.mul(v128.load(x + j), r)
      const g = f32x4.sub(f32x4.mul(v128.load(dy + j), v128.load(w + j)), f32x4.mul(normal, mean))
      v128.store(dx + j, f32x4.add(v128.load(dx + j), f32x4.mul(r, g)))
    }
  }
}

/** y = max(x, 0)^2; x and y may be the same. */
export function squaredRelu(x: usize, y: usize, count: i32): void {
  const zero = f32x4.splat(0)
  for (let j: usize = 0; j < <usize>count << 2; j += 16) {
    const v = f32x4.max(v128.load(x + j), zero)
    v128.store(y + j, f32x4.mul(v, v))
  }
}

/** gradient *= 2 max(x, 0). */
export function squaredReluBackward(x: usize, gradient: usize, count: i32): void {
  const zero = f32x4.splat(0), two = f32x4.splat(2)
  for (let j: usize = 0; j < <usize>count << 2; j += 16) {
    const slope = f32x4.mul(two, f32x4.max(v128.load(x + j), zero))
    v128.store(gradient + j, f32x4.mul(v128.load(gradient + j), slope))
  }
}

/** out[i] = table[index[i]]: embedding, and the rows that have a target. */
export function gatherRows(table: usize, index: usize, out: usize, rows: i32, width: i32): void {
  const bytes = <usize>width << 2
  for (let i = 0; i < rows; i++) {
    memory.copy(out + <usize>i * bytes, table + <usize>load<i32>(index + (<usize>i << 2)) * bytes, bytes)
  }
}

/** table[index[i]] += rows[i]. */
export function scatterRows(rows: usize, index: usize, table: usize, count: i32, width: i32): void {
  const bytes = <usize>width << 2
  for (let i = 0; i < count; i++, rows += bytes) {
    const to = table + <usize>load<i32>(index + (<usize>i << 2)) * bytes
    for (let j: usize = 0; j < bytes; j += 16) v128.store(to + j, f32x4.add(v128.load(to + j), v128.load(rows + j)))
  }
}

export function copy(from: usize, to: usize, count: i32): void {
  memory.copy(to, from, <usize>count << 2)
}

export function clear(at: usize, count: i32): void {
  memory.fill(at, 0, <usize>count << 2)
}
