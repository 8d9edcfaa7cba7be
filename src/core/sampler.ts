/** The sampler's contract: one request in, one completion out; failures come back as data. */

import type { Completion, CompletionKey } from './completion.ts'
import type { Message } from './message.ts'

/** Tries of a request where nothing else is said: half of all attempts may fail, and 1 in 256 requests is lost. */
export const ATTEMPTS = 8

export interface SamplingParameters {
  /** 0 is greedy. */
  readonly temperature: number
  readonly topP: number
  /** null leaves the server's default, which is off for vLLM started with `--generation-config vllm`. */
  readonly topK: number | null
  readonly maxTokens: number
  readonly stop: readonly string[]
  /** What the chat template is told, such as `{enable_thinking: false}`. */
  readonly templateKwargs?: Readonly<Record<string, unknown>>
  /** Fields of the request's body beyond those that spendwise writes itself. */
  readonly extraBody?: Readonly<Record<string, unknown>>
}

export interface SampleRequest {
  readonly key: CompletionKey
  readonly issue: number
  readonly messages: readonly Message[]
  /** Served name to ask for. */
  readonly model: string
  /** Content hash of the weights asked for: what a server caches is kept apart by it, and one that changes its model is found out. */
  readonly checkpoint?: string
  readonly seed: number
  readonly parameters: SamplingParameters
}

/**
 * Draws completions.
 *
 * A provider's failure is data: after its retries a request resolves to a completion with finishReason `failed`.
 * It rejects only when the run itself cannot continue: `ServerError` (no server answers, wrong key, unknown model),
 * or the signal's reason when aborted.
 */
export interface Sampler {
  sample(request: SampleRequest, signal: AbortSignal): Promise<Completion>
  /** Requests the server side can usefully have in flight; it changes as the sampler learns. */
  readonly concurrency: number
  /**
   * Calls the listener whenever `concurrency` has grown with no request having ended: a place that waited for that would stay free.
   * @returns what ends it
   */
  onRoom(listener: () => void): () => void
  /** Frees connections. */
  close(): Promise<void>
}
