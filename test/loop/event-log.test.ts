import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RunEvent } from '../../src/core/events.ts'
import { openEventLog } from '../../src/loop/event-log.ts'
import { temporaryFolder } from '../store/hand-made-run.ts'

const note = (text: string): RunEvent => ({ kind: 'note', text })

/** The file after these events, where it held this text before, or nothing. */
function logged(before: string | undefined, events: readonly RunEvent[]): string {
  const path = join(temporaryFolder(), 'events.jsonl')
  if (before !== undefined) writeFileSync(path, before)
  const log = openEventLog(path)
  for (const event of events) log.append(event)
  log.close()
  return readFileSync(path, 'utf8')
}

test('an event is a line with its time', () => {
  const lines = logged(undefined, [note('one'), { kind: 'iteration-ended', iteration: 0, state: 'done' }]).split('\n')
  expect(lines).toHaveLength(3)
  expect(lines[2]).toBe('')
  const [first, second] = lines.slice(0, 2).map((line) => JSON.parse(line) as { at: string })
  expect(first).toMatchObject({ kind: 'note', text: 'one' })
  expect(second).toMatchObject({ kind: 'iteration-ended', iteration: 0, state: 'done' })
  expect(Math.abs(Date.parse(first?.at ?? '') - Date.now())).toBeLessThan(60_000)
})

test('what is told ten times a second is not logged', () => {
  const progress = { iteration: 0, elapsedMs: 1 } as const
  const counts = { accepted: 1, target: 2, sampled: 1, wanted: null, failed: 0, inFlight: 1, tokens: 5 }
  const events: RunEvent[] = [
    { kind: 'sampling', purpose: 'train', ...progress, ...counts },
    { kind: 'training', step: 1, steps: 2, loss: 0.5, ...progress },
    note('kept'),
  ]
  expect(logged(undefined, events).trim().split('\n')).toHaveLength(1)
})

test('a log that ends with a whole line, or holds nothing yet, is continued as it is', () => {
  expect(logged('{"kind":"note"}\n', [])).toBe('{"kind":"note"}\n')
  expect(logged('', [])).toBe('')
  expect(logged(undefined, [])).toBe('')
  expect(logged('', [note('first')])).toMatch(/^\{.*"first"\}\n$/)
})

test('half a line of a process that was killed is ended before the next one begins', () => {
  const [half, whole, rest] = logged('{"kind":"no', [note('next')]).split('\n')
  expect(half).toBe('{"kind":"no')
  expect(JSON.parse(whole ?? '')).toMatchObject({ text: 'next' })
  expect(rest).toBe('')
})
