/** Rows as JSON lines: each line is what its format says of its row, whatever other rows came before and however they are gathered. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Message } from '../../src/core/message.ts'
import { EXPORT_FORMATS, type ExportFormat, type ExportRow, exportLine } from '../../src/export/formats.ts'
import { createLines } from '../../src/export/json-lines.ts'

const MEGABYTE = 1 << 20
const ASKED: readonly Message[] = [{ role: 'user', content: '1 + 1?' }]

/** The pieces in which rows leave, as bytes of their own. */
function pieces(format: ExportFormat, rows: readonly ExportRow[], marksHinted?: boolean): Buffer[] {
  const written: Buffer[] = []
  const encoder = createLines(format, (bytes) => written.push(Buffer.from(bytes)), marksHinted)
  for (const row of rows) encoder.add(row)
  encoder.end()
  return written
}

const linesOf = (format: ExportFormat, rows: readonly ExportRow[], marksHinted?: boolean): string =>
  Buffer.concat(pieces(format, rows, marksHinted)).toString('utf8')

const expected = (format: ExportFormat, rows: readonly ExportRow[]): string =>
  rows.map((row) => `${exportLine(format, row)}\n`).join('')

describe('a line', () => {
  const problem = (index: number) => ({ id: `p/${index}`, source: 's', index, gold: String(index), solveRate: 0.5 })
  const ids = (n: number) => () => ({ prompt: [n], completion: [n + 1] })

  test.each(EXPORT_FORMATS.map((format) => [format]))(
    'of %s is of its own row, though rows share their prompt',
    (format) => {
      const rows: ExportRow[] = [1, 2, 3].map((n) => ({
        prompt: ASKED,
        completion: `A: ${n} "${n}"\n`,
        tokens: ids(n),
        problem: problem(n),
        ...(n > 1 ? { rejected: `B: ${n}`, label: n > 2 } : {}),
      }))
      expect(linesOf(format, rows)).toBe(expected(format, rows))
      expect(linesOf(format, rows.toReversed())).toBe(expected(format, rows.toReversed()))
    },
  )

  test.each<[string, ExportFormat, readonly Partial<ExportRow>[]]>([
    ['the rejected completion', 'dpo', [{ rejected: 'B' }, { rejected: 'C' }, {}]],
    ['the label', 'kto', [{ label: true }, { label: false }, {}]],
    ["the server's ids", 'prompt-completion', [{ completionIds: [1] }, { completionIds: [2] }, {}]],
    ['the tokens', 'token-ids', [{ tokens: ids(1) }, { tokens: ids(5) }]],
  ])('has %s of its own row', (_, format, list) => {
    for (const order of [list, list.toReversed()]) {
      const rows = order.map((own): ExportRow => ({ prompt: ASKED, completion: 'A', ...own }))
      expect(linesOf(format, rows)).toBe(expected(format, rows))
    }
  })

  test('is right for a prompt that holds what a completion is marked with inside', () => {
    const mark = '\u0000completion\u0000'
    for (const content of [mark, `"${mark}"`, JSON.stringify(mark)]) {
      const rows = ['A', mark].map((completion): ExportRow => ({ prompt: [{ role: 'user', content }], completion }))
      for (const format of ['messages', 'prompt-completion', 'text', 'alpaca'] as const) {
        expect(linesOf(format, rows)).toBe(expected(format, rows))
      }
    }
  })

  test('costs a prompt that many rows share no more than one reading', () => {
    let readings = 0
    const prompt: readonly Message[] = [
      {
        role: 'user',
        get content() {
          readings++
          return '1 + 1?'
        },
      },
    ]
    const rows = ['A', 'B', 'C'].map((completion): ExportRow => ({ prompt, completion }))
    expect(linesOf('messages', rows)).toBe(
      expected(
        'messages',
        rows.map((row) => ({ ...row, prompt: ASKED })),
      ),
    )
    expect(readings).toBe(1)
  })

  test('of token ids asks for them once a row', () => {
    let askings = 0
    const rows = [1, 2, 3].map((n): ExportRow => {
      const tokens = () => {
        askings++
        return { prompt: [n], completion: [n] }
      }
      return { prompt: ASKED, completion: 'A', tokens }
    })
    linesOf('token-ids', rows)
    expect(askings).toBe(3)
  })

  test('of a text of both prompt and completion is whole', () => {
    const rows = ['A', 'B'].map((completion): ExportRow => ({ prompt: ASKED, completion }))
    expect(linesOf('text', rows)).toBe('{"text":"1 + 1?\\n\\nA"}\n{"text":"1 + 1?\\n\\nB"}\n')
  })

  test('says of every row whether it was hinted where that is asked for, and of none where it is not', () => {
    const rows = [true, false, undefined].map((hinted): ExportRow => ({ prompt: ASKED, completion: 'A', hinted }))
    const parsed = linesOf('prompt-completion', rows, true)
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
    expect(parsed).toEqual(
      [true, false, false].map((hinted) => ({
        prompt: ASKED,
        completion: [{ role: 'assistant', content: 'A' }],
        hinted,
      })),
    )
    expect(linesOf('prompt-completion', rows)).not.toContain('hinted')
  })
})

describe('pieces', () => {
  const row = (completion: string): ExportRow => ({ prompt: ASKED, completion })
  const fixed = Buffer.byteLength(`${exportLine('messages', row(''))}\n`)

  test('are about a megabyte each, of whole lines', () => {
    const rows = Array.from({ length: 40 }, (_, i) => row(`${i} `.padEnd(100_000, 'x')))
    const written = pieces('messages', rows)
    expect(written.length).toBeGreaterThan(2)
    for (const piece of written) {
      expect(piece.at(-1)).toBe(10)
      expect(piece.length).toBeLessThanOrEqual(MEGABYTE)
    }
    // All but the last are filled before they go.
    for (const piece of written.slice(0, -1)) expect(piece.length).toBeGreaterThan(MEGABYTE / 2)
    expect(Buffer.concat(written).toString('utf8')).toBe(expected('messages', rows))
  })

  test('are none of no rows, and one of few', () => {
    expect(pieces('messages', [])).toEqual([])
    expect(pieces('messages', [row('A'), row('B')])).toHaveLength(1)
  })

  test('hold a line that is longer than any piece before it, of whatever characters', () => {
    for (const character of ['x', '數', '😀']) {
      const rows = [row('A'), row(character.repeat(400_000)), row('B'), row(character.repeat(400_007)), row('C')]
      expect(linesOf('messages', rows)).toBe(expected('messages', rows))
    }
  })

  test('take a line while it would fit were all of its characters long ones', () => {
    const line = (characters: number): ExportRow => row('x'.repeat(characters - (fixed - 1)))
    const kilobytes = Array.from({ length: 1_020 }, () => line(1_023))
    // Of the last four, a line and its line break, and three bytes a character and a line break behind it.
    const filled = (characters: number): number =>
      pieces('messages', [...kilobytes, line(characters), line(1_000)]).length
    expect(filled(4_096 - 3_001 - 1)).toBe(1)
    expect(filled(4_096 - 3_001)).toBe(2)
  })

  // A line may take three bytes a character, so the edges lie around a third of what is left.
  test.each([-2, -1, 0, 1, 2])('hold a line whose most bytes miss the end of the buffer by %i', (off) => {
    const bytes = Math.floor(MEGABYTE / 3)
    for (const character of ['x', '数']) {
      const alone = [row(character.repeat(bytes - fixed + off))]
      expect(linesOf('messages', alone)).toBe(expected('messages', alone))
      const behind = [row('y'.repeat(MEGABYTE - 3_000 - 2 * fixed)), row(character.repeat(1_000 + off - fixed))]
      expect(linesOf('messages', behind)).toBe(expected('messages', behind))
    }
  })

  test('are the same bytes however the rows are cut', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.constant('数'.repeat(120_000)))
    fc.assert(
      fc.property(fc.array(text, { maxLength: 6 }), (texts) => {
        const rows = texts.map(row)
        expect(linesOf('messages', rows)).toBe(expected('messages', rows))
      }),
      { numRuns: 10 },
    )
  })
})
