/** One exchange with the server: a sample request in the words of the protocol, and its answer in ours. */

import type OpenAI from 'openai'
import type { FinishReason } from '../core/completion.ts'
import { ConfigError } from '../core/errors.ts'
import type { SampleRequest } from '../core/sampler.ts'
import { MalformedAnswer } from './failure.ts'

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

/** @throws MalformedAnswer where the answer is no completion; what the client throws otherwise */
export async function ask(client: OpenAI, api: Api, request: SampleRequest, signal: AbortSignal): Promise<Answer> {
  const parameters = { model: request.model, ...sampling(request) }
  if (api === 'chat') {
    const messages = request.messages.map(({ role, content }) => ({ role, content }))
    const answer = await client.chat.completions.create({ ...parameters, messages }, { signal })
    const choice = answer.choices?.[0]
    return readAnswer(answer, choice, choice?.message?.content ?? '')
  }
  const answer = await client.completions.create({ ...parameters, prompt: onlyText(request) }, { signal })
  const choice = answer.choices?.[0]
  return readAnswer(answer, choice, choice?.text ?? '')
}

/** Every parameter is sent, since servers take the others from a model's own generation_config.json. */
function sampling({ seed, parameters }: SampleRequest) {
  const { temperature, topP, topK, maxTokens, stop } = parameters
  return {
    temperature,
    top_p: topP,
    ...(topK === null ? {} : { top_k: topK }),
    max_tokens: maxTokens,
    seed,
    ...(stop.length === 0 ? {} : { stop: [...stop] }),
    n: 1,
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

interface Envelope {
  readonly model?: string
  readonly usage?: { readonly prompt_tokens?: unknown; readonly completion_tokens?: unknown } | null
}

// The client's types promise all of this; the servers that speak its protocol do not.
function readAnswer(answer: Envelope, choice: { finish_reason?: string | null } | undefined, text: string): Answer {
  if (choice === undefined) throw new MalformedAnswer('the answer has no choices')
  const reason = choice.finish_reason ?? ''
  if (INTERRUPTED_REASONS.has(reason)) throw new MalformedAnswer(`the server ended the generation: ${reason}`)
  return {
    text,
    finishReason: FINISH_REASONS[reason] ?? 'filtered',
    promptTokens: tokenCount(answer.usage?.prompt_tokens),
    completionTokens: tokenCount(answer.usage?.completion_tokens),
    model: answer.model ?? '',
  }
}

/** Servers tell their usage as they like; what is no count of tokens counts as not told. */
function tokenCount(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0
}
