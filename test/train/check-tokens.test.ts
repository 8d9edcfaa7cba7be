/** The recipe's own word for the tokens it would train on: which commands are asked, and what is read of the answer. */

import { tmpdir } from 'node:os'
import { describe, expect, test } from 'vitest'
import { TrainerError } from '../../src/core/errors.ts'
import { checkTokens, knowsCheckTokens, noTokens, readTold } from '../../src/train/check-tokens.ts'

const event = (value: object): string => `@@sft ${JSON.stringify(value)}`
const row = (n: number, kept = true) => event({ event: 'tokens', prompt: [n, 2], completion: [3], kept })
const TEMPLATE = event({ event: 'template', sha256: 'ab' })

test.each([
  [['python3', 'recipes/train_sft.py', '--x'], true],
  [['torchrun', '--nproc', '8', '/opt/recipes/train_with.py'], true],
  [['train_sft.py'], true],
  [['python3', 'my_train_sft.py'], false],
  [['python3', 'train_sft.py/other.py'], false],
  [['train.sh'], false],
  [[], false],
])('the command %j knows the flag: %j', (command, knows) => {
  expect(knowsCheckTokens(command)).toBe(knows)
})

describe('what is told', () => {
  test('is the rows in order, whatever stands between them', () => {
    const text = ['Loading…', row(1), `${event({ event: 'progress', step: 1 })}`, row(5, false), '', TEMPLATE, ''].join(
      '\n',
    )
    expect(readTold(text)).toEqual({
      rows: [
        { prompt: [1, 2], completion: [3], isKept: true },
        { prompt: [5, 2], completion: [3], isKept: false },
      ],
      template: 'ab',
    })
  })

  test('is no template where none is told or it has no hash, and the first of several', () => {
    expect(readTold(row(1)).template).toBeUndefined()
    expect(readTold(event({ event: 'template', sha256: null })).template).toBeUndefined()
    expect(
      readTold(
        `${event({ event: 'template', sha256: '' })}\n${TEMPLATE}\n${event({ event: 'template', sha256: 'cd' })}`,
      ).template,
    ).toBe('ab')
  })

  test('is nothing of an empty log, of other words, and of events that only begin like it', () => {
    for (const text of [
      '',
      'hello\n',
      ` ${row(1)}`,
      event({ event: 'tokens', prompt: [1] }),
      event({ event: 'tokens', prompt: ['a'], completion: [1], kept: true }),
    ])
      expect(readTold(text)).toEqual({ rows: [], template: undefined })
  })
})

test('a trainer that tells nothing is one sentence with the reason and the way out', () => {
  const cause = new Error('why')
  const error = noTokens('no such tokenizer', cause)
  expect(error).toBeInstanceOf(TrainerError)
  expect(error.message).toMatch(/\(no such tokenizer\); fix train\.command, or write train\.checkTokens: false\.$/)
  expect(error.cause).toBe(cause)
})

describe('asking a program', () => {
  const ask = (script: string, signal = new AbortController().signal, env: NodeJS.ProcessEnv = {}) =>
    checkTokens([process.execPath, '-e', script, '--'], { cwd: tmpdir(), env, signal })

  test('hands it its arguments and the flag, in the folder and the environment that it would train in', async () => {
    const { rows, template } = await ask(
      `console.log('${row(1)}'); console.log('@@sft ' + JSON.stringify({ event: 'template', sha256: [process.argv.slice(1), process.cwd(), process.env.ONLY].join() }))`,
      undefined,
      { ONLY: 'this' },
    )
    expect(rows).toEqual([{ prompt: [1, 2], completion: [3], isKept: true }])
    expect(template).toBe(`--check-tokens,${tmpdir()},this`)
  })

  test('that fails tells its last words, or how it has ended where it has none', async () => {
    await expect(ask(`console.error('first'); console.error('no such model'); process.exit(2)`)).rejects.toThrow(
      /would train on \(no such model\); fix/,
    )
    await expect(ask('process.exit(4)')).rejects.toThrow(/would train on \(Error: Command failed: /)
    await expect(
      checkTokens(['/nowhere/python3'], { cwd: tmpdir(), env: {}, signal: new AbortController().signal }),
    ).rejects.toThrow(/ENOENT/)
    await expect(ask('process.exit(4)')).rejects.toThrow(TrainerError)
  })

  test('ends with the reason of the signal', async () => {
    const stop = new AbortController()
    const asking = ask('setInterval(() => 0, 1000)', stop.signal)
    stop.abort(new Error('stopped by hand'))
    await expect(asking).rejects.toThrow(/^stopped by hand$/)
  })
})
