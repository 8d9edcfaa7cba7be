/**
 * What an endpoint can do, found out by asking: servers accept parameters that they then ignore, so each is judged by what comes back.
 * A probe is a dozen requests of a few tokens; its record is kept with the run.
 */

import type { Dispatcher } from 'undici'
import { z } from 'zod'
import type { Endpoint } from '../../core/endpoint.ts'
import { ServerError } from '../../core/errors.ts'
import type { SamplingParameters } from '../../core/sampler.ts'
import { readFailure } from '../failure.ts'
import { getFrom, headersFor } from '../protocol/attempt.ts'
import { cacheSalt } from '../protocol/cache-salt.ts'
import { type Dialect, PLAIN_DIALECT } from '../protocol/dialect.ts'
import { createDispatcher } from '../protocol/dispatcher.ts'
import { addressOf, exchange } from '../protocol/http.ts'
import { readMessage } from '../protocol/message-text.ts'
import { refuseToldError } from '../protocol/told-error.ts'
import { type Api, choicesOf, parseAnswer, type RawAnswer, type RawChoice, requestFields } from '../protocol/wire.ts'
import { listModels } from './questions.ts'
import { whatOpens } from './thinking-opens.ts'
import { readVllmMetrics } from './vllm-metrics.ts'

export const SUPPORT = ['yes', 'no', 'refused', 'unknown'] as const
/** `no`: taken without a word and ignored. `refused`: the request fails. `unknown`: nothing could be seen. */
export type Support = (typeof SUPPORT)[number]
const support = z.enum(SUPPORT)

export const capabilitySchema = z.object({
  /** Several completions for one request. */
  n: support,
  /** The same seed gives the same text, another one another. */
  seed: support,
  /** A stop string ends the text and is not in it. */
  stop: support,
  /** The name of the token limit that is kept to. */
  limitField: z.enum(['max_tokens', 'max_completion_tokens']).nullable(),
  logprobs: support,
  /** vLLM's return_token_ids. */
  tokenIds: support,
  /** vLLM's cache_salt: taken or refused; what it does cannot be seen. */
  cacheSalt: support,
  /** top_k, min_p and repetition_penalty: taken or refused. */
  extraParameters: support,
  usage: support,
  /** vLLM's /metrics. */
  metrics: support,
  /** Prompt and completion together, in tokens; null where the server does not tell. */
  contextLength: z.int().nullable(),
  /** Where the server says that the weights are. */
  root: z.string().nullable(),
  /** Fields of the protocol without which it answers, and with which it does not. */
  refused: z.array(z.string()).readonly().default([]),
  /** It keeps the model's thinking in a field of its own. */
  keepsThinking: z.boolean().default(false),
  /** What the model writes before its thinking; null where the server does not tell. */
  thinkingOpens: z.string().nullable().default(null),
  /** Requests that the probe sent. */
  requests: z.int(),
})
export type Capabilities = z.infer<typeof capabilitySchema>

export interface ProbeOptions {
  readonly api: Api
  /** Of the run: what it asks for is what is tried, and some servers keep the first request's temperature for all that follow. */
  readonly parameters: Pick<SamplingParameters, 'temperature' | 'topP' | 'templateKwargs' | 'extraBody'>
  /** Longest wait for one answer. */
  readonly timeoutMs: number
}

const MOST_BYTES = 8_000_000
const SOME_TOKENS = 12

/**
 * Probes an endpoint. Never fails for what a server lacks or does: what could not be found out is `unknown`.
 * @returns undefined where not even the first question was answered
 * @throws the signal's reason
 */
export async function probeCapabilities(
  endpoint: Endpoint,
  model: string,
  options: ProbeOptions,
  signal: AbortSignal,
): Promise<Capabilities | undefined> {
  const { api } = options
  const dispatcher = createDispatcher()
  const ask = createQuestion(endpoint, model, options, dispatcher, signal)
  try {
    const first = await findWords(ask)
    if (first === undefined) return undefined
    const { limitField, refused, answer } = first
    const limit = { ...leftOut(refused), [limitField ?? 'max_tokens']: SOME_TOKENS }
    const asked = await together({
      greedy: ask({ ...limit, temperature: 0 }),
      extras: ask({ ...limit, top_k: -1, min_p: 0, repetition_penalty: 1 }),
      salted: ask({ ...limit, cache_salt: cacheSalt(`name:${model}`) }),
      withIds: ask({ ...limit, return_token_ids: true }),
      logprobs: ask({ ...limit, logprobs: api === 'chat' ? true : 1 }),
      several: ask({ ...limit, n: 2, temperature: 1 }),
      seed: probeSeed(ask, limit, api),
      served: listed(endpoint, model, signal),
      metrics: readMetrics(endpoint, dispatcher, signal),
    })
    const { served, withIds } = asked
    const thinking = await probeThinking(endpoint, model, withIds, signal)
    return {
      n: judge(asked.several, (said) => choicesOf(said).length === 2),
      seed: refused.includes('seed') ? 'refused' : asked.seed,
      stop: await probeStop(ask, limit, api, textOf(asked.greedy, api)),
      limitField,
      logprobs: judge(asked.logprobs, (said) => hasLogprobs(choicesOf(said)[0])),
      tokenIds: judge(withIds, (said) => Array.isArray(choicesOf(said)[0]?.token_ids)),
      cacheSalt: judge(asked.salted, () => true),
      extraParameters: judge(asked.extras, () => true),
      usage: judge(answer, (said) => typeof said.usage?.completion_tokens === 'number'),
      metrics: asked.metrics === undefined ? 'no' : 'yes',
      contextLength: served?.maxModelLen ?? null,
      root: served?.root ?? null,
      refused,
      ...thinking,
      requests: ask.asked(),
    }
  } finally {
    await dispatcher.destroy()
  }
}

/** Fields that servers are known to refuse, alone or next to others. */
const DISPENSABLE = ['seed', 'n', 'top_p'] as const

interface Words {
  readonly limitField: Capabilities['limitField']
  readonly refused: readonly string[]
  readonly answer: Answered
}

/** How the first completion can be asked for: as a run asks, else under the limit's other name, else without what is refused. */
async function findWords(ask: Question): Promise<Words | undefined> {
  const plain = await ask({ max_tokens: 1 })
  if (plain === 'unknown') return undefined
  if (plain !== 'refused') return { limitField: 'max_tokens', refused: [], answer: plain }
  const renamed = await ask({ max_completion_tokens: 1 })
  if (typeof renamed === 'object') return { limitField: 'max_completion_tokens', refused: [], answer: renamed }
  for (const refused of [...DISPENSABLE.map((name) => [name]), [...DISPENSABLE]]) {
    for (const limitField of ['max_tokens', 'max_completion_tokens'] as const) {
      const answer = await ask({ ...leftOut(refused), [limitField]: 1 })
      if (typeof answer === 'object') return { limitField, refused, answer }
    }
  }
  return { limitField: null, refused: [], answer: renamed }
}

function leftOut(names: readonly string[]): object {
  return Object.fromEntries(names.map((name) => [name, undefined]))
}

/** Waits for all of them at once. */
async function together<T extends Record<string, Promise<unknown>>>(
  asked: T,
): Promise<{ [K in keyof T]: Awaited<T[K]> }> {
  const entries = await Promise.all(Object.entries(asked).map(async ([name, answer]) => [name, await answer] as const))
  return Object.fromEntries(entries) as { [K in keyof T]: Awaited<T[K]> }
}

/** Whether thinking is kept apart, and what the model wrote before it: told by its tokens as a text. */
async function probeThinking(
  endpoint: Endpoint,
  model: string,
  answer: Answered,
  signal: AbortSignal,
): Promise<Pick<Capabilities, 'keepsThinking' | 'thinkingOpens'>> {
  const choice = typeof answer === 'object' ? choicesOf(answer)[0] : undefined
  const { reasoning } = readMessage(choice?.message)
  const tokens = choice?.token_ids
  if (reasoning === '' || !Array.isArray(tokens)) return { keepsThinking: reasoning !== '', thinkingOpens: null }
  return { keepsThinking: true, thinkingOpens: await whatOpens(endpoint, model, reasoning, tokens, signal) }
}

/** How to ask an endpoint that has shown this of itself: only what vLLM is known to honour is sent beyond the protocol. */
export function dialectOf(capabilities: Capabilities, before: Dialect): Dialect {
  const isVllm = capabilities.metrics === 'yes' || capabilities.tokenIds === 'yes'
  return {
    ...before,
    limitField: capabilities.limitField ?? 'max_tokens',
    tokenIds: capabilities.tokenIds === 'yes',
    cacheSalt: isVllm && capabilities.cacheSalt === 'yes',
    extraParameters: isVllm && capabilities.extraParameters === 'yes',
    omits: capabilities.refused,
    thinking: { ...before.thinking, opens: capabilities.thinkingOpens ?? before.thinking.opens },
  }
}

/** vLLM's metrics, which lie next to its API; undefined where there are none. @throws the signal's reason */
export async function readMetrics(endpoint: Endpoint, dispatcher: Dispatcher, signal: AbortSignal) {
  const asked = getFrom(endpoint, `${endpoint.baseURL.replace(/\/v1$/, '')}/metrics`, MOST_BYTES)
  try {
    return readVllmMetrics(await exchange(dispatcher, asked, AbortSignal.any([signal, AbortSignal.timeout(10_000)])))
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}

type Answered = RawAnswer | 'refused' | 'unknown'
type Question = ((fields: object) => Promise<Answered>) & { readonly asked: () => number }

function createQuestion(
  endpoint: Endpoint,
  model: string,
  { api, parameters, timeoutMs }: ProbeOptions,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Question {
  const address = addressOf(endpoint.baseURL + (api === 'chat' ? '/chat/completions' : '/completions'))
  const text = 'Count from one to twenty in words.'
  const prompt = api === 'chat' ? { messages: [{ role: 'user', content: text }] } : { prompt: text }
  const drawing = { ...parameters, topK: null, maxTokens: SOME_TOKENS, stop: [] }
  const { max_tokens: _, ...base } = {
    max_tokens: 0,
    ...requestFields({ seed: 1, parameters: drawing }, PLAIN_DIALECT),
  }
  let asked = 0
  const ask = async (fields: object): Promise<Answered> => {
    asked++
    const body = JSON.stringify({ model, ...prompt, ...base, ...fields })
    const question = { address, method: 'POST', headers: headersFor(endpoint), body, maxBytes: MOST_BYTES } as const
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    try {
      const answer = parseAnswer(await exchange(dispatcher, question, deadline))
      refuseToldError(answer)
      return answer
    } catch (error) {
      signal.throwIfAborted()
      if (deadline.aborted) return 'unknown'
      // Whatever a network does to a question leaves it unanswered.
      const { status } = readFailure(error)
      return status === 400 || status === 422 ? 'refused' : 'unknown'
    }
  }
  return Object.assign(ask, { asked: () => asked })
}

function judge(answer: Answered, isHonoured: (answer: RawAnswer) => boolean): Support {
  if (answer === 'refused' || answer === 'unknown') return answer
  return isHonoured(answer) ? 'yes' : 'no'
}

async function probeSeed(ask: Question, limit: object, api: Api): Promise<Support> {
  const drawn = await Promise.all([1, 1, 2].map((seed) => ask({ ...limit, temperature: 1, seed })))
  if (drawn.includes('refused')) return 'refused'
  if (drawn.includes('unknown')) return 'unknown'
  const [first, again, other] = drawn.map((answer) => textOf(answer, api))
  if (first !== again) return 'no'
  return first === other ? 'unknown' : 'yes'
}

/** Stops at a piece from the middle of what the greedy answer says. */
async function probeStop(ask: Question, limit: object, api: Api, greedy: string): Promise<Support> {
  const piece = greedy.slice(4).match(/[\w.,]+/)?.[0]
  if (piece === undefined) return 'unknown'
  const answer = await ask({ ...limit, temperature: 0, stop: [piece] })
  return judge(answer, () => !textOf(answer, api).includes(piece))
}

function textOf(answer: Answered | undefined, api: Api): string {
  if (answer === undefined || answer === 'refused' || answer === 'unknown') return ''
  const [choice] = choicesOf(answer)
  if (api === 'completions') return typeof choice?.text === 'string' ? choice.text : ''
  const { text, reasoning } = readMessage(choice?.message)
  return reasoning + text
}

function hasLogprobs(choice: (RawChoice & { readonly logprobs?: unknown }) | undefined): boolean {
  return choice?.logprobs !== undefined && choice.logprobs !== null
}

async function listed(endpoint: Endpoint, model: string, signal: AbortSignal) {
  try {
    return (await listModels(endpoint, signal)).find(({ id }) => id === model)
  } catch (error) {
    if (error instanceof ServerError) return undefined
    throw error
  }
}
