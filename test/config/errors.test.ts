/** What is wrong with a run.yaml is said with its line, what is allowed, and what to write instead. */

import { expect, test } from 'vitest'
import { parseRunConfig } from '../../src/config/parse.ts'
import { ConfigError } from '../../src/core/errors.ts'

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

const VALID = `problems:
  train:
    - dataset: gsm8k
      path: train.jsonl
sample:
  endpoints:
    - baseURL: http://127.0.0.1:8000/v1
      model: base
budget:
  policy:
    kind: exponential
    initial: 256
    growth: 2
`

test('the valid file that the tables below break has no fault', () => {
  expect(faults(VALID)).toEqual([])
})

test.each([
  [
    'growth: 2',
    'growth: 0.8',
    'run.yaml:13  budget.policy.growth is 0.8; exponential growth must be above 1. Use kind: constant to keep it flat.',
  ],
  [
    'kind: exponential',
    'kind: exponentail',
    'run.yaml:11  budget.policy.kind is "exponentail"; it must be constant, polynomial, exponential, cost-aware, adaptive or auto. Write kind: exponential.',
  ],
  [
    'initial: 256',
    'initial: many',
    'run.yaml:12  budget.policy.initial is "many"; it must be a number. Write for example initial: 256.',
  ],
  [
    'initial: 256',
    'initial: "256"',
    'run.yaml:12  budget.policy.initial is "256"; it must be a number. Write initial: 256, without quotes.',
  ],
  [
    'initial: 256',
    'initial: 1.5',
    'run.yaml:12  budget.policy.initial is 1.5; it must be a whole number. Write for example initial: 256.',
  ],
  [
    'initial: 256',
    'initial:',
    'run.yaml:12  budget.policy.initial is empty; it must be a number. Write for example initial: 256.',
  ],
  [
    '    initial: 256\n',
    '',
    'run.yaml:10  budget.policy.initial is missing; it must be a number. Write for example initial: 256.',
  ],
  [
    'dataset: gsm8k',
    'dataset: gsm9k',
    'run.yaml:3  problems.train.0.dataset is "gsm9k"; it must be gsm8k, math, svamp, asdiv, jsonl, csv, parquet, hub, numina-1.5, dapo, dapo-processed, big-math, open-math-reasoning, deepscaler, skywork, aime-2025, hmmt-2025, olympiad, symbolic or steps. Write dataset: gsm8k.',
  ],
  [
    '      path: train.jsonl\n',
    '',
    'run.yaml:3  problems.train.0.path is missing; it must be text. Write for example path: data/gsm8k/train.jsonl.',
  ],
  [
    'path: train.jsonl',
    'path: train.jsonl\n      take: last500',
    'run.yaml:5  problems.train.0.take is "last500"; it must be first-N, last-N or N..M. Write for example take: last-500.',
  ],
  [
    'path: train.jsonl',
    'path: train.jsonl\n      level: P1',
    'run.yaml:5  problems.train.0.level is not a key; it belongs to dataset math, dataset asdiv, dataset jsonl, dataset csv, dataset parquet, dataset hub, dataset numina-1.5, dapo, dapo-processed, big-math, open-math-reasoning, deepscaler, skywork, aime-2025, hmmt-2025, olympiad, dataset symbolic or dataset steps. Remove it, or change that.',
  ],
  [
    'sample:\n',
    'sample:\n  temprature: 1\n',
    'run.yaml:6  sample.temprature is not a key; did you mean temperature? Write temperature instead.',
  ],
  [
    'budget:\n',
    'temperature: 1\nbudget:\n',
    'run.yaml:9  temperature is not a key; it belongs under sample or under evaluate. Move it there.',
  ],
  [
    'budget:\n',
    'budget:\n  xyz: 1\n',
    'run.yaml:10  budget.xyz is not a key; budget has policy, unit, batchSize, iterations, total, allocation, ratioOf, posterior, wave, cost, mergeLast, caps, costs, timeSeconds. Remove it, or write one of these.',
  ],
  [
    'sample:\n',
    'sample:\n  concurrency: 0\n',
    'run.yaml:6  sample.concurrency is 0; it must be at least 1. Leave it out for auto.',
  ],
  ['sample:\n', 'sample:\n  topP: 1.5\n', 'run.yaml:6  sample.topP is 1.5; it must be at most 1. Leave it out for 1.'],
  [
    'http://127.0.0.1:8000/v1',
    '127.0.0.1:8000',
    'run.yaml:7  sample.endpoints.0.baseURL is "127.0.0.1:8000"; it must be an http or https URL without a user or password. Write for example baseURL: "http://127.0.0.1:8000/v1".',
  ],
  [
    'http://127.0.0.1:8000/v1',
    'http://127.0.0.1:8000/v1/chat/completions',
    'run.yaml:7  sample.endpoints.0.baseURL is "http://127.0.0.1:8000/v1/chat/completions"; it is the address of a route and not the root of the API. Write baseURL: "http://127.0.0.1:8000/v1".',
  ],
  [
    'http://127.0.0.1:8000/v1',
    'http://gpu:11434/api/generate',
    'run.yaml:7  sample.endpoints.0.baseURL is "http://gpu:11434/api/generate"; it is the address of a route and not the root of the API. Write baseURL: "http://gpu:11434/v1".',
  ],
  [
    /endpoints:.*model: base/s,
    'endpoints: []',
    'run.yaml:6  sample.endpoints is empty; kind openai needs at least one. Write for example endpoints: [{ baseURL: "http://127.0.0.1:8000/v1", model: base }].',
  ],
  [
    'sample:\n',
    'sample:\n  kind: huggingface\n  api: completions\n',
    'run.yaml:7  sample.api is "completions"; Hugging Face is asked by chat. Write api: chat, or kind: openai for an endpoint with a completions route.',
  ],
  [
    'sample:\n',
    'sample:\n  provider: together\n',
    'run.yaml:6  sample.provider is "together"; only Hugging Face has providers. Remove it, or use kind: huggingface.',
  ],
  [
    'sample:\n',
    'sample:\n  kind: embedded\n',
    'run.yaml:7  sample.endpoints is a list; the embedded model runs in this process. Remove endpoints, or use kind: openai.',
  ],
  [
    'budget:\n',
    'train: { kind: slurm, command: [sft, "{dataset}", "{output}"], arguments: [--qos=low, low] }\nbudget:\n',
    'run.yaml:9  train.arguments.1 is "low"; it must be an option of sbatch. Write for example --qos=low.',
  ],
  [
    'budget:\n',
    'train: { kind: slurm, command: [sft, "{dataset}", "{output}"], time: "01:30" }\nbudget:\n',
    'run.yaml:9  train.time is "01:30"; it is 90 s, and a job saves and stops 90 s (train.stopSeconds) before it. Write a longer time, or a shorter stopSeconds.',
  ],
  [
    'budget:\n',
    'train: { kind: ray, address: "http://head:8265", nodes: 2, command: [sft, "{dataset}", "{output}"] }\nbudget:\n',
    'run.yaml:9  train.nodes is 2; a job through Ray is on one machine. Use kind: slurm for several.',
  ],
  [
    'budget:\n',
    'train: kubernetes\nbudget:\n',
    'run.yaml:9  train.kind is "kubernetes"; it is not there yet. Use kind: ray with a RayCluster of KubeRay, or kind: command with a program that creates the job and waits for it.',
  ],
  [
    'budget:\n',
    'train: { kind: command, command: [sft, "{dataset}", "{output}"] }\nserve: lora\nbudget:\n',
    'run.yaml:10  serve.kind is "lora"; an adapter is trained on the base that the server holds. Write train.init: base, or merge and use kind: restart.',
  ],
  [
    'budget:\n',
    'train: embedded\nbudget:\n',
    'run.yaml:9  train.kind is "embedded"; it trains the embedded model only, and sample.kind is "openai". Use kind: command, or sample.kind: embedded.',
  ],
  [
    'budget:\n',
    'serve: embedded\nbudget:\n',
    'run.yaml:9  serve.kind is "embedded"; it serves the embedded model only, and sample.kind is "openai". Use kind: restart or external.',
  ],
  [
    'budget:\n',
    'train:\n  kind: none\n  epochs: 2\n  steps: 25\nbudget:\n',
    'run.yaml:12  train.steps is 25; epochs is 2 as well, and only one of them can hold. Remove one: epochs follow the data, steps stay the same.',
  ],
  [
    'budget:\n',
    'train:\n  kind: none\n  init: base\n  optimizerState: keep\nbudget:\n',
    'run.yaml:12  train.optimizerState is "keep"; init: base starts from weights that the kept state does not belong to. Write optimizerState: reset.',
  ],
  [
    'budget:\n',
    'train: { kind: none, data: last-0 }\nbudget:\n',
    'run.yaml:9  train.data is "last-0"; it must be latest, all or last-k. Write for example data: last-3.',
  ],
  [
    'budget:\n',
    'train:\n  kind: command\n  command: [sft, "{data}", "{dataset}", "{output}"]\nbudget:\n',
    'run.yaml:11  train.command.1 is "{data}"; {data} is not a placeholder. Write one of {base} {dataset} {sha256} {output} {seed} {epochs} {steps} {batch} {lr} {lrEnd} {warmup} {optimizerState} {shard} {master} {templateKwargs} {stopSeconds} {iteration} {name}.',
  ],
  [
    'budget:\n',
    'train:\n  kind: command\n  command: [sft, "{dataset}"]\nbudget:\n',
    'run.yaml:11  train.command is a list; it must say where {output} goes. Add it as an argument of the program.',
  ],
  [
    'budget:\n',
    'serve:\n  kind: restart\n  command: [vllm]\nbudget:\n',
    'run.yaml:11  serve.command is a list; it must say where {checkpoint} goes. Add it as an argument of the program.',
  ],
  [
    'budget:\n',
    '    - { baseURL: "http://127.0.0.1:8001/v1", model: base }\nserve: { kind: restart, command: [vllm, "{checkpoint}", "{name}"] }\nbudget:\n',
    'run.yaml:10  serve.kind is "restart"; it starts one server, and there are 2 endpoints, of which the others would stay on old weights. Keep one endpoint, or use kind: external.',
  ],
  [
    'budget:\n',
    'budget:\n  unit: batches\n',
    'run.yaml:10  budget.unit is "batches"; it needs to know how many traces a batch has. Write for example batchSize: 256.',
  ],
  [
    'budget:\n',
    'budget:\n  batchSize: 8\n',
    'run.yaml:10  budget.batchSize is 8; it belongs to unit: batches only. Remove it, or write unit: batches.',
  ],
  [
    'budget:\n',
    'budget:\n  iterations: 60\n',
    'run.yaml:10  budget.iterations is 60; the last iteration would ask for 1.5e+20 accepted, which no machine can count. Write fewer iterations or slower growth.',
  ],
  [
    'kind: exponential\n    initial: 256\n    growth: 2\n',
    'kind: cost-aware\n    initial: 256\n    growth: 2\n  costs: { sample: 0, train: 0 }\n',
    'run.yaml:14  budget.costs is a map; a cost-aware policy needs a price above 0. Write sample or train, or use kind: exponential.',
  ],
  [
    'kind: exponential\n    initial: 256\n    growth: 2\n',
    'kind: cost-aware\n    initial: 256\n    growth: 2\n  unit: sampled\n',
    'run.yaml:14  budget.unit is "sampled"; a cost-aware policy counts accepted traces. Write unit: accepted or batches.',
  ],
  [
    'kind: exponential\n    initial: 256\n    growth: 2\n',
    'kind: cost-aware\n    initial: 256\n    growth: 2\n  total: 9000\n',
    'run.yaml:14  budget.total is 9000; a cost-aware policy is not known beforehand. Remove it, or use kind: exponential; caps still hold.',
  ],
  [
    'budget:\n',
    'budget:\n  costs: { unit: euros }\n',
    'run.yaml:10  budget.costs.unit is "euros"; it must be prices, samples, tokens, gpu-seconds, money or flops. Write one of these.',
  ],
  [
    'budget:\n',
    'budget:\n  costs: { unit: tokens, gpus: 8 }\n',
    'run.yaml:10  budget.costs.gpus is not a key; it belongs to unit gpu-seconds or unit money. Remove it, or change that.',
  ],
  [
    'budget:\n',
    'budget:\n  costs: { unit: money }\n',
    'run.yaml:10  budget.costs.perGpuHour is missing; it must be a number. Write for example perGpuHour: 2.5.',
  ],
  [
    'budget:\n',
    'budget:\n  costs: cheap\n',
    'run.yaml:10  budget.costs is "cheap"; it must be measured or a map of keys. Leave it out for the defaults.',
  ],
  [
    'budget:\n',
    'budget:\n  costs: { sample: -1 }\n',
    'run.yaml:10  budget.costs.sample is -1; it must be at least 0. Leave it out for 1.',
  ],
  [
    'budget:\n',
    'gate:\nbudget:\n',
    'run.yaml:9  gate is empty; it must be a map of keys. Leave it out for the defaults.',
  ],
  [
    'problems:\n',
    'name: ../up\nproblems:\n',
    'run.yaml:1  name is "../up"; it names a folder, so it must be letters, digits, dots, dashes and underscores, starting with a letter or digit. Write for example name: gsm8k-exponential.',
  ],
])('%j written as %j is said in one line', (was, is, sentence) => {
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
