/** Evaluations that wait for the next sampling, and who catches up where that never comes. */

import { expect, test } from 'vitest'
import { CapReached } from '../../../src/core/errors.ts'
import type { RunState } from '../../../src/core/status.ts'
import {
  catchingUp,
  dueDraws,
  isComplete,
  isEvaluated,
  isEvaluationComplete,
  mayWait,
} from '../../../src/loop/measure/due-evaluation.ts'
import { evaluateCheckpoint } from '../../../src/loop/measure/evaluation.ts'
import { scriptRun } from '../scripted-run.ts'

const WHOLE = { only: undefined }
const OVERLAP = 'evaluate: { overlap: true, greedy: false, samples: 2 }'

const stage = (yaml = OVERLAP, budget = '') => scriptRun({ yaml, budget, problems: { evaluate: 3 }, concurrency: 16 })
/** Iterations whose checkpoints were asked. */
const askedOf = (run: ReturnType<typeof stage>): number[] => [...new Set(run.asked.map(({ key }) => key.iteration))]

test('an evaluation may wait while the next iteration has yet to sample from the same checkpoint', () => {
  const { context, ended } = stage()
  expect(mayWait(context, -1, WHOLE)).toBe(true)
  ended(0)
  expect(mayWait(context, 0, WHOLE)).toBe(true)
  context.store.iterations.plan(1, { kind: 'accepted', count: 4 })
  expect(mayWait(context, 0, WHOLE)).toBe(true)
  context.store.iterations.setState(1, 'sampling')
  expect(mayWait(context, 0, WHOLE)).toBe(true)
  for (const state of ['training', 'serving', 'evaluating', 'done'] as const) {
    context.store.iterations.setState(1, state)
    expect(mayWait(context, 0, WHOLE), state).toBe(false)
  }
})

test('nothing waits where nothing follows, where people run the phases themselves, or do not want it', () => {
  const { context, ended } = stage()
  for (const iteration of [0, 1, 2]) ended(iteration)
  expect(mayWait(context, 2, WHOLE)).toBe(false)
  expect(mayWait(stage().context, 0, { only: 'evaluate' })).toBe(false)
  expect(mayWait(stage().context, -1, { only: 'sample' })).toBe(false)
  expect(mayWait(stage('evaluate: { overlap: false }').context, -1, WHOLE)).toBe(false)
})

test('every so many iterations are evaluated, and the last', () => {
  const { context, ended } = stage('evaluate: { every: 3 }', 'policy: { kind: constant, initial: 4 }, iterations: 7')
  const evaluated = [0, 1, 2, 3, 4, 5, 6].filter((iteration) => {
    ended(iteration)
    return isEvaluated(context, iteration)
  })
  expect(evaluated).toEqual([2, 5, 6])
})

test('of the checkpoint that is sampled next, what is missing is drawn next to the traces', async () => {
  const run = stage()
  const served = (checkpoint: typeof run.base) => ({ checkpoint, model: 'base', baseURL: '' })
  expect((await dueDraws(run.context, served(run.base))).map(({ purpose }) => purpose)).toEqual(['evaluate'])
  await evaluateCheckpoint(run.context, served(run.base))
  expect(await dueDraws(run.context, served(run.base))).toEqual([])
  const made = run.ended(0)
  expect(await dueDraws(run.context, served(made))).toHaveLength(1)
  const { context, base } = stage('evaluate: { overlap: false }')
  expect(await dueDraws(context, served(base))).toEqual([])
  const none = scriptRun({ yaml: OVERLAP })
  expect(await dueDraws(none.context, served(none.base))).toEqual([])
})

test('an iteration whose turn it is not is not due, the base always is', async () => {
  const run = stage('evaluate: { overlap: true, greedy: false, every: 2 }')
  const served = (checkpoint: typeof run.base) => ({ checkpoint, model: 'base', baseURL: '' })
  expect(await dueDraws(run.context, served(run.ended(0)))).toEqual([])
  expect(await dueDraws(run.context, served(run.base))).toHaveLength(1)
})

test.each<[RunState, number[]]>([
  ['done', [0]],
  ['waiting', []],
])('a run that ends as %s has measured what it hands out, whatever its turn', async (state, asked) => {
  const run = stage('evaluate: { overlap: true, greedy: false, every: 3, samples: 2 }')
  run.ended(0)
  expect(await catchingUp(run.context, async () => ({ state, reason: 'why' }))).toEqual({ state, reason: 'why' })
  expect(askedOf(run)).toEqual(asked)
  expect(run.asked).toHaveLength(asked.length * 6)
  // The seconds are booked under the iteration.
  expect(run.context.store.ledger.activity().map(({ iteration, phase }) => [iteration, phase])).toEqual(
    asked.map((iteration) => [iteration, 'evaluating']),
  )
  run.asked.length = 0
  await catchingUp(run.context, async () => ({ state }))
  expect(run.asked).toEqual([])
})

test('a cap that is met before the next sampling leaves what was due measured, and is told all the same', async () => {
  const run = stage()
  run.ended(0)
  const fail = (error: Error) => catchingUp(run.context, () => Promise.reject(error))
  await expect(fail(new Error('broken'))).rejects.toThrow('broken')
  expect(run.asked).toEqual([])
  await expect(fail(new CapReached('enough'))).rejects.toThrow('enough')
  expect(askedOf(run)).toEqual([0])
  const seldom = stage('evaluate: { overlap: true, greedy: false, every: 2 }')
  seldom.ended(0)
  await expect(catchingUp(seldom.context, () => Promise.reject(new CapReached('enough')))).rejects.toThrow('enough')
  expect(seldom.asked).toEqual([])
})

test('a run without evaluation problems has nothing to catch up with', async () => {
  const run = scriptRun({ yaml: OVERLAP })
  run.ended(0)
  await catchingUp(run.context, async () => ({ state: 'done' }))
  expect(run.served).toEqual([])
})

test('a measurement is complete when all of it is drawn and judged, and a request that was given up counts as drawn', () => {
  const { context, drawn, base } = stage()
  const complete = () => isComplete(context, base, 'evaluate', 3)
  drawn('evaluate', -1, [
    { problem: 'evaluate/0', text: '0' },
    { problem: 'evaluate/1', text: '', finishReason: 'failed' },
  ])
  expect(complete()).toBe(false)
  drawn('evaluate', -1, [{ problem: 'evaluate/2', text: '2' }])
  expect(complete()).toBe(true)
  drawn('evaluate', -1, [{ problem: 'evaluate/0', index: 1, text: '0', isUnjudged: true }])
  expect(complete()).toBe(false)
})

test('greedy answers belong to an evaluation that asks for them', async () => {
  const run = stage('evaluate: { overlap: true, greedy: true, samples: 2 }')
  const rows = [0, 1, 2].flatMap((i) => [0, 1].map((index) => ({ problem: `evaluate/${i}`, index, text: `${i}` })))
  run.drawn('evaluate', -1, rows)
  expect(isEvaluationComplete(run.context, run.base)).toBe(false)
  await evaluateCheckpoint(run.context, { checkpoint: run.base, model: 'base', baseURL: '' })
  expect(run.asked.map(({ key, parameters }) => [key.purpose, parameters.temperature])).toEqual(
    [0, 1, 2].map(() => ['greedy', 0]),
  )
  expect(isEvaluationComplete(run.context, run.base)).toBe(true)
  const plain = stage()
  plain.drawn('evaluate', -1, rows)
  expect(isEvaluationComplete(plain.context, plain.base)).toBe(true)
})
