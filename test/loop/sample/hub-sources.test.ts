import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { NotFetched } from '../../../src/hub/fetch-dataset.ts'
import { fetchSources } from '../../../src/loop/hub-sources.ts'
import { loadSplits } from '../../../src/problems/load.ts'
import type { SourceSpec } from '../../../src/problems/source.ts'
import { createHubServer, type HubServer } from '../../server/hub-server.ts'

const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('')
const gsm8k = (from: number, to: number) =>
  lines(Array.from({ length: to - from }, (_, n) => ({ question: `${from + n}?`, answer: `so\n#### ${from + n}` })))

let server: HubServer
let root: string
beforeEach(async () => {
  server = await createHubServer()
  root = mkdtempSync(join(tmpdir(), 'spendwise-hub-'))
  vi.stubEnv('HF_ENDPOINT', server.url)
  vi.stubEnv('HF_HUB_CACHE', root)
  vi.stubEnv('HF_TOKEN', '')
  vi.stubEnv('HF_HUB_OFFLINE', '')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await server.close()
  rmSync(root, { recursive: true, force: true })
})

test('train, gate and evaluate come from one dataset on the Hub, held apart, and say which commit they are', async () => {
  const commit = server.put('open/gsm8k', { 'main/train.jsonl': gsm8k(0, 20), 'main/test.jsonl': gsm8k(100, 105) })
  const hub = (split: string, more: Partial<SourceSpec> = {}): SourceSpec => ({
    dataset: 'hub',
    repo: 'open/gsm8k',
    split,
    ...more,
  })
  const problems = { train: [hub('train')], gate: [hub('train', { take: 'last-4' })], evaluate: [hub('test')] }
  const { sources, notes } = await fetchSources(problems)
  const splits = loadSplits(sources, 1, '/')
  expect([splits.train.length, splits.gate.length, splits.evaluate.length]).toEqual([16, 4, 5])
  expect(splits.train[0]).toMatchObject({ id: 'gsm8k/train/000000', answer: '0', source: 'gsm8k' })
  expect(splits.evaluate[0]?.id).toBe('gsm8k/test/000000')
  expect(notes).toEqual([`hub:open/gsm8k is at commit ${commit}.`])
})

test('what has not been fetched is said where nothing may be asked', async () => {
  const problems = { train: [{ dataset: 'hub', repo: 'open/gsm8k' } satisfies SourceSpec] }
  await expect(fetchSources(problems, { cachedOnly: true })).rejects.toThrow(NotFetched)
  expect(server.requests).toEqual([])
})

test.each<[string, object, Partial<SourceSpec>, object]>([
  ['GSM8K', { question: 'Q?', answer: 'x\n#### 1,200' }, {}, { id: 'data/train/000000', answer: '1200' }],
  [
    'MATH',
    { problem: 'Q?', solution: '\\boxed{2}', level: 'Level 2', type: 'Algebra' },
    {},
    { id: 'data/train/000000', level: '2' },
  ],
  [
    'SVAMP',
    { ID: 'chal-1', Body: 'A.', Question: 'B?', Answer: '3.0' },
    {},
    { id: 'data/chal-1', question: 'A. B?', answer: '3' },
  ],
  ['columns', { id: 7, question: 'Q?', answer: 4 }, {}, { id: '7', answer: '4' }],
  [
    'mapped columns',
    { text: 'Q?', key: 4 },
    { fields: { question: 'text', answer: 'key' } },
    { question: 'Q?', answer: '4' },
  ],
  [
    'what it is said to be',
    { problem: 'Q?', solution: 'x', answer: 5 },
    { as: 'rows', fields: { question: 'problem' } },
    { answer: '5' },
  ],
])('rows are read as %s by their columns', async (_, row, more, expected) => {
  server.put('open/data', { 'train.jsonl': lines([row]) })
  const { sources } = await fetchSources({ train: [{ dataset: 'hub', repo: 'open/data', ...more }] })
  expect(loadSplits(sources, 1, '/').train[0]).toMatchObject(expected)
})
