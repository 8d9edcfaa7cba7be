import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { PUBLISHED_NAMES } from '../../../src/core/datasets.ts'
import { hubPlace } from '../../../src/problems/datasets/published.ts'
import { type ImportOptions, importFile } from '../../../src/problems/import-file.ts'
import { judge } from '../../../src/verify/decide.ts'
import { folderWith } from '../files.ts'

interface Row {
  readonly id: string
  readonly question: string
  readonly answer: string
  readonly subject?: string
  readonly solveRate?: number
}

function imported(dataset: string, rows: readonly unknown[], more: Partial<ImportOptions> = {}) {
  const folder = folderWith({ 'set.jsonl': rows })
  return read(dataset, join(folder, 'set.jsonl'), join(folder, 'out.jsonl'), more)
}

function read(dataset: string, path: string, out: string, more: Partial<ImportOptions> = {}) {
  const { odd } = importFile({ dataset, path, out, ...more })
  const lines = readFileSync(out, 'utf8').trimEnd().split('\n')
  return {
    rows: lines.map((line): Row => JSON.parse(line)),
    left: odd.filter(({ kept }) => !kept).map(({ place, reason }) => `${place.split(':').at(-1)} ${reason}`),
  }
}

describe('published sets', () => {
  test('NuminaMath-1.5: proofs, answers that were not found and invalid rows are left out, each with its reason', () => {
    const valid = { problem_type: 'Algebra', problem_is_valid: 'Yes', solution_is_valid: 'Yes', question_type: 'open' }
    const { rows, left } = imported('numina-1.5', [
      { ...valid, problem: 'Six?', answer: '6' },
      { ...valid, problem: 'Show.', answer: 'proof', question_type: 'proof' },
      { ...valid, problem: 'Lost?', answer: 'NotFound' },
      { ...valid, problem: 'Bad?', answer: '1', solution_is_valid: 'Incomplete' },
      { ...valid, problem: 'Empty?', answer: ' ' },
      { ...valid, problem: 'Null?', answer: null },
    ])
    expect(rows).toEqual([{ id: 'numina-1.5/000000', question: 'Six?', answer: '6', subject: 'Algebra' }])
    expect(left).toEqual([
      '2 has question_type "proof", where question_type!=proof is asked',
      '3 has the answer "NotFound", which nothing can be checked against',
      '4 has solution_is_valid "Incomplete", where solution_is_valid=Yes is asked',
      '5 has no answer',
      '6 has no answer',
    ])
  })

  test('Skywork-OR1: golds in a JSON list, of which any counts, and the instructions taken off', () => {
    const row = (content: string, golds: readonly string[]) => ({
      prompt: [
        { role: 'user', content: `${content} Let's think step by step and output the final answer within \\boxed{}.` },
      ],
      reward_model: { ground_truth: JSON.stringify(golds) },
    })
    const { rows } = imported('skywork', [row('Half?', ['\\frac{1}{2}']), row('Roots?', ['2', '-2'])])
    expect(rows.map(({ question, answer }) => [question, answer])).toEqual([
      ['Half?', '\\frac{1}{2}'],
      ['Roots?', '["2","-2"]'],
    ])
  })

  test('OlympiadBench: all of a list, or any of it where the source says so', () => {
    const set = [{ id: 7, question: 'All x?', final_answer: ['$1$', '$2$'], subfield: 'Algebra' }]
    expect(imported('olympiad', set).rows[0]).toMatchObject({ id: '7', answer: '1, 2' })
    expect(imported('olympiad', set, { golds: 'any' }).rows[0]?.answer).toBe('["$1$","$2$"]')
  })

  test('Big-Math: a solve rate in its column, lists and nulls where they only sort', () => {
    const { rows } = imported('big-math', [
      { problem: 'A?', answer: '1', domain: null, llama8b_solve_rate: 0.25 },
      { problem: 'B?', answer: '2', domain: ['x', 'y'], llama8b_solve_rate: null },
    ])
    expect(rows.map(({ subject, solveRate }) => [subject, solveRate])).toEqual([
      [undefined, 0.25],
      ['x, y', undefined],
    ])
  })

  test('DAPO: each problem once, without what it is wrapped in', () => {
    const content =
      'Solve the following math problem step by step. The last line of your response should be of the form Answer: $Answer (without quotes) where $Answer is the answer to the problem.\n\nOne?\n\nRemember to put your answer on its own line after "Answer:".'
    const row = { prompt: [{ role: 'user', content }], reward_model: { ground_truth: '1' } }
    const { rows, left } = imported('dapo', [row, row, row])
    expect(rows.map(({ question }) => question)).toEqual(['One?'])
    expect(left).toHaveLength(2)
  })

  test('every name has its place on the Hub, unless the source has a file', () => {
    for (const dataset of PUBLISHED_NAMES) {
      expect(hubPlace({ dataset })?.repo).toMatch(/^[\w.-]+\/[\w.-]+$/)
      expect(hubPlace({ dataset, path: 'a.jsonl' })).toBeUndefined()
    }
    expect(hubPlace({ dataset: 'deepscaler', repo: 'me/mine' })?.repo).toBe('me/mine')
  })
})

describe('rows of any table', () => {
  const set = [
    { question: 'A?', answer: '1', kind: 'real', tags: ['x'] },
    { question: 'B?', answer: '2', kind: 'made', tags: ['x', 'y'] },
    { question: ' A? ', answer: '1', kind: 'real', tags: [] },
  ]
  const questions = (more: Partial<ImportOptions>) => imported('jsonl', set, more).rows.map(({ question }) => question)

  test.each<[Partial<ImportOptions>, readonly string[]]>([
    [{ where: ['kind=real'] }, ['A?', ' A? ']],
    [{ where: ['kind!=real'] }, ['B?']],
    [{ where: ['tags=y'] }, ['B?']],
    [{ where: ['tags!=y', 'kind=real'], dedupe: true }, ['A?']],
    [{ dedupe: true }, ['A?', 'B?']],
  ])('%j', (more, expected) => {
    expect(questions(more)).toEqual(expected)
  })

  test.each([
    [{ where: ['color=red'] }, /no row has color; the rows have question, answer, kind, tags\.$/],
    [{ where: ['kind'] }, /is not FIELD=VALUE or FIELD!=VALUE/],
    [{ where: ['kind=none'] }, /are left out by where\.$/],
  ])('%j is refused', (more, message) => {
    expect(() => imported('jsonl', set, more)).toThrow(message)
  })

  test('a row that cannot be used is left out and listed; strict refuses the file', () => {
    const rows = [...set.slice(0, 2), { question: 'C?', answer: ['1', '2'] }]
    expect(imported('jsonl', rows).left).toEqual(['3 has 2 answers; say golds: any or golds: all'])
    expect(() => imported('jsonl', rows, { strict: true })).toThrow(/set\.jsonl:3 {2}has 2 answers; say golds/)
  })

  test('a file of which no row can be used says why the first cannot, and where the text lies', () => {
    const rows = [{ prompt: [{ role: 'user', content: 'A?' }], reward_model: { ground_truth: '1' } }]
    expect(() => imported('jsonl', rows)).toThrow(/perhaps --field question=prompt\.0\.\w+/)
  })
})

const CASES = fileURLToPath(new URL('../../../../shared/field-cases', import.meta.url))

describe.skipIf(!existsSync(CASES))('small inputs of the published shapes (skipped where they are absent)', () => {
  test.each([
    ['numina-1.5', 'numina15.jsonl', 2, 5],
    ['skywork', 'skywork.jsonl', 2, 0],
    ['olympiad', 'olympiad.jsonl', 3, 1],
    ['big-math', 'bigmath.jsonl', 2, 0],
    ['aime-2025', 'matharena.jsonl', 2, 0],
    ['hmmt-2025', 'hmmt.jsonl', 2, 0],
  ])('%s: what is kept verifies against itself', (dataset, file, kept, gone) => {
    const { rows, left } = read(dataset, join(CASES, file), join(folderWith({}), 'out.jsonl'))
    expect(rows).toHaveLength(kept)
    expect(left).toHaveLength(gone)
    for (const { answer } of rows) {
      const [gold = answer] = answer.startsWith('["') ? (JSON.parse(answer) as string[]) : [answer]
      expect(judge(gold, `So it is $\\boxed{${gold}}$.`).kind, gold).toBe('correct')
    }
  })
})
