/**
 * A denoiser small enough to train in seconds: from a window of 11 x 11 pixels it predicts the noise of the 7 x 7 in its middle. An
 * image of 28 x 28 is sixteen windows, which are rows of the same matrices; windows share the weights and see nothing of each other.
 *
 * features (242) -> 64, plus a learned row for the step -> RMSNorm, 64 -> 128, squared ReLU, 128 -> 64, added -> 49
 */

import type { Pointer, Workspace } from '../model/kernels.ts'
import { noiseLevel } from './schedule.ts'

export const SIDE = 28
export const PIXELS: number = SIDE * SIDE
export const WINDOWS = 16
const BLOCK = 7
const MARGIN = 2
const WINDOW = BLOCK + 2 * MARGIN
const BLOCKS = SIDE / BLOCK
const FEATURES = 2 * WINDOW * WINDOW
const WIDTH = 64
const HIDDEN = 128
const OUT = BLOCK * BLOCK
/** Pixel values this many noise levels away from an end of [-1, 1] are half-way through the features' range. */
const SOFTNESS = 3
/** Images that pass through at once. */
const MOST_IMAGES = 128

/** Where each tensor begins, in floats. */
export interface DenoiserLayout {
  readonly input: number
  readonly time: number
  readonly norm: number
  readonly up: number
  readonly down: number
  readonly output: number
  readonly total: number
}

/** @param steps of the noise: each has a row of its own */
export function denoiserLayout(steps: number): DenoiserLayout {
  const sizes = { input: FEATURES * WIDTH, time: steps * WIDTH, norm: WIDTH, up: WIDTH * HIDDEN, down: HIDDEN * WIDTH }
  let total = 0
  const starts = Object.entries(sizes).map(([name, size]) => {
    total += size
    return [name, total - size] as const
  })
  const at = Object.fromEntries(starts) as Record<keyof typeof sizes, number>
  return { ...at, output: total, total: total + WIDTH * OUT }
}

/** Shapes of the tensors as [name, rows, columns], in the layout's order; what a second implementation needs to read them. */
export function denoiserShapes(
  steps: number,
): readonly (readonly [Exclude<keyof DenoiserLayout, 'total'>, number, number])[] {
  return [
    ['input', FEATURES, WIDTH],
    ['time', steps, WIDTH],
    ['norm', 1, WIDTH],
    ['up', WIDTH, HIDDEN],
    ['down', HIDDEN, WIDTH],
    ['output', WIDTH, OUT],
  ]
}

/** Standard deviations that the weights start with; the norm starts at 1. */
const STARTS = {
  input: 1 / WINDOW,
  time: 0.3,
  up: 1 / Math.sqrt(WIDTH),
  down: 1 / Math.sqrt(2 * HIDDEN),
  output: 0.3 / Math.sqrt(WIDTH),
} as const

/** @param normal gives standard normal numbers */
export function initialParameters(steps: number, fill: (out: Float32Array) => void): Float32Array {
  const parameters = new Float32Array(denoiserLayout(steps).total)
  let from = 0
  for (const [name, rows, columns] of denoiserShapes(steps)) {
    const part = parameters.subarray(from, from + rows * columns)
    from += part.length
    if (name === 'norm') part.fill(1)
    else {
      fill(part)
      for (let i = 0; i < part.length; i++) part[i] = (part[i] ?? 0) * STARTS[name]
    }
  }
  return parameters
}

export interface Denoiser {
  readonly workspace: Workspace
  readonly steps: number
  readonly layout: DenoiserLayout
  /** In the workspace's memory. */
  readonly parameters: Pointer
  /** Predicts the noise of each image; `stepOf` says which step's noise an image has. */
  predict(images: Float32Array, count: number, stepOf: (image: number) => number, out: Float32Array): void
  /**
   * Adds the gradient of the mean square error of the predicted noise, over all pixels of all images, to `gradient`.
   * @returns the mean square error
   */
  addGradient(
    gradient: Pointer,
    images: Float32Array,
    noise: Float32Array,
    count: number,
    stepOf: (image: number) => number,
  ): number
}

/** @param parameters copied into the workspace */
export function createDenoiser(workspace: Workspace, steps: number, from: Float32Array): Denoiser {
  const { kernels: k } = workspace
  const layout = denoiserLayout(steps)
  const parameters = workspace.allocate(layout.total)
  workspace.floats(parameters, layout.total).set(from)
  const rooms = allocateRooms(workspace)
  const features = createFeatures(1 / (SOFTNESS * noiseLevel(steps)))
  const at = (tensor: Exclude<keyof DenoiserLayout, 'total'>): Pointer => parameters + 4 * layout[tensor]

  /** Fills the rooms from the images' features to the predicted noise of every window. */
  const forward = (images: Float32Array, first: number, count: number, stepOf: (image: number) => number): void => {
    const rows = count * WINDOWS
    const r = rooms
    features(images.subarray(first * PIXELS, (first + count) * PIXELS), workspace.floats(r.features, rows * FEATURES))
    const index = workspace.integers(r.steps, rows)
    for (let row = 0; row < rows; row++) index[row] = stepOf(first + Math.floor(row / WINDOWS))
    k.gatherRows(at('time'), r.steps, r.state, rows, WIDTH)
    k.gemm(r.features, FEATURES, 1, at('input'), WIDTH, 1, r.state, WIDTH, rows, WIDTH, FEATURES, true)
    k.rmsNorm(r.state, at('norm'), r.normal, r.inverse, rows, WIDTH)
    k.gemm(r.normal, WIDTH, 1, at('up'), HIDDEN, 1, r.hidden, HIDDEN, rows, HIDDEN, WIDTH, false)
    k.squaredRelu(r.hidden, r.active, rows * HIDDEN)
    k.copy(r.state, r.end, rows * WIDTH)
    k.gemm(r.active, HIDDEN, 1, at('down'), WIDTH, 1, r.end, WIDTH, rows, WIDTH, HIDDEN, true)
    k.gemm(r.end, WIDTH, 1, at('output'), OUT, 1, r.out, OUT, rows, OUT, WIDTH, false)
  }

  const backward = (gradient: Pointer, count: number): void => {
    const rows = count * WINDOWS
    const r = rooms
    const slope = (tensor: Exclude<keyof DenoiserLayout, 'total'>): Pointer => gradient + 4 * layout[tensor]
    k.gemm(r.end, 1, WIDTH, r.out, OUT, 1, slope('output'), OUT, WIDTH, OUT, rows, true)
    k.gemm(r.out, OUT, 1, at('output'), 1, OUT, r.slope, WIDTH, rows, WIDTH, OUT, false)
    k.gemm(r.active, 1, HIDDEN, r.slope, WIDTH, 1, slope('down'), WIDTH, HIDDEN, WIDTH, rows, true)
    k.gemm(r.slope, WIDTH, 1, at('down'), 1, WIDTH, r.active, HIDDEN, rows, HIDDEN, WIDTH, false)
    k.squaredReluBackward(r.hidden, r.active, rows * HIDDEN)
    k.gemm(r.normal, 1, WIDTH, r.active, HIDDEN, 1, slope('up'), HIDDEN, WIDTH, HIDDEN, rows, true)
    k.gemm(r.active, HIDDEN, 1, at('up'), 1, HIDDEN, r.normal, WIDTH, rows, WIDTH, HIDDEN, false)
    k.rmsNormBackward(r.state, at('norm'), r.inverse, r.normal, r.slope, slope('norm'), rows, WIDTH)
    k.gemm(r.features, 1, FEATURES, r.slope, WIDTH, 1, slope('input'), WIDTH, FEATURES, WIDTH, rows, true)
    k.scatterRows(r.slope, r.steps, slope('time'), rows, WIDTH)
  }

  const inParts = (count: number, work: (first: number, part: number) => void): void => {
    for (let first = 0; first < count; first += MOST_IMAGES) work(first, Math.min(MOST_IMAGES, count - first))
  }
  return {
    ...{ workspace, steps, layout, parameters },
    predict(images, count, stepOf, out) {
      inParts(count, (first, part) => {
        forward(images, first, part, stepOf)
        toImages(workspace.floats(rooms.out, part * WINDOWS * OUT), out.subarray(first * PIXELS), part)
      })
    },
    addGradient(gradient, images, noise, count, stepOf) {
      let sum = 0
      const scale = 2 / (count * PIXELS)
      inParts(count, (first, part) => {
        forward(images, first, part, stepOf)
        const out = workspace.floats(rooms.out, part * WINDOWS * OUT)
        sum += toSlopes(out, noise.subarray(first * PIXELS), part, scale)
        backward(gradient, part)
      })
      return sum / (count * PIXELS)
    },
  }
}

function allocateRooms(workspace: Workspace) {
  const rows = MOST_IMAGES * WINDOWS
  const room = (width: number): Pointer => workspace.allocate(rows * width)
  return {
    features: room(FEATURES),
    steps: room(1),
    state: room(WIDTH),
    normal: room(WIDTH),
    inverse: room(1),
    hidden: room(HIDDEN),
    active: room(HIDDEN),
    end: room(WIDTH),
    out: room(OUT),
    slope: room(WIDTH),
  }
}

/** z / (1 + |z|) of (x + 1) c and (1 - x) c, window by window; beyond the image's edge x is -1. */
function createFeatures(c: number): (images: Float32Array, out: Float32Array) => void {
  const padded = SIDE + 2 * MARGIN
  const area = WINDOW * WINDOW
  const edge = (2 * c) / (1 + 2 * c)
  const low = new Float32Array(padded * padded)
  const high = new Float32Array(padded * padded).fill(edge)
  return (images, out) => {
    for (let image = 0, to = 0; image * PIXELS < images.length; image++) {
      for (let y = 0, from = image * PIXELS; y < SIDE; y++) {
        for (let x = 0, at = (y + MARGIN) * padded + MARGIN; x < SIDE; x++, at++) {
          const value = images[from++] ?? 0
          const a = (value + 1) * c
          const b = (1 - value) * c
          low[at] = a / (1 + Math.abs(a))
          high[at] = b / (1 + Math.abs(b))
        }
      }
      for (let window = 0; window < WINDOWS; window++, to += 2 * area) {
        const start = Math.floor(window / BLOCKS) * BLOCK * padded + (window % BLOCKS) * BLOCK
        for (let y = 0, at = to; y < WINDOW; y++) {
          for (let x = 0, from = start + y * padded; x < WINDOW; x++, at++, from++) {
            out[at] = low[from] ?? 0
            out[at + area] = high[from] ?? 0
          }
        }
      }
    }
  }
}

/** Pixel of the image that a window's output is for. */
const PLACES: Int32Array = Int32Array.from({ length: PIXELS }, (_, i) => {
  const window = Math.floor(i / OUT)
  const [y, x] = [Math.floor((i % OUT) / BLOCK), (i % OUT) % BLOCK]
  return (Math.floor(window / BLOCKS) * BLOCK + y) * SIDE + (window % BLOCKS) * BLOCK + x
})

function toImages(out: Float32Array, images: Float32Array, count: number): void {
  for (let image = 0; image < count; image++) {
    const base = image * PIXELS
    for (let i = 0; i < PIXELS; i++) images[base + (PLACES[i] ?? 0)] = out[base + i] ?? 0
  }
}

/** Turns predictions into the gradient of `scale` / 2 times their summed square error, which it returns unscaled. */
function toSlopes(out: Float32Array, noise: Float32Array, count: number, scale: number): number {
  let sum = 0
  for (let image = 0; image < count; image++) {
    const base = image * PIXELS
    for (let i = 0; i < PIXELS; i++) {
      const error = (out[base + i] ?? 0) - (noise[base + (PLACES[i] ?? 0)] ?? 0)
      sum += error * error
      out[base + i] = scale * error
    }
  }
  return sum
}
