import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
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
import { runExport } from '../../../src/commands/export/work.ts'
import { BALANCES, DUPLICATES, SCOPES } from '../../../src/core/export.ts'
import { PLAIN } from '../../../src/export/dataset-file.ts'
import { EXPORT_FORMATS, formatOf } from '../../../src/export/formats.ts'
import type { FoundRun } from '../../../src/run/find-run.ts'
import { openStore } from '../../../src/store/store.ts'
import { asked, PROBLEMS, writeTriedRun } from './tried-run.ts'

let folder = ''
let found: FoundRun

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spendwise-export-'))
  found = writeTriedRun(folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

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
