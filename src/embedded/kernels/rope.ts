/** Rotary positions: the table of cosines and sines, and the rotation of queries and keys. */

/**
 * Table of `positions` rows of [cos x half | sin x half] for the angles position * 100^(-i / half).
 * `half` (half of a head) is a power of two: the ratio of neighbouring frequencies is then a repeated square root, the
 * first angles are Taylor sums, and further positions follow by the addition theorems. No engine's cosine has a say.
 */
export function ropeTable(table: usize, positions: i32, half: i32): void {
  let ratio: f64 = 0.01
  for (let h = half; h > 1; h >>= 1) ratio = sqrt<f64>(ratio)
  let angle: f64 = 1
  for (let i = 0; i < half; i++, angle *= ratio) {
    const stepCos = taylor(angle, 0), stepSin = taylor(angle, 1)
    let c: f64 = 1, s: f64 = 0
    for (let position = 0; position < positions; position++) {
      const row = table + (<usize>(position * 2 * half + i) << 2)
      store<f32>(row, <f32>c)
      store<f32>(row + (<usize>half << 2), <f32>s)
      const next = c * stepCos - s * stepSin
      s = s * stepCos + c * stepSin
      c = next
    }
  }
}

/** cos (first = 0) or sin (first = 1) of an angle of at most 1 radian. */
function taylor(angle: f64, first: i32): f64 {
  let term: f64 = first == 1 ? angle : 1
  let sum = term
  for (let k = first + 2; k < 24; k += 2) {
    term *= -angle * angle / <f64>(k * (k - 1))
    sum += term
  }
  return sum
}

/**
 * Rotates queries and keys of `rows` rows of [query | key | value] in place, by their position (32-bit numbers);
 * `sign` -1 turns back, which is the rotation's gradient. `head` is a multiple of 8.
 */
export function rotate(rows: usize, positions: usize, count: i32, width: i32, head: i32, table: usize, sign: f32): void {
  const half = <usize>head << 1
  const direction = f32x4.splat(sign)
  for (let t = 0; t < count; t++, rows += <usize>width * 12) {
    const turn = table + <usize>(load<i32>(positions + (<usize>t << 2)) * head) * 4
    for (let at: usize = 0; at < <usize>width << 3; at += <usize>head << 2) {
      for (let i: usize = 0; i < half; i += 16) {
        const low = rows + at + i, high = low + half
        const c = v128.load(turn + i), s = f32x4.mul(v128.load(turn + half + i), direction)
        const x = v128.load(low), y = v128.load(high)
        v128.store(low, f32x4.sub(f32x4.mul(x, c), f32x4.mul(y, s)))
        v128.store(high, f32x4.add(f32x4.mul(x, s), f32x4.mul(y, c)))
      }
    }
  }
}
