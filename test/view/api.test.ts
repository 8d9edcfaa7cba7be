import { appendFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createApi } from '../../src/view/api.ts'
import type { Asker } from '../../src/view/ask.ts'
import { ASK_AGAIN_HEADER } from '../../src/view/wire.ts'
import { createRun, temporaryFolder } from '../store/hand-made-run.ts'

test('an old summary says when to ask again, so that a page ends with the last state of a run that says nothing more', async () => {
  const folder = temporaryFolder()
  const { path } = createRun(folder)
  const place = { name: 'a', directory: folder }
  let asked = 0
  let release: (() => void) | undefined
  const asker: Asker = {
    ask: () =>
      new Promise((resolve) => {
        const number = ++asked
        release = () => resolve({ number })
      }),
    close: () => Promise.resolve(),
  }
  const runs = { all: () => [place], find: () => place, touch: () => undefined, close: () => Promise.resolve() }
  const api = createApi({ runs, browser: asker, summer: asker })
  const look = async (): Promise<{ readonly number: number; readonly again: number }> => {
    const response = await api.request('/runs/a/overview')
    const { number } = (await response.json()) as { readonly number: number }
    return { number, again: Number(response.headers.get(ASK_AGAIN_HEADER) ?? Number.NaN) }
  }
  const first = look()
  // Somebody else asks while it is made, and the run changes meanwhile.
  appendFileSync(`${path}-wal`, 'more')
  const second = look()
  await new Promise((resolve) => setImmediate(resolve))
  release?.()
  expect(await first).toEqual({ number: 1, again: Number.NaN })
  expect((await second).number).toBe(1)
  expect((await second).again).toBeGreaterThan(0)
  const third = await look()
  expect(third.number).toBe(1)
  expect(third.again).toBeGreaterThan(0)
  expect(third.again).toBeLessThanOrEqual(15_000)
  // What it was promised is kept.
  const deadline = Date.now() + 60_000
  let last = third
  while (last.number === 1 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(1_000, last.again)))
    const next = look()
    await new Promise((resolve) => setImmediate(resolve))
    release?.()
    last = await next
  }
  expect(last).toEqual({ number: 2, again: Number.NaN })
  expect(asked).toBe(2)
})
