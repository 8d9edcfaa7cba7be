/** Completions that were generated elsewhere: judged and exported, and in no iteration, total or price. */

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ImportReport, importInto, namesOf } from '../../../src/commands/import/work.ts'
import { createWorkplace, type Workplace } from '../../loop/workplace.ts'

const YAML = `name: beside
problems:
  train: [{ dataset: jsonl, path: train.jsonl }]
  evaluate: [{ dataset: jsonl, path: test.jsonl }]
sample: { endpoints: [{ baseURL: "http://127.0.0.1:9/v1", model: base }] }
budget: { policy: { kind: constant, initial: 8 } }
train: none
`
const line = (problem: string, completion: string, more: object = {}): string =>
  `${JSON.stringify({ problem, completion, finish_reason: 'stop', ...more })}\n`

let place: Workplace
const cwd = process.cwd()

beforeAll(() => {
  place = createWorkplace()
  process.chdir(place.folder)
  place.write('run.yaml', YAML)
  place.write(
    'train.jsonl',
    '{"id":"a","question":"1 + 1?","answer":"2"}\n{"id":"b","question":"1 + 2?","answer":"3"}\n',
  )
  place.write('test.jsonl', '{"id":"t","question":"2 + 2?","answer":"4"}\n')
})
afterAll(() => {
  process.chdir(cwd)
  place.remove()
})

const take = (text: string, strict = false): Promise<ImportReport> => {
  place.write('made.jsonl', text)
  return importInto('run.yaml', 'made.jsonl', { strict })
}

test('each line is judged, the same one counts once, and nothing that was cut off is accepted', async () => {
  const good = line('a', 'So it is \\boxed{2}.', { token_ids: [5, 6] })
  const text = [
    good,
    line('1 + 2?', 'So it is \\boxed{3}.'),
    line('b', 'So it is \\boxed{4}.'),
    line('a', 'So it is \\boxed{2}, and then', { finish_reason: 'length' }),
    line('a', 'It is, I think, \\boxed{2}.', { finish_reason: 'who knows' }),
    `${JSON.stringify({ problem: 'b', completion: 'Thus \\boxed{3}.' })}\n`,
    good,
  ].join('')
  const report = await take(text)
  expect(report).toMatchObject({
    rows: 7,
    imported: 6,
    known: 1,
    verdicts: { correct: 5, incorrect: 1 },
    truncated: 1,
    withoutEnd: 1,
    accepted: 3,
    left: [],
  })
  expect(await take(text)).toMatchObject({ rows: 7, imported: 0, known: 7, verdicts: {}, accepted: 3 })
  const status = place.status('beside')
  expect(status.external).toEqual({ completions: 6, accepted: 3, correct: 5, truncated: 1 })
  expect(status).toMatchObject({
    state: 'new',
    iterations: [],
    totals: { accepted: 0, sampled: 0, cost: 0, tokens: 0 },
  })
})

test('rows that cannot be used are listed with their reason; --strict refuses the file', async () => {
  const text = [
    'no JSON\n',
    line('nobody', 'x'),
    line('t', 'So it is \\boxed{4}.'),
    line('a', ''),
    line('a', 'x', { token_ids: [-1] }),
    '\n',
    line('b', 'Again \\boxed{3}.'),
  ].join('')
  await expect(take(text, true)).rejects.toThrow(
    /made\.jsonl:1 {2}is not JSON, and 4 more rows cannot be used; nothing/,
  )
  expect(place.status('beside').external?.completions).toBe(6)
  const { left, imported } = await take(text)
  expect(imported).toBe(1)
  expect(left.map(({ place: at, reason }) => [at, reason])).toEqual([
    ['made.jsonl:1', 'is not JSON'],
    ['made.jsonl:2', '"nobody" is neither the id nor the question of a problem of this run'],
    ['made.jsonl:3', 't is a problem of the evaluate split, which never trains'],
    ['made.jsonl:4', expect.stringMatching(/^completion: /)],
    ['made.jsonl:5', expect.stringMatching(/^token_ids\.0: /)],
  ])
  await expect(take('\n')).rejects.toThrow(/made\.jsonl is empty/)
  await expect(importInto('run.yaml', 'gone.jsonl', { strict: false })).rejects.toThrow(/gone\.jsonl cannot be read/)
})

test('they are shown and exported apart, never with what the run has drawn', async () => {
  const run = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await place.run(args)
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    return stdout
  }
  await run('export', 'beside', '--origin', 'external', '--format', 'prompt-completion', '--out', 'sft.jsonl')
  const rows = readFileSync(place.at('sft.jsonl'), 'utf8').trimEnd().split('\n')
  expect(rows.map((row) => JSON.parse(row).completion[0].content)).toEqual([
    'So it is \\boxed{2}.',
    'So it is \\boxed{3}.',
    'Thus \\boxed{3}.',
    'Again \\boxed{3}.',
  ])
  const summary = JSON.parse(await run('export', 'beside', '--origin', 'external', '--dry-run', '--json'))
  expect(summary.origins).toEqual({ external: 4 })
  expect(JSON.parse(await run('export', 'beside', '--dry-run', '--json')).rows).toBe(0)
  const traces = await run('traces', 'beside', '--purpose', 'external', '--verdict', 'incorrect', '--json')
  expect(JSON.parse(traces)).toMatchObject({ purpose: 'external', problem: 'b', extracted: '4', model: 'made.jsonl:3' })
})

test('a run and a file are told apart; without a run the only one is meant', () => {
  expect(namesOf(['made.jsonl', 'beside'])).toEqual({ run: 'beside', file: 'made.jsonl' })
  expect(namesOf(['beside', 'other.jsonl'])).toEqual({ run: 'beside', file: 'other.jsonl' })
  expect(namesOf(['made.jsonl']).run).toMatch(/runs\/beside$/)
  expect(() => namesOf(['a', 'b', 'c'])).toThrow(/takes a run and one file/)
})
