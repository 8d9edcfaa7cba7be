/** A reload is held to a start on the same weights, by as much as what is served varies by itself. */

import { expect, test } from 'vitest'
import { createProofs } from '../../src/serve/proof.ts'

const { signal } = new AbortController()
const engines = [{ baseURL: 'http://127.0.0.1:1/v1', authorization: '' }]

/** Compares a reload that reads `now` with a server that reads these one after the other. */
async function compare(now: number, ...started: number[]): Promise<{ readonly isSame: boolean; readonly gap: number }> {
  let at = 0
  const { compareWithStart } = createProofs({
    engines,
    read: async () => [[[started[at++ % started.length] ?? Number.NaN]]],
  })
  return compareWithStart({ canary: undefined, old: undefined, now: [[[now]]], isTied: false }, signal)
}

test('a server that repeats itself exactly allows no more than rounding', async () => {
  expect(await compare(-1, -1)).toEqual({ isSame: true, gap: 0 })
  expect(await compare(-1.01, -1)).toMatchObject({ isSame: false })
})

test('one whose answers vary allows three times that, and no more', async () => {
  // Readings 0.01 apart.
  expect(await compare(-1.02, -1, -1.01)).toMatchObject({ isSame: true })
  expect(await compare(-1.04, -1, -1.01)).toMatchObject({ isSame: false })
})
