/** What a machine and a directory of weights tell of themselves: memory of the GPUs, and the shape of a model. */

import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type ModelShape, modelShape } from './memory.ts'

const QUERY = ['--query-gpu=memory.total', '--format=csv,noheader,nounits']
const GPU_DEADLINE_MS = 20_000

/** Memory of each of this machine's GPUs, in bytes; empty where there is no nvidia-smi that answers. */
export async function gpuMemory(): Promise<number[]> {
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', QUERY, { timeout: GPU_DEADLINE_MS })
    return stdout
      .split('\n')
      .map((line) => Number.parseInt(line, 10) * 2 ** 20)
      .filter((bytes) => bytes > 0)
  } catch {
    // No such program, or no driver: a machine without GPUs.
    return []
  }
}

/** The shape of a model whose weights lie in a directory; undefined where that has no config.json that tells it. */
export function readShape(base: string): ModelShape | undefined {
  try {
    // Anything else than an object has none of the fields.
    return modelShape(Object(JSON.parse(readFileSync(join(base, 'config.json'), 'utf8'))))
  } catch {
    // Not there yet, or a name: the recipe says so when it starts.
    return undefined
  }
}
