/** The dataset card: what people and the Hub read of a dataset that they did not make. */

import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type CardFiles, renderCard } from '../../src/export/card.ts'
import type { Manifest } from '../../src/export/manifest.ts'

const lengths = (least: number, median: number, p95: number, most: number) => ({
  ...{ least, median, p95, most },
  histogram: [],
})

const SUMMARY: Manifest['summary'] = {
  rows: 1_234,
  problems: 56,
  candidates: 1_240,
  dropped: {},
  iterations: { 0: 1_000, 1: 234 },
  levels: {},
  sources: { sums: 1_234 },
  rules: { number: 1_234 },
  checkers: { 'checker/2': 1_234 },
  labels: {},
  origins: { sampled: 1_234 },
  characters: lengths(1, 20, 300, 4_000),
  tokens: lengths(2, 7, 90, 1_100),
}

const MANIFEST: Manifest = {
  schema: 1,
  madeBy: 'spendwise 9.9.9',
  name: 'eggs',
  run: 'first-run',
  format: 'prompt-completion',
  container: 'jsonl',
  compression: 'none',
  rows: 1_234,
  files: [],
  licence: 'mit',
  seed: { run: 17, draw: 18 },
  filters: {},
  prompt: { name: 'zero-shot', sha256: 'abcd' },
  sources: [{ name: 'sums', dataset: 'gsm8k', licence: 'mit' }],
  checkpoints: [{ hash: 'sha256:00', iteration: -1, kind: 'full', name: 'base-model', traces: 1_234 }],
  unanswered: {},
  testSets: [],
  summary: SUMMARY,
}

const FILES: CardFiles = {
  data: 'data',
  plot: 'lengths.svg',
  manifest: 'manifest.json',
  hits: undefined,
  llamaFactory: undefined,
  axolotl: undefined,
}

function card(changes: Partial<Manifest> = {}, files: Partial<CardFiles> = {}): string {
  return renderCard({ ...MANIFEST, ...changes }, { ...FILES, ...files })
}

const withSummary = (changes: Partial<Manifest['summary']>): string => card({ summary: { ...SUMMARY, ...changes } })

/** What stands between the lines of three hyphens, as the Hub reads it. */
function head(text: string) {
  return parse(/^---\n([\s\S]*?)\n---\n/.exec(text)?.[1] ?? '')
}

/** A part of the card, by its heading. */
function section(text: string, heading: string): string {
  return text.split(/^#+ /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
}

describe('the head', () => {
  test('says to the Hub what the dataset is and where its rows lie', () => {
    expect(head(card())).toEqual({
      pretty_name: 'eggs',
      license: 'mit',
      language: ['en'],
      task_categories: ['text-generation'],
      tags: ['math', 'synthetic', 'spendwise'],
      size_categories: ['1K<n<10K'],
      configs: [{ config_name: 'default', data_files: [{ split: 'train', path: 'data/*.jsonl' }] }],
    })
  })

  test.each([
    [0, 'n<1K'],
    [999, 'n<1K'],
    [1_000, '1K<n<10K'],
    [9_999, '1K<n<10K'],
    [10_000, '10K<n<100K'],
    [99_999, '10K<n<100K'],
    [100_000, '100K<n<1M'],
    [999_999, '100K<n<1M'],
    [1_000_000, '1M<n<10M'],
    [9_999_999, '1M<n<10M'],
    [10_000_000, '10M<n<100M'],
  ])('calls %i rows %s', (rows, size) => {
    expect(head(card({ rows })).size_categories).toEqual([size])
  })

  test.each([
    ['jsonl', 'gzip', 'data/*.jsonl.gz'],
    ['parquet', 'zstd', 'data/*.parquet'],
  ] as const)('of %s with %s points at %s', (container, compression, path) => {
    expect(head(card({ container, compression })).configs[0].data_files[0].path).toBe(path)
  })

  test('is still read where a name has quotes and colons', () => {
    const name = 'say "eggs": #1'
    expect(head(card({ name })).pretty_name).toBe(name)
  })
})

describe('the opening', () => {
  test('counts rows and problems, names the run, the columns and the program, and shows the picture', () => {
    const opening = section(card(), 'eggs')
    expect(opening).toContain('1,234 rows from 56 problems, of the run `first-run`. Each row is a solution')
    expect(opening).toContain('Format `prompt-completion`: columns `prompt`, `completion`. Made by spendwise 9.9.9.')
    expect(opening).toContain('](lengths.svg)')
  })

  test('of one row of one problem is in the singular', () => {
    expect(card({ rows: 1, summary: { ...SUMMARY, problems: 1 } })).toContain('\n1 row from 1 problem, of the run')
  })

  test.each([
    ['text', /solution that a model sampled and a symbolic checker verified/],
    ['dpo', /pair of solutions of one problem.*\(chosen\).*\(rejected\)/],
    ['kto', /solution that a model sampled, with the finding/],
    ['grpo-trl', /a problem with its known answer/],
  ] as const)('of %s says what a row is', (format, sentence) => {
    expect(card({ format })).toMatch(sentence)
  })

  test('of a name that is made of other lines, marks and halves of characters stays one line of text', () => {
    const text = card({ name: 'a<b>|c\r\nd\u2028e\ud800', run: 'x`\ny' })
    expect(text).toContain('\n# a&lt;b&gt;\\|c d e\ufffd\n')
    expect(text).toContain('of the run `x y`.')
  })
})

describe('what is in it', () => {
  const contents = (changes: Partial<Manifest['summary']> = {}): string =>
    section(withSummary(changes), 'What is in it')

  test('begins with the lengths, and has a table for each thing that was counted', () => {
    expect(contents().trimEnd()).toBe(`What is in it

|  | least | median | 95% | most |
|---|---|---|---|---|
| characters of the completion | 1 | 20 | 300 | 4,000 |
| tokens of the completion | 2 | 7 | 90 | 1,100 |

| iteration | rows |
|---|---|
| 0 | 1,000 |
| 1 | 234 |

| origin | rows |
|---|---|
| sampled | 1,234 |

| rule of the checker | rows |
|---|---|
| number | 1,234 |`)
  })

  test('tells levels and findings where there are any', () => {
    const text = contents({ levels: { easy: 5, '<hard>': 6 }, labels: { correct: 3, incorrect: 2 } })
    expect(text).toContain('| level | rows |\n|---|---|\n| easy | 5 |\n| &lt;hard&gt; | 6 |\n')
    expect(text).toContain('| finding | rows |\n|---|---|\n| correct | 3 |\n| incorrect | 2 |\n')
  })

  test('shows up to thirty counts in their order, and of more the thirty largest', () => {
    const levels = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`level ${i}`, (i * 7) % 31]))
    const shown = (count: number) =>
      [...contents({ levels: levels(count) }).matchAll(/^\| level \d+ \| (\d+) \|$/gm)].map(([, n]) => Number(n))
    expect(shown(30)).toEqual(Object.values(levels(30)))
    expect(shown(31)).toEqual(Array.from({ length: 30 }, (_, i) => 30 - i))
  })

  test('is set apart from what follows by one blank line', () => {
    expect(card()).toMatch(/\| number \| 1,234 \|\n\n## Where it comes from\n\n/)
  })
})

describe('where it comes from', () => {
  const origin = (changes: Partial<Manifest>): string => section(card(changes), 'Where it comes from')

  test('lists each source with its rows and its licence, and 0 rows of one that gave none', () => {
    const sources = [
      { name: 'sums', dataset: 'gsm8k', licence: 'mit' },
      { name: 'unused', dataset: 'someone/else', licence: 'other' },
    ]
    const text = origin({ sources })
    expect(text).toContain('| source | dataset | rows | licence |\n|---|---|---|---|\n')
    expect(text).toContain('| sums | gsm8k | 1,234 | MIT, (c) 2021 OpenAI |\n')
    expect(text).toMatch(/\| unused \| someone\/else \| 0 \| not known .*look it up.* \|\n/)
  })

  test('tells the base from checkpoints that iterations made, the first one too', () => {
    const checkpoints = [-1, 0, 3].map((iteration) => ({
      ...{ hash: `h${iteration}`, iteration, kind: 'full', name: `n${iteration}`, traces: 1_000 },
    }))
    const text = origin({ checkpoints } as Partial<Manifest>)
    expect(text).toContain(`| checkpoint |  | hash | rows |
|---|---|---|---|
| \`n-1\` | base | \`h-1\` | 1,000 |
| \`n0\` | made by iteration 0 | \`h0\` | 1,000 |
| \`n3\` | made by iteration 3 | \`h3\` | 1,000 |
`)
  })

  test('names prompt, seed and all versions of the checker, or says that none is known', () => {
    const checkers = (found: Readonly<Record<string, number>>) => origin({ summary: { ...SUMMARY, checkers: found } })
    const before = 'Prompt `zero-shot` (sha256 `abcd`), seed 17, checker'
    expect(checkers({ 'checker/1': 2, 'checker/2': 3 })).toContain(`${before} checker/1, checker/2.\n`)
    expect(checkers({})).toContain(`${before} unknown.\n`)
  })
})

describe('what was left out', () => {
  const rules = (changes: Partial<Manifest>, files: Partial<CardFiles> = {}): string =>
    section(card(changes, files), 'What was left out')

  test('is nothing where no filter was set', () => {
    const text = rules({})
    expect(text).toContain('Nothing: every accepted trace is here.\n\n1,240 traces to choose from.\n\n')
    expect(text).toContain('It was not decontaminated against any test set.')
    expect(text).toContain('[manifest.json](manifest.json)')
  })

  test('lists the filters and what each took', () => {
    const text = rules({
      filters: { maxLength: 100, rules: ['number'] },
      summary: { ...SUMMARY, candidates: 1, dropped: { length: 2_000, rule: 3 } },
    })
    expect(text).not.toContain('Nothing')
    expect(text).toContain('| filter | value |\n|---|---|\n| maxLength | `100` |\n| rules | `["number"]` |\n')
    expect(text).toContain(
      '1 trace to choose from; left out:\n\n| because of | traces |\n|---|---|\n| length | 2,000 |\n| rule | 3 |\n',
    )
  })

  test('says against which test sets it was decontaminated, and where the hits are listed', () => {
    const testSets = [{ name: 'gsm8k', questions: 1_319, hits: 4 }]
    const changes = { filters: { ngram: 13 }, testSets }
    const table = ':\n\n| test set | questions | hits |\n|---|---|---|\n| gsm8k | 1,319 | 4 |\n'
    expect(rules(changes)).toContain(`Decontaminated against, by runs of 13 words${table}`)
    expect(rules(changes, { hits: 'hits.jsonl' })).toContain(
      `by runs of 13 words (every hit is in [hits.jsonl](hits.jsonl))${table}`,
    )
    expect(rules(changes)).not.toContain('not decontaminated')
  })
})

describe('how to load it', () => {
  const use = (files: Partial<CardFiles>): string => section(card({}, files), 'How to load it')

  test('is a call of datasets, and a line for each other trainer that was written for', () => {
    const call = '    data = load_dataset("PATH-OR-REPOSITORY", split="train")\n'
    expect(use({}).endsWith(call)).toBe(true)
    expect(use({ llamaFactory: 'dataset_info.json' })).toMatch(
      /split="train"\)\n\nLLaMA-Factory: .*`dataset: eggs` \(dataset_info\.json\)\.\n$/,
    )
    expect(use({ axolotl: 'axolotl.yaml' })).toMatch(/split="train"\)\n\naxolotl: the lines in axolotl\.yaml,.*\n$/)
    expect(use({ llamaFactory: 'a.json', axolotl: 'b.yaml' })).toMatch(/\n\nLLaMA-Factory: .*\naxolotl: .*\n$/)
  })
})

test('what a filter holds cannot break its table', () => {
  const text = card({ filters: { rules: ['a|b', 'c<d'] } })
  expect(text).toContain('| rules | `["a\\|b","c&lt;d"]` |')
})
