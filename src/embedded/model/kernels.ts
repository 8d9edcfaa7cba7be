/** The compiled kernels and the memory they work in: one instance a thread, numbers addressed by byte offset. */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A byte offset in the kernels' memory. */
export type Pointer = number

/** What assets/embedded/kernels.wasm exports; src/embedded/kernels documents each. */
export interface Kernels {
  gemm(
    a: Pointer,
    aRow: number,
    aColumn: number,
    b: Pointer,
    bRow: number,
    bColumn: number,
    c: Pointer,
    cRow: number,
    m: number,
    n: number,
    k: number,
    accumulate: boolean,
  ): void
  softmax(row: Pointer, n: number, stride: number, scale: number): void
  softmaxCausal(scores: Pointer, rows: number, stride: number, scale: number): void
  softmaxCausalBackward(weights: Pointer, gradient: Pointer, rows: number, stride: number, scale: number): void
  crossEntropy(logits: Pointer, targets: Pointer, rows: number, n: number, stride: number, scale: number): number
  largest(logits: Pointer, n: number): number
  pick(probabilities: Pointer, n: number, uniform: number): number
  remember(
    rows: Pointer,
    count: number,
    width: number,
    keys: Pointer,
    values: Pointer,
    context: number,
    position: number,
  ): void
  attend(
    query: Pointer,
    keys: Pointer,
    values: Pointer,
    context: number,
    length: number,
    width: number,
    head: number,
    out: Pointer,
    scale: number,
  ): void
  ropeTable(table: Pointer, positions: number, half: number): void
  rotate(
    rows: Pointer,
    positions: Pointer,
    count: number,
    width: number,
    head: number,
    table: Pointer,
    sign: number,
  ): void
  rmsNorm(x: Pointer, w: Pointer, y: Pointer, inverse: Pointer, rows: number, width: number): void
  rmsNormBackward(
    x: Pointer,
    w: Pointer,
    inverse: Pointer,
    dy: Pointer,
    dx: Pointer,
    dw: Pointer,
    rows: number,
    width: number,
  ): void
  squaredRelu(x: Pointer, y: Pointer, count: number): void
  squaredReluBackward(x: Pointer, gradient: Pointer, count: number): void
  gatherRows(table: Pointer, index: Pointer, out: Pointer, rows: number, width: number): void
  scatterRows(rows: Pointer, index: Pointer, table: Pointer, count: number, width: number): void
  copy(from: Pointer, to: Pointer, count: number): void
  clear(at: Pointer, count: number): void
  add(from: Pointer, to: Pointer, count: number): void
  norm(x: Pointer, count: number): number
  adamw(
    parameters: Pointer,
    gradient: Pointer,
    first: Pointer,
    second: Pointer,
    count: number,
    scale: number,
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    decay: number,
    correctFirst: number,
    correctSecond: number,
  ): void
}

/** Kernels with memory that is handed out like a stack. */
export interface Workspace {
  readonly kernels: Kernels
  /** Room for `count` 32-bit numbers, zero when first used; aligned to 64 bytes. */
  allocate(count: number): Pointer
  /** Where the stack stands; `release` frees all that was allocated since. */
  mark(): Pointer
  release(mark: Pointer): void
  /** A view that is valid until the next `allocate`, which may move the memory. */
  floats(pointer: Pointer, count: number): Float32Array
  integers(pointer: Pointer, count: number): Int32Array
}

const PAGE = 65_536
/** Memory grows by at least 4 MB, so that it seldom moves. */
const GROWTH_PAGES = 64

let compiled: WebAssembly.Module | undefined

/** Where the compiled kernels lie, found from the package's root (`src` and `dist` are both one level below it). */
export const kernelsPath: string = fileURLToPath(new URL('../../../assets/embedded/kernels.wasm', import.meta.url))

/** A new instance of the kernels with its own memory. */
export function createWorkspace(): Workspace {
  compiled ??= new WebAssembly.Module(readFileSync(kernelsPath))
  const memory = new WebAssembly.Memory({ initial: GROWTH_PAGES })
  const instance = new WebAssembly.Instance(compiled, { env: { memory } })
  // WebAssembly's exports carry no types; the interface above states those of our own compiled file.
  const { heapBase, ...kernels } = instance.exports as unknown as Kernels & { heapBase: WebAssembly.Global }
  let top = align(Number(heapBase.value))
  return {
    kernels,
    allocate(count) {
      const pointer = top
      top = align(top + 4 * count)
      const missing = top - memory.buffer.byteLength
      if (missing > 0) memory.grow(Math.max(GROWTH_PAGES, Math.ceil(missing / PAGE)))
      return pointer
    },
    mark: () => top,
    release(mark) {
      top = mark
    },
    floats: (pointer, count) => new Float32Array(memory.buffer, pointer, count),
    integers: (pointer, count) => new Int32Array(memory.buffer, pointer, count),
  }
}

function align(bytes: number): number {
  return (bytes + 63) & ~63
}
