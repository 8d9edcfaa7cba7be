/** What may change when a run continues. */

import { expect, test } from 'vitest'
import { parseRunConfig } from '../../src/config/parse.ts'
import { diffForResume, resumeRefusal } from '../../src/config/resume.ts'

const TEXT = `name: demo
problems:
  train: [{ dataset: gsm8k, path: train.jsonl }]
sample:
  endpoints: [{ baseURL: "http://127.0.0.1:8000/v1", model: base }]
budget:
  policy: { kind: exponential, initial: 256, growth: 2 }
train: { kind: command, command: [sft, "{dataset}", "{output}"] }
serve: { kind: restart, command: [vllm, "{checkpoint}", "{name}"] }
`
const parse = (...sets: string[]) => parseRunConfig({ text: TEXT, file: 'run.yaml', sets })

test('an unchanged config continues', () => {
  expect(diffForResume(parse(), parse())).toEqual({ refused: [], changed: [] })
})

test.each([
  ['sample.endpoints.0.baseURL="http://127.0.0.1:9000/v1"', 'sample.endpoints'],
  ['sample.endpoints.0.model=other-name', 'sample.endpoints'],
  ['sample.concurrency=8', 'sample.concurrency'],
  ['sample.timeoutSeconds=60', 'sample.timeoutSeconds'],
  ['sample.attempts=2', 'sample.attempts'],
  ['sample.unreachableSeconds=5', 'sample.unreachableSeconds'],
  ['sample.refusedSeconds=5', 'sample.refusedSeconds'],
  ['budget.caps.samples=9', 'budget.caps.samples'],
  ['budget.costs.train=3', 'budget.costs.train'],
  ['budget.costs=measured', 'budget.costs'],
  ['budget.timeSeconds=5', 'budget.timeSeconds'],
  ['budget.iterations=9', 'budget.iterations'],
  ['gate.onFail=rollback', 'gate.onFail'],
  ['gate.then=rollback', 'gate.then'],
  ['verify.threads=2', 'verify.threads'],
  ['train.command.0=/opt/sft', 'train.command'],
  ['train.env.CUDA_VISIBLE_DEVICES="1"', 'train.env.CUDA_VISIBLE_DEVICES'],
  ['train.timeoutSeconds=5', 'train.timeoutSeconds'],
  ['serve.readySeconds=5', 'serve.readySeconds'],
  ['serve={ kind: external }', 'serve.kind'],
  ['keep.last=5', 'keep.last'],
])('--set %s may change on the way', (set, key) => {
  expect(diffForResume(parse(), parse(set))).toEqual({ refused: [], changed: [key] })
})

test.each([
  ['problems.train.0.path=other.jsonl', 'problems.train'],
  ['problems.evaluate.0.dataset=steps', 'problems.evaluate'],
  ['prompt.sampling=p.md', 'prompt.sampling'],
  ['base=weights', 'base'],
  ['name=other', 'name'],
  ['seed=2', 'seed'],
  ['sample.temperature=0.5', 'sample.temperature'],
  ['sample.stop=[a]', 'sample.stop'],
  ['sample.maxTokens=5', 'sample.maxTokens'],
  ['budget.policy.growth=3', 'budget.policy.growth'],
  ['budget.policy={ kind: constant, initial: 5 }', 'budget.policy.kind'],
  ['budget.unit=sampled', 'budget.unit'],
  ['accept.verdict=any', 'accept.verdict'],
  ['evaluate.samples=4', 'evaluate.samples'],
  ['gate.margin=0.1', 'gate.margin'],
  ['train.lr=0.1', 'train.lr'],
  ['train.init=base', 'train.init'],
  ['train=none', 'train.kind'],
])('--set %s would be another run', (set, key) => {
  expect(diffForResume(parse(), parse(set)).refused).toEqual([key])
})

test('more iterations are refused where the learning rate decays over the run', () => {
  const decaying = 'train.lrSchedule=run-decay'
  expect(diffForResume(parse(decaying), parse(decaying, 'budget.iterations=9')).refused).toEqual(['budget.iterations'])
})

test('prices are refused where the policy goes by them', () => {
  const aware = 'budget.policy={ kind: cost-aware, initial: 5, growth: 2 }'
  expect(diffForResume(parse(aware), parse(aware, 'budget.costs.train=3')).refused).toEqual(['budget.costs.train'])
})

test('the refusal names the keys and the way out', () => {
  expect(resumeRefusal('demo', ['seed', 'train.lr'])).toBe(
    'The run demo has begun with other values of seed, train.lr, and its traces stand on them. Put them back to resume, or start a new run under another name.',
  )
})
