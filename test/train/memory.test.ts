/** How large models are and what training them takes, against their published sizes and plain arithmetic. */

import { describe, expect, test } from 'vitest'
import {
  adapterParameters,
  type ModelShape,
  modelShape,
  parameterCount,
  roughNeeds,
  trainingNeeds,
  whatFits,
} from '../../src/train/memory.ts'

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

/** A model small enough to count by hand. */
const TOY: ModelShape = {
  ...{ hidden: 10, layers: 3, intermediate: 20, heads: 2, keyValueHeads: 1, headSize: 6, vocabulary: 7 },
  ...{ isTied: false, experts: 0, expertIntermediate: 20 },
}
const TIED = { ...TOY, isTied: true }
// Queries and output 10 x 12 each, keys and values 10 x 6 each, three matrices of 10 x 20.
const LAYER = 2 * 120 + 2 * 60 + 600
const EMBEDDING = 70

describe('the shape of a model', () => {
  const config = {
    ...{ hidden_size: 10, num_hidden_layers: 3, num_attention_heads: 2, vocab_size: 7, intermediate_size: 20 },
    ...{ num_key_value_heads: 1, head_dim: 6, tie_word_embeddings: false },
  }

  test('is read field by field', () => {
    expect(modelShape(config)).toEqual(TOY)
  })

  test('has what most models mean where a field is missing: as many keys as heads, heads that part the width, tied', () => {
    const { num_key_value_heads: _, head_dim: __, tie_word_embeddings: ___, ...plain } = config
    expect(modelShape(plain)).toEqual({ ...TOY, keyValueHeads: 2, headSize: 5, isTied: true })
    const zeros = { num_key_value_heads: 0, head_dim: 0, moe_intermediate_size: 0, num_experts: 0 }
    expect(modelShape({ ...plain, ...zeros })).toEqual({ ...TOY, keyValueHeads: 2, headSize: 5, isTied: true })
    expect(modelShape({ ...config, tie_word_embeddings: true })?.isTied).toBe(true)
    expect(modelShape({ ...config, tie_word_embeddings: null })?.isTied).toBe(false)
  })

  test.each(['num_local_experts', 'num_experts', 'n_routed_experts'])('has the experts that %s tells', (name) => {
    expect(modelShape({ ...config, [name]: 4 })).toEqual({ ...TOY, experts: 4 })
    expect(modelShape({ ...config, [name]: 4, moe_intermediate_size: 5 })).toEqual({
      ...TOY,
      experts: 4,
      expertIntermediate: 5,
    })
  })

  test('has a width of feed-forward layers where only that of experts is told', () => {
    const { intermediate_size: _, ...sparse } = config
    expect(modelShape({ ...sparse, num_experts: 4, moe_intermediate_size: 5 })).toMatchObject({
      intermediate: 5,
      expertIntermediate: 5,
    })
  })

  test.each(['hidden_size', 'num_hidden_layers', 'num_attention_heads', 'vocab_size', 'intermediate_size'])(
    'is unknown without %s, or where that is no number above 0',
    (name) => {
      for (const value of [undefined, 0, -1, '8', null]) {
        expect(modelShape({ ...config, [name]: value })).toBeUndefined()
      }
    },
  )

  test('of a multimodal model is that of its text part, which goes before what stands around it', () => {
    expect(modelShape({ hidden_size: 99, vocab_size: 7, text_config: { ...config, vocab_size: undefined } })).toBe(
      undefined,
    )
    expect(modelShape({ ...config, hidden_size: 99, text_config: { hidden_size: 10 } })).toEqual(TOY)
    for (const text_config of [null, 'none', 7, [{ hidden_size: 99 }], undefined]) {
      expect(modelShape({ ...config, text_config })).toEqual(TOY)
    }
  })
})

describe('counted by hand', () => {
  test('parameters are those of the layers, and of one or two embeddings', () => {
    expect(parameterCount(TOY)).toBe(3 * LAYER + 2 * EMBEDDING)
    expect(parameterCount(TIED)).toBe(3 * LAYER + EMBEDDING)
  })

  test('a layer of experts has a router and three matrices for each, and no dense ones', () => {
    const sparse = { ...TIED, experts: 4, expertIntermediate: 5 }
    expect(parameterCount(sparse)).toBe(3 * (LAYER - 600 + 4 * (3 * 10 * 5 + 10)) + EMBEDDING)
  })

  test('adapters have both sides of every matrix, for each rank', () => {
    const sides = 2 * (10 + 12) + 2 * (10 + 6) + 3 * (10 + 20)
    expect(adapterParameters(TOY, 1)).toBe(3 * sides)
    expect(adapterParameters(TOY, 16)).toBe(16 * 3 * sides)
  })

  const options = { gpus: 4, rank: 2, keepsMaster: true, keepsMoments: true }
  const all = parameterCount(TOY)

  test('a copy is 16 bytes a parameter, 2 of bf16, and the gradient of the embedding, twice where it is tied', () => {
    expect(trainingNeeds(TOY, options).copies).toBe(18 * all + 4 * EMBEDDING)
    expect(trainingNeeds(TIED, options).copies).toBe(18 * parameterCount(TIED) + 8 * EMBEDDING)
  })

  test('a shard is its part of 16 bytes a parameter, and 6 of what is gathered; alone it keeps its bf16 instead', () => {
    expect(trainingNeeds(TOY, options).shards).toBe((16 * all) / 4 + 6 * (2 * LAYER + 2 * EMBEDDING))
    expect(trainingNeeds(TOY, { ...options, gpus: 2 }).shards).toBe(8 * all + 6 * (2 * LAYER + 2 * EMBEDDING))
    expect(trainingNeeds(TOY, { ...options, gpus: 1 }).shards).toBe(18 * all)
  })

  test('adapters are trained next to weights in bf16', () => {
    expect(trainingNeeds(TOY, options).lora).toBe(2 * all + 16 * adapterParameters(TOY, 2))
  })

  test('a checkpoint is 2 bytes a parameter, 4 of fp32 and 8 of moments where they are kept; a saved state is 12', () => {
    const { parameters, checkpoint, state } = trainingNeeds(TOY, options)
    expect([parameters, checkpoint, state]).toEqual([all, 14 * all, 12 * all])
    expect(trainingNeeds(TOY, { ...options, keepsMoments: false }).checkpoint).toBe(6 * all)
    expect(trainingNeeds(TOY, { ...options, keepsMaster: false }).checkpoint).toBe(10 * all)
  })

  test('the machine holds all of fp32, and of what it writes 5 GB at a time', () => {
    expect(trainingNeeds(TOY, options).host).toBe(6 * all)
    const large = { ...TOY, vocabulary: 1e9 }
    expect(trainingNeeds(large, options).host).toBe(4 * parameterCount(large) + 5e9)
  })
})

describe('where only the number of parameters is known', () => {
  test.each([
    [8e9, 0.18],
    [32e9, 0.09],
    [72e9, 0.06],
    [1e9, 0.25],
    [4e9, 0.25],
  ])('%d: a share of %d is the embedding or gathered', (parameters, share) => {
    const { copies, shards, lora } = roughNeeds(parameters, 8)
    expect(copies / parameters).toBeCloseTo(18 + 4 * share, 6)
    expect(shards / parameters).toBeCloseTo(2 + 6 * share, 6)
    expect(lora / parameters).toBeCloseTo(2 + 0.012 * 16, 6)
    expect(roughNeeds(parameters, 2).shards / parameters).toBeCloseTo(8 + 6 * share, 6)
    expect(roughNeeds(parameters, 1).shards / parameters).toBeCloseTo(18, 6)
  })

  test('it is near what the shape of Llama-3-8B says', () => {
    const exact = trainingNeeds(shapeOf(LLAMA_3_8B), { gpus: 8, rank: 32, keepsMaster: true, keepsMoments: false })
    const rough = roughNeeds(8.03e9, 8)
    for (const way of ['copies', 'shards', 'lora'] as const) expect(rough[way] / exact[way]).toBeCloseTo(1, 1)
  })
})

test.each([
  [{ copies: 75, shards: 60, lora: 30 }, 'copies'],
  [{ copies: 76, shards: 75, lora: 30 }, 'shards'],
  [{ copies: 76, shards: 76, lora: 75 }, 'lora'],
  [{ copies: 76, shards: 76, lora: 76 }, 'nothing'],
  [{ copies: 10, shards: 80, lora: 80 }, 'copies'],
] as const)('of a GPU of 100 three quarters are for %j: %s', (needs, way) => {
  expect(whatFits(needs, 100)).toBe(way)
})
