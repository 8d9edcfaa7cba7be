/** The cache as a run uses it: a completion is known by the weights, the prompt, how it was drawn, and the number of the draw. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { Completion } from '../../../src/core/completion.ts'
import type { SampleRequest } from '../../../src/core/sampler.ts'
import { openRunCache, type RunCache } from '../../../src/loop/sample/cache.ts'
import { temporaryFolder } from '../../store/hand-made-run.ts'
import { scriptedConfig } from '../scripted-run.ts'

beforeEach(() => {
  vi.stubEnv('SPENDWISE_NO_CACHE', undefined)
  return () => void vi.unstubAllEnvs()
})

interface Opening {
  readonly folder?: string
  readonly yaml?: string
  readonly sample?: string
  readonly wanted?: boolean
  readonly evidence?: readonly string[]
  readonly base?: string
}

function open({
  folder = temporaryFolder(),
  yaml = '',
  sample = '',
  wanted = true,
  evidence = [],
  base = 'base',
}: Opening = {}) {
  const notes: string[] = []
  const config = { ...scriptedConfig({ yaml, sample }), base }
  const cache = openRunCache(
    config,
    folder,
    wanted,
    (text) => notes.push(text),
    () => evidence,
  )
  onTestFinished(() => cache?.close())
  return { cache: cache as RunCache, notes, folder }
}

const REQUEST: SampleRequest = {
  key: { purpose: 'train', iteration: 0, problem: 'p', index: 2 },
  issue: 7,
  messages: [{ role: 'user', content: 'What is 2 + 2?' }],
  model: 'base',
  checkpoint: 'sha256:one',
  seed: 11,
  parameters: { temperature: 0.7, topP: 1, topK: null, maxTokens: 64, stop: [] },
}

const COMPLETION: Completion = {
  key: REQUEST.key,
  issue: 7,
  text: '4',
  finishReason: 'stop',
  promptTokens: 9,
  completionTokens: 1,
  model: 'served-as',
  seed: 11,
  latencyMs: 12,
  attempts: [{ outcome: 'ok', status: 200, message: '', startedAt: 1, durationMs: 12 }],
}

type Changes = Partial<Omit<SampleRequest, 'parameters'>> & {
  readonly parameters?: Partial<SampleRequest['parameters']>
}

const changed = ({ parameters, ...changes }: Changes): SampleRequest => ({
  ...REQUEST,
  ...changes,
  parameters: { ...REQUEST.parameters, ...parameters },
})

test('what was kept is found again, at no cost and under the key of whoever asks', () => {
  const { cache } = open()
  expect(cache.find(REQUEST)).toBeUndefined()
  cache.keep(REQUEST, COMPLETION)
  const asked = changed({ issue: 99, key: { ...REQUEST.key, iteration: 3 } })
  expect(cache.find(asked)).toEqual({
    ...{ key: asked.key, issue: 99, seed: 11, text: '4', finishReason: 'stop', promptTokens: 9, completionTokens: 1 },
    ...{ model: 'served-as', latencyMs: 0, attempts: [], cached: true },
  })
})

test('what the server told of tokens and thinking stays with it', () => {
  const { cache } = open()
  const told = { promptTokenIds: [1, 2], completionTokenIds: [3], thinking: 4, altered: true }
  cache.keep(REQUEST, { ...COMPLETION, ...told })
  expect(cache.find(REQUEST)).toMatchObject(told)
})

test('a text that was cut is kept, one that was withheld, failed, or comes from the cache is not', () => {
  const { cache } = open()
  for (const [index, finishReason] of (['length', 'filtered', 'failed'] as const).entries()) {
    const request = changed({ seed: index })
    cache.keep(request, { ...COMPLETION, finishReason })
    expect(cache.find(request) !== undefined, finishReason).toBe(finishReason === 'length')
  }
  const request = changed({ seed: 50 })
  cache.keep(request, { ...COMPLETION, cached: true })
  expect(cache.find(request)).toBeUndefined()
})

test.each<[string, Changes]>([
  ['other weights', { checkpoint: 'sha256:two' }],
  ['weights that nobody knows', { checkpoint: undefined } as never],
  ['another prompt', { messages: [{ role: 'user', content: 'What is 2 + 3?' }] }],
  ['another seed', { seed: 12 }],
  ['another number of the draw', { key: { ...REQUEST.key, index: 3 } }],
  ['another temperature', { parameters: { temperature: 0.8 } }],
  ['another nucleus', { parameters: { topP: 0.9 } }],
  ['another top k', { parameters: { topK: 5 } }],
  ['another limit', { parameters: { maxTokens: 65 } }],
  ['other stop strings', { parameters: { stop: ['###'] } }],
  ['another template', { parameters: { templateKwargs: { enable_thinking: false } } }],
  ['other fields', { parameters: { extraBody: { min_p: 0.1 } } }],
])('%s are another completion', (_, changes) => {
  const { cache } = open()
  cache.keep(REQUEST, COMPLETION)
  expect(cache.find(changed(changes))).toBeUndefined()
  cache.keep(changed(changes), { ...COMPLETION, text: 'another' })
  expect(cache.find(REQUEST)?.text).toBe('4')
})

test('greedy draws have no chance in them: the seed does not matter, the number does', () => {
  const { cache } = open()
  const greedy = (seed: number, index: number) =>
    changed({ seed, key: { ...REQUEST.key, index }, parameters: { temperature: 0 } })
  cache.keep(greedy(1, 0), COMPLETION)
  expect(cache.find(greedy(2, 0))?.text).toBe('4')
  expect(cache.find(greedy(1, 1))).toBeUndefined()
})

/** Whether a second run finds what a first one kept. */
function meets(first: Opening, second: Opening, checkpoint: string): boolean {
  const folder = temporaryFolder()
  const one = open({ folder, ...first })
  one.cache.keep(changed({ checkpoint }), COMPLETION)
  one.cache.close()
  return open({ folder, ...second }).cache.find(changed({ checkpoint })) !== undefined
}

test('weights with a hash are themselves anywhere; those with a name by who serves them, and by what shows of them', () => {
  expect(meets({}, {}, 'sha256:one')).toBe(true)
  expect(meets({}, { evidence: ['files'] }, 'sha256:one')).toBe(true)
  expect(meets({}, { base: 'other' }, 'sha256:one')).toBe(true)
  expect(meets({}, {}, 'name:one')).toBe(true)
  expect(meets({}, { base: 'other' }, 'name:one')).toBe(false)
  expect(meets({ evidence: ['files'] }, { evidence: ['files'] }, 'name:one')).toBe(true)
  expect(meets({}, { evidence: ['files'] }, 'name:one')).toBe(false)
})

test('how reasoning is taken makes another completion', () => {
  expect(meets({}, { sample: 'reasoning: drop' }, 'sha256:one')).toBe(false)
  expect(meets({ sample: 'reasoning: drop' }, { sample: 'reasoning: drop' }, 'sha256:one')).toBe(true)
})

test('the first completion that comes from the cache is told of, with a doubt where weights have a name only', () => {
  const { cache, notes, folder } = open()
  cache.keep(REQUEST, COMPLETION)
  cache.find(changed({ seed: 99 }))
  expect(notes).toEqual([])
  for (let i = 0; i < 3; i++) cache.find(REQUEST)
  expect(notes).toEqual([
    `What earlier runs have drawn from these weights comes from the cache (${join(folder, '.spendwise', 'cache.sqlite')}) and costs nothing; --no-cache draws again.`,
  ])
  const named = open()
  named.cache.keep(changed({ checkpoint: 'name:x' }), COMPLETION)
  named.cache.find(changed({ checkpoint: 'name:x' }))
  expect(named.notes[0]).toMatch(
    / The weights have a name only \(name:x\): if others are served under it by now, draw again\.$/,
  )
})

test('there is none where none is wanted, or it may hold nothing', () => {
  expect(open({ wanted: false }).cache).toBeUndefined()
  expect(open({ yaml: 'cache: { megabytes: 0 }' }).cache).toBeUndefined()
  vi.stubEnv('SPENDWISE_NO_CACHE', '1')
  expect(open().cache).toBeUndefined()
})

test('its default folder is kept out of git, another one is not touched', () => {
  const { folder } = open()
  expect(readFileSync(join(folder, '.spendwise', '.gitignore'), 'utf8')).toBe('*\n')
  const own = open({ yaml: 'cache: { path: shared/cache.sqlite }' })
  expect(existsSync(join(own.folder, 'shared', '.gitignore'))).toBe(false)
  expect(own.cache).toBeDefined()
})

test('where its folder cannot be made the run goes without, and says so', () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file'), '')
  const { cache, notes } = open({ folder, yaml: 'cache: { path: file/cache.sqlite }' })
  expect(cache).toBeUndefined()
  expect(notes).toEqual([expect.stringMatching(/^There is no cache: .*file cannot be made \(/)])
})
