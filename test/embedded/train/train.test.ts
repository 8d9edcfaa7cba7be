import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hashCheckpoint, readCheckpoint } from '../../../src/embedded/model/checkpoint.ts'
import { row, runTrainer, writeBase, writeDataset } from './program.ts'

let folder: string
let sha256: string
const at = (name: string): string => join(folder, name)
const weights = (name: string): string => hashCheckpoint(at(name))

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'train-'))
  writeBase(at('base'))
  sha256 = writeDataset(at('data.jsonl'))
})
afterAll(() => rmSync(folder, { recursive: true }))

test('a job leaves a checkpoint with its metrics and nothing else, and a second submission is done at once', async () => {
  const flags = { 'output-dir': at('plain'), 'expect-dataset-sha256': sha256, epochs: 2, 'batch-size': 16, lr: 3e-3 }
  const first = await runTrainer(folder, flags)
  expect(first).toMatchObject({ code: 0, stderr: '' })
  const kinds = first.events.map(({ event }) => event)
  expect([kinds[0], kinds.at(-1)]).toEqual(['start', 'done'])
  expect(first.events.findLast(({ event }) => event === 'progress')).toMatchObject({ step: 8, steps: 8, lr: 0 })
  expect(readdirSync(folder).filter((name) => name.startsWith('plain'))).toEqual(['plain'])
  const metrics = JSON.parse(readFileSync(at('plain/metrics.json'), 'utf8'))
  expect(metrics).toMatchObject({ schema: 1, dataset: { sha256, rows: 50 }, steps: 8, seed: 1 })
  expect(`sha256:${metrics.checkpoint.sha256}`).toBe(weights('plain'))
  expect(metrics.loss.last).toBeLessThan(metrics.loss.first)
  const again = await runTrainer(folder, flags)
  expect(again).toMatchObject({ code: 0, events: [{ event: 'done', already: true }] })
})

test('the weights are the same for one, two and three threads, and differ for another seed', async () => {
  const flags = { 'max-steps': 5, 'batch-size': 11, lr: 3e-3 }
  for (const threads of [1, 2, 3])
    await runTrainer(folder, { ...flags, 'output-dir': at(`threads${threads}`), threads })
  await runTrainer(folder, { ...flags, 'output-dir': at('seed2'), seed: 2 })
  expect(weights('threads2')).toBe(weights('threads1'))
  expect(weights('threads3')).toBe(weights('threads1'))
  expect(weights('seed2')).not.toBe(weights('threads1'))
})

test('a job that was killed, and then stopped, ends with the weights of an undisturbed one', async () => {
  const flags = { 'max-steps': 30, 'batch-size': 100, lr: 3e-3, 'warmup-steps': 3, 'save-seconds': 0 }
  await runTrainer(folder, { ...flags, 'output-dir': at('whole') })
  const disturbed = { ...flags, 'output-dir': at('disturbed') }
  const stopped = await meeting(
    async () => {
      for (const name of ['disturbed', 'disturbed.work']) rmSync(at(name), { recursive: true, force: true })
      const killed = await runTrainer(folder, disturbed, afterSaves(4, 'SIGKILL'))
      return killed.signal === 'SIGKILL' ? await runTrainer(folder, disturbed, afterSaves(4, 'SIGTERM')) : killed
    },
    ({ code }) => code === 75,
  )
  expect(stopped.events[0]).toMatchObject({ event: 'start', step: expect.toSatisfy((step) => step >= 4) })
  const preempted = stopped.events.at(-1)
  expect(preempted).toMatchObject({ event: 'preempted', steps: 30 })
  expect(existsSync(at('disturbed'))).toBe(false)
  const ended = await runTrainer(folder, disturbed)
  expect(ended.code).toBe(0)
  expect(ended.events[0]).toMatchObject({ event: 'start', step: preempted?.step })
  expect(weights('disturbed')).toBe(weights('whole'))
  expect(readFileSync(at('disturbed/optimizer.bin')).equals(readFileSync(at('whole/optimizer.bin')))).toBe(true)
  const losses = ['disturbed', 'whole'].map((name) => JSON.parse(readFileSync(at(`${name}/metrics.json`), 'utf8')).loss)
  expect(losses[0]).toEqual(losses[1])
})

test('a job whose parent no longer listens continues to its end', async () => {
  const { code } = await runTrainer(
    folder,
    { 'output-dir': at('orphan'), epochs: 2, 'save-seconds': 0 },
    (_, __, deafen) => deafen(),
  )
  expect(code).toBe(0)
  expect(existsSync(at('orphan/metrics.json'))).toBe(true)
})

test('work of a job with other arguments is not continued with', async () => {
  const flags = { 'max-steps': 30, 'batch-size': 100, 'save-seconds': 0, 'output-dir': at('other') }
  const stopped = await runTrainer(folder, { ...flags, lr: 1e-3 }, afterSaves(1, 'SIGTERM'))
  expect(stopped.code).toBe(75)
  const ended = await runTrainer(folder, { ...flags, lr: 2e-3, 'max-steps': 2 })
  expect(ended.events[0]).toMatchObject({ event: 'start', step: 0 })
})

test('the optimizer continues from the base only when asked to keep its state', async () => {
  const flags = { 'base-model': at('plain'), 'max-steps': 2, lr: 1e-3 }
  await runTrainer(folder, { ...flags, 'output-dir': at('kept'), 'optimizer-state': 'keep' })
  await runTrainer(folder, { ...flags, 'output-dir': at('reset'), 'optimizer-state': 'reset' })
  expect(readCheckpoint(at('kept')).optimizer?.steps).toBe(10)
  expect(readCheckpoint(at('reset')).optimizer?.steps).toBe(2)
  expect(weights('kept')).not.toBe(weights('reset'))
})

test('a loss that is no longer a number ends with code 3 and no checkpoint', async () => {
  const { code, stderr } = await runTrainer(folder, { 'output-dir': at('wild'), lr: 1e30, 'max-steps': 5 })
  expect(code).toBe(3)
  expect(stderr).toContain('lower the learning rate')
  expect(existsSync(at('wild'))).toBe(false)
})

test.each([
  ['a missing base', { 'base-model': '/nowhere' }, 'config.json cannot be read'],
  ['a missing dataset', { dataset: '/nowhere' }, 'cannot be read'],
  ['another dataset than expected', { 'expect-dataset-sha256': 'ab' }, 'not the expected ab'],
  ['an output of another dataset', { 'output-dir': 'base' }, 'was not trained on this dataset'],
  ['an unknown flag', { 'learn-rate': 1 }, 'learn-rate'],
  ['neither epochs nor steps', { epochs: 0 }, 'exclude each other'],
  ['a number out of range', { 'batch-size': 0 }, '--batch-size is 0'],
  ['epochs and steps together', { epochs: 1, 'max-steps': 1 }, 'exclude each other'],
])('%s is bad input, said in one sentence', async (_, flags, message) => {
  const named = 'output-dir' in flags ? { 'output-dir': at('base') } : { 'output-dir': at('bad'), ...flags }
  const { code, stderr, events } = await runTrainer(folder, named)
  expect(code).toBe(2)
  expect(stderr).toContain(message)
  expect(events).toMatchObject([{ event: 'error' }])
})

test.each([
  ['no row', '\n', 'holds no row'],
  ['a row that is no JSON', `${row('1?', '1')}\n{`, 'bad.jsonl:2  is not valid JSON'],
  ['a row of another shape', '{"messages":[]}', 'bad.jsonl:1  prompt'],
  [
    'a row too long for the model',
    `${row('1?', '1')}\n${row('7'.repeat(40), '1'.repeat(9))}`,
    'bad.jsonl:2  has 51 tokens',
  ],
])('a dataset with %s is bad input', async (_, text, message) => {
  writeFileSync(at('bad.jsonl'), text)
  const { code, stderr } = await runTrainer(folder, { dataset: at('bad.jsonl'), 'output-dir': at('bad') })
  expect(code).toBe(2)
  expect(stderr).toContain(message)
})

/** Sends the signal once so many states have been saved. */
/** On a busy machine a job is over before a signal reaches it, now and then: tried until one is met under way. */
async function meeting<T>(attempt: () => Promise<T>, isMet: (result: T) => boolean): Promise<T> {
  for (;;) {
    const result = await attempt()
    if (isMet(result)) return result
  }
}

function afterSaves(count: number, signal: NodeJS.Signals): Parameters<typeof runTrainer>[2] {
  let left = count
  return (event, kill) => {
    if (event.event === 'checkpoint' && --left === 0) kill(signal)
  }
}
