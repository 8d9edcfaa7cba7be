/** How large models are and what training them takes, against their published sizes and plain arithmetic. */

import { describe, expect, test } from 'vitest'
import { adapterParameters, modelShape, parameterCount, trainingNeeds, whatFits } from '../../src/train/memory.ts'

/** The fields of the published config.json files. */
const LLAMA_3_8B = {
  hidden_size: 4096,
  intermediate_size: 14336,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  vocab_size: 128256,
  tie_word_embeddings: false,
}
const QWEN_2_5_1_5B = {
  hidden_size: 1536,
  intermediate_size: 8960,
  num_hidden_layers: 28,
  num_attention_heads: 12,
  num_key_value_heads: 2,
  vocab_size: 151936,
  tie_word_embeddings: true,
}
const MIXTRAL_8X7B = {
  ...LLAMA_3_8B,
  vocab_size: 32000,
  num_local_experts: 8,
}

function shapeOf(config: Readonly<Record<string, unknown>>) {
  const shape = modelShape(config)
  if (!shape) throw new Error('no shape')
  return shape
}

describe('the size of a model', () => {
  test.each([
    ['Llama-3-8B', LLAMA_3_8B, 8.03e9],
    ['Qwen2.5-1.5B', QWEN_2_5_1_5B, 1.54e9],
    ['Mixtral-8x7B', MIXTRAL_8X7B, 46.7e9],
    ['a multimodal one, by its text part', { vision_config: {}, text_config: QWEN_2_5_1_5B }, 1.54e9],
  ])('%s follows from its config.json to a percent', (_, config, published) => {
    expect(parameterCount(shapeOf(config)) / published).toBeCloseTo(1, 2)
  })

  test('of adapters of rank 16 is half a percent of Llama-3-8B', () => {
    expect(adapterParameters(shapeOf(LLAMA_3_8B), 16)).toBe(41_943_040)
  })

  test.each([[{}], [{ hidden_size: 4096 }], [{ ...LLAMA_3_8B, num_hidden_layers: 'many' }]])(
    'is unknown for %j',
    (config) => {
      expect(modelShape(config)).toBeUndefined()
    },
  )
})

describe('what training takes', () => {
  const options = { gpus: 8, rank: 32, keepsMaster: true, keepsMoments: false }
  const needs = trainingNeeds(shapeOf(LLAMA_3_8B), options)

  test('8B: 147 GB a copy, some 26 GB a shard with what is gathered, 17 GB with adapters, 48 GB of disk a checkpoint', () => {
    expect(needs.copies / 1e9).toBeCloseTo(144.5 + 4 * 0.525, 0)
    expect(needs.shards / 1e9).toBeCloseTo(16.1 + 6 * (2 * 0.218 + 1.05), 0)
    expect(needs.lora / 1e9).toBeCloseTo(17.4, 0)
    expect(needs.checkpoint / 1e9).toBeCloseTo(48.2, 0)
    expect(needs.state / 1e9).toBeCloseTo(96.4, 0)
    expect(needs.host / 1e9).toBeCloseTo(37.1, 0)
  })

  test('a tied embedding adds its gradient twice while a step is worked out, as was measured', () => {
    const measured = { hidden_size: 768, intermediate_size: 2048, num_hidden_layers: 12, num_attention_heads: 12 }
    const shape = shapeOf({ ...measured, vocab_size: 32000, tie_word_embeddings: true })
    const { copies, parameters } = trainingNeeds(shape, { ...options, gpus: 1 })
    // Without the 2 bytes of bf16 copies, which a CPU does not make; 18.8 with activations and libraries.
    expect(copies / parameters - 2).toBeCloseTo(17.8, 1)
  })

  test('8B fits eight GPUs of 80 GB in shards, one only with adapters, and one of 16 GB not at all', () => {
    expect(whatFits(needs, 80e9)).toBe('shards')
    const alone = trainingNeeds(shapeOf(LLAMA_3_8B), { ...options, gpus: 1 })
    expect(whatFits(alone, 80e9)).toBe('lora')
    expect(whatFits(alone, 16e9)).toBe('nothing')
  })

  test('1.5B fits a GPU of 40 GB whole', () => {
    expect(whatFits(trainingNeeds(shapeOf(QWEN_2_5_1_5B), { ...options, gpus: 1 }), 40e9)).toBe('copies')
  })

  test('without fp32 weights and with moments next to a checkpoint: 2 and 10 bytes a parameter', () => {
    const of = (keepsMaster: boolean, keepsMoments: boolean): number =>
      trainingNeeds(shapeOf(LLAMA_3_8B), { ...options, keepsMaster, keepsMoments }).checkpoint / needs.parameters
    expect([of(false, false), of(false, true), of(true, true)]).toEqual([2, 10, 14])
  })
})
