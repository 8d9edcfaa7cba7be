/**
 * What an endpoint can do, found out by asking: servers accept parameters that they then ignore, so each is judged by what comes back.
 * A probe is a dozen requests of a few tokens; its record is kept with the run.
 */

import type { Dispatcher } from 'undici'
import { z } from 'zod'
import type { Endpoint } from '../../core/endpoint.ts'
import { ServerError } from '../../core/errors.ts'
import { headersFor } from '../protocol/attempt.ts'
import { cacheSalt } from '../protocol/cache-salt.ts'
import { type Dialect, PLAIN_DIALECT } from '../protocol/dialect.ts'
import { addressOf, createDispatcher, exchange, HttpFailure } from '../protocol/http.ts'
import { MalformedAnswer } from '../protocol/malformed-answer.ts'
import { type Api, choicesOf, parseAnswer, type RawAnswer, type RawChoice } from '../protocol/wire.ts'
import { listModels } from './questions.ts'
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
  /** Requests that the probe sent. */
  requests: z.int(),
})
export type Capabilities = z.infer<typeof capabilitySchema>

export interface ProbeOptions {
  readonly api: Api
  /** Of the run: some servers keep the first request's for all that follow. */
  readonly temperature: number
  readonly topP: number
  /** Longest wait for one answer. */
  readonly timeoutMs: number
}

const MOST_BYTES = 8_000_000
const SOME_TOKENS = 12

/**
 * Probes an endpoint. Never fails for what a server lacks: what could not be found out is `unknown`.
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
    const plain = await ask({ max_tokens: 1 })
    if (plain === 'unknown') return undefined
    const renamed = plain === 'refused' ? await ask({ max_completion_tokens: 1 }) : plain
    const limitField = plain !== 'refused' ? 'max_tokens' : renamed === 'refused' ? null : 'max_completion_tokens'
    const limit = { [limitField ?? 'max_tokens']: SOME_TOKENS }
    const greedy = await ask({ ...limit, temperature: 0 })
    const extras = await ask({ ...limit, top_k: -1, min_p: 0, repetition_penalty: 1 })
    const salted = await ask({ ...limit, cache_salt: cacheSalt(`name:${model}`) })
    const withIds = await ask({ ...limit, return_token_ids: true })
    const logprobs = await ask({ ...limit, logprobs: api === 'chat' ? true : 1 })
    const served = await listed(endpoint, model, signal)
    return {
      n: judge(await ask({ ...limit, n: 2, temperature: 1 }), (answer) => choicesOf(answer).length === 2),
      seed: await probeSeed(ask, limit, api),
      stop: await probeStop(ask, limit, api, textOf(greedy, api)),
      limitField,
      logprobs: judge(logprobs, (answer) => hasLogprobs(choicesOf(answer)[0])),
      tokenIds: judge(withIds, (answer) => Array.isArray(choicesOf(answer)[0]?.token_ids)),
      cacheSalt: judge(salted, () => true),
      extraParameters: judge(extras, () => true),
      usage: judge(renamed, (answer) => typeof answer.usage?.completion_tokens === 'number'),
      metrics: (await readMetrics(endpoint, dispatcher, signal)) === undefined ? 'no' : 'yes',
      contextLength: served?.maxModelLen ?? null,
      root: served?.root ?? null,
      requests: ask.asked(),
    }
  } finally {
    await dispatcher.destroy()
  }
}

/** How to ask an endpoint that has shown this of itself: only what vLLM is known to honour is sent beyond the protocol. */
export function dialectOf(capabilities: Capabilities, stream: boolean): Dialect {
  const isVllm = capabilities.metrics === 'yes' || capabilities.tokenIds === 'yes'
  return {
    ...PLAIN_DIALECT,
    limitField: capabilities.limitField ?? 'max_tokens',
    tokenIds: capabilities.tokenIds === 'yes',
    cacheSalt: isVllm && capabilities.cacheSalt === 'yes',
    extraParameters: isVllm && capabilities.extraParameters === 'yes',
    stream,
  }
}

/** vLLM's metrics, which lie beside its API; undefined where there are none. @throws the signal's reason */
export async function readMetrics(endpoint: Endpoint, dispatcher: Dispatcher, signal: AbortSignal) {
  const address = addressOf(`${endpoint.baseURL.replace(/\/v1$/, '')}/metrics`)
  const asked = {
    address,
    method: 'GET',
    headers: headersFor(endpoint),
    body: undefined,
    maxBytes: MOST_BYTES,
  } as const
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
  { api, temperature, topP, timeoutMs }: ProbeOptions,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Question {
  const address = addressOf(endpoint.baseURL + (api === 'chat' ? '/chat/completions' : '/completions'))
  const text = 'Count from one to twenty in words.'
  const prompt = api === 'chat' ? { messages: [{ role: 'user', content: text }] } : { prompt: text }
  let asked = 0
  const ask = async (fields: object): Promise<Answered> => {
    asked++
    const body = JSON.stringify({ model, ...prompt, temperature, top_p: topP, ...fields })
    const question = { address, method: 'POST', headers: headersFor(endpoint), body, maxBytes: MOST_BYTES } as const
    try {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
      return parseAnswer(await exchange(dispatcher, question, deadline))
    } catch (error) {
      signal.throwIfAborted()
      const isRefusal = error instanceof HttpFailure && (error.status === 400 || error.status === 422)
      if (isRefusal) return 'refused'
      if (
        error instanceof Error &&
        (error instanceof MalformedAnswer || error instanceof HttpFailure || 'code' in error)
      )
        return 'unknown'
      throw error
    }
  }
  return Object.assign(ask, { asked: () => asked })
}

function judge(answer: Answered, isHonoured: (answer: RawAnswer) => boolean): Support {
  if (answer === 'refused' || answer === 'unknown') return answer
  return isHonoured(answer) ? 'yes' : 'no'
}

async function probeSeed(ask: Question, limit: object, api: Api): Promise<Support> {
  const drawn: Answered[] = []
  for (const seed of [1, 1, 2]) drawn.push(await ask({ ...limit, temperature: 1, seed }))
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
  const text = api === 'chat' ? choice?.message?.content : choice?.text
  return typeof text === 'string' ? text : ''
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
