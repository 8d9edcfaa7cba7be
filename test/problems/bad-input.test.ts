import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { parquetWriteBuffer, parquetWriteFile } from 'hyparquet-writer'
import { describe, expect, test } from 'vitest'
import { ConfigError, EXIT } from '../../src/core/errors.ts'
import { generateFile } from '../../src/problems/generate-file.ts'
import { type ImportOptions, importFile } from '../../src/problems/import-file.ts'
import { folderWith } from './files.ts'
import { templateFolder } from './symbolic/template-files.ts'

const ROW = { id: 'a', question: 'One?', answer: '1' }
const XML =
  '<?xml version="1.0"?>\n<Set>\n<Problem ID="n1" Grade="2"><Body>B</Body><Question>Q?</Question><Answer>9 (cats)</Answer></Problem>\n</Set>'

const PARQUET = Buffer.from(
  parquetWriteBuffer({ columnData: [{ name: 'question', data: ['One?', 'Two?'], type: 'STRING' }] }),
)

/** Imports into a folder that already holds an earlier file, which must survive a failure. */
function attempt(
  dataset: string,
  file: string,
  content: string | Buffer | readonly unknown[],
  more: Partial<ImportOptions> = {},
) {
  const folder = folderWith({ 'out.jsonl': 'earlier\n', ...(Buffer.isBuffer(content) ? {} : { [file]: content }) })
  if (Buffer.isBuffer(content)) writeFileSync(join(folder, file), content)
  const out = join(folder, 'out.jsonl')
  const run = () => importFile({ dataset, path: join(folder, file), out, ...more })
  return { folder, out, run }
}

function refusal(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as ConfigError).exitCode).toBe(EXIT.usage)
    return (error as Error).message
  }
  return 'nothing was refused'
}

describe('a bad file is one sentence, and nothing is half-written', () => {
  const jsonl = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n')
  test.each<[string, string, string, string | Buffer, RegExp]>([
    [
      'a JSONL line cut in half',
      'jsonl',
      'a.jsonl',
      `${jsonl([ROW])}\n{"question":"Tw`,
      /a\.jsonl:2 {2}is not valid JSON/,
    ],
    ['broken XML', 'asdiv', 'a.xml', XML.replace('</Problem>', ''), /a\.xml:\d+ {2}is not well-formed XML/],
    [
      'XML cut in half',
      'asdiv',
      'a.xml',
      XML.slice(0, 90),
      /a\.xml:\d+ {2}is not well-formed XML .*is the file whole\?/,
    ],
    ['XML without problems', 'asdiv', 'a.xml', '<a><b/></a>', /holds no <Problem>/],
    [
      'XML with entities of its own',
      'asdiv',
      'a.xml',
      `<!DOCTYPE a [<!ENTITY x "y">]>${XML.slice(21)}`,
      /defines entities of its own/,
    ],
    [
      'a problem without an answer',
      'asdiv',
      'a.xml',
      XML.replace(/<Answer>.*<\/Answer>/, ''),
      /a\.xml:3 {2}has no Answer/,
    ],
    [
      'Latin-1',
      'jsonl',
      'a.jsonl',
      Buffer.from(`${jsonl([ROW])}\n{"question":"café?","answer":1}\n`, 'latin1'),
      /a\.jsonl:2 {2}is not UTF-8; .*iconv/,
    ],
    ['UTF-16', 'csv', 'a.csv', Buffer.from('\uFEFFquestion,answer\n', 'utf16le'), /a\.csv {2}is UTF-16/],
    ['a JSON array cut in half', 'svamp', 'a.json', '[\n{"ID":"x"},\n{"ID":', /a\.json(:3)? {2}is not valid JSON/],
    [
      'a CSV line of another width',
      'csv',
      'a.csv',
      'question,answer\nWhy?,1\nWhy,not,3\n',
      /a\.csv:3 {2}is not valid CSV/,
    ],
    ['a CSV quote left open', 'csv', 'a.csv', 'question,answer\n"Why?,1\n', /is not valid CSV/],
    ['a heading without rows', 'csv', 'a.csv', 'question,answer\n', /holds no problems/],
    ['UTF-16 of the other order', 'jsonl', 'a.jsonl', Buffer.from([0xfe, 0xff, 0, 0x7b]), /a\.jsonl {2}is UTF-16/],
    [
      'Latin-1 in XML',
      'asdiv',
      'a.xml',
      Buffer.from(XML.replace('>B<', '>caf\u00e9<'), 'latin1'),
      /a\.xml:3 {2}is not UTF-8; .*iconv/,
    ],
    ['Parquet cut in half', 'parquet', 'a.parquet', PARQUET.subarray(0, 60), /cannot be read as Parquet/],
    ['no Parquet', 'parquet', 'a.parquet', 'PAR1 but not really', /cannot be read as Parquet/],
    ['an empty file', 'jsonl', 'a.jsonl', '', /holds no problems/],
    ['equal ids', 'jsonl', 'a.jsonl', jsonl([ROW, ROW]), /a\.jsonl:2 {2}has the id a, as .*a\.jsonl:1 has/],
  ])('%s', (_, dataset, file, content, message) => {
    const { folder, out, run } = attempt(dataset, file, content)
    expect(refusal(run)).toMatch(message)
    expect(refusal(run).split('\n')).toHaveLength(1)
    expect(readFileSync(out, 'utf8')).toBe('earlier\n')
    expect(readdirSync(folder).sort()).toEqual([file, 'out.jsonl'].sort())
  })

  test('a field mapping that misses says which columns there are', () => {
    const { run } = attempt('jsonl', 'a.jsonl', [{ text: 'Why?', key: '1' }], { fields: { question: 'prompt' } })
    expect(refusal(run)).toMatch(/a\.jsonl:1 {2}"prompt" is missing; the row has text, key: fix it or map the field/)
  })

  test('a mapped id that is missing is no reason to invent one', () => {
    const { run } = attempt('jsonl', 'a.jsonl', [{ question: 'Why?', answer: 1 }], { fields: { id: 'uid' } })
    expect(refusal(run)).toMatch(/"uid" is missing/)
  })

  test.each([
    ['gsm8k', 'a.jsonl'],
    ['math', 'a.json'],
    ['svamp', 'a.json'],
    ['asdiv', 'a.xml'],
    ['jsonl', 'a.jsonl'],
    ['csv', 'a.csv'],
    ['parquet', 'a.parquet'],
  ])('a file of %s above the stated size is refused unread', (dataset, name) => {
    const { folder, out, run } = attempt(dataset, name, '')
    // A sparse file: two gigabytes that take no room.
    const file = openSync(join(folder, name), 'r+')
    ftruncateSync(file, 2_000_000_000)
    closeSync(file)
    expect(refusal(run)).toContain(`${name}  has 2000 MB, above the 400 MB that are read; split it`)
    expect(readFileSync(out, 'utf8')).toBe('earlier\n')
  })

  test('templates of which none can be used leave the earlier file as it was', () => {
    const folder = templateFolder({ one: { question: '{n,3}', init: ['$n = magic(3)'] } })
    const { out } = attempt('jsonl', 'a.jsonl', [ROW])
    const message = refusal(() => generateFile({ folder, count: 2, seed: 1, out }))
    expect(message).toMatch(/no template can be used; the first says: one\.json:6 .* the function magic\(\) is unknown/)
    expect(readFileSync(out, 'utf8')).toBe('earlier\n')
    expect(existsSync(`${out}.tmp`)).toBe(false)
  })

  test('an unknown dataset, and one that is generated, are said', () => {
    expect(refusal(attempt('gsm9k', 'a.jsonl', [ROW]).run)).toMatch(/no dataset gsm9k; it is one of gsm8k, math/)
    expect(refusal(attempt('symbolic', 'a.jsonl', [ROW]).run)).toMatch(/are generated, not imported/)
  })

  test('an output that cannot be written is said', () => {
    const { folder } = attempt('jsonl', 'a.jsonl', [ROW])
    const run = () => importFile({ dataset: 'jsonl', path: join(folder, 'a.jsonl'), out: join(folder, 'a.jsonl', 'x') })
    expect(refusal(run)).toMatch(/cannot be written/)
  })
})

describe('what is read', () => {
  const rowsOf = (out: string) =>
    readFileSync(out, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))

  test('CSV with quotes, line breaks and a byte order mark, mapped, into a folder that is made', () => {
    const { folder, run } = attempt('csv', 'a.csv', '\uFEFFText,Key,Topic\n"A ""b"",\nc?",1/2,sums\n', {
      fields: { question: 'Text', answer: 'Key', subject: 'Topic' },
      name: 'quiz',
    })
    const out = join(folder, 'deep', 'b.jsonl')
    importFile({
      dataset: 'CSV',
      path: join(folder, 'a.csv'),
      out,
      name: 'quiz',
      fields: { question: 'Text', answer: 'Key', subject: 'Topic' },
    })
    expect(rowsOf(out)).toEqual([{ id: 'quiz/000000', question: 'A "b",\nc?', answer: '1/2', subject: 'sums' }])
    expect(run().rows).toBe(1)
  })

  test('XML with the entities that everybody knows', () => {
    const { out, run } = attempt('asdiv', 'a.xml', XML.replace('>B<', '>Tom &amp; Ann&#39;s &lt;3 caf&#233;.<'))
    run()
    expect(rowsOf(out)[0]).toMatchObject({
      id: 'asdiv/n1',
      question: "Tom & Ann's <3 café. Q?",
      answer: '9',
      level: '2',
    })
  })

  test('tabs, and fields that lie within fields', () => {
    const { out, run } = attempt('tsv', 'a.tsv', 'question\tanswer\nWhy?\t5\n')
    run()
    expect(rowsOf(out)[0]).toMatchObject({ question: 'Why?', answer: '5' })
    const nested = attempt('jsonl', 'a.jsonl', [{ question: 'Why?', reward: { truth: 7 } }], {
      fields: { answer: 'reward.truth' },
    })
    nested.run()
    expect(rowsOf(nested.out)[0]).toMatchObject({ answer: '7' })
  })

  test('Parquet with whole numbers of 64 bits, and GSM8K as Parquet', () => {
    const { folder, out } = attempt('parquet', 'a.parquet', '')
    const file = join(folder, 'a.parquet')
    parquetWriteFile({
      filename: file,
      columnData: [
        { name: 'question', data: ['One?', 'Two?'], type: 'STRING' },
        { name: 'answer', data: [1n, -20n], type: 'INT64' },
      ],
    })
    importFile({ dataset: 'parquet', path: file, out })
    expect(rowsOf(out)).toEqual([
      { id: 'a/000000', question: 'One?', answer: '1' },
      { id: 'a/000001', question: 'Two?', answer: '-20' },
    ])
    parquetWriteFile({
      filename: file,
      columnData: [
        { name: 'question', data: ['One?'], type: 'STRING' },
        { name: 'answer', data: ['so\n#### 1,000'], type: 'STRING' },
      ],
    })
    importFile({ dataset: 'gsm8k', path: file, out })
    expect(rowsOf(out)).toEqual([{ id: 'gsm8k/a/000000', question: 'One?', answer: '1000' }])
  })

  test('MATH as a folder of files, in the order of their numbers, with odd rows reported', () => {
    const problem = (solution: string, level = 'Level 3') =>
      JSON.stringify({ problem: 'P?', level, type: 'Algebra', solution })
    const { folder, out } = attempt('math', 'unused.jsonl', [ROW])
    const files: Record<string, string> = {
      'test/algebra/2.json': problem('so $\\boxed{\\frac{1}{2}}$ or \\boxed{\\{1, 2\\}}'),
      'test/algebra/10.json': problem('\\boxed 7', 'Level ?'),
      'test/geometry/1.json': problem('no box at all'),
    }
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), content)
    }
    const report = importFile({ dataset: 'MATH', path: join(folder, 'test'), out })
    expect(rowsOf(out)).toMatchObject([
      { id: 'math/test/algebra/2', answer: '\\{1, 2\\}', level: '3', subject: 'Algebra' },
      { id: 'math/test/algebra/10', answer: '7' },
    ])
    expect(report.odd.map(({ reason, kept }) => [reason, kept])).toEqual([
      ['has the level "Level ?"', true],
      ['has no answer and no \\boxed{} at the end of its solution', false],
    ])
    writeFileSync(join(folder, 'test/algebra/3.json'), '{"problem": ')
    expect(refusal(() => importFile({ dataset: 'math', path: join(folder, 'test'), out }))).toMatch(
      /3\.json {2}is not valid JSON/,
    )
    expect(existsSync(`${out}.tmp`)).toBe(false)
  })
})
