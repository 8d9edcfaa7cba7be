/** Formats: what stands in one row of a dataset. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Message } from '../../src/core/message.ts'
import { EXPORT_FORMATS, type ExportFormat, type ExportRow, exportLine, formatOf } from '../../src/export/formats.ts'

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

test('token ids that the server did not tell are missed in one sentence', () => {
  for (const tokens of [undefined, { prompt: undefined, completion: [8] }]) {
    expect(() => exportLine('token-ids', { ...ROW, tokens: () => tokens })).toThrow(/did not tell them/)
  }
})

test.each(EXPORT_FORMATS.map((format) => [format]))('%s has the columns it says, in every row', (format) => {
  for (const prompt of [PROMPT, PROMPT.slice(-1)]) {
    expect(Object.keys(JSON.parse(exportLine(format, { ...ROW, prompt })))).toEqual(
      Object.keys(formatOf(format).columns),
    )
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
