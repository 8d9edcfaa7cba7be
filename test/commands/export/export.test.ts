/** Exports of a stored run: what goes in whatever is asked for, and what a dataset folder holds. */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  countExport,
  type ExportRequest,
  exportFile,
  exportRun,
  withExport,
  withProblems,
} from '../../../src/commands/export/file.ts'
import { exportFolder } from '../../../src/commands/export/folder.ts'
import { runExport } from '../../../src/commands/export/work.ts'
import { parseRunConfig } from '../../../src/config/parse.ts'
import type { FinishReason } from '../../../src/core/completion.ts'
import { ConfigError } from '../../../src/core/errors.ts'
import { BALANCES, DUPLICATES, SCOPES } from '../../../src/core/export.ts'
import { type Problem, SPLITS } from '../../../src/core/problem.ts'
import { createRandom, type Random, randomInteger } from '../../../src/core/seed.ts'
import { DISPOSITIONS } from '../../../src/core/trace.ts'
import { VERDICT_KINDS } from '../../../src/core/verdict.ts'
import { PLAIN } from '../../../src/export/dataset-file.ts'
import { EXPORT_FORMATS, type ExportFormat, formatOf } from '../../../src/export/formats.ts'
import { type FoundRun, findStoredRun } from '../../../src/run/find-run.ts'
import { openStore } from '../../../src/store/store.ts'

const CONFIG = parseRunConfig({
  text: 'name: tried\nproblems: { train: [{ dataset: gsm8k, path: g.jsonl }] }\nsample: embedded\nbudget: { policy: { kind: constant, initial: 8 } }\n',
  file: 'run.yaml',
})

/** Every question says in which split it is; every fifth asks the words of one that is held out. */
const PROBLEMS: readonly Problem[] = SPLITS.flatMap((split) =>
  Array.from({ length: 10 }, (_, i) => ({
    id: `${split}/${i}`,
    split,
    source: i % 2 === 0 ? 'gsm8k' : 'other',
    level: i % 3 === 0 ? undefined : String(i % 3),
    question: `[${split}] ${i % 5 === 0 ? 'How many of all the eggs of Ada are left in the end, then?' : `What is ${i} + ${i}?`}`,
    answer: String(2 * i),
  })),
)

let folder = ''
let found: FoundRun

/** A run in which everything happened that may, and some that may not: held-out problems drawn for training and accepted. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spendwise-export-'))
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
  found = findStoredRun(folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function fill(store: ReturnType<typeof openStore>, iteration: number, checkpoint: number, random: Random): void {
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

function asked(format: ExportFormat, flags: ExportRequest['flags'] = {}): ExportRequest {
  return { format, flags, testSets: [] }
}

/** Mostly left out, so that many options together leave something over. */
const maybe = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value })
const share = maybe(fc.double({ min: 0, max: 1, noNaN: true }))
const count = maybe(fc.nat(40))
const anyRequest = fc.record({
  format: fc.constantFrom(...EXPORT_FORMATS.filter((format) => formatOf(format).rows !== 'problems')),
  flags: fc.record({
    iterations: maybe(fc.subarray([0, 1, 2, 9])),
    rules: maybe(fc.subarray(['number', 'text', 'none'])),
    minLength: count,
    maxLength: count,
    minTokens: count,
    maxTokens: count,
    minSolveRate: share,
    maxSolveRate: share,
    maxPerProblem: count,
    deduplicate: maybe(fc.constantFrom(...DUPLICATES)),
    within: maybe(fc.constantFrom(...SCOPES)),
    similarity: maybe(fc.double({ min: 0.1, max: 0.95, noNaN: true })),
    balance: maybe(fc.constantFrom(...BALANCES)),
    rows: maybe(fc.integer({ min: 1, max: 50 })),
    seed: count,
    ngram: maybe(fc.integer({ min: 1, max: 15 })),
  }),
  testSets: fc.subarray([{ kind: 'split', split: 'gate' } as const, { kind: 'split', split: 'evaluate' } as const]),
})

test('no combination of options exports a trace of a gate or evaluation problem', () => {
  let rows = 0
  fc.assert(
    fc.property(anyRequest, (request) => {
      withExport(found, request, false, ({ opened }) => {
        for (const selected of opened.traces()) {
          const row = opened.toRow(selected)
          expect(row.prompt[0]?.content).toMatch(/^\[train\]/)
          expect(selected.trace.split).toBe('train')
          rows++
        }
      })
    }),
    { numRuns: 200 },
  )
  // There was something to look at.
  expect(rows).toBeGreaterThan(500)
})

test('every row is within the bounds that were asked for', () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      const { minLength = 0, maxLength = 1e9, minTokens = 0, maxTokens = 1e9, maxPerProblem = 1e9 } = request.flags
      const { iterations = [0, 1, 2], rules = ['number', 'text'], rows = 1e9 } = request.flags
      withExport(found, request, true, ({ opened }) => {
        const traces = [...opened.traces()]
        for (const { trace } of traces) {
          expect(iterations).toContain(trace.iteration)
          expect(rules).toContain(trace.rule)
          expect(trace.text.length).toBeGreaterThanOrEqual(minLength)
          expect(trace.text.length).toBeLessThanOrEqual(maxLength)
          expect(trace.completionTokens).toBeGreaterThanOrEqual(minTokens)
          expect(trace.completionTokens).toBeLessThanOrEqual(maxTokens)
        }
        for (const role of ['accepted', 'correct', 'incorrect']) {
          const own = traces.filter((one) => one.role === role)
          for (const group of Map.groupBy(own, ({ trace }) => trace.problem).values()) {
            expect(group.length).toBeLessThanOrEqual(maxPerProblem)
          }
        }
        expect(traces.length).toBeLessThanOrEqual(rows)
        const dropped = [...opened.fates.dropped.values()].reduce((sum, n) => sum + n, 0)
        expect(traces.length + dropped).toBe(opened.fates.candidates)
      })
    }),
    { numRuns: 100 },
  )
})

test('pairs are of one problem, a correct and an incorrect trace, and no trace stands in two', () => {
  const { summary } = countExport(found, asked('dpo'))
  expect(summary.rows).toBeGreaterThan(5)
  withExport(found, asked('dpo'), true, ({ opened, store }) => {
    const traces = [...opened.traces()]
    const partners = traces.map(({ partner }) => partner)
    expect(new Set(partners).size).toBe(partners.length)
    for (const { trace, partner = 0 } of traces) {
      const judged = store.verdicts.text(partner)
      expect(trace.verdict).toBe('correct')
      expect(judged?.question).toBe(store.exports.question(trace.problem))
      expect(store.verdicts.page(partner - 1, 1)[0]).toMatchObject({ kind: 'incorrect', finishReason: 'stop' })
    }
  })
})

test('a label says what the checker found', () => {
  withExport(found, asked('kto'), true, ({ opened }) => {
    const labels = new Set<unknown>()
    for (const selected of opened.traces()) {
      const { label } = opened.toRow(selected)
      expect(label).toBe(selected.trace.verdict === 'correct')
      labels.add(label)
    }
    expect(labels).toEqual(new Set([true, false]))
  })
})

test("the filters of run.yaml hold, and options go before them; the library's exportRun knows none", () => {
  const config = { ...found.config, export: { ...found.config.export, maxPerProblem: 1, iterations: [0] } }
  const of = (request: ExportRequest) => countExport({ ...found, config }, request).summary
  expect(of(asked('messages')).iterations).toEqual({ 0: of(asked('messages')).problems })
  expect(Object.keys(of(asked('messages', { iterations: [2] })).iterations)).toEqual(['2'])
  const { rows } = exportRun(folder, { format: 'messages', out: join(folder, 'all.jsonl') })
  expect(rows).toBe(countExport(found, asked('messages')).summary.rows)
})

test('questions that share words with a held-out one are left out, and each is listed', () => {
  const request = { ...asked('messages'), testSets: [{ kind: 'split', split: 'evaluate' } as const] }
  const { summary, hits } = countExport(found, request)
  expect(hits.map(({ problem }) => problem).sort()).toEqual(['train/0', 'train/5'])
  const left = hits.reduce((sum, hit) => sum + (hit.kind === 'question' ? hit.traces : 1), 0)
  expect(summary.dropped).toEqual({ contaminated: left })
  expect(summary.rows).toBe(summary.candidates - left)
})

test('a draw has as many of each level as it can, the same for one seed', () => {
  const drawn = (seed: number) => countExport(found, asked('messages', { balance: 'level', rows: 9, seed })).summary
  expect(Object.values(drawn(1).levels)).toEqual([3, 3])
  expect(drawn(1)).toEqual(drawn(1))
  expect(drawn(1)).not.toEqual(drawn(2))
})

test.each(EXPORT_FORMATS.map((format) => [format]))(
  '%s is the same rows in Parquet as in JSON lines',
  async (format) => {
    const lines = join(folder, `${format}.jsonl`)
    const columns = join(folder, `${format}.parquet`)
    const compressed = join(folder, `${format}.jsonl.gz`)
    exportFile(found, asked(format), lines, PLAIN)
    exportFile(found, asked(format), columns, { container: 'parquet', compression: 'none' })
    exportFile(found, asked(format), compressed, { container: 'jsonl', compression: 'gzip' })
    const rows = readFileSync(lines, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
    const bytes = readFileSync(columns)
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
    expect(await parquetReadObjects({ file })).toEqual(rows)
    expect(gunzipSync(readFileSync(compressed))).toEqual(readFileSync(lines))
  },
)

test('formats of problems hold the train split alone, with what the run has found of each', async () => {
  const all = withProblems(found, asked('grpo-trl'), (opened) => opened)
  expect(all.rows.map(({ problem }) => problem?.id)).toEqual(PROBLEMS.slice(0, 10).map(({ id }) => id))
  expect(all.rows.every(({ prompt }) => prompt[0]?.content.startsWith('[train]'))).toBe(true)
  const rates = all.rows.map(({ problem }) => problem?.solveRate ?? -1)
  expect(Math.min(...rates)).toBeGreaterThanOrEqual(0)
  const bound = rates.toSorted((a, b) => a - b)[4] ?? 0
  const hard = withProblems(found, asked('grpo-verl', { maxSolveRate: bound }), (opened) => opened)
  expect(hard.rows.map(({ problem }) => problem?.solveRate)).toEqual(rates.filter((rate) => rate <= bound))
  expect(hard.dropped['solve-rate']).toBe(10 - hard.rows.length)
  // Nobody was asked in iteration 9, so no rate is known: without bounds all go in, with one none does.
  const never = withProblems(found, asked('grpo-nemo', { iterations: [9] }), (opened) => opened)
  expect(never.rows.map(({ problem }) => problem?.solveRate)).toEqual(rates.map(() => null))
  expect(withProblems(found, asked('grpo-nemo', { iterations: [9], minSolveRate: 0 }), ({ rows }) => rows)).toEqual([])
  const columns = join(folder, 'never.parquet')
  exportFile(found, asked('grpo-verl', { iterations: [9] }), columns, { container: 'parquet', compression: 'none' })
  const bytes = readFileSync(columns)
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
  expect((await parquetReadObjects({ file }))[0]?.extra_info).toMatchObject({ index: 0, solve_rate: null })
  const drawn = (seed: number) => withProblems(found, asked('grpo-trl', { rows: 4, seed }), ({ rows }) => rows)
  expect(drawn(1)).toHaveLength(4)
  expect(drawn(1)).toEqual(drawn(1))
  const testSets = [{ kind: 'split', split: 'evaluate' } as const]
  const clean = withProblems(found, { ...asked('grpo-trl'), testSets }, (opened) => opened)
  expect(clean.hits.map(({ problem }) => problem)).toEqual(['train/0', 'train/5'])
  expect(clean.rows).toHaveLength(8)
})

test.each([
  [{ format: 'grpo-trl', out: 'x.jsonl', deduplicate: 'exact' }, /--deduplicate is about traces/],
  [{ format: 'grpo-verl', out: 'x/' }, /is one file; write --out problems\.parquet/],
] as const)('%j is refused in one sentence', async (flags, sentence) => {
  await expect(runExport(folder, flags)).rejects.toThrow(sentence)
})

test('traces that people labelled so stay out, by the command line as by anything else', async () => {
  const before = countExport(found, asked('messages')).summary.rows
  const store = openStore(folder)
  const [first] = store.exports.iterate({
    iterations: [0],
    origin: 'sampled',
    withIncorrect: false,
    withVerdicts: false,
  })
  const trace = first?.split === 'train' ? first.id : undefined
  if (trace !== undefined) store.labels.put({ trace, label: 'wrong', note: undefined, blind: false, at: 1 })
  store.close()
  expect(trace).toBeDefined()
  const out = join(folder, 'labelled.jsonl')
  await runExport(folder, { format: 'messages', out, excludeLabelled: ['wrong'] })
  expect(readFileSync(out, 'utf8').trimEnd().split('\n')).toHaveLength(before - 1)
})

function folderOptions(out: string, more: object = {}) {
  return { out, kind: PLAIN, shardRows: undefined, name: undefined, licence: undefined, ...more }
}

test('a dataset folder holds its data in shards, hashed, a card, and what trainers want to be told', () => {
  const out = join(folder, 'dataset')
  const written = exportFolder(found, asked('messages'), folderOptions(out, { shardRows: 20, name: 'eggs' }))
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'))
  expect(manifest).toMatchObject({ name: 'eggs', run: 'tried', format: 'messages', rows: written.rows, filters: {} })
  expect(manifest.files.map(({ rows }: { rows: number }) => rows).slice(0, 2)).toEqual([20, 20])
  let text = ''
  for (const { name, sha256, bytes } of manifest.files) {
    const content = readFileSync(join(out, name))
    expect(createHash('sha256').update(content).digest('hex')).toBe(sha256)
    expect(content.length).toBe(bytes)
    text += content.toString('utf8')
  }
  exportFile(found, asked('messages'), join(folder, 'one.jsonl'), PLAIN)
  expect(text).toBe(readFileSync(join(folder, 'one.jsonl'), 'utf8'))
  const traces = manifest.checkpoints.map((one: { traces: number }) => one.traces)
  expect(traces.reduce((sum: number, n: number) => sum + n, 0)).toBe(written.rows)
  expect(manifest.summary.checkers).toEqual({ 'tried/1': written.rows })
  const card = readFileSync(join(out, 'README.md'), 'utf8')
  expect(card).toMatch(/^---\npretty_name: "eggs"\nlicense: \w+\n[\s\S]*path: "data\/\*\.jsonl"\n---\n/)
  expect(card).toContain('MIT, (c) 2021 OpenAI')
  for (const [, file = ''] of card.matchAll(/\]\(([^)]+)\)/g)) expect(existsSync(join(out, file))).toBe(true)
  expect(JSON.parse(readFileSync(join(out, 'dataset_info.json'), 'utf8'))).toMatchObject({
    eggs: { file_name: 'data' },
  })
  expect(readFileSync(join(out, 'lengths.svg'), 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\n$/)
})

test('equal runs and options give an equal folder, which takes the place of the one before', () => {
  const out = join(folder, 'again')
  const content = () =>
    readdirSync(out, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'utf8')])
      .sort()
  exportFolder(found, asked('dpo'), folderOptions(out, { shardRows: 2 }))
  exportFolder(found, asked('alpaca'), folderOptions(out))
  const first = content()
  exportFolder(found, asked('alpaca'), folderOptions(out))
  expect(content()).toEqual(first)
  expect(readdirSync(join(out, 'data'))).toEqual(['train.jsonl'])
  expect(readdirSync(folder).filter((name) => name.includes('.tmp'))).toEqual([])
})

test('a folder that is no dataset is never replaced, and a test set that cannot be read leaves nothing behind', () => {
  const mine = join(folder, 'mine')
  mkdirSync(mine)
  writeFileSync(join(mine, 'thesis.txt'), 'years of work')
  expect(() => exportFolder(found, asked('messages'), folderOptions(mine))).toThrow(ConfigError)
  expect(readdirSync(mine)).toEqual(['thesis.txt'])
  const request = { ...asked('messages'), testSets: [{ kind: 'table', file: 'nowhere.jsonl' } as const] }
  expect(() => exportFolder(found, request, folderOptions(join(folder, 'new')))).toThrow(/there is no such file; give/)
  expect(existsSync(join(folder, 'new'))).toBe(false)
})
