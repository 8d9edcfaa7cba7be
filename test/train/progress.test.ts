/** Progress from a log that grows: half lines, noise, bars that never end their line. */

import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { lastLines, lastWords } from '../../src/process/log.ts'
import { followProgress, type TrainProgress } from '../../src/train/progress.ts'

function newLog(): string {
  const folder = mkdtempSync(join(tmpdir(), 'spendwise-log-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'train.log')
}

function line(step: number, more: object = {}): string {
  return `@@sft ${JSON.stringify({ event: 'progress', step, steps: 10, loss: 1 / step, ...more })}\n`
}

function progress(step: number): TrainProgress {
  return { step, steps: 10, loss: 1 / step }
}

/** Progress alone. */
function progressIn(log: string): () => TrainProgress | undefined {
  const next = followProgress(log)
  return () => next().progress
}

describe('following', () => {
  test('tells the newest step once, and nothing while nothing is new', () => {
    const log = newLog()
    const next = progressIn(log)
    expect(next()).toBeUndefined()
    writeFileSync(log, line(1) + line(2))
    expect(next()).toEqual(progress(2))
    expect(next()).toBeUndefined()
    appendFileSync(log, line(3))
    expect(next()).toEqual(progress(3))
  })

  test('waits for the rest of a half line, wherever it is cut', () => {
    const whole = line(4, { note: 'Ünïcode ∑ 😀' })
    const bytes = Buffer.from(whole)
    for (let cut = 1; cut < bytes.length; cut++) {
      const log = newLog()
      const next = progressIn(log)
      writeFileSync(log, bytes.subarray(0, cut))
      expect(next(), `cut at ${cut}`).toBeUndefined()
      appendFileSync(log, bytes.subarray(cut))
      expect(next(), `cut at ${cut}`).toEqual(progress(4))
    }
  })

  test.each([
    ['other words', 'Loading checkpoint shards: 100%\n'],
    ['other events', '@@sft {"event":"start","rows":64,"steps":2}\n'],
    ['steps without a loss', '@@sft {"event":"progress","step":1,"steps":10}\n'],
    ['a line cut by a crash', '@@sft {"event":"progress","st\n'],
    ['no JSON', '@@sft hello\n'],
    ['the prefix alone', '@@sft \n'],
    ['empty lines', '\n\r\n\n'],
    ['bytes that are no text', '\xff\xfe\x00\n'],
  ])('takes %s for noise', (_, noise) => {
    const log = newLog()
    const next = progressIn(log)
    writeFileSync(log, noise, 'latin1')
    expect(next()).toBeUndefined()
    appendFileSync(log, noise + line(5) + noise, 'latin1')
    expect(next()).toEqual(progress(5))
  })

  test('reads behind a bar on stderr that has left its line open', () => {
    const log = newLog()
    const next = progressIn(log)
    writeFileSync(log, `\r  0%|          | 0/10\r 10%|█         | 1/10 [00:01<00:09]${line(1)}\r 20%|██        | 2/10`)
    expect(next()).toEqual(progress(1))
    appendFileSync(log, line(2))
    expect(next()).toEqual(progress(2))
  })

  test('gives every warning once, as one line', () => {
    const log = newLog()
    const next = followProgress(log)
    const warning = (message: string): string => `@@sft ${JSON.stringify({ event: 'warning', message })}\n`
    writeFileSync(log, warning('Rows are left out.') + line(1) + warning('Little is kept.\nSecond line.'))
    expect(next()).toEqual({ progress: progress(1), warnings: ['Rows are left out.', 'Little is kept.'] })
    expect(next()).toEqual({ progress: undefined, warnings: [] })
  })

  test('reads a log of many megabytes, of which the last line counts', () => {
    const log = newLog()
    const noise = `${'x'.repeat(1000)}\n`.repeat(3000)
    writeFileSync(log, line(1) + noise + line(2) + noise + line(3))
    const next = progressIn(log)
    expect(next()).toEqual(progress(3))
  })
})

describe('the last lines', () => {
  test.each([
    ['a\nb\nc\nd\n', 3, 'b\nc\nd'],
    ['a\n', 3, 'a'],
    ['', 3, ''],
    ['a\n\n\nb\n\n', 2, 'a\nb'],
    ['start\n\r 10%|█\r 20%|██\nTraceback\nValueError: no\n', 2, 'Traceback\nValueError: no'],
  ])('of %j', (text, count, expected) => {
    const log = newLog()
    writeFileSync(log, text)
    expect(lastLines(log, count)).toBe(expected)
  })

  test('of a log that is not there are none', () => {
    expect(lastLines(newLog(), 3)).toBe('')
  })

  test('of a very long log are its last', () => {
    const log = newLog()
    writeFileSync(log, `${'x'.repeat(1000)}\n`.repeat(3000))
    appendFileSync(log, 'the end\n')
    expect(lastLines(log, 1)).toBe('the end')
  })
})

test('the first error of a log is why its program has ended; without one, its last line', () => {
  const log = newLog()
  expect(lastWords(log)).toBe('')
  writeFileSync(log, 'loading\nout of luck\n\n')
  expect(lastWords(log)).toBe('out of luck')
  const since = statSync(log).size
  const traceback = 'Traceback (most recent call last):\n  File "x.py"\nValueError: no such model: qwen\n'
  appendFileSync(log, `${traceback}...\nRuntimeError: Engine core initialization failed. See root cause above.\n`)
  expect(lastWords(log, since)).toBe('ValueError: no such model: qwen')
})
