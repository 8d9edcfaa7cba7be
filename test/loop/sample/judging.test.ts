/** The judge behind the checker: which answers it is asked about, which votes it is asked for, and what becomes of them. */

import { expect, onTestFinished, test } from 'vitest'
import { parseRunConfig } from '../../../src/config/parse.ts'
import type { VerdictKind } from '../../../src/core/verdict.ts'
import type { Verifier } from '../../../src/loop/context.ts'
import { createJudge, type JudgeConfig, type Judged } from '../../../src/loop/sample/judge.ts'
import { withJudge } from '../../../src/loop/sample/judge-verifier.ts'
import { createVerifier } from '../../../src/loop/sample/verifier.ts'
import type { VoteBook, VoteRow } from '../../../src/store/verdicts.ts'
import { createJudgeServer } from '../../server/judge-server.ts'

const { signal } = new AbortController()
const DISPUTED = { question: 'Which?', gold: '\\zeta(3)', answer: 'the sum of all n^{-3}' }
const isSame = (gold: string, answer: string): boolean => gold === DISPUTED.gold && answer === DISPUTED.answer

async function serve(options: Partial<Parameters<typeof createJudgeServer>[0]> = {}) {
  const server = await createJudgeServer({ isSame, ...options })
  onTestFinished(() => server.close())
  return server
}

/** Votes as a run keeps them. */
function bookOf(rows: VoteRow[] = []): VoteBook & { rows: VoteRow[] } {
  return {
    rows,
    of: (completion, judge, about) =>
      rows.filter((row) => row.completion === completion && row.judge === judge && row.about === about),
    add: (row) => void rows.push(row),
  }
}

const judgeOf = (baseURL: string, more: Partial<JudgeConfig> = {}, book?: VoteBook) =>
  createJudge({
    judge: {
      endpoint: { baseURL, model: 'judge' },
      votes: 3,
      for: 'undecided',
      maxTokens: 256,
      timeoutSeconds: 30,
      ...more,
    },
    configDirectory: '.',
    votes: book,
  })

test('as many votes are asked for as decide, and a control question where they say that it is right', async () => {
  const server = await serve()
  const book = bookOf()
  const judge = judgeOf(server.baseURL, {}, book)
  expect(await judge.ask(DISPUTED, 5, signal)).toBe('same')
  expect(server.answered).toHaveLength(3)
  expect(book.rows.map(({ control, number, vote, completion }) => [control, number, vote, completion])).toEqual([
    [false, 0, 'same', 5],
    [false, 1, 'same', 5],
    [true, 0, 'different', 5],
  ])
  expect(server.answered[2]?.reference).not.toBe(server.answered[0]?.reference)
  expect(judge.tokens()).toBe(330)
  expect(book.rows.map(({ tokens }) => tokens)).toEqual([110, 110, 110])
  const wrong = await judge.ask({ ...DISPUTED, answer: 'something else' }, 6, signal)
  expect(wrong).toBe('different')
  expect(server.answered).toHaveLength(5)
})

test.each([1, 2, 3])('with %i of its votes stored only the others are asked for', async (stored) => {
  const server = await serve()
  const book = bookOf()
  await judgeOf(server.baseURL, {}, book).ask(DISPUTED, 5, signal)
  const before = server.answered.length
  book.rows.splice(stored)
  expect(await judgeOf(server.baseURL, {}, book).ask(DISPUTED, 5, signal)).toBe('same')
  expect(server.answered.length - before).toBe(3 - stored)
  expect(book.rows.map(({ control, number }) => [control, number])).toEqual([
    [false, 0],
    [false, 1],
    [true, 0],
  ])
  // Another completion has votes of its own.
  await judgeOf(server.baseURL, {}, book).ask(DISPUTED, 6, signal)
  expect(server.answered.length - before).toBe(6 - stored)
})

test('a stored control that calls it right next to another answer turns it', async () => {
  const server = await serve()
  const book = bookOf()
  await judgeOf(server.baseURL, {}, book).ask(DISPUTED, 5, signal)
  const last = book.rows.at(-1) as VoteRow
  book.rows.splice(2, 1, { ...last, vote: 'same' })
  expect(await judgeOf(server.baseURL, {}, book).ask(DISPUTED, 5, signal)).toBe('turned')
})

test('two completions that say the same at the same time share the votes', async () => {
  const server = await serve()
  const judge = judgeOf(server.baseURL)
  const both = await Promise.all([judge.ask(DISPUTED, undefined, signal), judge.ask(DISPUTED, undefined, signal)])
  expect(both).toEqual(['same', 'same'])
  expect(server.answered).toHaveLength(3)
})

test('one vote is asked for greedily, several by chance, each with a seed of its own', async () => {
  const server = await serve()
  await judgeOf(server.baseURL, { votes: 1 }).ask(DISPUTED, undefined, signal)
  expect(server.answered).toHaveLength(2)
  await judgeOf(server.baseURL).ask(DISPUTED, undefined, signal)
  expect(new Set(server.answered.slice(2).map(({ seed }) => seed)).size).toBe(3)
})

test('votes that are split are no verdict', async () => {
  let nth = 0
  const words = () => JSON.stringify({ verdict: ['same', 'different', 'unclear'][nth++ % 3] })
  const server = await serve({ words })
  expect(await judgeOf(server.baseURL).ask(DISPUTED, undefined, signal)).toBe('unclear')
  expect(server.answered).toHaveLength(3)
})

test('a question longer than any is not asked', async () => {
  const server = await serve()
  const judge = judgeOf(server.baseURL)
  expect(await judge.ask({ ...DISPUTED, question: 'x'.repeat(8001) }, undefined, signal)).toBeUndefined()
  expect(await judge.ask({ ...DISPUTED, answer: 'x'.repeat(2001) }, undefined, signal)).toBeUndefined()
  expect(server.answered).toEqual([])
  expect(await judge.ask({ ...DISPUTED, question: 'x'.repeat(8000) }, undefined, signal)).toBe('same')
})

/** A checker that finds this of every answer. */
const checker = (kind: VerdictKind, extracted: string | undefined = 'x'): Verifier => ({
  verify: async (batch) => batch.map(() => ({ kind, rule: 'r', extracted, checker: 'checker', ms: 0 })),
  close: async () => undefined,
})

const saying = (said: Judged | undefined) => {
  const asked: unknown[] = []
  const judge = {
    name: 'judge x',
    ask: async (disputed: unknown, completion: number | undefined) => {
      asked.push([disputed, completion])
      return said
    },
    try: async () => 'same' as const,
    tokens: () => 0,
  }
  return { judge, asked }
}

const PAIR = { gold: 'g', text: 'long text', question: 'q', completion: 9 }

test.each<[Judged | undefined, VerdictKind]>([
  ['same', 'correct'],
  ['different', 'incorrect'],
  ['unclear', 'undecided'],
  ['turned', 'undecided'],
  [undefined, 'undecided'],
])('what the judge calls %s is %s', async (said, kind) => {
  const { judge, asked } = saying(said)
  const [verdict] = await withJudge(checker('undecided'), judge, 'undecided').verify([PAIR], signal)
  expect(asked).toEqual([[{ question: 'q', gold: 'g', answer: 'x' }, 9]])
  expect(verdict).toMatchObject(
    kind === 'undecided'
      ? { kind, checker: 'checker' }
      : { kind, rule: `judge:${said}`, by: 'judge', checker: 'judge x' },
  )
})

test.each<[VerdictKind, 'undecided' | 'unread', boolean]>([
  ['undecided', 'undecided', true],
  ['unparsed', 'undecided', false],
  ['unparsed', 'unread', true],
  ['undecided', 'unread', true],
  ['correct', 'unread', false],
  ['incorrect', 'unread', false],
  ['timeout', 'unread', false],
])('a verdict of %s, where it judges what is %s, goes to it: %j', async (kind, which, isAsked) => {
  const { judge, asked } = saying('same')
  await withJudge(checker(kind), judge, which).verify([PAIR], signal)
  expect(asked).toHaveLength(isAsked ? 1 : 0)
})

test('what has no answer, or no question, is not asked about', async () => {
  const { judge, asked } = saying('same')
  await withJudge(
    {
      ...checker('undecided'),
      verify: async () => [{ kind: 'undecided', rule: 'r', extracted: undefined, checker: 'c', ms: 0 }],
    },
    judge,
    'undecided',
  ).verify([PAIR], signal)
  await withJudge(checker('undecided'), judge, 'undecided').verify([{ gold: 'g', text: 't' }], signal)
  expect(asked).toEqual([])
})

test('a run’s verifier asks a judge where run.yaml names one, and only there', async () => {
  const server = await serve()
  const verifierOf = (verify: string): Verifier => {
    const config = parseRunConfig({
      text: `problems: { train: [{ dataset: steps, count: 9 }] }
sample: { kind: embedded }
budget: { policy: { kind: constant, initial: 5 }, iterations: 1 }
verify: { threads: 1${verify} }
`,
      file: 'run.yaml',
    })
    const verifier = createVerifier(config, '.')
    onTestFinished(() => verifier.close())
    return verifier
  }
  const pair = { gold: DISPUTED.gold, text: `So it is \\boxed{${DISPUTED.answer}}.`, question: 'Which?' }
  const [plain] = await verifierOf('').verify([pair], signal)
  expect(plain?.kind).not.toBe('correct')
  expect(server.answered).toEqual([])
  const judged = verifierOf(`, judge: { endpoint: { baseURL: "${server.baseURL}", model: judge }, for: unread }`)
  const [verdict] = await judged.verify([pair], signal)
  expect(verdict).toMatchObject({ kind: 'correct', by: 'judge' })
})
