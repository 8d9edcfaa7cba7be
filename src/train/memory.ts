/**
 * What training a model takes: memory on each GPU and on the machine, and disk. Pure; the bytes a parameter are those of fp32
 * weights, their gradients and AdamW's two moments, measured next to this formula in docs/log.md.
 */

/** The part of a base's config.json that its size follows from, as transformers names it. */
export interface ModelShape {
  readonly hidden: number
  readonly layers: number
  readonly intermediate: number
  readonly heads: number
  readonly keyValueHeads: number
  readonly headSize: number
  readonly vocabulary: number
  /** Whether embedding and output layer are one. */
  readonly isTied: boolean
  /** Experts of a layer; 0 for a dense model. */
  readonly experts: number
  readonly expertIntermediate: number
}

/** fp32 weights and gradients, and two moments in fp32. */
export const TRAINED_BYTES = 16
/** A saved state: weights and moments, without gradients. */
export const STATE_BYTES = 12
const SHORT_BYTES = 2
const FLOAT_BYTES = 4
/** A file of weights as transformers writes them, at most. */
const FILE_BYTES = 5e9
/** Share of a GPU that may hold weights, gradients and moments; activations take the rest. As recipes/sft/model.py has it. */
const STATE_SHARE = 0.75

/**
 * The shape that a config.json tells of; undefined where it lacks a field, as for kinds of models that are not transformers.
 * Multimodal configs have it under `text_config`.
 */
export function modelShape(config: Readonly<Record<string, unknown>>): ModelShape | undefined {
  const text: Readonly<Record<string, unknown>> = { ...config, ...Object(config.text_config) }
  const number = (...names: readonly string[]): number | undefined =>
    names.map((name) => text[name]).find((value): value is number => typeof value === 'number' && value > 0)
  const hidden = number('hidden_size')
  const layers = number('num_hidden_layers')
  const heads = number('num_attention_heads')
  const vocabulary = number('vocab_size')
  const experts = number('num_local_experts', 'num_experts', 'n_routed_experts') ?? 0
  const intermediate = number('intermediate_size') ?? number('moe_intermediate_size')
  if (!hidden || !layers || !heads || !vocabulary || !intermediate) return undefined
  return {
    hidden,
    layers,
    intermediate,
    heads,
    keyValueHeads: number('num_key_value_heads') ?? heads,
    headSize: number('head_dim') ?? hidden / heads,
    vocabulary,
    // transformers' own default is true; nearly every config says it.
    isTied: text.tie_word_embeddings === undefined ? true : text.tie_word_embeddings === true,
    experts,
    expertIntermediate: number('moe_intermediate_size') ?? intermediate,
  }
}

/** Parameters of a transformer with gated feed-forward layers (Llama, Qwen, Mistral, Gemma, Phi-3), norms and biases left out. */
export function parameterCount(shape: ModelShape): number {
  return shape.layers * layerParameters(shape) + embeddingParameters(shape)
}

function layerParameters({ hidden, heads, keyValueHeads, headSize, ...shape }: ModelShape): number {
  const attention = hidden * headSize * (2 * heads + 2 * keyValueHeads)
  const dense = 3 * hidden * shape.intermediate
  const sparse = shape.experts * (3 * hidden * shape.expertIntermediate + hidden)
  return attention + (shape.experts > 0 ? sparse : dense)
}

function embeddingParameters({ hidden, vocabulary, isTied }: ModelShape): number {
  return hidden * vocabulary * (isTied ? 1 : 2)
}

/**
 * While a step is worked out, the embedding's gradient is there once more before it is added to what other rows have left; tied to the
 * output layer it waits for that one's, and both are there.
 */
function embeddingGradients({ hidden, vocabulary, isTied }: ModelShape): number {
  return hidden * vocabulary * FLOAT_BYTES * (isTied ? 2 : 1)
}

/** Of the adapters that `--method lora` puts on every linear layer but the output. */
export function adapterParameters(
  { hidden, heads, keyValueHeads, headSize, ...shape }: ModelShape,
  rank: number,
): number {
  const sides =
    2 * (hidden + heads * headSize) + 2 * (hidden + keyValueHeads * headSize) + 3 * (hidden + shape.intermediate)
  return shape.layers * rank * sides
}

export interface TrainingNeeds {
  readonly parameters: number
  /** Bytes on each GPU for weights, gradients and moments, activations not counted. */
  readonly copies: number
  readonly shards: number
  readonly lora: number
  /** Bytes of the machine's memory, where the model is loaded and written. */
  readonly host: number
  /** Bytes on disk of one checkpoint, `master/` included, and of a job's saved state while it runs. */
  readonly checkpoint: number
  readonly state: number
}

/** @param gpus processes of a job, one a GPU */
export function trainingNeeds(
  shape: ModelShape,
  options: {
    readonly gpus: number
    readonly rank: number
    readonly keepsMaster: boolean
    readonly keepsMoments: boolean
  },
): TrainingNeeds {
  const { gpus, rank, keepsMaster, keepsMoments } = options
  const parameters = parameterCount(shape)
  const adapter = adapterParameters(shape, rank)
  // What is whole for a moment: a layer and its neighbour, the embedding, in bf16 and as fp32 gradients.
  const gathered = (2 * layerParameters(shape) + embeddingParameters(shape)) * (SHORT_BYTES + FLOAT_BYTES)
  const moments = keepsMoments ? STATE_BYTES - FLOAT_BYTES : 0
  return {
    parameters,
    copies: parameters * (TRAINED_BYTES + SHORT_BYTES) + embeddingGradients(shape),
    shards: (parameters * TRAINED_BYTES) / gpus + (gpus > 1 ? gathered : parameters * SHORT_BYTES),
    lora: parameters * SHORT_BYTES + adapter * TRAINED_BYTES,
    // Gathered in fp32, and one file of them as it is served.
    host: parameters * FLOAT_BYTES + Math.min(parameters * SHORT_BYTES, FILE_BYTES),
    checkpoint: parameters * (SHORT_BYTES + (keepsMaster ? FLOAT_BYTES : 0) + moments),
    state: parameters * STATE_BYTES,
  }
}

const ADAPTER_SHARE = 0.012

/** Two layers and the embedding, as a share of all parameters: a fifth of 8 billion, a sixteenth of 72. */
function gatheredShare(parameters: number): number {
  return Math.min(0.25, 0.18 * Math.sqrt(8e9 / parameters))
}

/** The same where only the number of parameters is known, adapters of rank 32 being about 1.2% of them. */
export function roughNeeds(parameters: number, gpus: number): Pick<TrainingNeeds, 'copies' | 'shards' | 'lora'> {
  const gathered = gatheredShare(parameters) * parameters * (SHORT_BYTES + FLOAT_BYTES)
  return {
    copies: parameters * (TRAINED_BYTES + SHORT_BYTES + gatheredShare(parameters) * FLOAT_BYTES),
    shards: (parameters * TRAINED_BYTES) / gpus + (gpus > 1 ? gathered : parameters * SHORT_BYTES),
    lora: parameters * SHORT_BYTES + ADAPTER_SHARE * parameters * TRAINED_BYTES,
  }
}

export type TrainingFit = 'copies' | 'shards' | 'lora' | 'nothing'

/** The way that trains most within a GPU of so many bytes: all weights before adapters, copies before shards. */
export function whatFits(needs: Pick<TrainingNeeds, 'copies' | 'shards' | 'lora'>, gpuBytes: number): TrainingFit {
  const room = gpuBytes * STATE_SHARE
  if (needs.copies <= room) return 'copies'
  if (needs.shards <= room) return 'shards'
  return needs.lora <= room ? 'lora' : 'nothing'
}
