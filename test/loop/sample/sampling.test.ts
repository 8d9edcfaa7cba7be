/** One iteration's sampling: what it asks, what it takes, and in which words it ends. */

import { expect, test } from 'vitest'
import { CapReached } from '../../../src/core/errors.ts'
import type { RunEvent } from '../../../src/core/events.ts'
import { sampleIteration } from '../../../src/loop/sample/sampling.ts'
import { readRun } from '../database.ts'
import { type Script, type ScriptedRun, scriptRun } from '../scripted-run.ts'

const sample = (run: ScriptedRun, count = 4, target: 'accepted' | 'sampled' = 'accepted') => {
  run.context.store.iterations.plan(0, { kind: target, count })
  run.context.store.iterations.startSampling(0, run.base.id)
  const row = run.context.store.iterations.get(0)
  if (row === undefined) throw new Error('the iteration is not there')
  return sampleIteration(run.context, row, { checkpoint: run.base.id, model: 'base' }, 0.7)
}

/** Fates by issue number. */
function fates({ context }: ScriptedRun): unknown[] {
  return readRun(context.directory)
    .rows('select d.disposition from completion c join disposition d on d.completion = c.id order by c.issue')
    .map(({ disposition }) => disposition)
}

const last = <K extends RunEvent['kind']>({ events }: ScriptedRun, kind: K) =>
  events.filter((event): event is Extract<RunEvent, { kind: K }> => event.kind === kind).at(-1)

/** Says of every n-th request what the script says of it, else what is right. */
const sometimes =
  (every: number, said: ReturnType<NonNullable<Script['says']>>): Script['says'] =>
  ({ issue }, { answer }) =>
    issue % every === every - 1 ? said : answer

test('the first n_t by issue number are accepted, and what comes after them is surplus', async () => {
  const run = scriptRun({ says: sometimes(2, 'wrong'), problems: { train: 20 } })
  await sample(run, 3)
  const issues = run.asked.map(({ issue }) => issue)
  expect(issues).toEqual(issues.map((_, i) => i))
  expect(issues.length).toBeGreaterThanOrEqual(5)
  expect(issues.length).toBeLessThan(12)
  expect(new Set(run.asked.map(({ parameters }) => parameters.temperature))).toEqual(new Set([0.7]))
  expect(run.asked[0]).toMatchObject({
    model: 'base',
    checkpoint: 'sha256:base',
    key: { purpose: 'train', iteration: 0 },
  })
  const expected = issues.map((issue) => (issue % 2 === 1 ? 'wrong' : issue < 5 ? 'accepted' : 'surplus'))
  expect(fates(run)).toEqual(expected)
  const surplus = expected.filter((fate) => fate === 'surplus').length
  const sampled = issues.length
  const acceptanceRate = (3 + surplus) / sampled
  expect(last(run, 'sampled')).toMatchObject({ accepted: 3, sampled, surplus, acceptanceRate, unanswered: 0 })
  expect(run.notes()).toEqual([])
  expect(run.context.spending.spent()).toMatchObject({ samples: sampled, tokens: 15 * sampled })
  // While they come in, whoever looks sees where the iteration stands.
  const seen = last(run, 'sampling')
  expect(seen).toMatchObject({ purpose: 'train', accepted: 3 + surplus, target: 3, sampled, wanted: null, failed: 0 })
  expect(seen).toMatchObject({ inFlight: 0, tokens: 5 * sampled })
  expect(seen?.elapsedMs).toBeLessThan(60_000)
})

test('a closed iteration is not sampled again', async () => {
  const run = scriptRun()
  await sample(run)
  const before = run.asked.length
  await sample(run)
  expect(run.asked).toHaveLength(before)
  expect(run.events.filter(({ kind }) => kind === 'sampled')).toHaveLength(1)
})

test('what an earlier process drew is not drawn again; its holes and what it gave up are', async () => {
  const first = scriptRun({ problems: { train: 12 } })
  await sample(first, 6)
  const keys = first.asked.map(({ key, issue }) => ({ problem: key.problem, index: key.index, issue }))
  const run = scriptRun({ problems: { train: 12 } })
  run.begin(6)
  const [zero, one, two, three] = keys
  if (!zero || !one || !two || !three) throw new Error('six were asked')
  run.drawn('train', 0, [
    { ...zero, text: zero.problem.split('/')[1] ?? '' },
    // Issue 1 was on its way when the process died.
    { ...two, text: '', finishReason: 'failed' },
    { ...three, text: three.problem.split('/')[1] ?? '', isUnjudged: true },
  ])
  await sample(run, 6)
  const issues = run.asked.map(({ issue }) => issue)
  expect(issues.slice(0, 4)).toEqual([1, 2, 4, 5])
  expect(run.asked.slice(0, 4).map(({ key }) => [key.problem, key.index])).toEqual(
    [1, 2, 4, 5].map((issue) => [keys[issue]?.problem, keys[issue]?.index]),
  )
  expect(new Set(issues).size).toBe(issues.length)
  expect(fates(run).slice(0, 6)).toEqual(Array(6).fill('accepted'))
  expect(last(run, 'sampled')).toMatchObject({ accepted: 6, sampled: issues.length + 2, unanswered: 0 })
})

test('a target in samples takes so many, whatever comes of them', async () => {
  const run = scriptRun({
    says: sometimes(3, 'wrong'),
    budget: 'unit: sampled',
    problems: { train: 12 },
    concurrency: 3,
  })
  await sample(run, 6, 'sampled')
  expect(run.asked).toHaveLength(6)
  expect(last(run, 'sampled')).toMatchObject({ accepted: 4, sampled: 6, surplus: 0 })
  expect(run.events.find(({ kind }) => kind === 'sampling')).toMatchObject({ wanted: 6, target: 6 })
})

test('nothing accepted is nothing to train on', async () => {
  const run = scriptRun({ says: () => 'wrong', budget: 'unit: sampled' })
  await expect(sample(run, 3, 'sampled')).rejects.toThrow(
    'Iteration 0 brought no accepted trace out of 3; there is nothing to train on.',
  )
  expect(run.context.store.completions.isClosed('train', 0)).toBe(false)
})

test('too many in a row that bring nothing end the run, with what they were', async () => {
  const says: Script['says'] = ({ issue }, { answer }) => {
    if (issue < 2) return answer
    if (issue % 5 === 2) return ''
    return issue % 5 === 3 ? { text: 'cut', finishReason: 'length' } : 'wrong'
  }
  const run = scriptRun({ says, sample: 'giveUpAfter: 10' })
  await expect(sample(run, 5)).rejects.toThrow(
    /^Iteration 0: the last (1\d) completions brought no accepted trace \(2 so far, estimated rate 0\.\d{5}; of the others \d+ incorrect, \d no-answer, \d ended by length\); read some with `spendwise traces`, correct the prompt or the problems, or raise sample\.giveUpAfter\.$/,
  )
  expect(run.asked.length).toBeGreaterThanOrEqual(12)
  expect(run.asked.length).toBeLessThan(24)
})

test('where right answers only repeat, it is the problems that are used up', async () => {
  const run = scriptRun({ problems: { train: 2 }, sample: 'giveUpAfter: 10', yaml: 'accept: { deduplicate: exact }' })
  await expect(sample(run, 5)).rejects.toThrow(
    /the last (\d+) completions .* though \1 of them are right: .* The problems are used up/,
  )
})

test('an accepted trace begins the count of barren ones anew', async () => {
  const run = scriptRun({ says: sometimes(9, 'wrong'), sample: 'giveUpAfter: 10' })
  const other = scriptRun({
    says: ({ issue }, { answer }) => (issue % 10 === 9 ? answer : 'wrong'),
    sample: 'giveUpAfter: 10',
  })
  await sample(run, 4)
  await sample(other, 2)
  expect(other.asked.length).toBeGreaterThanOrEqual(20)
})

test('a request that is given up is tried once more at the end, under the same key', async () => {
  let failures = 0
  const run = scriptRun({
    says: ({ issue }, { answer }) => (issue === 1 && failures++ === 0 ? { finishReason: 'failed' } : answer),
  })
  await sample(run, 4)
  const tries = run.asked.filter(({ issue }) => issue === 1)
  expect(tries).toHaveLength(2)
  expect(tries[0]?.key).toEqual(tries[1]?.key)
  expect(last(run, 'sampled')).toMatchObject({ accepted: 4, unanswered: 0 })
  expect(last(run, 'sampling')).toMatchObject({ failed: 0, sampled: last(run, 'sampled')?.sampled })
  expect(run.notes()).toEqual([])
})

test('one that fails twice is unanswered, is not tried a third time, and is told of', async () => {
  const run = scriptRun({
    problems: { train: 20 },
    says: ({ issue }, { answer }) => (issue === 1 ? { finishReason: 'failed' } : answer),
  })
  await sample(run, 4)
  expect(run.asked.filter(({ issue }) => issue === 1)).toHaveLength(2)
  const sampled = new Set(run.asked.map(({ issue }) => issue)).size - 1
  expect(last(run, 'sampled')).toMatchObject({ accepted: 4, sampled, unanswered: 1, acceptanceRate: 1 })
  expect(last(run, 'sampling')).toMatchObject({ failed: 1, sampled })
  expect(run.notes()).toHaveLength(1)
  expect(run.notes()[0]).toMatch(/Iteration 0/)
})

test('a cap on samples ends the drawing with what it has, and the run with the cap', async () => {
  const run = scriptRun({ says: () => 'wrong', budget: 'caps: { samples: 5 }', concurrency: 3 })
  await expect(sample(run)).rejects.toThrow(CapReached)
  expect(run.asked).toHaveLength(5)
})

test('a bound on tokens that cannot be applied is told of', async () => {
  const run = scriptRun({
    problems: { train: 20 },
    says: ({ issue }, { answer }) => ({ text: issue === 2 ? 'wrong' : answer, completionTokens: issue < 3 ? 0 : 5 }),
    yaml: 'accept: { maxTokens: 100 }',
  })
  await sample(run, 4)
  expect(run.notes()).toEqual([
    'Iteration 0: the server told no number of tokens with 2 of 4 accepted traces, so accept.maxTokens was not applied to them.',
  ])
  const plain = scriptRun({ says: (_, { answer }) => ({ text: answer, completionTokens: 0 }) })
  await sample(plain, 4)
  expect(plain.notes()).toEqual([])
})

test('traces longer than the bound do not count, and are called what they are', async () => {
  const run = scriptRun({
    says: (_, { answer }) => ({ text: answer, completionTokens: 101 }),
    yaml: 'accept: { maxTokens: 100 }',
    sample: 'giveUpAfter: 10',
  })
  await expect(sample(run, 4)).rejects.toThrow(/the last (\d+) .*of the others \1 longer than accept\.maxTokens\)/)
})

test('how many are asked at once goes by the rate of the iteration before', async () => {
  const askedAtOnce = async (accepted: number): Promise<number> => {
    const run = scriptRun({
      concurrency: 64,
      problems: { train: 40 },
      says: () => new Promise<string>(() => undefined),
    })
    run.context.store.iterations.plan(0, { kind: 'accepted', count: accepted })
    const rows = Array.from({ length: 20 }, (_, i) => ({
      problem: `train/${i}`,
      issue: i,
      text: i < accepted ? `${i}` : '',
    }))
    run.drawn('train', 0, rows)
    run.context.store.completions.closeEach(
      'train',
      0,
      ({ verdict }) => (verdict === 'correct' ? 'accepted' : 'wrong'),
      () => undefined,
    )
    run.context.store.iterations.plan(1, { kind: 'accepted', count: 8 })
    run.context.store.iterations.startSampling(1, run.base.id)
    const row = run.context.store.iterations.get(1)
    if (row)
      void sampleIteration(run.context, row, { checkpoint: run.base.id, model: 'base' }, 1).catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 30))
    return run.asked.length
  }
  expect(await askedAtOnce(20)).toBe(8)
  expect(await askedAtOnce(5)).toBe(32)
  // Nothing accepted tells no rate.
  expect(await askedAtOnce(0)).toBe(16)
})

test('a hole below what was drawn is asked although enough are accepted: what comes first counts', async () => {
  const run = scriptRun({ problems: { train: 6 } })
  await sample(run, 4)
  const keys = run.asked.map(({ key, issue }) => ({ problem: key.problem, index: key.index, issue }))
  const resumed = scriptRun({ problems: { train: 6 } })
  resumed.begin(4)
  const rows = keys.slice(1, 5).map((row) => ({ ...row, text: row.problem.split('/')[1] ?? '' }))
  resumed.drawn('train', 0, rows)
  await sample(resumed, 4)
  expect(resumed.asked.map(({ issue }) => issue)).toEqual([0])
  expect(fates(resumed)).toEqual(['accepted', 'accepted', 'accepted', 'accepted', 'surplus'])
})

test.each([
  ['before', 4, 1],
  ['behind', 7, 0],
])(
  'a request without an answer %s the last accepted trace is told of only where it could have been one',
  async (_, lost, unanswered) => {
    const run = scriptRun({
      concurrency: 8,
      problems: { train: 20 },
      says: ({ issue }, { answer }) =>
        issue === lost ? { finishReason: 'failed' } : issue === 1 || issue === 3 ? 'wrong' : answer,
    })
    await sample(run, 4)
    expect(last(run, 'sampled')).toMatchObject({ accepted: 4, unanswered })
    expect(run.notes()).toHaveLength(unanswered)
  },
)

test('accepted traces are split between the sources by their weights', async () => {
  const run = scriptRun({
    budget: 'ratioOf: accepted',
    problems: { train: 12 },
    context: { weights: { even: 3, odd: 1 } },
    concurrency: 4,
  })
  const train = run.context.problems.train.map((problem, i) => ({ ...problem, source: i % 2 === 0 ? 'even' : 'odd' }))
  Object.assign(run.context.problems, { train })
  await sample(run, 8)
  const accepted = readRun(run.context.directory).rows(
    `select p.id from completion c join disposition d on d.completion = c.id join problem p on p.number = c.problem
     where d.disposition = 'accepted'`,
  )
  const odd = accepted.filter(({ id }) => Number(String(id).split('/')[1]) % 2 === 1)
  expect([accepted.length, odd.length]).toEqual([8, 2])
})
