/** What is wrong with a run.yaml is said with its line, what is allowed, and what to write instead. */

import { expect, test } from 'vitest'
import { parseRunConfig } from '../../src/config/parse.ts'
import { ConfigError } from '../../src/core/errors.ts'
import { FAULTY_LINES, VALID } from './faulty-lines.ts'

/** The lines of the error that a text and flags bring. */
function faults(text: string, ...sets: string[]): string[] {
  try {
    parseRunConfig({ text, file: 'run.yaml', sets })
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n')
    throw error
  }
  return []
}

test('the valid file that the tables below break has no fault', () => {
  expect(faults(VALID)).toEqual([])
})

test.each(FAULTY_LINES)('%j written as %j is said in one line', (was, is, sentence) => {
  expect(faults(VALID.replace(was, is))).toEqual([sentence])
})

test.each([
  ['', ['run.yaml:1  the file is empty; it must be a map of keys. Start one with: spendwise init.']],
  ['just words', ['run.yaml:1  the file is "just words"; it must be a map of keys. Start one with: spendwise init.']],
  ['seed: 1\nseed: 2\n', ['run.yaml:2  is not valid YAML: Map keys must be unique.']],
  [
    'seed: 1\nname: [a\n',
    [
      'run.yaml:3  is not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ].',
    ],
  ],
  ['seed: 1\n---\nseed: 2\n', ['run.yaml:2  is not valid YAML: it holds several documents; keep one run in a file.']],
  ['seed: !secret 1\n', ['run.yaml:1  is not valid YAML: Unresolved tag: !secret.']],
  ['? [a, b]\n: 1\n', ['run.yaml:1  is not valid YAML: With stringKeys, all keys must be strings.']],
])('%j is refused as a file', (text, lines) => {
  expect(faults(text)).toEqual(lines)
})

test('aliases that multiply are refused before they fill the memory', () => {
  const levels = ['a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]']
  for (const [at, from] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf', 'hg']) {
    levels.push(`${at}: &${at} [${Array(9).fill(`*${from}`).join(', ')}]`)
  }
  expect(faults(levels.join('\n'))).toEqual([
    'run.yaml  cannot be read: Excessive alias count indicates a resource exhaustion attack.',
  ])
})

test('an anchor used twice is read as if it were written twice', () => {
  const text = VALID.replace('  train:\n    - dataset', '  train: &all\n    - dataset').replace(
    'sample:',
    '  evaluate: *all\nsample:',
  )
  expect(parseRunConfig({ text, file: 'run.yaml' }).problems.evaluate).toHaveLength(1)
  expect(faults(text.replace('path: train', 'way: train'))).toContain(
    'run.yaml:4  problems.evaluate.0.way is not a key; problems.evaluate.0 has dataset, path, name, weight, take. Remove it, or write one of these.',
  )
})

test('all faults are told at once, in the order of their lines, ten at most', () => {
  const text = VALID.replace('growth: 2', 'growth: 1')
    .replace('model: base', 'modle: base')
    .replace('sample:', 'sample:\n  kind: x')
  expect(faults(text).map((line) => line.split(' ')[0])).toEqual(['run.yaml:6', 'run.yaml:9', 'run.yaml:14'])
  const many = faults(VALID + Array.from({ length: 25 }, (_, index) => `unknown${index}: 1\n`).join(''))
  expect(many).toHaveLength(11)
  expect(many[10]).toBe('run.yaml  has 15 more faults.')
})

test('a required key that is misspelt is one fault, not a missing and an unknown one', () => {
  expect(faults(VALID.replace('model: base', 'modle: base'))).toEqual([
    expect.stringMatching(/modle is not a key; did you mean model\? Write model instead\.$/),
  ])
})

test('keys that every object has are unknown keys like any other', () => {
  const lines = faults(`${VALID}__proto__: { polluted: true }\nconstructor: 1\ntoString: 1\n`)
  expect(lines.map((line) => line.split(';')[0])).toEqual([
    'run.yaml:14  __proto__ is not a key',
    'run.yaml:15  constructor is not a key',
    'run.yaml:16  toString is not a key',
  ])
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
})

test('a key or a password written where it does not belong is not repeated', () => {
  const lines = [
    ...faults(VALID.replace('model: base', 'model: base\n      apiKeyEnv: sk-s3cret')),
    ...faults(VALID.replace('model: base', 'model: base\n      apiKey: sk-s3cret')),
    ...faults(VALID.replace('127.0.0.1', 'me:s3cret@127.0.0.1')),
    ...faults(VALID, 'sample.endpoints.0.apiKeyEnv=sk-s3cret'),
  ]
  expect(lines).toHaveLength(4)
  expect(lines.join('\n')).not.toContain('s3cret')
})

test.each([
  [
    'sample.temprature=1',
    '--set sample.temprature  sample.temprature is not a key; did you mean temperature? Write temperature instead.',
  ],
  [
    'budget.policy.growth=1',
    '--set budget.policy.growth  budget.policy.growth is 1; exponential growth must be above 1. Use kind: constant to keep it flat.',
  ],
  [
    'train=kubernetes',
    '--set train  train.kind is "kubernetes"; it is not there yet. Use kind: ray with a RayCluster of KubeRay, or kind: command with a program that creates the job and waits for it.',
  ],
  ['sample.temperature', '--set sample.temperature  is not a setting. Write for example --set sample.temperature=0.7.'],
  ['=1', '--set   is not a setting. Write for example --set sample.temperature=0.7.'],
  ['a..b=1', '--set a..b  is not a setting. Write for example --set sample.temperature=0.7.'],
  ['sample.stop=["a"', '--set sample.stop  has a value that is not valid YAML: Flow sequence must end with a ].'],
  [
    'problems.train.7.weight=1',
    '--set problems.train.7.weight  leads nowhere: a part of it is a plain value, or not an index of its list. Lists are counted from 0, as in problems.train.0.weight.',
  ],
  [
    'budget.policy.growth.more=1',
    '--set budget.policy.growth.more  leads nowhere: a part of it is a plain value, or not an index of its list. Lists are counted from 0, as in problems.train.0.weight.',
  ],
])('--set %s is refused by its name', (set, sentence) => {
  expect(faults(VALID, set)).toEqual([sentence])
})
