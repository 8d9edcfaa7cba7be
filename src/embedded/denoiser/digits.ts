/** The digits that come with the program (datasets/digits, under a licence of their own). */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { randomFor, shuffled } from '../../core/seed.ts'
import { PIXELS } from './network.ts'

const PATH = fileURLToPath(new URL('../../../datasets/digits/digits.bin.gz', import.meta.url))
/** Digits by what they are for; the held ones are measured on, the pilot ones are for choosing settings. */
const SIZES = { pool: 3_200, pilot: 400, held: 400 } as const

/** Values in [-1, 1], one image after the other. */
export type Digits = Readonly<Record<keyof typeof SIZES, Float32Array>>

/** All of them, in an order of chance that is always the same. */
export function readDigits(): Digits {
  const bytes = gunzipSync(readFileSync(PATH))
  const order = shuffled(
    Array.from({ length: bytes.length / PIXELS }, (_, i) => i),
    randomFor(1, 'digits'),
  )
  const take = (from: number, count: number): Float32Array => {
    const out = new Float32Array(count * PIXELS)
    for (const [i, image] of order.slice(from, from + count).entries()) {
      for (let pixel = 0; pixel < PIXELS; pixel++) {
        out[i * PIXELS + pixel] = (bytes[image * PIXELS + pixel] ?? 0) / 127.5 - 1
      }
    }
    return out
  }
  return {
    pool: take(0, SIZES.pool),
    pilot: take(SIZES.pool, SIZES.pilot),
    held: take(SIZES.pool + SIZES.pilot, SIZES.held),
  }
}
