/** resolved.yaml reads back as the config it was written from. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRunConfig } from '../../src/config/parse.ts'
import { toYaml } from '../../src/config/stored.ts'

const text = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
const positive = fc.double({ min: 1e-9, max: 1e9, noNaN: true })
const count = fc.integer({ min: 1, max: 1000 })
const optional = { requiredKeys: [] as [] }

const optimisation = fc.oneof(
  fc.record({ epochs: positive, batch: count, lr: positive }, optional),
  fc.record({ steps: count, batch: count, lrSchedule: fc.constantFrom('run-decay', 'run-constant') }, optional),
)
const runFile = fc.record(
  {
    name: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/),
    base: text,
    problems: fc.record({
      train: fc.array(
        fc.oneof(
          fc.record({ dataset: fc.constant('gsm8k'), path: text, weight: positive }),
          fc.record({
            dataset: fc.constant('steps'),
            level: fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 })),
          }),
        ),
        { minLength: 1, maxLength: 3 },
      ),
    }),
    prompt: fc.record({ sampling: text, evaluation: text }, optional),
    sample: fc.record({
      endpoints: fc.array(fc.record({ baseURL: fc.webUrl(), model: text }), { minLength: 1, maxLength: 2 }),
      stop: fc.array(text, { maxLength: 3 }),
      topK: fc.option(count),
      concurrency: fc.oneof(fc.constant('auto'), count),
    }),
    budget: fc.record({
      policy: fc.oneof(
        fc.record({ kind: fc.constant('constant'), initial: count }),
        fc.record({
          kind: fc.constant('polynomial'),
          initial: count,
          degree: fc.double({ min: 0.1, max: 3, noNaN: true }),
        }),
      ),
      iterations: count,
      costs: fc.oneof(fc.constant('measured'), fc.record({ sample: positive }, optional)),
    }),
    train: fc.oneof(
      fc.constantFrom('none'),
      optimisation.map((rest) => ({ kind: 'none', ...rest })),
      optimisation.chain((rest) =>
        fc
          .dictionary(text, text, { maxKeys: 2 })
          .map((env) => ({ kind: 'command', command: ['{dataset}', '{output}'], env, ...rest })),
      ),
    ),
    seed: fc.integer({ min: 0, max: 2 ** 40 }),
  },
  { requiredKeys: ['problems', 'sample', 'budget'] },
)

test('writing and reading again changes nothing, and equal configs give equal bytes', () => {
  fc.assert(
    fc.property(runFile, (file) => {
      const config = parseRunConfig({ text: JSON.stringify(file), file: 'any.yaml' })
      const yaml = toYaml(config)
      const again = parseRunConfig({ text: yaml, file: 'resolved.yaml' })
      expect(again).toEqual(config)
      expect(toYaml(again)).toBe(yaml)
    }),
    { numRuns: 200 },
  )
})

test('keys come in one order, whatever the file says', () => {
  const parts = [
    'seed: 1',
    'name: a',
    'sample: embedded',
    'problems: { train: [{ dataset: steps }] }',
    'budget: { policy: { initial: 5, kind: constant } }',
  ]
  const write = (lines: string[]) => toYaml(parseRunConfig({ text: lines.join('\n'), file: 'a.yaml' }))
  expect(write(parts.toReversed())).toBe(write(parts))
  expect(write(parts).match(/^\w+/gm)).toEqual([
    'name',
    'problems',
    'prompt',
    'sample',
    'budget',
    'accept',
    'probe',
    'rationalize',
    'verify',
    'evaluate',
    'gate',
    'cache',
    'train',
    'serve',
    'keep',
    'export',
    'seed',
  ])
})
