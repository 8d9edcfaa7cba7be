/** Matrix product over strided matrices: the one kernel that nearly all of the time goes to. */

import { multiplyAdd } from './vector'

/** Rows of B packed at a time: 256 rows of 8 floats are 8 KB and stay in the first-level cache. */
const DEPTH: i32 = 256
const panel = memory.data(256 * 8 * 4, 16)
const tile = memory.data(4 * 8 * 4, 16)

/**
 * C = A B, or C += A B with `accumulate`; C is `m` x `n` with row stride `cRow`, A is `m` x `k`, B is `k` x `n`.
 *
 * Row and column strides (in floats) make one function serve A B, A B' and A' B. Every element of C is summed over k
 * in the same order whatever m is, so that a row's result never depends on the other rows of its batch.
 */
export function gemm(
  a: usize, aRow: i32, aColumn: i32,
  b: usize, bRow: i32, bColumn: i32,
  c: usize, cRow: i32,
  m: i32, n: i32, k: i32, accumulate: bool,
): void {
  for (let from = 0; from < k; from += DEPTH) {
    const depth = min(DEPTH, k - from)
    const add = accumulate || from > 0
    const aFrom = a + ((<usize>from * aColumn) << 2)
    for (let column = 0; column < n; column += 8) {
      const width = min(8, n - column)
      pack(b + ((<usize>from * bRow + <usize>column * bColumn) << 2), bRow, bColumn, depth, width)
      columns(aFrom, aRow, aColumn, c + (<usize>column << 2), cRow, m, width, depth, add)
    }
  }
}

/** Copies `depth` x `width` of B into the panel, eight floats a row, missing columns zero. */
function pack(b: usize, bRow: i32, bColumn: i32, depth: i32, width: i32): void {
  const rowBytes = <usize>bRow << 2
  const columnBytes = <usize>bColumn << 2
  let to = panel
  if (bColumn == 1 && width == 8) {
    for (let i = 0; i < depth; i++, to += 32, b += rowBytes) {
      v128.store(to, v128.load(b))
      v128.store(to, v128.load(b, 16), 16)
    }
  } else if (bRow == 1 && width == 8) {
    packTransposed(b, columnBytes, depth)
  } else {
    for (let i = 0; i < depth; i++, b += rowBytes) {
      let from = b
      for (let j = 0; j < 8; j++, to += 4, from += columnBytes) store<f32>(to, j < width ? load<f32>(from) : 0)
    }
  }
}

/** Eight columns that each lie contiguous in memory: transposed four by four. */
function packTransposed(b: usize, columnBytes: usize, depth: i32): void {
  for (let half: usize = 0; half < 32; half += 16) {
    let b0 = b + (half >> 2) * columnBytes
    let b1 = b0 + columnBytes
    let b2 = b1 + columnBytes
    let b3 = b2 + columnBytes
    let to = panel + half
    let i = 0
    for (; i + 4 <= depth; i += 4, to += 128, b0 += 16, b1 += 16, b2 += 16, b3 += 16) {
      const x = v128.load(b0), y = v128.load(b1), z = v128.load(b2), w = v128.load(b3)
      const xyLow = v128.shuffle<i32>(x, y, 0, 4, 1, 5), xyHigh = v128.shuffle<i32>(x, y, 2, 6, 3, 7)
      const zwLow = v128.shuffle<i32>(z, w, 0, 4, 1, 5), zwHigh = v128.shuffle<i32>(z, w, 2, 6, 3, 7)
      v128.store(to, v128.shuffle<i64>(xyLow, zwLow, 0, 2))
      v128.store(to, v128.shuffle<i64>(xyLow, zwLow, 1, 3), 32)
      v128.store(to, v128.shuffle<i64>(xyHigh, zwHigh, 0, 2), 64)
      v128.store(to, v128.shuffle<i64>(xyHigh, zwHigh, 1, 3), 96)
    }
    for (; i < depth; i++, to += 32, b0 += 4, b1 += 4, b2 += 4, b3 += 4) {
      store<f32>(to, load<f32>(b0))
      store<f32>(to, load<f32>(b1), 4)
      store<f32>(to, load<f32>(b2), 8)
      store<f32>(to, load<f32>(b3), 12)
    }
  }
}

/** Eight columns of C from the packed panel: four rows at a time, then the rest one by one. */
function columns(a: usize, aRow: i32, aColumn: i32, c: usize, cRow: i32, m: i32, width: i32, depth: i32, add: bool): void {
  const rowBytes = <usize>aRow << 2
  const step = <usize>aColumn << 2
  const cBytes = <usize>cRow << 2
  let row = 0
  for (; row + 4 <= m; row += 4, a += rowBytes << 2, c += cBytes << 2) {
    let p0 = f32x4.splat(0), p1 = p0, q0 = p0, q1 = p0, r0 = p0, r1 = p0, s0 = p0, s1 = p0
    let a0 = a, a1 = a0 + rowBytes, a2 = a1 + rowBytes, a3 = a2 + rowBytes, b = panel
    for (let i = 0; i < depth; i++) {
      const b0 = v128.load(b), b1 = v128.load(b, 16)
      let x = v128.load_splat<f32>(a0)
      p0 = multiplyAdd(x, b0, p0); p1 = multiplyAdd(x, b1, p1)
      x = v128.load_splat<f32>(a1)
      q0 = multiplyAdd(x, b0, q0); q1 = multiplyAdd(x, b1, q1)
      x = v128.load_splat<f32>(a2)
      r0 = multiplyAdd(x, b0, r0); r1 = multiplyAdd(x, b1, r1)
      x = v128.load_splat<f32>(a3)
      s0 = multiplyAdd(x, b0, s0); s1 = multiplyAdd(x, b1, s1)
      a0 += step; a1 += step; a2 += step; a3 += step; b += 32
    }
    put(c, p0, p1, width, add)
    put(c + cBytes, q0, q1, width, add)
    put(c + cBytes * 2, r0, r1, width, add)
    put(c + cBytes * 3, s0, s1, width, add)
  }
  for (; row < m; row++, a += rowBytes, c += cBytes) {
    let p0 = f32x4.splat(0), p1 = p0
    let a0 = a, b = panel
    for (let i = 0; i < depth; i++, a0 += step, b += 32) {
      const x = v128.load_splat<f32>(a0)
      p0 = multiplyAdd(x, v128.load(b), p0)
      p1 = multiplyAdd(x, v128.load(b, 16), p1)
    }
    put(c, p0, p1, width, add)
  }
}

/** Writes (or adds) `width` of eight sums. */
@inline
function put(c: usize, low: v128, high: v128, width: i32, add: bool): void {
  if (width == 8) {
    v128.store(c, add ? f32x4.add(low, v128.load(c)) : low)
    v128.store(c, add ? f32x4.add(high, v128.load(c, 16)) : high, 16)
  } else putSome(c, low, high, width, add)
}

function putSome(c: usize, low: v128, high: v128, width: i32, add: bool): void {
  v128.store(tile, low)
  v128.store(tile, high, 16)
  for (let i: usize = 0; i < <usize>width << 2; i += 4) {
    const sum = load<f32>(tile + i)
    store<f32>(c + i, add ? load<f32>(c + i) + sum : sum)
  }
}
