/** `spendwise init` by answers: whatever they are, the run.yaml is sound and its numbers fit; what cannot be is one sentence. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { Command } from 'commander'
import { expect, onTestFinished, test } from 'vitest'
import { createAsker } from '../../../src/commands/init/ask.ts'
import { registerInit } from '../../../src/commands/init/command.ts'
import { composeRun } from '../../../src/commands/init/compose.ts'
import { parametersIn, readGpus, sizesFor } from '../../../src/commands/init/fit.ts'
import { type InitAnswers, interview } from '../../../src/commands/init/interview.ts'
import { lookAt, outlookOn } from '../../../src/commands/init/work.ts'
import { loadRunConfig, parseRunConfig } from '../../../src/config/parse.ts'
import { Interrupted } from '../../../src/core/errors.ts'
import { createTestServer } from '../../server/openai-server.ts'

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'spendwise-init-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

const MODELS = ['Qwen/Qwen2.5-1.5B-Instruct', 'meta-llama/Llama-3.1-8B-Instruct', 'Qwen/Qwen2.5-72B']
const GPUS = ['0', '1x24', '1x80', '8x80', '16x141']
const DATA = ['gsm8k', 'numina-1.5', 'someone/problems']

test('every combination of answers is a sound run.yaml, or one sentence', async () => {
  const ways = new Set<string>()
  let refused = 0
  for (const model of MODELS) {
    for (const gpus of GPUS) {
      for (const data of DATA) {
        for (const baseUrl of ['here', 'http://10.0.0.5:8000']) {
          const answers: InitAnswers = { model, gpus, data, baseUrl }
          const choices = await interview('.', answers, undefined).catch((error: Error) => error)
          if (choices instanceof Error) {
            expect(choices.message).toMatch(/^(Nothing serves this model: |[\d.]+ billion parameters do not fit)/)
            refused++
            continue
          }
          const text = composeRun(choices)
          const config = parseRunConfig({ text, file: 'run.yaml' })
          ways.add(`${config.serve.kind} ${config.train.kind} ${choices.sizes?.way ?? 'nothing'}`)
          expect(config.sample.endpoints[0]?.baseURL).toMatch(/\/v1$/)
          if (choices.sizes) expect(outlookOn(choices, text)[1]).toMatch(/about [\d.]+ hours on/)
        }
      }
    }
  }
  expect(refused).toBeGreaterThan(0)
  expect([...ways].sort()).toEqual([
    'external command copies',
    'external command lora',
    'external command shards',
    'external none nothing',
    'restart command copies',
    'restart command lora',
    'restart command shards',
  ])
})

test('numbers fit the GPUs', () => {
  const of = (parameters: number, gpus: string) => sizesFor(parameters, readGpus(gpus))
  expect(of(1.5e9, '1x40')).toMatchObject({ way: 'copies', tensorParallel: 1, dataParallel: 1, lr: 1e-5 })
  expect(of(8e9, '8x80')).toMatchObject({ way: 'shards', tensorParallel: 1, dataParallel: 8 })
  expect(of(8e9, '1x40')).toMatchObject({ way: 'lora', lr: 2e-4 })
  expect(of(72e9, '16x141')).toMatchObject({ way: 'shards', tensorParallel: 2, dataParallel: 8 })
  expect(() => of(72e9, '1x80')).toThrow(/72\.0 billion parameters do not fit 1 x 80 GB/)
})

test('names tell sizes where they have one', () => {
  expect(MODELS.map(parametersIn)).toEqual([1.5e9, 8e9, 72e9])
  expect(parametersIn('HuggingFaceTB/SmolLM2-135M-Instruct')).toBe(135e6)
  expect(parametersIn('org/model-v2')).toBeUndefined()
  expect(parametersIn('models/base')).toBeUndefined()
})

test.each([
  [{ gpus: '8' }, /--gpus 8 {2}is not a number of GPUs with their memory; write for example 8x80/],
  [{ gpus: '0' }, /Nothing serves this model: without GPUs here/],
  [{ gpus: '1x80', data: 'numina' }, /--data numina {2}is neither .* Did you mean numina-1\.5\?/],
  [{ gpus: '1x80', data: 'package.json' }, /is no JSONL, CSV or Parquet file/],
  [{ gpus: '1x80', baseUrl: 'localhost' }, /--base-url {2}needs an address like/],
  [{ gpus: '1x80', baseUrl: 'http://me:pw@host/v1' }, /without a name or password/],
  [{ gpus: '1x80', model: 'org/unsized' }, /--model org\/unsized {2}cannot be fitted .*--parameters BILLIONS/],
  [{ gpus: '1x80', model: ' ' }, /--model {2}is empty/],
] as const)('%j is refused in one sentence', async (answers, says) => {
  await expect(interview('.', answers, undefined)).rejects.toThrow(says)
})

test('a file and a directory of weights are written as seen from run.yaml', async () => {
  const directory = newDirectory()
  writeFileSync(join(directory, 'mine.jsonl'), '')
  writeFileSync(join(directory, 'config.json'), '{}')
  const answers = { model: directory, gpus: '1x80', data: join(directory, 'mine.jsonl'), parameters: 1 }
  const text = composeRun(await interview(join(directory, 'deep'), answers, undefined))
  const { base, problems } = parseRunConfig({ text, file: 'run.yaml' })
  expect(base).toBe('..')
  expect(problems.train).toMatchObject([{ dataset: 'jsonl', path: '../mine.jsonl' }])
})

test('the name that a server has for the model is asked of it; a server that is away is no obstacle', async () => {
  const one = await createTestServer({ modelNames: ['qwen'] })
  const two = await createTestServer({ modelNames: ['a', 'b'] })
  const look = async (baseUrl: string) => lookAt(await interview('.', { model: 'x/y', gpus: '0', baseUrl }, undefined))
  expect(await look(one.baseURL)).toEqual({ served: 'qwen', note: [expect.stringContaining('as qwen')] })
  expect(await look(two.baseURL)).toEqual({
    served: 'x/y',
    note: [expect.stringContaining('serves a, b, and not x/y')],
  })
  await Promise.all([one.close(), two.close()])
  expect(await look(one.baseURL)).toEqual({ served: 'x/y', note: [expect.stringContaining('does not answer now')] })
})

test('at a terminal every question has an answer to take, and a wrong one is asked again', async () => {
  const [input, output] = [new PassThrough(), new PassThrough()]
  let said = ''
  output.on('data', (chunk) => {
    said += chunk
  })
  const asker = createAsker({ input, output })
  const answered = interview('.', {}, asker)
  for (const line of ['', 'nonsense', 'http://10.0.0.5:8000/v1', '1x80', 'numina', 'gsm8k']) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    input.write(`${line}\n`)
  }
  const choices = await answered
  asker.end()
  expect(choices).toMatchObject({ model: MODELS[0], baseURL: 'http://10.0.0.5:8000/v1', machine: { gpus: 1 } })
  expect(said).toContain('needs an address like')
  expect(said).toContain('Did you mean numina-1.5?')
  const gone = createAsker({ input: new PassThrough().end(), output })
  await expect(interview('.', {}, gone)).rejects.toBeInstanceOf(Interrupted)
})

test('the command writes by flags, and what is refused leaves nothing behind', async () => {
  const directory = join(newDirectory(), 'new')
  const run = (...args: string[]) => {
    const program = new Command().exitOverride()
    registerInit(program)
    return program.parseAsync(['node', 'spendwise', 'init', directory, ...args])
  }
  await expect(run('--yes', '--gpus', '1x80', '--data', 'nope')).rejects.toMatchObject({ exitCode: 2 })
  await expect(run('--preset', 'vllm', '--model', 'x')).rejects.toMatchObject({ exitCode: 2 })
  expect(existsSync(directory)).toBe(false)
  await run('--yes', '--model', 'Qwen/Qwen2.5-1.5B-Instruct', '--gpus', '1x40', '--data', 'gsm8k')
  const { config } = loadRunConfig(join(directory, 'run.yaml'))
  expect(config).toMatchObject({
    name: 'gsm8k-qwen2.5-1.5b-instruct',
    serve: { kind: 'restart', share: 'train' },
    train: { kind: 'command', batch: 64, shard: 'none' },
    budget: { costs: { unit: 'gpu-seconds', gpus: 1 } },
  })
  expect(readFileSync(join(directory, 'run.yaml'), 'utf8')).toContain('29 GB a GPU with a copy on each')
  expect(existsSync(join(directory, 'recipes/train_sft.py'))).toBe(true)
  await expect(run('--yes', '--gpus', '1x40')).rejects.toThrow(/is there already/)
})
