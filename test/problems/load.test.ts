import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadProblems, loadSplits } from '../../src/problems/load.ts'
import type { SourceSpec } from '../../src/problems/source.ts'
import { folderWith, hasSharedDatasets, sharedDatasets } from './files.ts'

const rows = (count: number, prefix = 'q') =>
  Array.from({ length: count }, (_, i) => ({ id: `${prefix}${i}`, question: `${prefix} ${i}?`, answer: i }))
const jsonl = (path: string, more: Partial<SourceSpec> = {}): SourceSpec => ({ dataset: 'jsonl', path, ...more })
const idsOf = (problems: readonly { readonly id: string }[]) => problems.map((problem) => problem.id)

describe('take', () => {
  const folder = folderWith({ 'ten.jsonl': rows(10) })
  test.each([
    ['first-3', ['q0', 'q1', 'q2']],
    ['last-2', ['q8', 'q9']],
    ['4..6', ['q4', 'q5']],
  ])('%s takes %j', (take, ids) => {
    expect(idsOf(loadProblems([jsonl('ten.jsonl', { take })], 'train', 1, folder).problems)).toEqual(ids)
  })

  test.each(['first-0', '6..4', 'some', 'first-11', 'last-11', '5..11'])('%s is refused', (take) => {
    expect(() => loadProblems([jsonl('ten.jsonl', { take })], 'train', 1, folder)).toThrow(/ten\.jsonl {2}take is/)
  })
})

describe('the three splits', () => {
  test('rows that gate and evaluate take are held out of train', () => {
    const folder = folderWith({ 'a.jsonl': rows(10) })
    const loaded = loadSplits(
      {
        train: [jsonl('a.jsonl')],
        gate: [jsonl('a.jsonl', { take: 'last-3', name: 'g' })],
        evaluate: [jsonl('./a.jsonl', { take: 'first-2' })],
      },
      1,
      folder,
    )
    expect(idsOf(loaded.train)).toEqual(['q2', 'q3', 'q4', 'q5', 'q6'])
    expect(idsOf(loaded.gate)).toEqual(['q7', 'q8', 'q9'])
    expect(loaded.gate[0]?.split).toBe('gate')
    expect(idsOf(loaded.evaluate)).toEqual(['q0', 'q1'])
    expect(loaded.notes).toEqual([
      '2 rows of train are held out for evaluate; 8 are left.',
      '3 rows of train are held out for gate; 5 are left.',
    ])
  })

  test('a question of evaluate that train repeats is dropped from train, and said', () => {
    const train = [...rows(3), { id: 'copy', question: ' t  1? ', answer: 1 }]
    const folder = folderWith({ 'train.jsonl': train, 'test.jsonl': rows(2, 't') })
    const loaded = loadSplits({ train: [jsonl('train.jsonl')], evaluate: [jsonl('test.jsonl')] }, 1, folder)
    expect(idsOf(loaded.train)).toEqual(['q0', 'q1', 'q2'])
    expect(loaded.notes).toEqual(['1 problem of train asks a question of evaluate word for word and was dropped.'])
  })

  test('instances of a template do not train where its parent is evaluated, nor the parent where they are', () => {
    const parentQuestion = 't 1?'
    const instances = [...rows(2), { id: 'i', question: 'Instance?', answer: 1, parentQuestion }]
    const folder = folderWith({ 'made.jsonl': instances, 'parents.jsonl': rows(3, 't') })
    const made = loadSplits({ train: [jsonl('made.jsonl')], evaluate: [jsonl('parents.jsonl')] }, 1, folder)
    expect(idsOf(made.train)).toEqual(['q0', 'q1'])
    const parents = loadSplits({ train: [jsonl('parents.jsonl')], evaluate: [jsonl('made.jsonl')] }, 1, folder)
    expect(idsOf(parents.train)).toEqual(['t0', 't2'])
    expect(parents.notes).toEqual([
      "1 problem of train and questions of evaluate are a template's instances and its parent; dropped from train.",
    ])
  })

  test('odd rows of a source are noted with the first as the example', () => {
    const math = (solution: string) => ({ problem: solution, solution, level: 'Level 1' })
    const folder = folderWith({ 'm.jsonl': [math('\\boxed{1}'), math('none'), math('neither')] })
    const loaded = loadSplits({ train: [{ dataset: 'math', path: 'm.jsonl' }] }, 1, folder)
    expect(loaded.train).toHaveLength(1)
    expect(loaded.notes[0]).toMatch(
      /^2 rows of the math source of train are left out: .*m\.jsonl:2 {2}has no answer and/,
    )
  })

  test('a split with nothing left is refused', () => {
    const folder = folderWith({ 'a.jsonl': rows(4) })
    const sources = { train: [jsonl('a.jsonl')], gate: [jsonl('a.jsonl')] }
    expect(() => loadSplits(sources, 1, folder)).toThrow('Every problem of train is also in gate')
  })

  test('equal ids are refused with both lines', () => {
    const folder = folderWith({ 'a.jsonl': [...rows(2), { id: 'q0', question: 'Else?', answer: 1 }] })
    expect(() => loadSplits({ train: [jsonl('a.jsonl')] }, 1, folder)).toThrow(
      /a\.jsonl:3 {2}has the id q0, as .*a\.jsonl:1 has/,
    )
  })

  test('ids that two sources share get the name of their source in front, in all splits alike', () => {
    const folder = folderWith({
      'a.jsonl': rows(2),
      'b.jsonl': [{ id: 'q1', question: 'Else?', answer: 1 }],
      'c.jsonl': [{ id: 'own', question: 'Mine?', answer: 1 }],
    })
    const sources = { train: [jsonl('a.jsonl'), jsonl('c.jsonl')], evaluate: [jsonl('b.jsonl')] }
    const { train, evaluate } = loadSplits(sources, 1, folder)
    expect(train.map(({ id }) => id)).toEqual(['a/q0', 'a/q1', 'own'])
    expect(evaluate.map(({ id }) => id)).toEqual(['b/q1'])
  })

  test('equal ids in two files of one name are refused', () => {
    const folder = folderWith({ 'a.jsonl': rows(2), 'b.jsonl': [{ id: 'q1', question: 'Else?', answer: 1 }] })
    const sources = { train: [jsonl('a.jsonl')], evaluate: [jsonl('b.jsonl', { name: 'a' })] }
    expect(() => loadSplits(sources, 1, folder)).toThrow(/b\.jsonl:1 {2}has the id a\/q1, as|has the id q1, as/)
  })

  test('weights are those of the sources of train, split among their levels', () => {
    const folder = folderWith({ 'a.jsonl': rows(4) })
    const train: SourceSpec[] = [
      jsonl('a.jsonl', { weight: 2 }),
      { dataset: 'steps', level: ['main', 'P1'], count: 10 },
    ]
    expect(loadSplits({ train }, 1, folder).weights).toEqual({ a: 2, 'steps/main': 0.5, 'steps/P1': 0.5 })
  })

  test.each([
    [jsonl('a.jsonl', { weight: 0 }), /weight 0/],
    [jsonl('a.jsonl', { count: 3 }), /has count, which is not a key of it; allowed keys: path, take, level, fields/],
    [jsonl('a.jsonl', { level: 'hard' }), /has no problem of level hard/],
    [{ dataset: 'steps', take: 'first-3' } satisfies SourceSpec, /has take/],
    [{ dataset: 'steps', count: 0 } satisfies SourceSpec, /count 0/],
    [{ dataset: 'jsonl' } satisfies SourceSpec, /no path/],
  ])('%j is refused', (spec, message) => {
    expect(() => loadSplits({ train: [spec] }, 1, folderWith({ 'a.jsonl': rows(4) }))).toThrow(message)
  })

  test('two sources of one name are refused', () => {
    const folder = folderWith({ 'a.jsonl': rows(4) })
    const train = [jsonl('a.jsonl', { take: 'first-2' }), jsonl('a.jsonl', { take: 'last-2' })]
    expect(() => loadSplits({ train }, 1, folder)).toThrow('Two sources of train are called a')
  })

  test('generated problems of the splits never meet', () => {
    const steps: SourceSpec[] = [{ dataset: 'steps', count: 600 }]
    const loaded = loadSplits({ train: steps, gate: steps, evaluate: steps }, 5, '/')
    expect(loaded.notes).toEqual([])
    expect(loaded.train).toHaveLength(600)
  })

  test.skipIf(!hasSharedDatasets)(
    'GSM8K with a gate from train (skipped where it does not lie next to the project)',
    () => {
      const gsm8k = (path: string, take?: string): SourceSpec => ({ dataset: 'gsm8k', path, take })
      const loaded = loadSplits(
        { train: [gsm8k('train.jsonl')], gate: [gsm8k('train.jsonl', 'last-500')], evaluate: [gsm8k('test.jsonl')] },
        1,
        join(sharedDatasets, 'gsm8k'),
      )
      expect([loaded.train.length, loaded.gate.length, loaded.evaluate.length]).toEqual([6973, 500, 1319])
      expect(loaded.gate[0]?.id).toBe('gsm8k/train/006973')
    },
  )
})
