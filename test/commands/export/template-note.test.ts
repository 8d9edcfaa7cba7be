/** Whoever exports thinking, or blanks at the edges, in messages is told that chat templates come between. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { templateNote } from '../../../src/commands/export/template-note.ts'
import { EXPORT_FORMATS } from '../../../src/export/formats.ts'
import type { StoredPrompt } from '../../../src/store/runs.ts'
import { openStore } from '../../../src/store/store.ts'

const PROMPT: StoredPrompt = {
  name: 'asked',
  api: 'chat',
  stop: [],
  sha256: 'ab'.repeat(32),
  messages: [{ role: 'user', content: '{{question}}' }],
}
const NO_IDS: readonly (number[] | undefined)[] = [undefined, undefined]

/** A run with one accepted trace for each text. */
function storeWith(texts: readonly string[], ids: readonly (number[] | undefined)[] = NO_IDS) {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-thinking-'))
  const store = openStore(folder)
  onTestFinished(() => {
    store.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const problem = { id: 'p', split: 'train', source: 'own', level: undefined, question: '1+1?', answer: '2' } as const
  const run = { name: 'tried', state: 'done', reason: null, configPath: '', weights: '{}', config: '{}' } as const
  const prompts = { sampling: PROMPT, training: PROMPT, evaluation: PROMPT }
  store.run.create({ ...run, createdAt: 0, files: null, commonSeeds: true }, [problem], prompts)
  const row = { attempt: 0, kind: 'full', path: 'base', iteration: -1, hash: 'sha256:0' } as const
  const { id: checkpoint } = store.iterations.addCheckpoint(row)
  store.iterations.plan(0, { kind: 'accepted', count: texts.length })
  const made = store.completions.insert(
    texts.map((text, index) => ({
      key: { purpose: 'train', iteration: 0, problem: 'p', index },
      ...{ issue: index, text, finishReason: 'stop', promptTokens: 3, completionTokens: 9, model: 'm', seed: 1 },
      ...{ latencyMs: 1, attempts: [] },
      ...(ids[index] ? { promptTokenIds: [1], completionTokenIds: ids[index] } : {}),
    })),
    checkpoint,
  )
  store.completions.close(made.map((completion) => ({ completion, disposition: 'accepted' })))
  return store
}

test('formats of messages are warned about, and the way that is named is there', () => {
  const texts = ['<think>\nOne and one.\n</think>\n\n2', '2']
  const note = templateNote(storeWith(texts), undefined, 'messages')
  expect(note).toMatch(/^1 accepted traces think before they answer, which/)
  expect(note).not.toContain('token-ids')
  expect(templateNote(storeWith(texts, [[5, 6]]), undefined, 'sharegpt')).toContain('--format token-ids')
})

test('so are blanks and line breaks at the edges, which templates trim', () => {
  const note = templateNote(storeWith([' 2', '2\n', '1 2'], [[5], [6], [7]]), undefined, 'messages')
  expect(note).toMatch(
    /^2 accepted traces begin or end with blanks or line breaks, .*--format token-ids has the very tokens/,
  )
  expect(templateNote(storeWith([' 2']), undefined, 'text')).toBeUndefined()
})

test('nothing is said where nothing thinks, or where no template comes between', () => {
  const thinks = storeWith(['<think>x</think>2'], [[7]])
  for (const format of ['token-ids', 'text', 'prompt-completion-text'] as const)
    expect(templateNote(thinks, undefined, format)).toBeUndefined()
  expect(templateNote(thinks, [4], 'messages')).toBeUndefined()
  for (const format of EXPORT_FORMATS) expect(templateNote(storeWith(['2']), undefined, format)).toBeUndefined()
})
