import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'

const SOURCE = new URL('../../../src/embedded/', import.meta.url).href
const BASE = fileURLToPath(new URL('../../../assets/embedded/base', import.meta.url))

// In a process of its own: what keeps it alive until the threads have ended is what is tested.
const PROGRAM = `
const { createGenerationPool } = await import('${SOURCE}server/generation-pool.ts')
const { readCheckpoint } = await import('${SOURCE}model/checkpoint.ts')
const pool = createGenerationPool(1)
await pool.load(readCheckpoint(process.argv[2]))
const { promise: writes, resolve } = Promise.withResolvers()
const request = { prompt: [1, 2, 3], temperature: 1, topP: 1, topK: 0, stop: [], stream: true, maxTokens: 200 }
const cancels = Array.from({ length: 64 }, (_, seed) => pool.submit({ ...request, seed }, resolve))
await writes
for (const cancel of cancels) cancel()
await pool.close()
console.log('closed')
`

const folder = mkdtempSync(join(tmpdir(), 'spendwise-closing-'))
const program = join(folder, 'program.mjs')
writeFileSync(program, PROGRAM)
afterAll(() => rmSync(folder, { recursive: true }))

// A thread's report may come before or after: six times, one of them comes after.
test.each([1, 2, 3, 4, 5, 6])(
  'a pool closed while its thread still writes keeps the process until it has closed (%i)',
  async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [program, BASE])
    expect(stdout).toBe('closed\n')
  },
)
