/** Canary prompts: a few fixed questions answered greedily, which tell two sets of weights apart. */

import { z } from 'zod'
import type { Endpoint } from '../../core/endpoint.ts'
import type { Api } from '../protocol/wire.ts'
import { postForCompletion } from './questions.ts'

const PROMPTS = ['What is 17 + 25?', 'Count from one to ten in words.', 'Tom has 4 bags of 6 pears. How many pears?']
const MAX_TOKENS = 16

/** What a served name says to the canary prompts. */
export interface CanaryAnswers {
  readonly texts: readonly string[]
  /** Of the tokens it wrote, one list; undefined where the server does not tell. */
  readonly logprobs: readonly number[] | undefined
  /** The model name that it answered with; undefined where it does not tell. */
  readonly answered: string | undefined
}

const answerSchema = z.object({
  model: z.string().nullish(),
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish() }).nullish(),
        text: z.string().nullish(),
        logprobs: z
          .object({
            content: z.array(z.object({ logprob: z.number() })).nullish(),
            token_logprobs: z.array(z.number().nullable()).nullish(),
          })
          .nullish(),
      }),
    )
    .min(1),
})

/** @throws ServerError where no server answers or the model does not write */
export async function askCanaries(
  endpoint: Endpoint,
  api: Api,
  model: string,
  signal: AbortSignal,
): Promise<CanaryAnswers> {
  const texts: string[] = []
  let logprobs: number[] | undefined = []
  let answered: string | undefined
  for (const prompt of PROMPTS) {
    const asked = api === 'chat' ? { messages: [{ role: 'user', content: prompt }] } : { prompt }
    const wanted = { logprobs: api === 'chat' ? true : 1 }
    const body = { model, ...asked, ...wanted, temperature: 0, max_tokens: MAX_TOKENS }
    const answer = await postForCompletion(endpoint, api, answerSchema, body, signal)
    const choice = answer.choices[0]
    answered = answer.model ?? undefined
    texts.push(choice?.message?.content ?? choice?.text ?? '')
    const told = choice?.logprobs?.content?.map(({ logprob }) => logprob) ?? choice?.logprobs?.token_logprobs
    logprobs = told ? logprobs?.concat(told.filter((value) => value !== null)) : undefined
  }
  return { texts, logprobs, answered }
}

/**
 * Whether two served names answer differently: in their texts where these repeat, else beyond the noise of their log
 * probabilities. undefined where texts agree and no log probabilities are told, for that may be chance.
 */
export async function differInAnswers(
  endpoint: Endpoint,
  api: Api,
  one: string,
  other: string,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const [first, again, second] = [
    await askCanaries(endpoint, api, one, signal),
    await askCanaries(endpoint, api, one, signal),
    await askCanaries(endpoint, api, other, signal),
  ]
  const repeats = isEqual(first.texts, again.texts)
  if (repeats && !isEqual(first.texts, second.texts)) return true
  if (!repeats || !first.logprobs?.length || !again.logprobs || !second.logprobs) return undefined
  return largestGap(first.logprobs, second.logprobs) > 2 * largestGap(first.logprobs, again.logprobs)
}

export function isEqual(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i])
}

function largestGap(a: readonly number[], b: readonly number[]): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN)) || 0), 0)
}
