/** A small run made by hand, in a folder of its own. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Completion, CompletionKey } from '../../src/core/completion.ts'
import type { Problem } from '../../src/core/problem.ts'
import type { Verdict, VerdictKind } from '../../src/core/verdict.ts'
import type { RunRow, StoredPrompt } from '../../src/store/runs.ts'
import { openStore, type Store } from '../../src/store/store.ts'

export const RUN: RunRow = {
  name: 'hand-made',
  state: 'new',
  reason: null,
  config: '{"seed":1}',
  configPath: '/somewhere/run.yaml',
  weights: '{"sums":1}',
  createdAt: 1_700_000_000_000,
  files: null,
  commonSeeds: true,
}

export const PROBLEMS: readonly Problem[] = [
  { id: 'sums/0', split: 'train', source: 'sums', level: undefined, question: '1 + 1?', answer: '2' },
  { id: 'sums/1', split: 'train', source: 'sums', level: '2', question: '1 + 2?', answer: '3' },
  { id: 'sums/2', split: 'train', source: 'sums', level: '3', question: '1 + 3?', answer: '4' },
  { id: 'held/0', split: 'gate', source: 'sums', level: undefined, question: '2 + 2?', answer: '4' },
  { id: 'test/0', split: 'evaluate', source: 'sums', level: '1', question: '2 + 3?', answer: '5' },
  { id: 'test/1', split: 'evaluate', source: 'sums', level: '2', question: '2 + 4?', answer: '6' },
]

const PROMPT: StoredPrompt = {
  name: 'zero-shot',
  api: 'chat',
  stop: ['\nQuestion:'],
  messages: [{ role: 'user', content: '{question}' }],
  sha256: 'ab'.repeat(32),
}
export const PROMPTS = { sampling: PROMPT, training: { ...PROMPT, name: 'plain' }, evaluation: { ...PROMPT, stop: [] } }

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-store-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A store with run, problems, prompts and the base's checkpoint (row 1). */
export function createRun(folder: string = temporaryFolder(), problems: readonly Problem[] = PROBLEMS): Store {
  const store = openStore(folder)
  onTestFinished(() => store.close())
  store.run.create(RUN, problems, PROMPTS)
  store.iterations.addCheckpoint({ iteration: -1, attempt: 0, kind: 'full', path: '/base', hash: 'sha256:base' })
  return store
}

export interface Changes extends Partial<Omit<Completion, 'key'>> {
  readonly key?: Partial<CompletionKey>
}

export function completion(changes: Changes = {}): Completion {
  const key: CompletionKey = { purpose: 'train', iteration: 0, problem: 'sums/0', index: 0, ...changes.key }
  return {
    issue: key.index,
    text: 'A: 2',
    finishReason: 'stop',
    promptTokens: 10,
    completionTokens: 5,
    model: 'base',
    seed: 7,
    latencyMs: 12.5,
    attempts: [{ outcome: 'ok', status: 200, message: '', startedAt: 1_700_000_000_000, durationMs: 12.5 }],
    ...changes,
    key,
  }
}

export function verdict(kind: VerdictKind, extracted: string | undefined = '2'): Verdict {
  return { kind, rule: 'number', extracted, checker: '1', ms: 0.2 }
}
