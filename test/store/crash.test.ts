/** Killed processes: the database opens, what was acknowledged is there, and batches are whole. */

import { renameSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { DATABASE_FILE } from '../../src/store/place/place.ts'
import { openStore } from '../../src/store/store.ts'
import { startProgram } from '../fixtures/program.ts'
import { completion, createRun, RUN, temporaryFolder } from './hand-made-run.ts'

const SIZE = 40

function checked(folder: string): { integrity: unknown; completions: number; attempts: number } {
  const db = new Database(join(folder, DATABASE_FILE), { readonly: true })
  try {
    const count = (table: string): number => Number(db.prepare(`select count(*) from ${table}`).pluck().get())
    return {
      integrity: db.pragma('integrity_check', { simple: true }),
      completions: count('completion'),
      attempts: count('attempt'),
    }
  } finally {
    db.close()
  }
}

describe('a writer killed amid its inserts', () => {
  test.each([1, 4, 9])('after %i batches leaves whole batches only, and all it had told of', async (batches) => {
    const folder = temporaryFolder()
    createRun(folder).close()
    const writer = startProgram('store-writer', [folder, String(SIZE)])
    let told = -1
    while (told < batches) told = Number(await writer.line())
    writer.child.kill('SIGKILL')
    expect(await writer.exit).toBe('SIGKILL')
    for (let line = await writer.line(); line !== undefined; line = await writer.line()) told = Number(line)

    const store = openStore(folder)
    const { integrity, completions, attempts } = checked(folder)
    expect(integrity).toBe('ok')
    expect(completions % SIZE).toBe(0)
    expect(completions).toBeGreaterThanOrEqual((told + 1) * SIZE)
    expect(attempts).toBe(completions)
    const issues = store.completions.drawn('train', 0).map(({ issue }) => issue)
    expect(issues).toEqual(Array.from({ length: completions }, (_, i) => i))
    // And it continues from there.
    const next = completion({ key: { index: completions }, issue: completions })
    store.completions.insert([next], 1)
    expect(store.ledger.totals().priced).toBe(completions + 1)
    store.close()
  })
})

test('a reader sees whole batches while another process writes, and neither waits for the other', async () => {
  const folder = temporaryFolder()
  createRun(folder).close()
  const writer = startProgram('store-writer', [folder, String(SIZE)])
  await writer.line()
  const reader = openStore(folder, { readonly: true })
  const seen: number[] = []
  while (seen.length < 20) {
    // The writer's next word shows that it was not held up by the last look.
    expect(await writer.line()).toBeDefined()
    seen.push(reader.ledger.totals().priced)
  }
  reader.close()
  expect(seen.filter((count) => count % SIZE !== 0)).toEqual([])
  expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  expect(seen.at(-1)).toBeGreaterThan(seen[0] ?? 0)
})

test('a trace can be read while others are written', async () => {
  const folder = temporaryFolder()
  createRun(folder).close()
  const writer = startProgram('store-writer', [folder, String(SIZE)])
  for (let i = 0; i < 3; i++) await writer.line()
  const reader = openStore(folder, { readonly: true })
  const filter = { purpose: 'train', iterations: undefined, verdict: undefined, disposition: undefined } as const
  let read = 0
  for (const trace of reader.traces.iterate(filter)) {
    expect(trace.text).toBe(`text ${trace.index} `.repeat(50))
    read++
    if (read % SIZE === 0) await writer.line()
    if (read === 5 * SIZE) break
  }
  reader.close()
  // One snapshot: what came later is not in it.
  expect(read % SIZE).toBe(0)
})

test('moving the folder moves the run, also right after a kill', async () => {
  const folder = temporaryFolder()
  const moved = join(temporaryFolder(), 'moved')
  createRun(folder).close()
  const writer = startProgram('store-writer', [folder, String(SIZE)])
  await writer.line()
  writer.child.kill('SIGKILL')
  await writer.exit
  renameSync(folder, moved)
  const store = openStore(moved, { readonly: true })
  expect(store.run.read()).toEqual(RUN)
  expect(store.ledger.totals().priced).toBeGreaterThanOrEqual(SIZE)
  store.close()
})
