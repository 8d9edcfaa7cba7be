/** Which problem an iteration asks next: waves that follow the answers, and are the same however the answers come. */

import { expect, test } from 'vitest'
import { RunError } from '../../../src/core/errors.ts'
import { type OpenOrder, openIssueOrder } from '../../../src/loop/sample/issue-order.ts'
import { type Script, type ScriptedRun, scriptRun } from '../scripted-run.ts'

const UNTIL = 'allocation: { kind: until-k, correct: 1 }, wave: 4'

const stage = (budget: string, script: Script = {}) => scriptRun({ problems: { train: 4 }, ...script, budget })

function open(run: ScriptedRun, count = 40): OpenOrder {
  return openIssueOrder(run.context, run.begin(count))
}

/** The next so many issues, as far as they are known; what is asked is remembered by its number. */
function take(order: OpenOrder, from: number, count: number): { problem: string; index: number }[] {
  const out: { problem: string; index: number }[] = []
  for (let issue = from; issue < from + count; issue++) {
    const found = order.at(issue)
    if (!found) break
    out.push({ problem: found.problem.id, index: found.index })
  }
  return out
}

type Taken = ReturnType<typeof take>

/** Stores answers for these issues, in this order, and says so; right where the predicate says so. */
function answer(
  run: ScriptedRun,
  order: OpenOrder,
  taken: Taken,
  isRight: (problem: string) => boolean,
  from = 0,
  way = (all: number[]) => all,
): void {
  const numbers = way(taken.map((_, i) => i))
  for (const i of numbers) {
    const { problem, index } = taken[i] as Taken[number]
    const text = isRight(problem) ? (problem.split('/')[1] ?? '') : 'wrong'
    run.drawn('train', 0, [{ problem, index, issue: from + i, text }])
    order.ended(from + i)
  }
}

const keys = (taken: Taken): string[] => taken.map(({ problem, index }) => `${problem} ${index}`)
const wavesOf = ({ context }: ScriptedRun): number[] => context.store.allocation.waves(0).map((wave) => wave.length)

test('where all problems are equal they come in passes, each once in each, and no wave is planned', () => {
  const run = stage('')
  const taken = take(open(run), 0, 12)
  for (const pass of [0, 1, 2]) {
    const own = taken.slice(4 * pass, 4 * pass + 4)
    expect(new Set(own.map(({ problem }) => problem)).size).toBe(4)
    expect(own.map(({ index }) => index)).toEqual([pass, pass, pass, pass])
  }
  expect(wavesOf(run)).toEqual([])
})

test('a wave is planned while the one before it is out, and no further one before its answers are there', () => {
  const run = stage('allocation: { kind: heap, samples: 1 }, wave: 4')
  const order = open(run)
  const taken = take(order, 0, 20)
  expect(taken).toHaveLength(8)
  expect(wavesOf(run)).toEqual([4, 4])
  expect(order.at(8)).toBeUndefined()
  // Three of four are not all of them, however often one ends.
  answer(run, order, taken.slice(0, 3), () => true)
  for (let i = 0; i < 5; i++) order.ended(2)
  expect(order.at(8)).toBeUndefined()
  answer(run, order, taken.slice(3, 4), () => true, 3)
  expect(take(order, 8, 20)).toHaveLength(4)
  expect(order.at(12)).toBeUndefined()
  expect(wavesOf(run)).toEqual([4, 4, 4])
  expect(order.at(0)?.problem.id).toBe(taken[0]?.problem)
})

test('each of a problem’s samples has the next number', () => {
  const run = stage('allocation: { kind: heap, samples: 1 }, wave: 4')
  const taken = take(open(run), 0, 8)
  for (const id of ['train/0', 'train/1', 'train/2', 'train/3'])
    expect(taken.filter(({ problem }) => problem === id).map(({ index }) => index)).toEqual([0, 1])
})

test('problems that are solved wait for those that are not', () => {
  const run = stage(UNTIL)
  const order = open(run)
  const isRight = (problem: string) => problem !== 'train/2'
  // Whoever is out may yet be right, so that nobody is asked twice at once.
  const first = take(order, 0, 20)
  expect(new Set(first.map(({ problem }) => problem)).size).toBe(4)
  expect(first).toHaveLength(4)
  answer(run, order, first, isRight)
  const second = take(order, 4, 20)
  expect(keys(second)).toEqual(['train/2 1'])
  answer(run, order, second, isRight, 4)
  expect(keys(take(order, 5, 20))).toEqual(['train/2 2'])
})

test('the order is the same whichever answers came first', () => {
  const [forwards, backwards] = [(all: number[]) => all, (all: number[]) => all.toReversed()].map((way) => {
    const run = stage('allocation: { kind: boundary, presamples: 2 }, wave: 6', { problems: { train: 5 } })
    const order = open(run)
    const taken: Taken = []
    for (let round = 0; round < 4; round++) {
      const next = take(order, taken.length, 40)
      answer(run, order, next, (problem) => Number(problem.split('/')[1]) % 2 === 0, taken.length, way)
      taken.push(...next)
    }
    return keys(taken)
  })
  expect(backwards).toEqual(forwards)
  expect(forwards?.length).toBeGreaterThan(15)
})

test('a run that is killed asks the same, and plans no wave twice', () => {
  const run = stage(UNTIL)
  const order = open(run)
  const first = take(order, 0, 20)
  answer(run, order, first, (problem) => problem !== 'train/2')
  const second = take(order, 4, 20)
  const row = run.context.store.iterations.get(0)
  if (!row) throw new Error('there is an iteration')
  const again = openIssueOrder(run.context, row)
  // What was drawn is counted again as the process starts.
  for (let issue = 0; issue < 4; issue++) again.ended(issue)
  expect(keys(take(again, 0, 20))).toEqual(keys([...first, ...second]))
  expect(wavesOf(run)).toEqual([4, 1])
  again.ended(4)
  run.drawn('train', 0, [{ problem: 'train/2', index: 1, issue: 4, text: 'wrong' }])
  expect(keys(take(again, 5, 20))).toEqual(['train/2 2'])
})

test('an answer that never came says nothing of its problem, and does not hold up the others', () => {
  const run = stage('allocation: { kind: boundary, presamples: 1, hopelessShare: 0 }, wave: 4')
  const order = open(run)
  const first = take(order, 0, 20)
  expect(first).toHaveLength(4)
  for (const [issue, { problem }] of first.entries()) {
    const isLost = issue === 0
    const right = problem.split('/')[1] ?? ''
    run.drawn('train', 0, [{ problem, issue, text: right, ...(isLost && { finishReason: 'failed' as const }) }])
    order.ended(issue)
  }
  expect(take(order, 4, 4).length).toBeGreaterThan(0)
})

test('a problem that is solved sometimes is asked again, one that never or always is not', () => {
  const run = stage('allocation: { kind: boundary, presamples: 2, hopelessShare: 0 }, wave: 8')
  const order = open(run)
  const first = take(order, 0, 20)
  expect(first).toHaveLength(8)
  // Always, sometimes, never, never.
  for (const [issue, { problem, index }] of first.entries()) {
    const isRight = problem === 'train/0' || (problem === 'train/1' && index === 0)
    const text = isRight ? (problem.split('/')[1] ?? '') : 'wrong'
    run.drawn('train', 0, [{ problem, index, issue, text }])
    order.ended(issue)
  }
  expect(new Set(take(order, 8, 8).map(({ problem }) => problem))).toEqual(new Set(['train/1']))
})

test('an answer that was cut is not a right one, whatever it says', () => {
  const run = stage('allocation: { kind: boundary, presamples: 2, hopelessShare: 0 }, wave: 8')
  const order = open(run)
  for (const [issue, { problem, index }] of take(order, 0, 20).entries()) {
    const isCut = problem === 'train/0' && index === 1
    const text =
      problem === 'train/0' || (problem === 'train/1' && index === 0) ? (problem.split('/')[1] ?? '') : 'wrong'
    run.drawn('train', 0, [{ problem, index, issue, text, ...(isCut && { finishReason: 'length' as const }) }])
    order.ended(issue)
  }
  expect(new Set(take(order, 8, 8).map(({ problem }) => problem))).toEqual(new Set(['train/0', 'train/1']))
})

test('sources are asked in the ratio of their weights', () => {
  const run = stage('allocation: { kind: heap, samples: 1 }, wave: 8', {
    problems: { train: 8 },
    context: { weights: { many: 3, few: 1 } },
  })
  const train = run.context.problems.train.map((problem, i) => ({ ...problem, source: i < 4 ? 'many' : 'few' }))
  Object.assign(run.context.problems, { train })
  const taken = take(open(run), 0, 8).map(({ problem }) => Number(problem.split('/')[1]))
  expect(taken).toHaveLength(8)
  expect(taken.filter((number) => number >= 4)).toHaveLength(2)
})

test('with their cap reached everywhere there is nobody left to ask, and that is said', () => {
  const run = stage('allocation: { kind: heap, samples: 1 }, wave: 4', { yaml: 'accept: { maxPerProblem: 1 }' })
  const order = open(run)
  const first = take(order, 0, 4)
  answer(run, order, first, () => true)
  // What is out already may bring nothing, so that the end is not said before.
  const second = take(order, 4, 8)
  expect(second).toHaveLength(4)
  expect(order.at(8)).toBeUndefined()
  answer(run, order, second, () => true, 4)
  expect(() => order.at(8)).toThrow(RunError)
  expect(() => order.at(8)).toThrow(
    'Iteration 0 cannot reach 40: each of its 4 problems has accept.maxPerProblem accepted traces. Add problems, or ask for less in a new run.',
  )
})

test.each([
  [
    [1, 3],
    [0, 2],
  ],
  [
    [0, 2],
    [1, 3],
  ],
  [
    [0, 1],
    [2, 3],
  ],
])('the heap goes on where the iterations before it have stopped: after %j with %j', (asked, next) => {
  const run = stage('allocation: { kind: heap, samples: 1 }, wave: 2')
  run.context.store.iterations.plan(0, { kind: 'accepted', count: 2 })
  run.drawn(
    'train',
    0,
    asked.map((i, issue) => ({ problem: `train/${i}`, issue, text: `${i}` })),
  )
  run.context.store.completions.closeEach(
    'train',
    0,
    () => 'accepted',
    () => undefined,
  )
  run.context.store.iterations.setState(0, 'done')
  const order = openIssueOrder(run.context, run.begin(40, 1))
  expect(new Set(take(order, 0, 2).map(({ problem }) => problem))).toEqual(new Set(next.map((i) => `train/${i}`)))
})

test('a wave of problems that the run does not have is refused', () => {
  const run = stage(UNTIL, { problems: { train: 4, gate: 1 } })
  run.context.store.iterations.plan(0, { kind: 'accepted', count: 4 })
  run.context.store.allocation.addWave(0, 0, ['gate/0'])
  expect(() => open(run)).toThrow('problem gate/0 is not among the problems to train on')
})

test('waves are a quarter of n_t, and 256 at least', () => {
  const sizeOf = (count: number): number | undefined => {
    const run = stage('allocation: { kind: heap, samples: 8 }', { problems: { train: 300 } })
    open(run, count).at(0)
    return wavesOf(run)[0]
  }
  expect(sizeOf(40)).toBe(256)
  expect(sizeOf(2000)).toBe(500)
})
