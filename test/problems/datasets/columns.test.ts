import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { OddRow } from '../../../src/problems/importer.ts'
import { loadRows } from '../../../src/problems/load.ts'
import type { SourceSpec } from '../../../src/problems/source.ts'
import { folderWith } from '../files.ts'

/** The rows of one file as problems import would write them. */
function read(file: string, content: string | readonly unknown[], more: Partial<SourceSpec> = {}) {
  const folder = folderWith({ [file]: content })
  const odd: OddRow[] = []
  const dataset = more.dataset ?? (/\.(csv|tsv)$/.test(file) ? 'csv' : 'jsonl')
  const rows = loadRows({ path: file, ...more, dataset }, folder, (row) => odd.push(row))
  return { rows: rows.map(({ problem, more }) => ({ ...problem, ...more })), odd }
}
const first = (...given: Parameters<typeof read>) => read(...given).rows[0]

describe('shapes that datasets of word problems are published in', () => {
  test('GSM-Hard: input, code and a number as target', () => {
    const row = { input: 'A robe takes 2287720 bolts. How many?', code: 'def solution():\n  pass', target: 3431580.0 }
    expect(first('h.jsonl', [row], { fields: { question: 'input', answer: 'target' } })).toMatchObject({
      answer: '3431580',
    })
  })

  test('GSM-Plus: an answer next to a worked solution and the seed question', () => {
    const row = {
      question: 'How much?',
      solution: 'x #### 0.3',
      answer: '0.3',
      perturbation_type: 'digits',
      seed_answer: '3',
    }
    expect(first('p.jsonl', [row])).toMatchObject({ question: 'How much?', answer: '0.3' })
  })

  test('rows of GSM8K under another name give their last line, and keep the solution', () => {
    const row = { question: 'How many?', answer: 'It is <<1000+80=1080>>1080.\n#### 1,080' }
    expect(first('any.jsonl', [row])).toMatchObject({ answer: '1080', solution: row.answer })
  })

  test('MAWPS: one JSON list, solutions in lists of one, numbers as floats', () => {
    const text = '[\n{"iIndex": 1, "sQuestion": "How many?", "lEquations": ["X = 5 - 2"], "lSolutions": [3.0]}\n]'
    const fields = { question: 'sQuestion', answer: 'lSolutions', id: 'iIndex' }
    expect(first('MAWPS.json', text, { fields })).toMatchObject({ id: '1', answer: '3' })
  })

  test('MultiArith: a final answer as text; ids by the order of rows', () => {
    const rows = [{ question: ' How many? ', final_ans: '8' }]
    expect(first('ma.jsonl', rows, { fields: { answer: 'final_ans' } })).toMatchObject({ id: 'ma/000000', answer: '8' })
  })

  test('a list of rows within an object, as some JSON files wrap it', () => {
    const text = '{"version": 1,\n "data": [\n  {"question": "Why?", "answer": "x"}\n]}'
    expect(first('w.json', text)).toMatchObject({ question: 'Why?', answer: 'x' })
    expect(first('w.json', text.replaceAll('\n', ''))).toMatchObject({ question: 'Why?' })
    expect(() => read('w.json', '{"version": 1,\n "count": [1, 2]}')).toThrow(/holds no list of objects/)
  })

  test('AIME as CSV, mapped', () => {
    const text = 'ID,Problem,Solution,Answer\n2024-I-1,"Find $x$, please","Long.\nIt is 204.",204\n'
    const fields = { id: 'ID', question: 'Problem', answer: 'Answer' }
    expect(first('aime.csv', text, { fields })).toMatchObject({
      id: '2024-I-1',
      question: 'Find $x$, please',
      answer: '204',
    })
  })

  test.each([
    ['AQuA', { options: ['A)21', 'B)21.5', 'C)22'], correct: 'B' }, 'B', '(A) 21\n(B) 21.5\n(C) 22'],
    ['texts and the place of the right one', { options: ['21', '22'], correct: 1 }, 'B', '(A) 21\n(B) 22'],
    ['texts and the right text', { options: ['red', '2'], correct: '2' }, 'B', '(A) red\n(B) 2'],
    ['labels next to texts', { options: { label: ['A', 'B'], text: ['x', 'y'] }, correct: '(B)' }, 'B', '(A) x\n(B) y'],
    [
      'MathQA, in one text',
      { options: 'a ) 38 , b ) 27.675 , c ) none', correct: 'c' },
      'C',
      '(A) 38\n(B) 27.675\n(C) none',
    ],
  ])('choices: %s', (_, row, answer, options) => {
    const fields = { answer: 'correct', choices: 'options' }
    expect(first('c.jsonl', [{ question: 'Which?', ...row }], { fields })).toMatchObject({
      question: `Which?\n${options}`,
      answer,
    })
  })

  test.each([
    [{ options: ['1', '2'], correct: 'D' }, /c\.jsonl:1 {2}the answer "D" is none of its 2 options/],
    [{ options: 'one', correct: 'A' }, /"options" is no list of 2 to 26 options/],
    [{ options: [{ a: 1 }, { b: 2 }], correct: 'A' }, /"options" is no list/],
  ])('choices that do not fit are refused: %j', (row, message) => {
    const fields = { answer: 'correct', choices: 'options' }
    expect(() => read('c.jsonl', [{ question: 'Which?', ...row }], { fields })).toThrow(message)
  })

  test.each([
    [{ input: 'a', target: 1 }, '--field question=input --field answer=target'],
    [{ problem: 'a', final_ans: '1', id: 2 }, '--field question=problem --field answer=final_ans'],
    [{ question: 'a', correct: 'A' }, '--field answer=correct'],
  ])('a mapping is suggested where fields are missing: %j', (row, flags) => {
    expect(() => read('s.jsonl', [row])).toThrow(`under fields, perhaps ${flags}.`)
  })

  test('nothing is suggested where nothing is alike', () => {
    expect(() => read('s.jsonl', [{ a: 1 }])).toThrow(/the row has a: fix it or map the field under fields\.$/)
  })
})

describe('MATH in other layouts', () => {
  const box = (n: number) => `so \\boxed{${n}}`
  function folder(files: Readonly<Record<string, unknown>>): string {
    const root = folderWith({})
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true })
      writeFileSync(join(root, name), typeof content === 'string' ? content : JSON.stringify(content))
    }
    return root
  }
  const load = (root: string, path: string) => {
    const odd: OddRow[] = []
    const rows = loadRows({ dataset: 'math', path }, root, (row) => odd.push(row))
    return { rows: rows.map(({ problem, more }) => ({ ...problem, ...more })), odd }
  }

  test('a folder for each subject and level', () => {
    const root = folder({
      'train/algebra/level_2/7.json': { problem: 'P?', solution: box(1) },
      'train/geometry/Level 5/3.json': { problem: 'Q?', solution: box(2), type: 'Geometry' },
    })
    const { rows, odd } = load(root, 'train')
    expect(odd).toEqual([])
    expect(rows).toMatchObject([
      { id: 'math/train/algebra/level_2/7', answer: '1', level: '2', subject: 'algebra' },
      { id: 'math/train/geometry/Level 5/3', answer: '2', level: '5', subject: 'Geometry' },
    ])
  })

  test('a folder of JSONL files, one for each subject', () => {
    const row = (n: number) =>
      `${JSON.stringify({ problem: `${n}?`, level: 'Level 1', type: 'Algebra', solution: box(n) })}\n`
    const { rows } = load(folder({ 'm/algebra.jsonl': row(1) + row(2), 'm/prealgebra.jsonl': row(3) }), 'm')
    expect(rows.map(({ id, answer }) => [id, answer])).toEqual([
      ['math/m/algebra/000000', '1'],
      ['math/m/algebra/000001', '2'],
      ['math/m/prealgebra/000000', '3'],
    ])
  })

  test('JSONL with answer, subject, level as a number and unique_id, as MATH-500 has them', () => {
    const row = {
      problem: 'P?',
      solution: box(4),
      answer: '4',
      subject: 'Algebra',
      level: 3,
      unique_id: 'test/algebra/1.json',
    }
    const { rows } = load(folder({ 'm.jsonl': row }), 'm.jsonl')
    expect(rows).toMatchObject([{ id: 'math/test/algebra/1', answer: '4', level: '3', subject: 'Algebra' }])
  })

  test('a dataset without levels has nothing odd', () => {
    expect(load(folder({ 'm.jsonl': { problem: 'P?', solution: box(4), source: 'amc' } }), 'm.jsonl').odd).toEqual([])
  })
})
