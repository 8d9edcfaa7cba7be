import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../../../src/core/seed.ts'
import { createWorkspace, kernelsPath } from '../../../src/embedded/model/kernels.ts'

const workspace = createWorkspace()
const { kernels } = workspace
const random = createRandom(11)

function place(values: ArrayLike<number>): number {
  const pointer = workspace.allocate(values.length)
  workspace.floats(pointer, values.length).set(Float32Array.from(values))
  return pointer
}

function numbers(count: number): Float32Array {
  return Float32Array.from({ length: count }, () => 2 * random() - 1)
}

const read = (pointer: number, count: number): number[] => Array.from(workspace.floats(pointer, count))

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-4): void {
  expect(actual.length).toBe(expected.length)
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs((actual[i] ?? Number.NaN) - (expected[i] ?? Number.NaN)), `element ${i}`).toBeLessThan(tolerance)
  }
}

test('the committed kernels are what the source compiles to, byte for byte', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kernels-'))
  try {
    const out = join(folder, 'kernels.wasm')
    execFileSync(process.execPath, ['scripts/build-kernels.ts', '--out', out])
    expect(readFileSync(out).equals(readFileSync(kernelsPath))).toBe(true)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

const SIZES: [number, number, number][] = [
  [1, 1, 1],
  [3, 5, 7],
  [4, 8, 16],
  [5, 9, 300],
  [13, 17, 31],
  [54, 54, 16],
  [64, 192, 64],
]

describe.each(SIZES)('a product of %i x %i with inner size %i', (m, n, k) => {
  const a = numbers(m * k)
  const b = numbers(k * n)
  const expected = Array.from({ length: m * n }, (_, at) => {
    const [row, column] = [Math.floor(at / n), at % n]
    let sum = 0
    for (let i = 0; i < k; i++) sum += (a[row * k + i] ?? 0) * (b[i * n + column] ?? 0)
    return sum
  })
  const transposed = (x: Float32Array, rows: number, columns: number): Float32Array =>
    x.map((_, at) => x[(at % rows) * columns + Math.floor(at / rows)] ?? 0)

  test('agrees with plain loops for A B, A Bt and At B', () => {
    const c = workspace.allocate(m * n)
    kernels.gemm(place(a), k, 1, place(b), n, 1, c, n, m, n, k, false)
    expectClose(read(c, m * n), expected)
    kernels.gemm(place(a), k, 1, place(transposed(b, k, n)), 1, k, c, n, m, n, k, false)
    expectClose(read(c, m * n), expected)
    kernels.gemm(place(transposed(a, m, k)), 1, m, place(b), n, 1, c, n, m, n, k, false)
    expectClose(read(c, m * n), expected)
  })

  test('is added to what is there when asked', () => {
    const c = place(new Float32Array(m * n).fill(2))
    kernels.gemm(place(a), k, 1, place(b), n, 1, c, n, m, n, k, true)
    expectClose(
      read(c, m * n),
      expected.map((x) => x + 2),
    )
  })

  test('writes nothing next to its own columns', () => {
    const stride = n + 3
    const c = place(new Float32Array(m * stride).fill(9))
    kernels.gemm(place(a), k, 1, place(b), n, 1, c, stride, m, n, k, false)
    for (const [at, x] of read(c, m * stride).entries()) if (at % stride >= n) expect(x).toBe(9)
  })

  test('gives a row the same bits alone and in company', () => {
    const [together, alone] = [workspace.allocate(m * n), workspace.allocate(n)]
    const [left, right] = [place(a), place(b)]
    kernels.gemm(left, k, 1, right, n, 1, together, n, m, n, k, false)
    for (let row = 0; row < m; row++) {
      kernels.gemm(left + 4 * row * k, k, 1, right, n, 1, alone, n, 1, n, k, false)
      expect(read(alone, n)).toEqual(read(together + 4 * row * n, n))
    }
  })
})

test.each([1, 2, 3, 4, 5, 8, 112])('softmax of %i entries sums to 1 and clears the rest of its row', (n) => {
  const stride = ((n + 3) & ~3) + 4
  const x = numbers(stride).map((v) => 5 * v)
  const row = place(x)
  kernels.softmax(row, n, stride, 0.5)
  const e = Array.from(x.subarray(0, n), (v) => Math.exp(0.5 * v))
  const sum = e.reduce((total, v) => total + v, 0)
  expectClose(read(row, stride), [...e.map((v) => v / sum), ...new Array(stride - n).fill(0)], 1e-6)
})

test('cross-entropy gives the loss in nats and its gradient', () => {
  const [rows, n, stride] = [3, 6, 8]
  const x = numbers(rows * stride)
  const targets = workspace.allocate(rows)
  workspace.integers(targets, rows).set([5, 0, 2])
  const loss = (values: number[]): number =>
    [5, 0, 2].reduce((sum, target, row) => {
      const logits = values.slice(row * stride, row * stride + n)
      return sum + Math.log(logits.reduce((total, v) => total + Math.exp(v), 0)) - (logits[target] ?? 0)
    }, 0)
  const logits = place(x)
  expect(kernels.crossEntropy(logits, targets, rows, n, stride, 1)).toBeCloseTo(loss(Array.from(x)), 5)
  expectClose(read(logits, rows * stride), slopes(Array.from(x), loss))
})

test('the table of positions holds the cosines and sines of its angles', () => {
  const [positions, half] = [4096, 8]
  const table = workspace.allocate(positions * 2 * half)
  kernels.ropeTable(table, positions, half)
  const expected = Array.from({ length: positions * 2 * half }, (_, at) => {
    const [position, i] = [Math.floor(at / (2 * half)), at % half]
    const angle = position * 100 ** (-i / half)
    return at % (2 * half) < half ? Math.cos(angle) : Math.sin(angle)
  })
  expectClose(read(table, expected.length), expected, 1e-6)
})

test('turning queries and keys back undoes the turn and leaves values alone', () => {
  const [count, width, head] = [5, 32, 16]
  const table = workspace.allocate(64 * head)
  kernels.ropeTable(table, 64, head / 2)
  const positions = workspace.allocate(count)
  workspace.integers(positions, count).set([0, 1, 7, 20, 63])
  const x = numbers(count * 3 * width)
  const rows = place(x)
  kernels.rotate(rows, positions, count, width, head, table, 1)
  const turned = read(rows, x.length)
  expect(turned.slice(0, 3 * width)).toEqual(Array.from(x.subarray(0, 3 * width)))
  expect(turned[3 * width]).not.toBe(x[3 * width])
  expect(turned.slice(5 * width, 6 * width)).toEqual(Array.from(x.subarray(5 * width, 6 * width)))
  kernels.rotate(rows, positions, count, width, head, table, -1)
  expectClose(read(rows, x.length), x, 1e-6)
})

test('attention over cached keys and values agrees with its definition', () => {
  const [width, head, context, length] = [32, 16, 48, 21]
  const rows = numbers(length * 3 * width)
  const [keys, values, out] = [
    workspace.allocate(width * context),
    workspace.allocate(context * width),
    workspace.allocate(width),
  ]
  const pointer = place(rows)
  kernels.remember(pointer, 20, width, keys, values, context, 0)
  kernels.remember(pointer + 4 * 20 * 3 * width, 1, width, keys, values, context, 20)
  kernels.attend(pointer + 4 * 20 * 3 * width, keys, values, context, length, width, head, out, 0.25)
  const part = (t: number, which: number, j: number): number => rows[t * 3 * width + which * width + j] ?? 0
  const expected = Array.from({ length: width }, (_, at) => {
    const from = at - (at % head)
    const scores = Array.from({ length }, (_, t) => {
      let sum = 0
      for (let j = from; j < from + head; j++) sum += part(20, 0, j) * part(t, 1, j)
      return Math.exp(0.25 * sum)
    })
    const total = scores.reduce((sum, e) => sum + e, 0)
    return scores.reduce((sum, e, t) => sum + (e / total) * part(t, 2, at), 0)
  })
  expectClose(read(out, width), expected, 1e-5)
})

test('RMSNorm and its gradient agree with finite differences', () => {
  const [rows, width] = [2, 8]
  const [x, w, dy] = [numbers(rows * width), numbers(width), numbers(rows * width)]
  const value = (xs: number[], ws: number[]): number => {
    let sum = 0
    for (let row = 0; row < rows; row++) {
      const part = xs.slice(row * width, row * width + width)
      const rms = Math.sqrt(part.reduce((total, v) => total + v * v, 0) / width + 1e-6)
      part.forEach((v, j) => {
        sum += ((ws[j] ?? 0) * v * (dy[row * width + j] ?? 0)) / rms
      })
    }
    return sum
  }
  const [px, pw, inverse, y] = [place(x), place(w), workspace.allocate(rows), workspace.allocate(rows * width)]
  kernels.rmsNorm(px, pw, y, inverse, rows, width)
  const [dx, dw] = [place(new Float32Array(rows * width)), place(new Float32Array(width))]
  kernels.rmsNormBackward(px, pw, inverse, place(dy), dx, dw, rows, width)
  expectClose(
    read(dx, rows * width),
    slopes(Array.from(x), (values) => value(values, Array.from(w))),
  )
  expectClose(
    read(dw, width),
    slopes(Array.from(w), (values) => value(Array.from(x), values)),
  )
})

test('the gradient of causal attention weights agrees with finite differences', () => {
  const [rows, stride] = [6, 8]
  const x = Array.from(numbers(rows * stride))
  const dp = numbers(rows * stride)
  const value = (scores: number[]): number => {
    let sum = 0
    for (let i = 0; i < rows; i++) {
      const e = scores.slice(i * stride, i * stride + i + 1).map((s) => Math.exp(0.25 * s))
      const total = e.reduce((a, b) => a + b, 0)
      e.forEach((v, j) => {
        sum += (v / total) * (dp[i * stride + j] ?? 0)
      })
    }
    return sum
  }
  const [p, gradient] = [place(x), place(dp)]
  kernels.softmaxCausal(p, rows, stride, 0.25)
  kernels.softmaxCausalBackward(p, gradient, rows, stride, 0.25)
  expectClose(read(gradient, rows * stride), slopes(x, value))
})

test('squared ReLU and its gradient', () => {
  const x = place([-1, 0.5, 2, 0])
  const y = workspace.allocate(4)
  kernels.squaredRelu(x, y, 4)
  expect(read(y, 4)).toEqual([0, 0.25, 4, 0])
  const gradient = place([1, 1, 1, 1])
  kernels.squaredReluBackward(x, gradient, 4)
  expect(read(gradient, 4)).toEqual([0, 1, 4, 0])
})

test('rows are gathered and added back by number', () => {
  const table = place(numbers(5 * 4).fill(1))
  const index = workspace.allocate(3)
  workspace.integers(index, 3).set([4, 0, 4])
  const rows = place([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  kernels.scatterRows(rows, index, table, 3, 4)
  const out = workspace.allocate(12)
  kernels.gatherRows(table, index, out, 3, 4)
  expect(read(out, 12)).toEqual([11, 13, 15, 17, 6, 7, 8, 9, 11, 13, 15, 17])
})

test('a token is picked where the running sum passes the uniform number', () => {
  const p = place([0.25, 0, 0.5, 0.25, 0])
  expect([0, 0.24, 0.25, 0.74, 0.76, 0.99999].map((u) => kernels.pick(p, 5, u))).toEqual([0, 0, 2, 2, 3, 3])
  expect(kernels.pick(place([0.5, 0.4999, 0, 0]), 4, 0.99999)).toBe(1)
  expect(kernels.largest(place([1, 3, 3, 2]), 4)).toBe(1)
})

test('one AdamW step agrees with its formula', () => {
  const [p, g, m, v] = [numbers(4), numbers(4), numbers(4), numbers(4).map(Math.abs)]
  const [pp, pm, pv] = [place(p), place(m), place(v)]
  kernels.adamw(pp, place(g), pm, pv, 4, 0.5, 0.01, 0.9, 0.98, 1e-8, 0.1, 1 - 0.9 ** 3, 1 - 0.98 ** 3)
  const expected = Array.from(p, (x, i) => {
    const slope = 0.5 * (g[i] ?? 0)
    const first = 0.9 * (m[i] ?? 0) + 0.1 * slope
    const second = 0.98 * (v[i] ?? 0) + 0.02 * slope * slope
    return x * (1 - 0.001) - (0.01 * first) / (1 - 0.9 ** 3) / (Math.sqrt(second / (1 - 0.98 ** 3)) + 1e-8)
  })
  expectClose(read(pp, 4), expected, 1e-6)
  expect(kernels.norm(place([3, 4, 0, 12]), 4)).toBeCloseTo(13, 10)
})

function slopes(x: number[], value: (x: number[]) => number): number[] {
  return x.map((_, i) => {
    const moved = (by: number): number => value(x.map((v, j) => (i === j ? v + by : v)))
    return (moved(1e-4) - moved(-1e-4)) / 2e-4
  })
}
