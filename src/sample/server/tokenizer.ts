/** What vLLM tells of its tokenizer next to the OpenAI protocol: the ids of a prompt (/tokenize), and its chat template (/tokenizer_info). */

import { z } from 'zod'
import type { Endpoint } from '../../core/endpoint.ts'
import { ServerError } from '../../core/errors.ts'
import type { Message } from '../../core/message.ts'
import { askBeside } from './questions.ts'

/** llama.cpp has a route of that name too, which takes other fields and finds nothing in ours. */
const tokensSchema = z.object({ tokens: z.array(z.int().min(0)).min(1) })
const infoSchema = z.object({ chat_template: z.string().nullish() })

/** A chat as it is sampled from (`isWhole`: with its answer, as it would continue), or a text. */
export type Tokenizable =
  | {
      readonly kind: 'chat'
      readonly messages: readonly Message[]
      readonly isWhole: boolean
      /** What the chat template is told next to the messages. */
      readonly templateKwargs: Readonly<Record<string, unknown>>
    }
  | { readonly kind: 'text'; readonly text: string }

/** Ids as the server would take them in; undefined where it has no such route. */
export async function tokenizeThere(
  endpoint: Endpoint,
  model: string,
  asked: Tokenizable,
  signal: AbortSignal,
): Promise<readonly number[] | undefined> {
  const body =
    asked.kind === 'text'
      ? { model, prompt: asked.text }
      : {
          model,
          messages: asked.messages.map(({ role, content }) => ({ role, content })),
          add_generation_prompt: !asked.isWhole,
          ...(Object.keys(asked.templateKwargs).length === 0 ? {} : { chat_template_kwargs: asked.templateKwargs }),
        }
  return (await unlessRefused(askBeside(endpoint, 'POST', '/tokenize', tokensSchema, body, signal)))?.tokens
}

/** undefined where the server does not tell it (vLLM does with --enable-tokenizer-info-endpoint). */
export async function chatTemplateThere(endpoint: Endpoint, signal: AbortSignal): Promise<string | undefined> {
  const info = await unlessRefused(askBeside(endpoint, 'GET', '/tokenizer_info', infoSchema, undefined, signal))
  return info?.chat_template ?? undefined
}

/** Servers without these routes refuse them each in its own way, and that is no fault. */
async function unlessRefused<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ServerError) return undefined
    throw error
  }
}
