/** One exchange in the words of the protocol: a sample request as a body, and the answer in our words. */

import type OpenAI from 'openai'
import type { FinishReason } from '../../core/completion.ts'
import { ConfigError } from '../../core/errors.ts'
import type { SampleRequest } from '../../core/sampler.ts'
import { cacheSalt } from './cache-salt.ts'
import type { Dialect } from './dialect.ts'
import { MalformedAnswer } from './malformed-answer.ts'

export const APIS = ['chat', 'completions'] as const
/** `completions` takes one text, for base models without a chat template. */
export type Api = (typeof APIS)[number]

export interface Answer {
  readonly text: string
  readonly finishReason: Exclude<FinishReason, 'failed'>
  /** 0 where the server does not tell its usage. */
  readonly promptTokens: number
  readonly completionTokens: number
  /** The model name the server answered with. */
  readonly model: string
  /** Where the server tells them. */
  readonly promptTokenIds?: readonly number[]
  readonly completionTokenIds?: readonly number[]
}

/**
 * What servers say, in our words. A reason that is not here, or none at all, is `filtered`: nobody knows whether the text is
 * whole, so it is kept and never accepted.
 */
const FINISH_REASONS: Readonly<Record<string, Answer['finishReason']>> = {
  stop: 'stop',
  eos: 'stop',
  eos_token: 'stop',
  stop_sequence: 'stop',
  end_turn: 'stop',
  length: 'length',
  max_tokens: 'length',
  model_length: 'length',
  content_filter: 'filtered',
}

/** vLLM's word for requests that a pause or a dying engine has ended: half a text, through no fault of the model. */
const INTERRUPTED_REASONS: ReadonlySet<string> = new Set(['abort', 'error'])

type ProtocolParameters = Omit<
  OpenAI.Chat.ChatCompletionCreateParams & OpenAI.CompletionCreateParams,
  'messages' | 'prompt' | 'model' | 'stream'
>

/** Beyond the protocol: what vLLM takes. */
interface VllmParameters {
  readonly top_k?: number
  readonly min_p?: number
  readonly repetition_penalty?: number
  readonly return_token_ids?: true
  readonly cache_salt?: string
}

/**
 * The body of a request for one completion.
 * @throws ConfigError where the completions API is given more than one message
 */
export function requestBody(api: Api, request: SampleRequest, model: string, dialect: Dialect): string {
  const asked = api === 'chat' ? { messages: request.messages } : { prompt: onlyText(request) }
  const stream = dialect.stream ? { stream: true, stream_options: { include_usage: true } } : {}
  return JSON.stringify({ model, ...sampling(request, dialect), ...stream, ...asked })
}

/** Every parameter is sent, since servers take the others from a model's own generation_config.json. */
function sampling(request: SampleRequest, dialect: Dialect): ProtocolParameters & VllmParameters {
  const { seed, parameters, checkpoint } = request
  const { temperature, topP, topK, maxTokens, stop } = parameters
  return {
    temperature,
    top_p: topP,
    ...(topK === null ? {} : { top_k: topK }),
    ...(dialect.extraParameters ? { top_k: topK ?? -1, min_p: 0, repetition_penalty: 1 } : {}),
    [dialect.limitField]: maxTokens,
    seed,
    ...(stop.length === 0 ? {} : { stop: [...stop] }),
    n: 1,
    ...(dialect.tokenIds ? { return_token_ids: true } : {}),
    ...(dialect.cacheSalt && checkpoint !== undefined ? { cache_salt: cacheSalt(checkpoint) } : {}),
  }
}

function onlyText({ messages, key }: SampleRequest): string {
  const [message, ...more] = messages
  if (message === undefined || more.length > 0) {
    throw new ConfigError(
      `The completions API takes one text, and the prompt of ${key.problem} has ${messages.length} messages; give the prompt one user message or use api: chat.`,
    )
  }
  return message.content
}

// The protocol promises more of this than the servers that speak it keep: every field is looked at.
export interface RawAnswer {
  readonly model?: unknown
  readonly choices?: unknown
  readonly usage?: { readonly prompt_tokens?: unknown; readonly completion_tokens?: unknown } | null
  readonly prompt_token_ids?: unknown
}

export interface RawChoice {
  readonly index?: unknown
  readonly finish_reason?: unknown
  readonly message?: { readonly content?: unknown } | null
  readonly text?: unknown
  readonly token_ids?: unknown
  readonly prompt_token_ids?: unknown
}

/** @throws MalformedAnswer where the body is no completion */
export function readAnswer(api: Api, body: string): Answer {
  const answer = parseAnswer(body)
  const [choice] = choicesOf(answer)
  if (choice === undefined) throw new MalformedAnswer('the answer has no choices')
  const text = api === 'chat' ? choice.message?.content : choice.text
  return toAnswer(answer, choice, typeof text === 'string' ? text : '')
}

/** The choices that came, however many were asked for: servers ignore `n`. */
export function choicesOf(answer: RawAnswer): RawChoice[] {
  if (!Array.isArray(answer.choices)) return []
  return answer.choices.filter((choice) => typeof choice === 'object' && choice !== null)
}

/** @throws MalformedAnswer where the server has ended the generation in the middle */
export function toAnswer(answer: RawAnswer, choice: RawChoice, text: string): Answer {
  const reason = typeof choice.finish_reason === 'string' ? choice.finish_reason : ''
  if (INTERRUPTED_REASONS.has(reason)) throw new MalformedAnswer(`the server ended the generation: ${reason}`)
  const promptTokenIds = tokenIds(answer.prompt_token_ids ?? choice.prompt_token_ids)
  const completionTokenIds = tokenIds(choice.token_ids)
  return {
    text,
    finishReason: FINISH_REASONS[reason] ?? 'filtered',
    promptTokens: tokenCount(answer.usage?.prompt_tokens),
    completionTokens: tokenCount(answer.usage?.completion_tokens),
    model: typeof answer.model === 'string' ? answer.model : '',
    ...(promptTokenIds === undefined ? {} : { promptTokenIds }),
    ...(completionTokenIds === undefined ? {} : { completionTokenIds }),
  }
}

export function parseAnswer(body: string): RawAnswer {
  let answer: unknown
  try {
    answer = JSON.parse(body)
  } catch {
    throw new MalformedAnswer(`the answer is no JSON: ${body.slice(0, 100)}`)
  }
  if (typeof answer !== 'object' || answer === null) throw new MalformedAnswer('the answer is no JSON object')
  return answer
}

/** Servers tell their usage as they like; what is no count of tokens counts as not told. */
function tokenCount(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0
}

function tokenIds(value: unknown): readonly number[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined
  return value.every((id) => Number.isSafeInteger(id) && id >= 0) ? value : undefined
}
