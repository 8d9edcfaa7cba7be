/** The server's own ids of a completion are trained on where they spell it, and said where they do not. */

import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endChildren, PYTHON, recipe, skipped, TIMEOUT_MS } from './recipe.ts'

const MODEL = join(import.meta.dirname, '../stack/model')
const END = 0

/** In the tokens of that model: `The`, and the same letter by letter; ` 4`, `\n`, `Q`. */
const THE = [323]
const LETTERS = [56, 76, 73]
const FOUR = [225, 24]
const STOP = [203, 53]

/** What is told of `The 4`, and what is trained on, its end of text included. */
const ROWS: readonly { readonly told: readonly number[] | undefined; readonly trained: readonly number[] }[] = [
  { told: undefined, trained: [...THE, ...FOUR, END] },
  { told: [...THE, ...FOUR, END], trained: [...THE, ...FOUR, END] },
  { told: [...LETTERS, ...FOUR, END], trained: [...LETTERS, ...FOUR, END] },
  // A stop string ended it: its tokens are not the completion's.
  { told: [...LETTERS, ...FOUR, ...STOP], trained: [...LETTERS, ...FOUR, END] },
  // Of another text, so of another tokenizer.
  { told: [...FOUR, ...THE, END], trained: [...THE, ...FOUR, END] },
  // A special token that the server leaves out of texts was sampled all the same.
  { told: [4, ...THE, ...FOUR, END], trained: [4, ...THE, ...FOUR, END] },
]

describe.skipIf(PYTHON === undefined)(`completion_ids${skipped}`, { timeout: TIMEOUT_MS }, () => {
  let folder = ''

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'spendwise-told-'))
    cpSync(MODEL, join(folder, 'base'), { recursive: true })
    const rows = ROWS.map(({ told }, i) => ({
      prompt: [{ role: 'user', content: `${i}?` }],
      completion: [{ role: 'assistant', content: 'The 4' }],
      ...(told === undefined ? {} : { completion_ids: told }),
    }))
    writeFileSync(join(folder, 'dataset.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  })
  afterAll(() => {
    endChildren()
    rmSync(folder, { recursive: true, force: true })
  })

  test('what was sampled is what is trained on, also in another spelling than the text has', async () => {
    const { code, events } = await recipe(folder, { 'output-dir': join(folder, 'none'), 'check-tokens': undefined })
    expect(code).toBe(0)
    const tokens = events.filter(({ event }) => event === 'tokens')
    expect(tokens.map(({ completion }) => completion)).toEqual(ROWS.map(({ trained }) => trained))
    expect(events).toContainEqual({ event: 'told-ids', rows: 5, respelled: 3, stopped: 1, strange: 1 })
    const warning = events.find(({ event }) => event === 'warning')
    expect(warning?.message).toContain('1 of 6 rows have completion_ids that spell another text')
    expect(warning?.message).toContain('dataset.jsonl:5')
  })
})
