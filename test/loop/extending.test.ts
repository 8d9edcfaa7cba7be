/** What a run that has ended is told about a larger budget, without running it. */

import { expect, test } from 'vitest'
import { ConfigError, messageOf } from '../../src/core/errors.ts'
import type { RunState } from '../../src/core/status.ts'
import { extendRun } from '../../src/loop/extend.ts'
import { openStore } from '../../src/store/store.ts'
import { temporaryFolder } from '../store/hand-made-run.ts'
import { type Script, type ScriptedRun, scriptRun } from './scripted-run.ts'

interface Ended {
  readonly run: ScriptedRun
  extend(...requests: string[]): void
  budget(): Record<string, unknown>
  state(): RunState | undefined
}

/** A run with so many iterations that have ended, each of four accepted traces out of eight. */
function endedRun(iterations: number, script: Script = {}, state: RunState = 'done'): Ended {
  const directory = temporaryFolder()
  const run = scriptRun({ ...script, directory })
  const { store } = run.context
  for (let iteration = 0; iteration < iterations; iteration++) {
    run.begin(4, iteration)
    const texts = Array.from({ length: 8 }, (_, i) => ({ problem: `train/${i % 4}`, index: i, issue: i }))
    run.drawn(
      'train',
      iteration,
      texts.map((row, i) => ({ ...row, text: i % 2 === 0 ? `${i % 4}` : 'wrong' })),
    )
    const drawn = store.completions.drawn('train', iteration)
    store.completions.close(
      drawn.map(({ id, verdict }) => ({
        completion: id,
        disposition: verdict === 'correct' ? 'accepted' : 'wrong',
      })),
    )
    run.ended(iteration)
  }
  store.run.setState(state, null)
  const stored = () => store.run.read()
  return {
    run,
    extend: (...requests) =>
      extendRun({ directory, config: run.context.config, configPath: '', named: 'folder' }, requests, 'run.yaml'),
    budget: () => (JSON.parse(stored()?.config ?? '{}') as { budget: Record<string, unknown> }).budget,
    state: () => stored()?.state,
  }
}

/** What somebody reads who asks for it. */
function refusal(work: () => void): string {
  try {
    work()
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return messageOf(error)
  }
  return 'nothing was refused'
}

test('a larger number of iterations is written down with the seam, and the run has something to do again', () => {
  const { extend, budget, state, run } = endedRun(3)
  extend('iterations=5')
  expect(budget()).toMatchObject({ iterations: 5 })
  expect(run.context.store.run.extensions()).toEqual([{ key: 'iterations', was: 3, now: 5, after: 2 }])
  expect(state()).not.toBe('done')
})

test('a run whose only iteration is done is spoken of as one, others by their number', () => {
  const samples = (count: number) =>
    endedRun(count, { budget: `policy: { kind: constant, initial: 4 }, iterations: ${count}, caps: { samples: 1000 }` })
  const one = samples(1)
  expect(() => one.extend('samples=2000')).toThrow(
    '--extend  brings no further iteration: its iteration is done; add --extend iterations=2 or more.',
  )
  expect(() => samples(3).extend('samples=2000')).toThrow(
    '--extend  brings no further iteration: all 3 iterations are done; add --extend iterations=4 or more.',
  )
  // Nothing of a refused extension stays.
  expect(one.run.context.store.run.extensions()).toEqual([])
  expect(one.budget()).toMatchObject({ caps: { samples: 1000 } })
  expect(one.state()).toBe('done')
})

test('one and the same request is granted once; one that is there already does not hide one that is not', () => {
  const { extend, run, budget } = endedRun(3, {
    budget: 'policy: { kind: constant, initial: 4 }, iterations: 3, caps: { samples: 1000 }',
  })
  extend('iterations=5', 'samples=2000')
  extend('iterations=5')
  extend('samples=2000', 'iterations=5')
  expect(run.context.store.run.extensions()).toHaveLength(2)
  run.ended(3)
  run.context.store.run.setState('done', null)
  expect(() => extend('iterations=5', 'samples=3000')).toThrow('is not more than the 5 of this run')
  extend('samples=3000')
  expect(budget()).toMatchObject({ iterations: 5, caps: { samples: 3000 } })
  expect(run.context.store.run.extensions().at(-1)).toEqual({ key: 'caps.samples', was: 2000, now: 3000, after: 3 })
})

test.each<[RunState, string]>([
  ['running', 'interrupted'],
  ['failed', 'failed'],
  ['interrupted', 'interrupted'],
  ['waiting', 'waiting'],
])('a run that is %s has not ended, and is called %s', (state, called) => {
  const { extend, run } = endedRun(2, {}, state)
  expect(refusal(() => extend('iterations=5'))).toBe(
    `--extend  is for a run that has ended by its budget, and this one is ${called}; let it end first: spendwise run run.yaml`,
  )
  expect(run.context.store.run.extensions()).toEqual([])
})

test('one that its cap has stopped in mid-iteration continues with a larger cap, and not with one that is spent as well', () => {
  const budget = 'policy: { kind: constant, initial: 4 }, iterations: 3, caps: { samples: 10 }'
  const { extend, run, budget: now } = endedRun(2, { budget }, 'capped')
  // 16 have been drawn.
  expect(() => extend('samples=16')).toThrow(/cap of 16 samples is reached/)
  extend('samples=17')
  expect(now()).toMatchObject({ caps: { samples: 17 } })
  expect(run.context.store.run.extensions()).toMatchObject([{ was: 10, now: 17, after: 1 }])
})

test('an iteration that is under way needs no further one', () => {
  const { extend, run, budget } = endedRun(
    2,
    {
      budget: 'policy: { kind: constant, initial: 4 }, iterations: 3, caps: { samples: 18 }',
    },
    'capped',
  )
  run.begin(4, 2)
  extend('samples=20')
  expect(budget()).toMatchObject({ caps: { samples: 20 } })
})

test('time that is used up already is no time', () => {
  const { extend, run } = endedRun(2, {
    budget: 'policy: { kind: constant, initial: 4 }, iterations: 3, timeSeconds: 60',
  })
  run.context.store.ledger.startActivity(0, 'sampling', 0).beat(99_500)
  expect(() => extend('timeSeconds=80')).toThrow(
    '--extend  brings no further iteration: 100 s are used up and budget.timeSeconds is 80; give more.',
  )
  expect(() => extend('timeSeconds=100')).toThrow('100 s are used up')
  extend('timeSeconds=101')
  expect(run.context.store.run.extensions()).toMatchObject([{ key: 'timeSeconds', was: 60, now: 101 }])
})

test('a cost that leaves no further iteration says what is spent and what the next one is expected to cost', () => {
  const budget =
    'policy: { kind: constant, initial: 4 }, iterations: auto, cost: 14, mergeLast: false, costs: { sample: 1, train: 0, iteration: 0 }'
  const { extend } = endedRun(2, { budget })
  expect(() => extend('cost=14.5')).toThrow(
    '14 of budget.cost 14.5 is spent, and iteration 2 is expected to cost 7; give --extend cost=21 for all of it.',
  )
})

test.each<[string, Script, string[], RegExp]>([
  ['a budget that the run does not have', {}, ['cost=100'], /this run has no budget\.cost, so it has not ended by it/],
  ['a value that is no more than before', {}, ['iterations=3'], /is not more than the 3 of this run; give more/],
  [
    'a learning rate that has reached zero',
    { yaml: 'train: { kind: command, command: [train, "{base}", "{dataset}", "{output}"], lrSchedule: run-decay }' },
    ['iterations=5'],
    /cannot continue where train\.lrSchedule is run-decay/,
  ],
  [
    'a cap, where the total is used up',
    { budget: 'policy: { kind: constant, initial: 4 }, iterations: 5, total: 12, caps: { samples: 1000 }' },
    ['samples=2000'],
    /what else bounds it \(budget\.total, budget\.cost\) is used up; extend that too\./,
  ],
])('%s is refused', (_, script, requests, sentence) => {
  const { extend, run } = endedRun(3, script)
  expect(refusal(() => extend(...requests))).toMatch(sentence)
  expect(run.context.store.run.extensions()).toEqual([])
})

test('where there is no run nothing is extended', () => {
  const directory = temporaryFolder()
  openStore(directory).close()
  const { config } = scriptRun().context
  expect(() => extendRun({ directory, config, configPath: '', named: 'file' }, ['iterations=4'], 'run.yaml')).toThrow(
    `there is none at ${directory}`,
  )
})
