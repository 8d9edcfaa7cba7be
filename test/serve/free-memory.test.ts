/** Free devices, by a command that tells how much is in use: it is asked until that is little, and not after Ctrl-C. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { type MemoryProof, waitForFreeMemory } from '../../src/serve/free-memory.ts'

const folder = mkdtempSync(join(tmpdir(), 'spendwise-memory-'))
const used = join(folder, 'used')
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeEach(() => writeFileSync(used, '10 MiB\n20 MiB\n'))

const proof: MemoryProof = { command: ['cat', used], cwd: folder, belowMib: 100, seconds: 600 }
const running = new AbortController().signal

test('devices that are free are not waited for', async () => {
  await waitForFreeMemory(proof, running)
  writeFileSync(used, '100\n')
  await waitForFreeMemory(proof, running)
})

test('one that is in use is asked again until it is free', async () => {
  // Tells less each time, and says how often it was asked.
  const fewer = `n=$(cat ${used}); echo $((n - 1)) > ${used}; echo "$((n * 60)) MiB"`
  writeFileSync(used, '3\n')
  await waitForFreeMemory({ ...proof, command: ['sh', '-c', fewer] }, running)
  expect(readFileSync(used, 'utf8')).toBe('0\n')
})

test('one that stays in use is named with what it holds', async () => {
  writeFileSync(used, '10 MiB\n40000 MiB\n')
  await expect(waitForFreeMemory({ ...proof, seconds: 0 }, running)).rejects.toThrow(
    /^Device 1 still has 40000 MiB in use 0 s after .*serve\.memory\.belowMib, 100\)/,
  )
})

test('Ctrl-C ends the wait with its own reason, between two questions and within one', async () => {
  writeFileSync(used, '40000\n')
  const between = new AbortController()
  const waiting = waitForFreeMemory(proof, between.signal)
  setTimeout(() => between.abort(new Error('stopped')), 200)
  await expect(waiting).rejects.toThrow(/^stopped$/)
  const within = new AbortController()
  const asking = waitForFreeMemory({ ...proof, command: ['sleep', '600'] }, within.signal)
  setTimeout(() => within.abort(new Error('stopped')), 200)
  await expect(asking).rejects.toThrow(/^stopped$/)
})

test('a command that fails, or names no device, is reported as that', async () => {
  const failing = waitForFreeMemory({ ...proof, command: ['no-such-program'] }, running)
  await expect(failing).rejects.toThrow(/^serve\.memory\.command \(no-such-program\) does not tell .* ENOENT/)
  writeFileSync(used, 'No devices were found\n')
  await expect(waitForFreeMemory(proof, running)).rejects.toThrow(/^serve\.memory\.command \(cat\) named no device/)
})
