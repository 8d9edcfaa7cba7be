import { join } from 'node:path'
import type { ExportRequest } from '../../../src/commands/export/file.ts'
import { parseRunConfig } from '../../../src/config/parse.ts'
import type { FinishReason } from '../../../src/core/completion.ts'
import { type Problem, SPLITS } from '../../../src/core/problem.ts'
import { createRandom, type Random, randomInteger } from '../../../src/core/seed.ts'
import { DISPOSITIONS } from '../../../src/core/trace.ts'
import { VERDICT_KINDS } from '../../../src/core/verdict.ts'
import type { ExportFormat } from '../../../src/export/formats.ts'
import { type FoundRun, findStoredRun } from '../../../src/run/find-run.ts'
import { openStore } from '../../../src/store/store.ts'

export const CONFIG = parseRunConfig({
  text: 'name: tried\nproblems: { train: [{ dataset: gsm8k, path: g.jsonl }] }\nsample: embedded\nbudget: { policy: { kind: constant, initial: 8 } }\n',
  file: 'run.yaml',
})

/** Every question says in which split it is; every fifth asks the words of one that is held out. */
export const PROBLEMS: readonly Problem[] = SPLITS.flatMap((split) =>
  Array.from({ length: 10 }, (_, i) => ({
    id: `${split}/${i}`,
    split,
    source: i % 2 === 0 ? 'gsm8k' : 'other',
    level: i % 3 === 0 ? undefined : String(i % 3),
    question: `[${split}] ${i % 5 === 0 ? 'How many of all the eggs of Ada are left in the end, then?' : `What is ${i} + ${i}?`}`,
    answer: String(2 * i),
  })),
)

/** A run in which everything happened that may, and some that may not: held-out problems drawn for training and accepted. */
export function writeTriedRun(folder: string): FoundRun {
  const store = openStore(folder)
  const prompt = {
    name: 'asked',
    api: 'chat',
    stop: [],
    sha256: 'ab'.repeat(32),
    messages: [{ role: 'user', content: '{{question}}' }],
  } as const
  const run = {
    name: 'tried',
    state: 'done',
    reason: null,
    configPath: join(folder, 'run.yaml'),
    weights: '{}',
  } as const
  store.run.create({ ...run, config: JSON.stringify(CONFIG), createdAt: 0, files: null, commonSeeds: true }, PROBLEMS, {
    sampling: prompt,
    training: prompt,
    evaluation: prompt,
  })
  const checkpoint = { attempt: 0, kind: 'full', path: 'checkpoints/00' } as const
  const rows = [-1, 0, 1].map((iteration) =>
    store.iterations.addCheckpoint({ ...checkpoint, iteration, hash: `sha256:${iteration}` }),
  )
  const random = createRandom(3)
  for (const iteration of [0, 1, 2]) fill(store, iteration, rows[iteration]?.id ?? 1, random)
  store.close()
  return findStoredRun(folder)
}

export function fill(store: ReturnType<typeof openStore>, iteration: number, checkpoint: number, random: Random): void {
  store.iterations.plan(iteration, { kind: 'accepted', count: PROBLEMS.length })
  const pick = <T>(items: readonly T[]): T => items[randomInteger(random, items.length)] as T
  const drawn = PROBLEMS.flatMap((problem) =>
    Array.from({ length: 12 }, (_, index) => ({ problem: problem.id, index })),
  )
  const ids = store.completions.insert(
    drawn.map((key, issue) => ({
      key: { purpose: 'train', iteration, ...key },
      issue,
      text: `${pick(['So', 'Then', 'Now'])} ${pick([1, 2])} + 1 = ${pick([2, 3])}. ${'word '.repeat(randomInteger(random, 9))}`,
      finishReason: pick<FinishReason>(['stop', 'stop', 'length']),
      promptTokens: 9,
      promptTokenIds: [1, 70_000, 3],
      completionTokenIds: [4, issue, 2],
      completionTokens: 5 + randomInteger(random, 30),
      model: 'base',
      seed: 1,
      latencyMs: 1,
      attempts: [],
    })),
    checkpoint,
  )
  const kinds = ['correct', 'incorrect', ...VERDICT_KINDS] as const
  store.verdicts.insert(
    ids.map((completion) => ({
      completion,
      verdict: { kind: pick(kinds), rule: pick(['number', 'text']), extracted: '2', checker: 'tried/1', ms: 1 },
    })),
  )
  const fates = ['accepted', 'accepted', 'wrong', ...DISPOSITIONS] as const
  store.completions.close(ids.map((completion) => ({ completion, disposition: pick(fates) })))
}

export function asked(format: ExportFormat, flags: ExportRequest['flags'] = {}): ExportRequest {
  return { format, flags, testSets: [] }
}
