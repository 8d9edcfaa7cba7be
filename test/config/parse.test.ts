/** Defaults, --set, and the small answers that a config gives. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { optimizationNotPassed } from '../../src/config/not-passed.ts'
import { loadRunConfig, parseRunConfig, resolveConfigPath } from '../../src/config/parse.ts'
import { baseOf, dataWindow, type Source } from '../../src/config/schema.ts'
import type { AcceptanceRules } from '../../src/core/accept/accept.ts'
import type { CostSettings } from '../../src/core/budget/cost-settings.ts'
import type { Caps } from '../../src/core/budget/costs.ts'
import type { BudgetPolicy, BudgetUnit } from '../../src/core/budget/policy.ts'
import { ConfigError } from '../../src/core/errors.ts'
import type { SourceSpec } from '../../src/problems/source.ts'
import { EMBEDDED, parse, SMALL } from './small-runs.ts'

test('embedded sampling brings its own trainer, server and optimisation', () => {
  const { sample, train, serve } = parse(EMBEDDED)
  expect(sample.endpoints).toEqual([])
  expect(train).toMatchObject({ kind: 'embedded', batch: 32, lr: 1e-3, lrSchedule: 'iteration-decay', epochs: 1 })
  expect(serve).toEqual({ kind: 'embedded', threads: 2 })
})

test('with steps the batch follows from the rows, unless it is given', () => {
  expect(parse(SMALL, 'train.kind=none', 'train.steps=25').train).toMatchObject({
    steps: 25,
    epochs: undefined,
    batch: undefined,
  })
  expect(parse(SMALL, 'train.kind=none', 'train.steps=25', 'train.batch=8').train.batch).toBe(8)
})

test('a kind may be written as a word, and its other keys still be set', () => {
  expect(parse(`${SMALL}train: none\nserve: external\n`, 'train.lr=0.5', 'serve.wait=true')).toMatchObject({
    train: { kind: 'none', lr: 0.5 },
    serve: { kind: 'external', wait: true },
  })
})

test('the design’s run.yaml is read as it stands', () => {
  const text = `name: gsm8k-exponential
problems:
  train: [{ dataset: gsm8k, path: data/gsm8k/train.jsonl, weight: 1 }]
  gate: [{ dataset: gsm8k, path: data/gsm8k/train.jsonl, take: last-500 }]
  evaluate: [{ dataset: gsm8k, path: data/gsm8k/test.jsonl }]
prompt: { sampling: prompts/gsm8k-4shot.md, training: prompts/gsm8k-0shot.md, evaluation: prompts/gsm8k-0shot.md }
sample:
  kind: openai
  api: chat
  endpoints: [{ baseURL: "http://127.0.0.1:8000/v1", apiKeyEnv: VLLM_API_KEY, model: base }]
  temperature: 0.7
  topP: 1
  stop: ["\\nQuestion:"]
  maxTokens: 512
  concurrency: auto
budget:
  policy: { kind: exponential, initial: 256, growth: 2 }
  unit: accepted
  iterations: 5
  caps: { samples: 100000 }
  costs: { sample: 1, train: 2, iteration: 0 }
accept: { maxPerProblem: null, deduplicate: exact }
evaluate: { greedy: true, samples: 1, temperature: 1, every: 1, overlap: false }
gate: { margin: 0.02, alpha: 0.05, onFail: retry, lrFactor: 0.5, retries: 1, then: stop }
train:
  kind: command
  command: [python3, recipes/train_sft.py, --base-model, "{base}", --dataset, "{dataset}", --expect-dataset-sha256, "{sha256}", --output-dir, "{output}", --seed, "{seed}"]
  init: previous
  data: latest
  epochs: 1
  batch: 256
  lr: 1.0e-6
  lrSchedule: run-constant
  optimizerState: reset
serve: { kind: restart, share: train, command: [vllm, serve, "{checkpoint}", --served-model-name, "{name}"], readySeconds: 1200 }
keep: { last: 2, best: 1 }
seed: 1
`
  expect(parse(text)).toMatchObject({
    sample: { stop: ['\nQuestion:'] },
    budget: { caps: { samples: 100000, cost: null } },
    train: { lr: 1e-6, env: {} },
    serve: { kind: 'restart', share: 'train', stopSeconds: 60 },
  })
})

test.each([
  ['budget.policy.growth=1.5', { budget: { policy: { growth: 1.5 } } }],
  ['problems.train.0.weight=7', { problems: { train: [{ weight: 7 }] } }],
  ['problems.train.1={ dataset: steps }', { problems: { train: [{ dataset: 'gsm8k' }, { dataset: 'steps' }] } }],
  ['problems.evaluate.0.dataset=steps', { problems: { evaluate: [{ dataset: 'steps' }] } }],
  ['sample.stop=["\\nQuestion:", "a=b"]', { sample: { stop: ['\nQuestion:', 'a=b'] } }],
  ['sample.topK=', { sample: { topK: null } }],
  ['budget.caps.samples=1e5', { budget: { caps: { samples: 100000 } } }],
  ['name="8"', { name: '8' }],
  ['train.kind=none', { train: { kind: 'none' } }],
])('--set %s', (set, expected) => {
  expect(parse(SMALL, set)).toMatchObject(expected)
})

test('of two flags for one key the later holds, and a flag holds over the file', () => {
  expect(parse(`${SMALL}seed: 3\n`, 'seed=4', 'seed=5').seed).toBe(5)
})

test.each([
  ['run.yaml', 'run'],
  ['/a/b/My Run (2).yml', 'My-Run-2-'],
  ['...yaml', 'run'],
  ['x'.repeat(300), 'x'.repeat(100)],
])('the name of a run in %j is %j', (file, name) => {
  expect(parseRunConfig({ text: SMALL, file }).name).toBe(name)
})

test('the base is what is given, or what is first served, or what is shipped', () => {
  expect(baseOf(parse(SMALL))).toBe('base')
  expect(baseOf(parse(EMBEDDED))).toBe('toy')
  expect(baseOf(parse(EMBEDDED, 'base=weights/here'))).toBe('weights/here')
})

test('optimisation that the command never hears of is named', () => {
  const command = (...args: string[]) =>
    parse(SMALL, `train=${JSON.stringify({ kind: 'command', command: ['{dataset}', '{output}', ...args] })}`)
  const all = ['{epochs}', '{batch}', '{lr}', '{lrEnd}']
  expect(optimizationNotPassed(command(...all))).toEqual([])
  expect(optimizationNotPassed(command('--lr={lr}', '{epochs}'))).toEqual(['train.batch', 'train.lrSchedule'])
  expect(optimizationNotPassed(parse(EMBEDDED))).toEqual([])
})

test.each([
  ['latest', 1],
  ['last-3', 3],
  ['all', Number.POSITIVE_INFINITY],
] as const)('data %s reaches %d iterations back', (data, iterations) => {
  expect(dataWindow(data)).toBe(iterations)
})

test('a file is read with the directory that its paths start from', () => {
  const directory = mkdtempSync(join(tmpdir(), 'spendwise-config-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'tiny.yaml')
  writeFileSync(path, SMALL)
  const loaded = loadRunConfig(path, ['seed=9'])
  expect(loaded).toMatchObject({ path, directory, text: SMALL, config: { name: 'tiny', seed: 9 } })
  expect(resolveConfigPath(directory, 'data/x.jsonl')).toBe(join(directory, 'data/x.jsonl'))
  expect(resolveConfigPath(directory, '/data/x.jsonl')).toBe('/data/x.jsonl')
})

test('a file that is not there, and a directory, are told apart', () => {
  expect(() => loadRunConfig('/nowhere/run.yaml')).toThrow(
    '/nowhere/run.yaml does not exist. Name a run.yaml, or make one with: spendwise init',
  )
  expect(() => loadRunConfig(tmpdir())).toThrow('is a directory')
})

test('the config fits the contracts it is handed to', () => {
  const config = parse(SMALL)
  const source: SourceSpec = {} as Source
  const policy: BudgetPolicy = config.budget.policy
  const unit: BudgetUnit = config.budget.unit
  const caps: Caps = config.budget.caps
  const costs: CostSettings = config.budget.costs
  const rules: AcceptanceRules = config.accept
  expect([source, policy, unit, caps, costs, rules]).not.toContain(undefined)
})

test('whatever is written, it is a config or a ConfigError whose lines all name a place', () => {
  const keys = fc.constantFrom(
    'problems',
    'train',
    'sample',
    'budget',
    'policy',
    'kind',
    'serve',
    'endpoints',
    'costs',
    'x',
    'lr',
  )
  const words = fc.constantFrom('openai', 'embedded', 'command', 'exponential', 'steps', 'measured', 'last-2', '')
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'medium' },
      words,
      fc.integer(),
      fc.constant(null),
      fc.boolean(),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(keys, tie('tree'), { maxKeys: 6 }),
    ),
  }))
  fc.assert(
    fc.property(tree, (value) => {
      try {
        parseRunConfig({ text: JSON.stringify(value, null, 1), file: 'run.yaml' })
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError)
        for (const line of String((error as ConfigError).message).split('\n')) {
          expect(line).toMatch(/^run\.yaml(:\d+ {2}.+; .+\.| {2}has \d+ more faults?\.)$/)
        }
      }
    }),
    { numRuns: 300 },
  )
})
