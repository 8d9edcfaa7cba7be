/** Attention of one new token over cached keys and values, and the filling of that cache. */

import { multiplyAdd } from './vector'
import { softmax } from './softmax'

/** Scores of one head; 4,096 positions are far more than any context here. */
const scores = memory.data(4096 * 4, 16)

/**
 * Copies keys and values of `count` rows of [query | key | value] to the cache, from `position` on.
 * Keys are kept as [dimension][position], so that the scores of four positions come from one vector.
 */
export function remember(rows: usize, count: i32, width: i32, keys: usize, values: usize, context: i32, position: i32): void {
  const bytes = <usize>width << 2
  for (let t = 0; t < count; t++, rows += bytes * 3) {
    let key = keys + (<usize>(position + t) << 2)
    for (let j: usize = 0; j < bytes; j += 4, key += <usize>context << 2) store<f32>(key, load<f32>(rows + bytes + j))
    memory.copy(values + <usize>(position + t) * bytes, rows + bytes * 2, bytes)
  }
}

/** Attention of one query over the first `length` positions; `head` (floats a head) is a multiple of 8, `context` of 16. */
export function attend(
  query: usize, keys: usize, values: usize, context: i32, length: i32, width: i32, head: i32, out: usize, scale: f32,
): void {
  const keyBytes = <usize>context << 2
  const valueBytes = <usize>width << 2
  for (let from = 0; from < width; from += head) {
    const offset = <usize>from << 2
    for (let t = 0; t < length; t += 16) {
      let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0
      let key = keys + <usize>from * keyBytes + (<usize>t << 2)
      for (let j = 0; j < head; j++, key += keyBytes) {
        const q = v128.load_splat<f32>(query + offset + (<usize>j << 2))
        s0 = multiplyAdd(q, v128.load(key), s0)
        s1 = multiplyAdd(q, v128.load(key, 16), s1)
        s2 = multiplyAdd(q, v128.load(key, 32), s2)
        s3 = multiplyAdd(q, v128.load(key, 48), s3)
      }
      const to = scores + (<usize>t << 2)
      v128.store(to, s0)
      v128.store(to, s1, 16)
      v128.store(to, s2, 32)
      v128.store(to, s3, 48)
    }
    softmax(scores, length, (length + 3) & ~3, scale)
    for (let j: usize = 0; j < <usize>head << 2; j += 32) {
      let low = f32x4.splat(0), high = low
      let value = values + offset + j
      for (let t: usize = 0; t < <usize>length << 2; t += 4, value += valueBytes) {
        const p = v128.load_splat<f32>(scores + t)
        low = multiplyAdd(p, v128.load(value), low)
        high = multiplyAdd(p, v128.load(value, 16), high)
      }
      v128.store(out + offset + j, low)
      v128.store(out + offset + j, high, 16)
    }
  }
}
