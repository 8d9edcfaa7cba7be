/** Formats: what stands in one line of a dataset. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Message } from '../../src/core/message.ts'
import { EXPORT_FORMATS, type ExportFormat, exportLine } from '../../src/export/formats.ts'

const PROMPT: readonly Message[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: '1 + 1?' },
]

test.each<[ExportFormat, object]>([
  ['messages', { messages: [...PROMPT, { role: 'assistant', content: 'A: 2' }] }],
  ['prompt-completion', { prompt: PROMPT, completion: [{ role: 'assistant', content: 'A: 2' }] }],
])('%s', (format, expected) => {
  expect(JSON.parse(exportLine(format, { prompt: PROMPT, completion: 'A: 2' }))).toEqual(expected)
})

test('every format on offer is one that writes', () => {
  expect(EXPORT_FORMATS).toContain('messages')
  expect(EXPORT_FORMATS).toContain('prompt-completion')
  for (const format of EXPORT_FORMATS) expect(exportLine(format, { prompt: PROMPT, completion: 'x' })).toContain('"x"')
})

describe('a line', () => {
  const completion = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('\n\r\n', '\u2028', '"\\"', ''),
  )

  test.each(EXPORT_FORMATS.map((format) => [format]))(
    'of %s holds the completion to the byte, and no line break',
    (format) => {
      fc.assert(
        fc.property(completion, (text) => {
          const line = exportLine(format, { prompt: PROMPT, completion: text })
          expect(line).not.toMatch(/[\r\n]/)
          const row = JSON.parse(line)
          const last = (row.messages ?? row.completion).at(-1)
          expect(last).toEqual({ role: 'assistant', content: text })
          expect((row.messages ?? row.prompt).slice(0, 2)).toEqual(PROMPT)
        }),
      )
    },
  )
})
