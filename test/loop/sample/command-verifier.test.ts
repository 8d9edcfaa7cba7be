import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Verifier } from '../../../src/loop/context.ts'
import { withCommand } from '../../../src/loop/sample/command-verifier.ts'
import { verify } from '../../../src/verify/verify.ts'

const signal = new AbortController().signal
const checker: Verifier = {
  verify: async (batch) => batch.map(({ gold, text }) => verify(gold, text)),
  close: async () => undefined,
}

/** A verifier whose program is `body`, run for each line as `pair`. */
function commanded(body: string, commandFor: 'undecided' | 'all' = 'undecided', timeoutMs = 10_000): Verifier {
  const directory = mkdtempSync(join(tmpdir(), 'spendwise-command-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const script = `import { createInterface } from 'node:readline'
for await (const line of createInterface({ input: process.stdin })) { const pair = JSON.parse(line); ${body} }`
  writeFileSync(join(directory, 'judge.mjs'), script)
  return withCommand(checker, { command: [process.execPath, 'judge.mjs'], commandFor, directory, timeoutMs })
}

const ECHO = `console.log(JSON.stringify({ id: pair.id, verdict: pair.pred.includes('proof') ? 'correct' : 'incorrect', rule: 'words' }))`
const BATCH = [
  { gold: '2', text: 'A: 2' },
  { gold: 'The angles are equal.', text: 'the answer is proof by symmetry' },
  { gold: '2', text: 'A: 3' },
]

test('what the checker leaves open goes to the program, and nothing else does', async () => {
  const verdicts = await commanded(ECHO).verify(BATCH, signal)
  expect(verdicts.map(({ kind }) => kind)).toEqual(['correct', 'correct', 'incorrect'])
  expect(verdicts[1]).toMatchObject({ rule: 'command:words', checker: expect.stringContaining('judge.mjs') })
  expect(verdicts[0]?.checker).toMatch(/^spendwise/)
})

test('with `all` every answer goes to it', async () => {
  const verdicts = await commanded(ECHO, 'all').verify(BATCH, signal)
  expect(verdicts.map(({ kind }) => kind)).toEqual(['incorrect', 'correct', 'incorrect'])
})

test('pairs that it does not answer keep the checker’s verdict', async () => {
  const verdicts = await commanded('').verify(BATCH, signal)
  expect(verdicts.map(({ kind }) => kind)).toEqual(['correct', 'undecided', 'incorrect'])
})

test('a program that takes too long gives timeouts', async () => {
  const verdicts = await commanded('await new Promise((resolve) => setTimeout(resolve, 60_000))', 'all', 200).verify(
    BATCH,
    signal,
  )
  expect(verdicts.map(({ kind }) => kind)).toEqual(['timeout', 'timeout', 'timeout'])
})

test.each([
  ['writes something else', `console.log('yes')`, /wrote a line that is no verdict: yes/],
  ['fails', `console.error('no model'); process.exit(3)`, /ended with code 3.*no model/],
])('a program that %s ends the run with a sentence', async (_what, body, message) => {
  await expect(commanded(body, 'all').verify(BATCH, signal)).rejects.toThrow(message)
})

test('a program that cannot be started is named', async () => {
  const verifier = withCommand(checker, {
    command: ['./no-such-program'],
    commandFor: 'all',
    directory: tmpdir(),
    timeoutMs: 1_000,
  })
  await expect(verifier.verify(BATCH, signal)).rejects.toThrow(/cannot be started: .*no-such-program/)
})

test('a program may grade: its reward comes with the verdict, and one outside of 0 to 1 is refused', async () => {
  const graded = `console.log(JSON.stringify({ id: pair.id, verdict: 'incorrect', reward: pair.pred.length / 100 }))`
  const verdicts = await commanded(graded, 'all').verify(BATCH, signal)
  expect(verdicts.map(({ reward }) => reward)).toEqual(BATCH.map(({ text }) => text.length / 100))
  const loud = `console.log(JSON.stringify({ id: pair.id, verdict: 'correct', reward: 2 }))`
  await expect(commanded(loud, 'all').verify(BATCH, signal)).rejects.toThrow(/a reward from 0 to 1/)
})
