/** Small vector functions that the kernels share; inlined, so they are not exports of the compiled file. */

@inline
export function multiplyAdd(a: v128, b: v128, sum: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), sum)
}

/** Sum of four lanes, always in the same order. */
@inline
export function sumLanes(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3)
}

@inline
export function maxLanes(x: v128): f32 {
  return max(
    max(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1)),
    max(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3)),
  )
}

/**
 * e^x for x <= 0, to about one unit in the last place: the polynomial of Cephes' expf.
 * Own exponentials make results equal on every engine; `Math.exp` may differ in its last digit.
 */
@inline
export function exponential(x: v128): v128 {
  x = f32x4.max(x, f32x4.splat(-87))
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504088896341)))
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)))
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440e-4)))
  let p = f32x4.splat(1.9875691500e-4)
  p = multiplyAdd(p, r, f32x4.splat(1.3981999507e-3))
  p = multiplyAdd(p, r, f32x4.splat(8.3334519073e-3))
  p = multiplyAdd(p, r, f32x4.splat(4.1665795894e-2))
  p = multiplyAdd(p, r, f32x4.splat(1.6666665459e-1))
  p = multiplyAdd(p, r, f32x4.splat(5.0000001201e-1))
  p = f32x4.add(multiplyAdd(f32x4.mul(r, r), p, r), f32x4.splat(1))
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23)
  return f32x4.mul(p, power)
}

/** Natural logarithm of a positive number, by the atanh series: +, *, / alone, so equal on every engine. */
export function logarithm(x: f64): f64 {
  const bits = reinterpret<u64>(x)
  let exponent = <f64>(<i32>(bits >> 52) - 1023)
  let mantissa = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000)
  if (mantissa > 1.4142135623730951) {
    mantissa *= 0.5
    exponent += 1
  }
  const s = (mantissa - 1) / (mantissa + 1)
  const square = s * s
  let series: f64 = 0
  for (let odd = 21; odd >= 1; odd -= 2) series = series * square + 1 / <f64>odd
  return exponent * 0.6931471805599453 + 2 * s * series
}
