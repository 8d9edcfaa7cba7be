import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { programPath } from '../program.ts'
import { folderWith } from './files.ts'
import { templateText } from './symbolic/template-files.ts'

const bin = programPath()
const run = promisify(execFile)

async function spendwise(...args: string[]): Promise<{ stdout: string; stderr: string; code: number }> {
  try {
    const { stdout, stderr } = await run(process.execPath, [bin, 'problems', ...args])
    return { stdout, stderr, code: 0 }
  } catch (error) {
    const { stdout, stderr, code } = error as { stdout: string; stderr: string; code: number }
    return { stdout, stderr, code }
  }
}

const TEMPLATE = templateText({
  question: '{name,Tom} has {n,3} cats.',
  init: ['name = sample(names)', '$n = range(2, 99)'],
  answer: 'n * 2',
  solution: '{n}*2=<<{n}*2={n*2}>>{n*2}\n#### {n*2}',
  published: ['Tom has 3 cats.', '#### 6'],
})

describe('problems', () => {
  test('check prints its shape', async () => {
    const folder = folderWith({ 'a.json': TEMPLATE, 'b.json': TEMPLATE.replace('sample(names)', 'magic(names)') })
    const { stdout, code } = await spendwise('check', '--templates', folder, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      templates: 2,
      ok: 1,
      unsupported: [
        { file: 'b.json', reason: 'b.json:6  line 4 of question_annotated: the function magic() is unknown.' },
      ],
      wrong: [],
    })
  })

  test('generate writes the same bytes twice, and stats reads them', async () => {
    const folder = folderWith({ 'a.json': TEMPLATE })
    const files = ['1.jsonl', '2.jsonl'].map((name) => join(folderWith({}), name))
    for (const out of files) {
      const { stderr } = await spendwise(
        'generate',
        '--templates',
        folder,
        '--count',
        '30',
        '--seed',
        '9',
        '--out',
        out,
      )
      expect(stderr).toContain(`30 instances of 1 template written to ${out}`)
    }
    const [first = '', second] = files.map((file) => readFileSync(file, 'utf8'))
    expect(first).toBe(second)
    const rows = first
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows[0]).toMatchObject({ id: 'gsm-symbolic/a/000000', template: 'a', parent: 'gsm8k/test/000007' })
    const { stdout } = await spendwise('stats', files[0] ?? '', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      rows: 30,
      templates: 1,
      answers: { integer: 30, decimal: 0, fraction: 0, other: 0 },
      question: { least: 4, median: 4, most: 4, histogram: [{ from: 4, to: 4, count: 30 }] },
      duplicates: { ids: 0, questions: 0 },
    })
    expect((await spendwise('stats', files[0] ?? '')).stdout).toContain('30  ████')
  })

  test('import of a published set says its licence and what to know of it', async () => {
    const folder = folderWith({
      'aime.jsonl': '{"problem":"1+1?","answer":"2","problem_idx":1,"problem_type":["Algebra"]}\n',
    })
    const out = join(folder, 'out.jsonl')
    const { stderr } = await spendwise('import', 'aime-2025', join(folder, 'aime.jsonl'), '--out', out)
    expect(stderr).toContain('Licence of MathArena/aime_2025, as its card states it: CC-BY-NC-SA-4.0. Thirty problems')
  })

  test('import lists odd rows on stderr and leaves stdout to --json', async () => {
    const svamp = {
      ID: 'chal-1',
      Body: 'If Tom has 3 cats',
      Question: 'How many cats?',
      Equation: '( 1.0 + 1.0 )',
      Answer: 3.0,
      Type: 'Addition',
    }
    const folder = folderWith({ 'SVAMP.json': JSON.stringify([svamp]) })
    const args = [
      'import',
      '--dataset',
      'svamp',
      '--path',
      join(folder, 'SVAMP.json'),
      '--out',
      join(folder, 'out.jsonl'),
    ]
    const { stdout, stderr } = await spendwise(...args)
    expect(stdout).toBe('')
    expect(stderr).toContain(
      'SVAMP.json:1  has the answer 3, while its equation ( 1.0 + 1.0 ) gives 2; its answer is kept.',
    )
    expect(JSON.parse(readFileSync(join(folder, 'out.jsonl'), 'utf8'))).toEqual({
      id: 'svamp/chal-1',
      question: 'If Tom has 3 cats, how many cats?',
      answer: '3',
      type: 'Addition',
      equation: '( 1.0 + 1.0 )',
    })
    expect(JSON.parse((await spendwise(...args, '--json')).stdout)).toMatchObject({ rows: 1, odd: [{ kept: true }] })
  })

  test.each([
    [['import', '--dataset', 'jsonl', '--path', 'gone.jsonl', '--out', 'x'], /gone\.jsonl {2}does not exist/],
    [
      ['import', '--dataset', 'csv', '--path', 'a', '--out', 'x', '--field', 'prompt=b'],
      /--field prompt=b: write one of question/,
    ],
    [['generate', '--templates', '/nowhere', '--count', '1', '--out', 'x'], /\/nowhere {2}does not exist/],
    [['generate', '--templates', '/nowhere', '--count', '0', '--out', 'x'], /whole number from 1/],
    [['generate', '--templates', '/nowhere', '--count', '1', '--mix', 'p1', '--out', 'x'], /--mix p1: write weights/],
    [['stats', 'gone.jsonl'], /gone\.jsonl {2}does not exist/],
  ])('%j exits with 2 and one sentence', async (args, message) => {
    const { stderr, code } = await spendwise(...args)
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
  })
})
