/** What doctor says of a base's size next to the GPUs that there are. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { describeFit, trainingWay } from '../../../src/commands/doctor/training-fit.ts'
import { parseRunConfig } from '../../../src/config/parse.ts'
import { presetText } from '../../../src/config/presets.ts'

const LLAMA_3_8B = {
  hidden_size: 4096,
  intermediate_size: 14336,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  vocab_size: 128256,
  tie_word_embeddings: false,
}

function lookAt(preset: string, gpuGb: readonly number[], ...sets: readonly string[]) {
  const base = mkdtempSync(join(tmpdir(), 'spendwise-base-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true }))
  writeFileSync(join(base, 'config.json'), JSON.stringify(LLAMA_3_8B))
  const config = parseRunConfig({ text: presetText(preset), file: 'run.yaml', sets })
  const gpus = gpuGb.map((gb) => gb * 1e9)
  const way = trainingWay(config, base, gpus)
  return way && describeFit(way, gpus)
}

const EIGHT = Array.from({ length: 8 }, () => 80)

test.each([
  ['8B, sharded by eight GPUs of 80 GB', 'vllm-8b', EIGHT, [], 'ok', 'which is enough (shared)'],
  ['8B, left to the recipe', 'vllm-shared-gpus', EIGHT, [], 'ok', 'which is enough (shared)'],
  ['8B, a copy on each', 'vllm-shared-gpus', EIGHT, ['train.shard=none'], 'problem', 'set train.shard: full'],
  ['8B on one GPU of 80 GB', 'vllm-shared-gpus', [80], [], 'problem', 'add --method lora'],
  ['8B with adapters on one GPU of 80 GB', 'vllm-shared-gpus-lora', [80], [], 'ok', 'which is enough (adapters)'],
  ['8B on one GPU of 16 GB', 'vllm-shared-gpus-lora', [16], [], 'problem', 'a smaller model'],
  ['no GPU here', 'vllm-8b', [], [], 'note', 'GPUs were not found here'],
])('%s', (_, preset, gpus, sets, level, words) => {
  expect(lookAt(preset, gpus, ...sets)).toEqual({ level, subject: 'trainer', text: expect.stringContaining(words) })
})

test('says nothing of a program that is not the recipe', () => {
  expect(lookAt('vllm', EIGHT, 'train.command=[my_sft, "{dataset}", "{output}"]')).toBeUndefined()
})
