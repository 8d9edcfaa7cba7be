/** One exchange in the words of the protocol: a sample request as a body, and the answer in our words. */

import type OpenAI from 'openai'
import type { FinishReason } from '../../core/completion.ts'
import { ConfigError } from '../../core/errors.ts'
import type { SampleRequest } from '../../core/sampler.ts'
import { cacheSalt } from './cache-salt.ts'
import type { Dialect } from './dialect.ts'
import { readFinishReason } from './finish-reason.ts'
import { MalformedAnswer } from './malformed-answer.ts'
import { readMessage } from './message-text.ts'
import { type ThinkingForm, wholeText } from './thinking.ts'
import { refuseToldError } from './told-error.ts'

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
  /** Characters at the text's beginning that are thinking. */
  readonly thinking: number
  /** A part of what the model wrote was left out. */
  readonly altered: boolean
  /** What the server gave as its reason to end, where nobody knows what that means. */
  readonly unreadReason: string | undefined
}

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
  readonly chat_template_kwargs?: Readonly<Record<string, unknown>>
}

/**
 * The body of a request for one completion.
 * @throws ConfigError where the completions API is given more than one message
 */
export function requestBody(api: Api, request: SampleRequest, model: string, dialect: Dialect): string {
  const asked = api === 'chat' ? { messages: request.messages } : { prompt: onlyText(request) }
  const stream = dialect.stream ? { stream: true, stream_options: { include_usage: true } } : {}
  return JSON.stringify({ model, ...requestFields(request, dialect), ...stream, ...asked })
}

/**
 * The fields that say how to draw. Every parameter is sent, since servers take the others from a model's own
 * generation_config.json; what the user adds goes before the switches, and what the endpoint refuses is left out.
 */
export function requestFields(
  { seed, parameters, checkpoint }: Pick<SampleRequest, 'seed' | 'parameters' | 'checkpoint'>,
  dialect: Dialect,
): object {
  const { temperature, topP, topK, maxTokens, stop, templateKwargs = {}, extraBody = {} } = parameters
  const fields: ProtocolParameters & VllmParameters = {
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
    ...(Object.keys(templateKwargs).length === 0 ? {} : { chat_template_kwargs: templateKwargs }),
    ...extraBody,
  }
  if (dialect.omits.length === 0) return fields
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !dialect.omits.includes(name)))
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
  readonly message?: object | null
  readonly text?: unknown
  readonly token_ids?: unknown
  readonly prompt_token_ids?: unknown
}

/**
 * @throws MalformedAnswer where the body is not a completion, HttpFailure where it is an error, ReasoningRefused where the run
 * does not take a separate reasoning field
 */
export function readAnswer(api: Api, body: string, form: ThinkingForm): Answer {
  const answer = parseAnswer(body)
  refuseToldError(answer)
  const [choice] = choicesOf(answer)
  if (choice === undefined) throw new MalformedAnswer('the answer has no choices', true)
  refuseToldError(choice)
  const said = api === 'chat' ? readMessage(choice.message) : { text: choice.text, reasoning: '' }
  return toAnswer(answer, choice, typeof said.text === 'string' ? said.text : '', said.reasoning, form)
}

/** The server keeps thinking apart, and `sample.reasoning` is `refuse`. */
export class ReasoningRefused extends Error {
  override readonly name = 'ReasoningRefused'
}

/** The choices that came, however many were asked for: servers ignore `n`. */
export function choicesOf(answer: RawAnswer): RawChoice[] {
  if (!Array.isArray(answer.choices)) return []
  return answer.choices.filter((choice) => typeof choice === 'object' && choice !== null)
}

/** @throws MalformedAnswer where the server has ended the generation in the middle; ReasoningRefused */
export function toAnswer(
  answer: RawAnswer,
  choice: RawChoice,
  said: string,
  reasoning: string,
  form: ThinkingForm,
): Answer {
  const { reason, isInterrupted, unread } = readFinishReason(choice.finish_reason)
  if (isInterrupted)
    throw new MalformedAnswer(`the server ended the generation: ${JSON.stringify(choice.finish_reason)}`)
  if (reasoning !== '' && form.handling === 'refuse') throw new ReasoningRefused()
  const { text, thinking, isAltered } = wholeText(said, reasoning, form)
  const promptTokenIds = tokenIds(answer.prompt_token_ids ?? choice.prompt_token_ids)
  const completionTokenIds = tokenIds(choice.token_ids)
  return {
    text,
    thinking,
    altered: isAltered,
    unreadReason: unread,
    finishReason: reason,
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
    throw new MalformedAnswer(`the answer is not JSON: ${body.slice(0, 100)}`, true)
  }
  if (typeof answer !== 'object' || answer === null) throw new MalformedAnswer('the answer is not a JSON object', true)
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
