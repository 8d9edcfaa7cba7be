/** AdamW over flat arrays of parameters, the sum of gradients, and their norm. Counts are multiples of 4. */

/** to += from. */
export function add(from: usize, to: usize, count: i32): void {
  for (let j: usize = 0; j < <usize>count << 2; j += 16) {
    v128.store(to + j, f32x4.add(v128.load(to + j), v128.load(from + j)))
  }
}

/** Euclidean norm, summed in double precision. */
export function norm(x: usize, count: i32): f64 {
  let low = f64x2.splat(0), high = low
  for (let j: usize = 0; j < <usize>count << 2; j += 16) {
    const v = v128.load(x + j)
    const a = f64x2.promote_low_f32x4(v)
    const b = f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 2, 3))
    low = f64x2.add(low, f64x2.mul(a, a))
    high = f64x2.add(high, f64x2.mul(b, b))
  }
  const sum = f64x2.add(low, high)
  return sqrt<f64>(f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1))
}

/**
 * One AdamW step (Loshchilov and Hutter, arXiv 1711.05101) on the gradient times `scale`.
 * `correctFirst` = 1 - beta1^t and `correctSecond` = 1 - beta2^t undo the bias of the moments' zero start.
 */
export function adamw(
  parameters: usize, gradient: usize, first: usize, second: usize, count: i32,
  scale: f32, rate: f32, beta1: f32, beta2: f32, epsilon: f32, decay: f32, correctFirst: f32, correctSecond: f32,
): void {
  const b1 = f32x4.splat(beta1), c1 = f32x4.splat(1 - beta1)
  const b2 = f32x4.splat(beta2), c2 = f32x4.splat(1 - beta2)
  const step = f32x4.splat(rate / correctFirst), inverse = f32x4.splat(1 / correctSecond)
  const keep = f32x4.splat(1 - rate * decay), tiny = f32x4.splat(epsilon), factor = f32x4.splat(scale)
  for (let j: usize = 0; j < <usize>count << 2; j += 16) {
    const g = f32x4.mul(v128.load(gradient + j), factor)
    const m = f32x4.add(f32x4.mul(b1, v128.load(first + j)), f32x4.mul(c1, g))
    const v = f32x4.add(f32x4.mul(b2, v128.load(second + j)), f32x4.mul(c2, f32x4.mul(g, g)))
    v128.store(first + j, m)
    v128.store(second + j, v)
    const change = f32x4.div(f32x4.mul(step, m), f32x4.add(f32x4.sqrt(f32x4.mul(v, inverse)), tiny))
    v128.store(parameters + j, f32x4.sub(f32x4.mul(v128.load(parameters + j), keep), change))
  }
}
