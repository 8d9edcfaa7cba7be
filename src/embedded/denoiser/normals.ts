/** Standard normal numbers, many at a time. */

/** A stream of chance that can be filled from and copied nowhere else. */
export interface Normals {
  /** Fills the array. */
  fill(out: Float32Array): void
  /** Uniform in [0, 1). */
  uniform(): number
}

/** Marsaglia's polar method over mulberry32 (core/seed.ts); equal seeds give equal numbers. */
export function createNormals(seed: number): Normals {
  let state = seed >>> 0
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0
    return mixed(state)
  }
  return {
    uniform,
    fill(out) {
      // The generator once more, in a local variable: it is a tenth of an experiment's time.
      let at = state
      for (let i = 0; i < out.length; i += 2) {
        let [x, y, square] = [0, 0, 0]
        do {
          at = (at + 0x6d2b79f5) | 0
          x = 2 * mixed(at) - 1
          at = (at + 0x6d2b79f5) | 0
          y = 2 * mixed(at) - 1
          square = x * x + y * y
        } while (square >= 1 || square === 0)
        const factor = Math.sqrt((-2 * Math.log(square)) / square)
        out[i] = x * factor
        if (i + 1 < out.length) out[i + 1] = y * factor
      }
      state = at
    },
  }
}

function mixed(state: number): number {
  let t = Math.imul(state ^ (state >>> 15), 1 | state)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}
