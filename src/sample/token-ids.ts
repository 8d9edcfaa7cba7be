/** A completion with its tokens, as far as the server tells them: ids (vLLM), else only how many. */

import { z } from 'zod'
import { ServerError } from '../core/errors.ts'
import type { Message } from '../core/message.ts'
import type { SamplingParameters } from '../core/sampler.ts'
import type { ServerTokens } from '../core/skew.ts'
import type { Endpoint } from './endpoint.ts'
import { postForCompletion } from './probe.ts'

const ids = z.array(z.number()).nullish()
const answerSchema = z.object({
  prompt_token_ids: ids,
  choices: z
    .array(
      z.object({
        message: z.object({
          content: z.string().nullish(),
          reasoning: z.string().nullish(),
          reasoning_content: z.string().nullish(),
        }),
        finish_reason: z.string().nullish(),
        token_ids: ids,
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: z.number().nullish(), completion_tokens: z.number().nullish() }).nullish(),
})

/** @throws ServerError where nobody answers or the model does not write */
export async function sampleWithTokens(
  endpoint: Endpoint,
  model: string,
  messages: readonly Message[],
  parameters: SamplingParameters,
  signal: AbortSignal,
): Promise<ServerTokens & { readonly text: string }> {
  const { temperature, topP, maxTokens, stop } = parameters
  const body = {
    model,
    messages: messages.map(({ role, content }) => ({ role, content })),
    temperature,
    top_p: topP,
    max_tokens: maxTokens,
    ...(stop.length === 0 ? {} : { stop: [...stop] }),
  }
  const ask = (more: object) => postForCompletion(endpoint, 'chat', answerSchema, { ...body, ...more }, signal)
  const answer = await ask({ return_token_ids: true }).catch((error: unknown) => {
    // Servers that do not know the field refuse it, or ignore it.
    if (error instanceof ServerError) return ask({})
    throw error
  })
  const choice = answer.choices[0]
  return {
    text: choice?.message.content ?? '',
    promptIds: answer.prompt_token_ids ?? undefined,
    promptCount: answer.prompt_token_ids?.length ?? answer.usage?.prompt_tokens ?? 0,
    completionIds: choice?.token_ids ?? undefined,
    completionCount: choice?.token_ids?.length ?? answer.usage?.completion_tokens ?? 0,
    hasEnded: choice?.finish_reason === 'stop',
    hidesThinking: Boolean(choice?.message.reasoning ?? choice?.message.reasoning_content),
  }
}
