/** A completion with its tokens, as far as the server tells them: ids (vLLM), else only how many. */

import { z } from 'zod'
import type { Endpoint } from '../../core/endpoint.ts'
import { ServerError } from '../../core/errors.ts'
import type { ServerTokens } from '../../core/measure/skew.ts'
import type { Message } from '../../core/message.ts'
import type { SamplingParameters } from '../../core/sampler.ts'
import { readMessage } from '../protocol/message-text.ts'
import { PLAIN_THINKING, type ThinkingForm, type WholeText, wholeText } from '../protocol/thinking.ts'
import type { Api } from '../protocol/wire.ts'
import { postForCompletion } from './questions.ts'
import { whatOpens } from './thinking-opens.ts'
import { type Tokenizable, tokenizeThere } from './tokenizer.ts'

const ids = z.array(z.number()).nullish()
const answerSchema = z.object({
  prompt_token_ids: ids,
  choices: z
    .array(
      z.object({
        message: z.looseObject({}).nullish(),
        text: z.string().nullish(),
        finish_reason: z.string().nullish(),
        stop_reason: z.union([z.string(), z.number()]).nullish(),
        prompt_token_ids: ids,
        token_ids: ids,
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: z.number().nullish(), completion_tokens: z.number().nullish() }).nullish(),
})

/** How the server is asked. */
export interface TokenQuestion {
  readonly api: Api
  /** Served name. */
  readonly model: string
  readonly messages: readonly Message[]
  readonly parameters: SamplingParameters
  /** What becomes of thinking that the server keeps apart. */
  readonly thinking: Omit<ThinkingForm, 'opens' | 'closes'>
}

/**
 * Draws one completion and asks for its tokens: `return_token_ids`, and where the server does not know that, /tokenize.
 * @throws ServerError where no server answers or the model does not write
 */
export async function sampleWithTokens(
  endpoint: Endpoint,
  question: TokenQuestion,
  signal: AbortSignal,
): Promise<ServerTokens & { readonly text: string }> {
  const { api, model, messages, parameters } = question
  const { temperature, topP, maxTokens, stop, templateKwargs = {}, extraBody = {} } = parameters
  const body = {
    model,
    ...(api === 'chat'
      ? { messages: messages.map(({ role, content }) => ({ role, content })) }
      : { prompt: textOf(messages) }),
    temperature,
    top_p: topP,
    max_tokens: maxTokens,
    ...(stop.length === 0 ? {} : { stop: [...stop] }),
    ...(Object.keys(templateKwargs).length === 0 ? {} : { chat_template_kwargs: templateKwargs }),
    ...extraBody,
  }
  const ask = (more: object) => postForCompletion(endpoint, api, answerSchema, { ...body, ...more }, signal)
  const answer = await ask({ return_token_ids: true }).catch((error: unknown) => {
    // Servers that do not know the field refuse it, or ignore it.
    if (error instanceof ServerError) return ask({})
    throw error
  })
  const choice = answer.choices[0]
  const asked: Tokenizable =
    api === 'chat' ? { kind: 'chat', messages, isWhole: false, templateKwargs } : textAsked(messages)
  const promptIds =
    answer.prompt_token_ids ?? choice?.prompt_token_ids ?? (await tokenizeThere(endpoint, model, asked, signal))
  const { text, isAltered } = await wholeOf(endpoint, question, choice, signal)
  return {
    text,
    promptIds: promptIds ?? undefined,
    promptCount: promptIds?.length ?? answer.usage?.prompt_tokens ?? 0,
    completionIds: choice?.token_ids ?? undefined,
    completionCount: choice?.token_ids?.length ?? answer.usage?.completion_tokens ?? 0,
    hasEnded: choice?.finish_reason === 'stop',
    endedAt: endOf(choice?.stop_reason, choice?.token_ids),
    hidesThinking: isAltered,
    wholeIds: undefined,
  }
}

type Choice = z.infer<typeof answerSchema>['choices'][number]

/** The text as a run puts it together. */
async function wholeOf(
  endpoint: Endpoint,
  { api, model, thinking }: TokenQuestion,
  choice: Choice | undefined,
  signal: AbortSignal,
): Promise<WholeText> {
  const said = api === 'chat' ? readMessage(choice?.message) : { text: choice?.text ?? '', reasoning: '' }
  const isJoined = said.reasoning !== '' && !thinking.isOff && thinking.handling === 'join'
  const tokens = choice?.token_ids ?? []
  const opens = isJoined && tokens.length > 0 ? await whatOpens(endpoint, model, said.reasoning, tokens, signal) : null
  return wholeText(said.text, said.reasoning, { ...PLAIN_THINKING, ...thinking, opens: opens ?? '' })
}

/** vLLM names the stop string or token that ended a completion, and nothing for the end of text; others tell nothing at all. */
function endOf(reason: string | number | null | undefined, told: unknown): ServerTokens['endedAt'] {
  if (typeof reason === 'string') return 'stop-string'
  return typeof reason === 'number' || told ? 'end-of-text' : undefined
}

/**
 * Prompt and completion as the server's tokenizer puts them together; undefined where it does not tell.
 * @param text of the completion
 */
export async function tokenizeWhole(
  endpoint: Endpoint,
  { api, model, messages, parameters }: TokenQuestion,
  text: string,
  signal: AbortSignal,
): Promise<readonly number[] | undefined> {
  const answered = [...messages, { role: 'assistant', content: text } as const]
  const asked: Tokenizable =
    api === 'chat'
      ? { kind: 'chat', messages: answered, isWhole: true, templateKwargs: parameters.templateKwargs ?? {} }
      : { kind: 'text', text: textOf(messages) + text }
  return await tokenizeThere(endpoint, model, asked, signal)
}

function textAsked(messages: readonly Message[]): Tokenizable {
  return { kind: 'text', text: textOf(messages) }
}

/** The completions API takes one text, and a prompt for it has one message. */
function textOf(messages: readonly Message[]): string {
  return messages.map(({ content }) => content).join('\n\n')
}
