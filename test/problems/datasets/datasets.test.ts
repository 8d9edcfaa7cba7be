import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readTable } from '../../../src/problems/files/table.ts'
import type { ImportedRow, OddRow } from '../../../src/problems/importer.ts'
import { loadRows, loadSplits } from '../../../src/problems/load.ts'
import type { SourceSpec } from '../../../src/problems/source.ts'
import { hasSharedDatasets, sharedDatasets } from '../files.ts'

/** What the published datasets hold, quirk by quirk; skipped where they do not lie next to the project. */
const published = describe.skipIf(!hasSharedDatasets)

const loaded = new Map<string, { readonly rows: readonly ImportedRow[]; readonly odd: readonly OddRow[] }>()
function load(dataset: SourceSpec['dataset'], path: string) {
  const known = loaded.get(path)
  if (known !== undefined) return known
  const odd: OddRow[] = []
  const rows = loadRows({ dataset, path }, sharedDatasets, (row) => odd.push(row))
  const result = { rows, odd }
  loaded.set(path, result)
  return result
}
const count = (rows: readonly ImportedRow[], fits: (row: ImportedRow) => boolean) => rows.filter(fits).length
const texts = (path: string, field: string) =>
  readTable(join(sharedDatasets, path)).map(({ value }) => String(value[field]))

published('GSM8K (skipped where it is absent)', () => {
  const files = { train: 'gsm8k/train.jsonl', test: 'gsm8k/test.jsonl' }

  test.each([
    ['train', 7473, 79, 3, 23_716, 95],
    ['test', 1319, 14, 2, 4282, 18],
  ] as const)(
    '%s: %d rows, %d answers with commas, %d negative, %d calculator marks, %d rows without',
    (file, rows, commas, negative, marks, without) => {
      const { rows: imported, odd } = load('gsm8k', files[file])
      expect([imported.length, odd.length]).toEqual([rows, 0])
      expect(count(imported, ({ problem }) => !/^-?\d+$/.test(problem.answer))).toBe(0)
      expect(count(imported, ({ problem }) => problem.answer.startsWith('-'))).toBe(negative)
      const answers = texts(files[file], 'answer')
      expect(answers.filter((text) => /####.*,/.test(text))).toHaveLength(commas)
      expect(answers.flatMap((text) => text.match(/<<.*?>>/g) ?? [])).toHaveLength(marks)
      expect(answers.filter((text) => !text.includes('<<'))).toHaveLength(without)
    },
  )

  test('the answer is not taken from the last calculator mark, which differs in one row of ten', () => {
    const { rows } = load('gsm8k', files.train)
    const marks = texts(files.train, 'answer').map((text) => [...text.matchAll(/=([^=<>]*)>>/g)].at(-1)?.[1])
    const agree = rows.filter(({ problem }, place) => marks[place] === problem.answer)
    expect(agree).toHaveLength(6843)
  })

  test('curly quotes, dashes, operators, currency signs and no-break spaces stay as they are', () => {
    const all = load('gsm8k', files.train)
      .rows.map(({ problem }) => problem.question)
      .join('\n')
    const signs = ['\u2019', '\u2013', '\u00a0', '\u20ac', '\u00a3']
    expect(signs.filter((sign) => !all.includes(sign))).toEqual([])
  })

  test('worked solutions hold typed operators, and one mark is a fraction', () => {
    const all = [...texts(files.train, 'answer'), ...texts(files.test, 'answer')].join('\n')
    expect(['\u00d7', '\u00f7', '\u2212'].filter((sign) => !all.includes(sign))).toEqual([])
    expect(all.match(/<<3\/4=3\/4>>/g)).toHaveLength(1)
  })

  test('no question comes twice, within or between the files', () => {
    const all = [...load('gsm8k', files.train).rows, ...load('gsm8k', files.test).rows]
    expect(new Set(all.map(({ problem }) => problem.question)).size).toBe(8792)
  })
})

published('MATH-500 (skipped where it is absent)', () => {
  const { rows, odd } = hasSharedDatasets ? load('math', 'math500/test.jsonl') : { rows: [], odd: [] }
  const answers = rows.map(({ problem }) => problem.answer)

  test('every answer is what the last box of its solution holds', () => {
    expect([rows.length, odd.length]).toEqual([500, 0])
  })

  test('ids, levels 1 to 5 and subjects come over', () => {
    expect(rows[0]).toMatchObject({
      problem: { id: 'math/test/precalculus/807', level: '2' },
      more: { subject: 'Precalculus' },
    })
    expect([...new Set(rows.map(({ problem }) => problem.level))].sort()).toEqual(['1', '2', '3', '4', '5'])
    expect(new Set(rows.map(({ more }) => more?.subject)).size).toBe(7)
  })

  test.each([
    '10,\\!080',
    '\\$32,\\!348',
    '58,500',
    '\\frac{270}7\\text{ degrees}',
    '52_8',
    '4210_{5}',
    '1 \\pm \\sqrt{19}',
    '\\text{(C)}',
    '(-\\infty, 2) \\cup (3, \\infty)',
    'x \\in [-2,7]',
    '3, 5, 7',
  ])('the answer %s stays as it is', (answer) => {
    expect(answers).toContain(answer)
  })

  test('the kinds of answers are those that were counted', () => {
    const counts = [/^-?\d+$/, /\^\\circ/, /begin\{[pb]?matrix/].map(
      (kind) => answers.filter((one) => kind.test(one)).length,
    )
    expect(counts).toEqual([311, 14, 7])
  })

  test('drawings in Asymptote stay in the texts', () => {
    expect(count(rows, ({ problem }) => problem.question.includes('[asy]'))).toBeGreaterThan(10)
  })
})

published('SVAMP (skipped where it is absent)', () => {
  const { rows, odd } = hasSharedDatasets ? load('svamp', 'svamp/SVAMP.json') : { rows: [], odd: [] }

  test('answers written as floats are whole numbers, none negative', () => {
    expect(rows).toHaveLength(1000)
    expect(count(rows, ({ problem }) => !/^\d+$/.test(problem.answer))).toBe(0)
  })

  test('358 bodies break off, and are joined behind a comma or a full stop', () => {
    const broken = texts('svamp/SVAMP.json', 'Body').map((body) => !/[.?!]\s*$/.test(body))
    expect(broken.filter(Boolean)).toHaveLength(358)
    expect(rows[0]?.problem.question).toMatch(/25 dollars on each pack, how much do you have to pay/)
    const odd = rows.filter(
      ({ problem }, place) => broken[place] && !/[.,] (?:how|what|about|total|together)\b/i.test(problem.question),
    )
    expect(odd).toEqual([])
  })

  test('the misspelt type is read, and the equation that misses its answer reported; the answer stays', () => {
    expect(odd.map(({ reason }) => reason)).toEqual([
      'has the answer 1, while its equation ( ( 4.0 - 2.0 ) + 3.0 ) gives 5; its answer is kept',
      'has the type "Common-Divison", read as Common-Division',
    ])
    expect(odd[0]?.place).toMatch(/SVAMP\.json:5434$/)
    expect(rows.find(({ problem }) => problem.id === 'svamp/chal-680')?.problem.answer).toBe('1')
    expect(new Set(rows.map(({ more }) => more?.type)).size).toBe(4)
  })
})

published('ASDiv (skipped where it is absent)', () => {
  const { rows, odd } = hasSharedDatasets ? load('asdiv', 'asdiv/ASDiv.xml') : { rows: [], odd: [] }
  const written = hasSharedDatasets ? odd.map(({ reason }) => reason) : []
  const oddOf = (what: string) => written.filter((reason) => reason.endsWith(`, which is ${what}`))

  test('answers lose their units, which are kept apart', () => {
    expect(rows).toHaveLength(2305)
    expect(rows[0]).toMatchObject({
      problem: { id: 'asdiv/nluds-0001', level: '1', answer: '9' },
      more: { unit: 'apples' },
    })
    // 193 have no bracket at all; in `-(1/3)` it holds no unit.
    expect(count(rows, ({ more }) => more?.unit === undefined)).toBe(194)
    expect(count(rows, ({ problem }) => problem.answer.includes('('))).toBe(0)
  })

  test('every answer that is no plain number is reported and kept: lists, fractions, ratios, times, words', () => {
    expect(oddOf('several answers, kept as one list')).toHaveLength(90)
    expect(oddOf('a fraction')).toHaveLength(9)
    expect(oddOf('a ratio').length + oddOf('a time of day').length).toBe(61)
    expect(oddOf('words').length).toBeGreaterThan(50)
    expect(odd.filter(({ kept }) => !kept)).toEqual([])
    const plain = count(rows, ({ problem }) => /^-?\d[\d,]*(?:\.\d+)?$/.test(problem.answer))
    expect(plain + written.filter((reason) => reason.startsWith('has the answer')).length).toBe(2305)
  })

  test.each(['5:45', '3:30 p.m.', '3:4', 'Mrs. Hilt', 'Yes', '6th', '5/2', '-1/3', '11, 12, 13', '12, 4'])(
    'the answer %s comes in a form the verifier reads',
    (answer) => {
      expect(rows.map(({ problem }) => problem.answer)).toContain(answer)
    },
  )

  test('formulas of several steps are kept, and the misspelt type is read', () => {
    expect(count(rows, ({ more }) => String(more?.formula).includes(';'))).toBe(268)
    expect(written.filter((reason) => reason.includes('Substraction'))).toEqual([
      'has the type "Substraction", read as Subtraction',
    ])
    expect(count(rows, ({ more }) => more?.type === 'Substraction')).toBe(0)
  })
})

published('labelled solutions (skipped where they are absent)', () => {
  const gpt3 = 'model-solutions/gsm8k-gpt3-samples.jsonl'
  const qwen = 'model-solutions/math-qwen-samples.jsonl'

  test('GSM8K samples end in A: and keep thousands commas in five gold answers', () => {
    const truths = texts(gpt3, 'ground_truth')
    expect([truths.length, truths.filter((text) => /A: *-?\d+,\d/.test(text)).length]).toEqual([528, 5])
    const said = readTable(join(sharedDatasets, gpt3)).flatMap(({ value }) =>
      Object.values(value).flatMap((one) =>
        typeof one === 'object' && one !== null && 'solution' in one ? [String(one.solution)] : [],
      ),
    )
    expect([said.length, said.filter((text) => !/(?:^|\n)A:/.test(text)).length]).toEqual([2112, 2])
  })

  test('plain equality of texts misjudges four MATH samples, each for a thousands comma', () => {
    const samples = readTable(join(sharedDatasets, qwen)).flatMap(({ value }) => {
      const { gt, pred, score } = value as { gt: string; pred: string[]; score: boolean[] }
      return pred.map((said, place) => ({ gt, said, label: score[place] }))
    })
    const missed = samples.filter(({ gt, said, label }) => (gt === said) !== label)
    expect([samples.length, missed.length]).toEqual([320, 4])
    expect(missed.filter(({ gt, said }) => !`${gt}${said}`.includes(','))).toEqual([])
  })
})

published('GSM-Symbolic in run.yaml (skipped where it is absent)', () => {
  const symbolic = (count: number, more: Partial<SourceSpec> = {}): SourceSpec => ({
    dataset: 'symbolic',
    path: 'gsm-symbolic/templates',
    count,
    ...more,
  })

  test('train, gate and evaluate share no question, and levels are sources of their own', () => {
    const level = 'symbolic'
    const splits = loadSplits(
      { train: [symbolic(120, { level })], gate: [symbolic(30, { level })], evaluate: [symbolic(30, { level })] },
      1,
      sharedDatasets,
    )
    expect([splits.train.length, splits.gate.length, splits.evaluate.length]).toEqual([120, 30, 30])
    expect(splits.weights).toEqual({ 'gsm-symbolic/symbolic': 1 })
    expect(splits.notes).toEqual([])
  })

  test('instances never train where the GSM8K test question of their template is evaluated', () => {
    const gsm8k: SourceSpec = { dataset: 'gsm8k', path: 'gsm8k/test.jsonl', take: 'first-200' }
    const splits = loadSplits({ train: [symbolic(30, { level: 'symbolic' })], evaluate: [gsm8k] }, 1, sharedDatasets)
    const parents = new Set(splits.evaluate.map(({ id }) => id))
    expect(splits.train.length).toBeLessThan(30)
    expect(splits.notes[0]).toMatch(
      /^\d+ problems of train and questions of evaluate are a template's instances and its parent/,
    )
    expect(parents.size).toBe(200)
  })
})
