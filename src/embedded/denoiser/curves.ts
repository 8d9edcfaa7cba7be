/** Images the base learns from: soft random curves on dark grounds, foreign to digits as photographs are to the paper's. */

import type { Random } from '../../core/seed.ts'
import { PIXELS, SIDE } from './network.ts'

const CURVES = 3
const DOTS = 12
/** The first curve is nearly always there, the others more often than not. */
const PRESENT = [0.95, 0.6, 0.6]

/** @returns `count` images of values in [-1, 1], one after the other */
export function drawCurves(count: number, random: Random): Float32Array {
  const out = new Float32Array(count * PIXELS)
  for (let image = 0; image < count; image++) drawImage(out.subarray(image * PIXELS, (image + 1) * PIXELS), random)
  return out
}

function drawImage(pixels: Float32Array, random: Random): void {
  pixels.fill(random() < 0.5 ? -1 : -1 + 0.5 * random())
  for (let curve = 0; curve < CURVES; curve++) {
    const dots = bezier(Array.from({ length: 6 }, () => 3 + 22 * random()))
    const radius = 0.8 + 1.8 * random()
    const softness = 0.25 + 0.5 * random()
    const isThere = random() < (PRESENT[curve] ?? 0)
    const brightness = random() < 0.5 ? 1 : 0.2 + 0.8 * random()
    if (!isThere) continue
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        const nearest = Math.sqrt(Math.min(...dots.map(([u, v]) => (x - u) ** 2 + (y - v) ** 2)))
        const share = 1 / (1 + Math.exp((nearest - radius) / softness))
        const at = y * SIDE + x
        pixels[at] = (pixels[at] ?? 0) * (1 - share) + brightness * share
      }
    }
  }
}

/** Points on a quadratic Bezier curve of three given ones. */
function bezier([x0 = 0, y0 = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0]: readonly number[]): [number, number][] {
  return Array.from({ length: DOTS }, (_, i) => {
    const u = i / (DOTS - 1)
    const [a, b, c] = [(1 - u) ** 2, 2 * u * (1 - u), u ** 2]
    return [a * x0 + b * x1 + c * x2, a * y0 + b * y1 + c * y2]
  })
}
