/** extends: shared parts of run.yaml files, of which the nearer wins. */

import { relative, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inheritedBy, loadRunConfig, parseRunConfig } from '../../src/config/parse.ts'
import { createWorkplace, type Workplace } from '../loop/workplace.ts'

let place: Workplace
const shown = (name: string): string => relative(process.cwd(), place.at(name))

beforeAll(() => {
  place = createWorkplace()
  place.write(
    'shared/lab.yaml',
    `problems: { train: [{ dataset: jsonl, path: data/train.jsonl }], evaluate: [{ dataset: jsonl, path: data/test.jsonl }] }
prompt: { sampling: ask.md }
sample:
  endpoints: [{ baseURL: "http://127.0.0.1:8000/v1", model: base }]
  temperature: 0.9
  maxTokens: 900
train: { kind: command, command: [sft, "{dataset}", "{output}"], lr: 2.0e-6 }
`,
  )
  place.write(
    'shared/eight.yaml',
    'extends: lab.yaml\nbase: weights\ntrain: { batch: 64 }\nsample: { maxTokens: 4096 }\n',
  )
  place.write('shared/weights/config.json', '{}')
  place.write(
    'mine/run.yaml',
    'extends: ../shared/eight.yaml\nsample: { temperature: 0.5 }\nbudget: { policy: { kind: constant, initial: 8 } }\nserve: external\n',
  )
})
afterAll(() => place.remove())

test('maps are merged key by key, lists and values are the nearest, and paths are those of their own file', () => {
  const { config } = loadRunConfig(place.at('mine/run.yaml'))
  expect(config.sample).toMatchObject({ temperature: 0.5, maxTokens: 4096, endpoints: [{ model: 'base' }] })
  expect(config.train).toMatchObject({ kind: 'command', batch: 64, lr: 2e-6 })
  expect(config.problems.train).toMatchObject([{ path: '../shared/data/train.jsonl' }])
  expect(config.prompt.sampling).toBe('../shared/ask.md')
  expect(config.base).toBe('../shared/weights')
  expect(config).not.toHaveProperty('extends')
  expect(config.name).toBe('mine')
  const { config: set } = loadRunConfig(place.at('mine/run.yaml'), ['sample.maxTokens=7'])
  expect(set.sample.maxTokens).toBe(7)
})

test('what comes from where is told by the shortest keys', () => {
  expect(inheritedBy(place.at('mine/run.yaml'))).toEqual([
    { file: shown('shared/eight.yaml'), keys: ['base', 'sample.maxTokens', 'train.batch'] },
    {
      file: shown('shared/lab.yaml'),
      keys: ['problems', 'prompt', 'sample.endpoints', 'train.command', 'train.kind', 'train.lr'],
    },
  ])
})

test('another kind of trainer takes nothing of the one it replaces', () => {
  place.write(
    'mine/none.yaml',
    'extends: ../shared/lab.yaml\ntrain: { kind: none }\nbudget: { policy: { kind: constant, initial: 8 } }\n',
  )
  expect(loadRunConfig(place.at('mine/none.yaml')).config.train).toMatchObject({ kind: 'none' })
})

test.each([
  ['itself.yaml', 'extends: itself.yaml\n', /itself\.yaml:1 {2}extends itself\.yaml, which leads back to itself; take/],
  [
    'lost.yaml',
    'seed: 1\nextends: nowhere.yaml\n',
    /lost\.yaml:2 {2}extends nowhere\.yaml, but \S+nowhere\.yaml does not exist/,
  ],
  ['list.yaml', 'extends: [a.yaml]\n', /list\.yaml:1 {2}extends is \["a\.yaml"\]; it is the path of one file/],
])('%s is refused in one sentence', (name, text, says) => {
  place.write(name, text)
  expect(() => loadRunConfig(place.at(name))).toThrow(says)
})

test('a circle of two is one too, and a fault is named where it stands', () => {
  place.write('a.yaml', 'extends: b.yaml\n')
  place.write('b.yaml', 'extends: a.yaml\n')
  expect(() => loadRunConfig(place.at('a.yaml'))).toThrow(/b\.yaml:1 {2}extends a\.yaml, which leads back to itself/)
  place.write('wrong.yaml', 'sample:\n  temperature: warm\n')
  place.write(
    'right.yaml',
    'extends: wrong.yaml\nproblems: { train: [{ dataset: steps }] }\nbudget: { policy: { kind: constant, initial: 8 } }\n',
  )
  expect(() => loadRunConfig(place.at('right.yaml'))).toThrow(
    `${relative(process.cwd(), resolve(place.at('wrong.yaml')))}:2  sample.temperature is "warm"`,
  )
})

test('a text that is no file extends nothing', () => {
  expect(() => parseRunConfig({ text: 'extends: a.yaml\n', file: 'run.yaml' })).toThrow(/which only a file can/)
})
