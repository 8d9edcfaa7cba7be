/** Formats: what stands in one row of a dataset. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Message } from '../../src/core/message.ts'
import {
  EXPORT_FORMATS,
  type ExportFormat,
  type ExportRow,
  exportLine,
  FORMATS,
  formatOf,
  markingHinted,
} from '../../src/export/formats.ts'

const PROMPT: readonly Message[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: '0 + 1?' },
  { role: 'assistant', content: 'A: 1' },
  { role: 'user', content: '1 + 1?' },
]
const ROW: ExportRow = {
  prompt: PROMPT,
  completion: 'A: 2',
  rejected: 'A: 3',
  label: true,
  tokens: () => ({ prompt: [5, 6, 7], completion: [8, 2] }),
  problem: { id: 'sums/7', source: 'sums', index: 7, gold: '2', solveRate: 0.25 },
}
const TURNS = [
  { from: 'system', value: 'Be brief.' },
  { from: 'human', value: '0 + 1?' },
  { from: 'gpt', value: 'A: 1' },
  { from: 'human', value: '1 + 1?' },
]

test.each<[ExportFormat, object]>([
  ['messages', { messages: [...PROMPT, { role: 'assistant', content: 'A: 2' }] }],
  ['prompt-completion', { prompt: PROMPT, completion: [{ role: 'assistant', content: 'A: 2' }] }],
  ['prompt-completion-text', { prompt: 'Be brief.\n\n0 + 1?\n\nA: 1\n\n1 + 1?\n\n', completion: 'A: 2' }],
  ['sharegpt', { conversations: [...TURNS, { from: 'gpt', value: 'A: 2' }] }],
  ['alpaca', { instruction: '1 + 1?', input: '', output: 'A: 2', system: 'Be brief.', history: [['0 + 1?', 'A: 1']] }],
  ['text', { text: 'Be brief.\n\n0 + 1?\n\nA: 1\n\n1 + 1?\n\nA: 2' }],
  [
    'dpo',
    {
      prompt: PROMPT,
      chosen: [{ role: 'assistant', content: 'A: 2' }],
      rejected: [{ role: 'assistant', content: 'A: 3' }],
    },
  ],
  ['kto', { prompt: PROMPT, completion: [{ role: 'assistant', content: 'A: 2' }], label: true }],
  [
    'sharegpt-dpo',
    { conversations: TURNS, chosen: { from: 'gpt', value: 'A: 2' }, rejected: { from: 'gpt', value: 'A: 3' } },
  ],
  ['token-ids', { input_ids: [5, 6, 7, 8, 2], labels: [-100, -100, -100, 8, 2] }],
  ['grpo-trl', { prompt: PROMPT, solution: '2', solve_rate: 0.25, source: 'sums', problem: 'sums/7' }],
  [
    'grpo-verl',
    {
      data_source: 'sums',
      prompt: PROMPT,
      ability: 'math',
      reward_model: { style: 'rule', ground_truth: '2' },
      extra_info: { split: 'train', index: 7, problem: 'sums/7', solve_rate: 0.25 },
    },
  ],
  [
    'grpo-nemo',
    {
      input: 'Be brief.\n\n0 + 1?\n\nA: 1\n\n1 + 1?',
      output: '2',
      solve_rate: 0.25,
      source: 'sums',
      problem: 'sums/7',
    },
  ],
  ['sharegpt-kto', { conversations: [...TURNS, { from: 'gpt', value: 'A: 2' }], label: true }],
])('%s', (format, expected) => {
  expect(JSON.parse(exportLine(format, ROW))).toEqual(expected)
})

test('a prompt of the completions API continues with the completion in a text, as it was sampled', () => {
  const row = { api: 'completions', prompt: [{ role: 'user', content: 'Q: 1 + 1?\nA:' }], completion: ' 2' } as const
  expect(exportLine('text', row)).toBe('{"text":"Q: 1 + 1?\\nA: 2"}')
  expect(exportLine('prompt-completion-text', row)).toBe('{"prompt":"Q: 1 + 1?\\nA:","completion":" 2"}')
})

test('token ids that the server did not tell are missed in one sentence, as a request that cannot be met', () => {
  const { tokens: _, ...untold } = ROW
  const half = { prompt: [5], completion: undefined as unknown as number[] }
  for (const row of [
    untold,
    ...[undefined, { prompt: undefined, completion: [8] }, half].map((tokens) => ({ ...ROW, tokens: () => tokens })),
  ]) {
    expect(() => exportLine('token-ids', row)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/did not tell them/), exitCode: 2 }),
    )
  }
})

describe('a prompt without a system message', () => {
  const object = (format: ExportFormat, prompt: readonly Message[]) =>
    JSON.parse(exportLine(format, { ...ROW, prompt }))

  test.each<[string, Message[], object]>([
    ['a question alone', [{ role: 'user', content: 'Q' }], { instruction: 'Q', system: '', history: [] }],
    [
      'an earlier turn',
      [
        { role: 'user', content: 'q' },
        { role: 'assistant', content: 'a' },
        { role: 'user', content: 'Q' },
      ],
      { instruction: 'Q', system: '', history: [['q', 'a']] },
    ],
    [
      'a question that nobody answered',
      [
        { role: 'user', content: 'q' },
        { role: 'user', content: 'Q' },
      ],
      { instruction: 'Q', system: '', history: [['q', '']] },
    ],
    ['a system message alone', [{ role: 'system', content: 'S' }], { instruction: 'S', system: 'S', history: [] }],
    ['no message', [], { instruction: '', system: '', history: [] }],
  ])('has, of %s, its parts in alpaca', (_, prompt, expected) => {
    expect(object('alpaca', prompt)).toEqual({ input: '', output: 'A: 2', ...expected })
  })

  test('has turns of the speakers that there are', () => {
    const prompt: Message[] = [{ role: 'user', content: 'Q' }]
    expect(object('sharegpt', prompt)).toEqual({
      conversations: [
        { from: 'human', value: 'Q' },
        { from: 'gpt', value: 'A: 2' },
      ],
    })
    expect(object('text', prompt)).toEqual({ text: 'Q\n\nA: 2' })
  })
})

test('a system message amid the prompt is no turn of the history', () => {
  const prompt: Message[] = [
    { role: 'system', content: 'S' },
    { role: 'user', content: 'q1' },
    { role: 'assistant', content: 'a1' },
    { role: 'system', content: 'S2' },
    { role: 'user', content: 'q2' },
    { role: 'assistant', content: 'a2' },
    { role: 'user', content: 'Q' },
  ]
  expect(JSON.parse(exportLine('alpaca', { ...ROW, prompt }))).toMatchObject({
    instruction: 'Q',
    system: 'S',
    history: [
      ['q1', 'a1'],
      ['q2', 'a2'],
    ],
  })
})

test("the server's own ids stand in the formats that a recipe reads, and in no other", () => {
  const completionIds = [8, 2]
  const holders = EXPORT_FORMATS.filter((format) =>
    exportLine(format, { ...ROW, completionIds }).includes('_ids":[8,2]'),
  )
  expect(holders).toEqual(['prompt-completion', 'prompt-completion-text'])
  expect(JSON.parse(exportLine('prompt-completion', { ...ROW, completionIds }))).toEqual({
    prompt: PROMPT,
    completion: [{ role: 'assistant', content: 'A: 2' }],
    completion_ids: [8, 2],
  })
})

test('what a row does not say is empty, or incorrect', () => {
  const { rejected: _, label: __, ...row } = ROW
  expect(JSON.parse(exportLine('dpo', row)).rejected).toEqual([{ role: 'assistant', content: '' }])
  expect(JSON.parse(exportLine('sharegpt-dpo', row)).rejected).toEqual({ from: 'gpt', value: '' })
  expect(JSON.parse(exportLine('kto', row)).label).toBe(false)
  expect(JSON.parse(exportLine('sharegpt-kto', row)).label).toBe(false)
  for (const format of ['kto', 'sharegpt-kto'] as const) {
    expect(JSON.parse(exportLine(format, { ...ROW, label: false })).label).toBe(false)
    expect(JSON.parse(exportLine(format, { ...ROW, label: true })).label).toBe(true)
  }
})

test.each(['grpo-trl', 'grpo-verl', 'grpo-nemo'] as const)('a row of %s is a problem, or an error', (format) => {
  expect(() => exportLine(format, { ...ROW, problem: undefined })).toThrow('the row holds none')
  expect(JSON.parse(exportLine(format, ROW))).not.toHaveProperty('completion')
})

test.each(EXPORT_FORMATS.map((format) => [format]))(
  '%s, marking hinted rows, has one column more behind its own',
  (format) => {
    const plain = formatOf(format)
    const marking = markingHinted(plain)
    expect(marking.rows).toBe(plain.rows)
    expect(Object.entries(marking.columns)).toEqual([...Object.entries(plain.columns), ['hinted', 'boolean']])
    for (const hinted of [true, false]) {
      const object = marking.object({ ...ROW, hinted })
      expect(object).toEqual({ ...plain.object(ROW), hinted })
      expect(Object.keys(object).at(-1)).toBe('hinted')
    }
    expect(marking.object(ROW)).toMatchObject({ hinted: false })
  },
)

test("a format of one's own is written as it says", () => {
  const formats = {
    ...FORMATS,
    text: { ...FORMATS.text, object: ({ completion }: ExportRow) => ({ only: completion }) },
  }
  expect(exportLine('text', ROW, formats)).toBe('{"only":"A: 2"}')
  expect(exportLine('text', ROW)).toContain('Be brief.')
})

test('of the rows of a run, each format takes the kind that it is made of', () => {
  const kinds = Object.groupBy(EXPORT_FORMATS, (format) => formatOf(format).rows)
  expect(kinds.pairs).toEqual(['dpo', 'sharegpt-dpo'])
  expect(kinds.labelled).toEqual(['kto', 'sharegpt-kto'])
  expect(kinds.problems).toEqual(['grpo-trl', 'grpo-verl', 'grpo-nemo'])
})

test.each(EXPORT_FORMATS.map((format) => [format]))('%s has the columns it says, in every row', (format) => {
  for (const prompt of [PROMPT, PROMPT.slice(-1)]) {
    const { columns, object } = formatOf(format)
    expect(Object.keys(JSON.parse(exportLine(format, { ...ROW, prompt })))).toEqual(Object.keys(columns))
    expect(Object.keys(object({ ...ROW, prompt }))).toEqual(Object.keys(columns))
  }
})

describe('a line', () => {
  const completion = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('\n\r\n', '\u2028', '"\\"', ''),
  )

  test.each(
    EXPORT_FORMATS.filter((format) => format !== 'token-ids' && formatOf(format).rows !== 'problems').map((format) => [
      format,
    ]),
  )('of %s holds the completion to the byte, and no line break', (format) => {
    fc.assert(
      fc.property(completion, (text) => {
        const line = exportLine(format, { ...ROW, completion: text })
        expect(line).not.toMatch(/[\r\n]/)
        expect(completionOf(JSON.parse(line))).toBe(format === 'text' ? `${PLAIN}${text}` : text)
      }),
    )
  })
})

const PLAIN = 'Be brief.\n\n0 + 1?\n\nA: 1\n\n1 + 1?\n\n'

/** The last words of a row, wherever its format has them. */
function completionOf(row: Record<string, unknown>): unknown {
  const last = row.output ?? row.text ?? row.chosen ?? row.messages ?? row.completion ?? row.conversations
  const message = Array.isArray(last) ? last.at(-1) : last
  return typeof message === 'object' ? (message.content ?? message.value) : message
}
