/** Short questions to an endpoint, each with a deadline: is somebody there, what is served, does it answer. */

import { z } from 'zod'
import { type Endpoint, NobodyAnswers, nobodyAnswers, refused, withoutKey } from '../../core/endpoint.ts'
import { readErrorBody } from '../../core/error-body.ts'
import { ServerError } from '../../core/errors.ts'
import { classifyStatus } from '../classify-failure.ts'
import { headersFor } from '../protocol/attempt.ts'
import { createDispatcher } from '../protocol/dispatcher.ts'
import { addressOf, exchange, HttpFailure } from '../protocol/http.ts'
import type { Api } from '../protocol/wire.ts'

/** Servers under full load answer their admin routes late, but not later than this. */
const DEADLINE_MS = 15_000

/** The first token after a swap may have to wait for the loading of weights. */
const FIRST_TOKEN_MS = 120_000

export interface ServedModel {
  /** Served name. */
  readonly id: string
  /** Where vLLM says that the weights are; undefined where the server does not tell. */
  readonly root: string | undefined
  /** The base of an adapter. */
  readonly parent: string | undefined
  /** Longest prompt and answer together, in tokens. */
  readonly maxModelLen: number | undefined
}

/** Told as it should be, or not told. */
const told = <T>(schema: z.ZodType<T>) => schema.nullish().catch(undefined)

/** Some hosted providers answer with the list alone. */
const modelsSchema = z.preprocess(
  (answer) => (Array.isArray(answer) ? { data: answer } : answer),
  z.object({
    data: z.array(
      z.object({
        id: z.string(),
        root: told(z.string()),
        parent: told(z.string()),
        max_model_len: told(z.number()),
        // llama.cpp has it here.
        meta: told(z.object({ n_ctx: told(z.number()) })),
      }),
    ),
  }),
)

/**
 * Lists what the server says it serves. The list can be static: it does not prove that the weights answer.
 *
 * @throws ServerError where no server answers, the key is refused or the answer is no list
 */
export async function listModels(endpoint: Endpoint, signal?: AbortSignal): Promise<ServedModel[]> {
  const answer = await ask(endpoint, 'GET', '/models', undefined, DEADLINE_MS, signal)
  const { data } = read(modelsSchema, withoutKey(endpoint, answer), `${endpoint.baseURL}/models`)
  return data.map((model) => ({
    id: model.id,
    root: model.root ?? undefined,
    parent: model.parent ?? undefined,
    maxModelLen: model.max_model_len ?? model.meta?.n_ctx ?? undefined,
  }))
}

const completionSchema = z.object({
  model: z.string().nullish(),
  choices: z.array(z.looseObject({})).min(1),
})

export interface ProbeOptions {
  readonly api?: Api
  readonly timeoutMs?: number
  readonly temperature?: number
  readonly topP?: number
}

/**
 * Has the model write one token.
 *
 * @returns the model name the server answered with
 * @throws ServerError where no server answers or the model does not write
 */
export async function probeOneToken(
  endpoint: Endpoint,
  model: string,
  signal?: AbortSignal,
  options: ProbeOptions = {},
): Promise<string> {
  const { api = 'chat', timeoutMs = FIRST_TOKEN_MS, temperature = 0, topP = 1 } = options
  const prompt = api === 'chat' ? { messages: [{ role: 'user', content: 'Say one word.' }] } : { prompt: 'One word:' }
  const body = { model, ...prompt, temperature, top_p: topP, max_tokens: 1 }
  return (await postForCompletion(endpoint, api, completionSchema, body, signal, timeoutMs)).model ?? ''
}

/** @throws ServerError where no server answers, or something else than the schema */
export async function postForCompletion<T>(
  endpoint: Endpoint,
  api: Api,
  schema: z.ZodType<T>,
  body: object,
  signal: AbortSignal | undefined,
  timeoutMs: number = FIRST_TOKEN_MS,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  const path = api === 'chat' ? '/chat/completions' : '/completions'
  endpoint.onRequest?.()
  const answer = await ask(endpoint, 'POST', path, JSON.stringify(body), timeoutMs, signal, headers)
  return read(schema, withoutKey(endpoint, answer), endpoint.baseURL + path)
}

/**
 * Asks a route that lies next to the protocol's own, as vLLM's do.
 * @param path from where the API's /v1 stands
 * @throws ServerError where no server answers, or something else than the schema
 */
export async function askBeside<T>(
  endpoint: Endpoint,
  method: 'GET' | 'POST',
  path: string,
  schema: z.ZodType<T>,
  body: object | undefined,
  signal: AbortSignal | undefined,
): Promise<T> {
  const beside = { ...endpoint, baseURL: endpoint.baseURL.replace(/\/v\d+\/*$/, '') }
  const text = body === undefined ? undefined : JSON.stringify(body)
  const answer = await ask(beside, method, path, text, DEADLINE_MS, signal)
  return read(schema, withoutKey(endpoint, answer), beside.baseURL + path)
}

/** More than any list of models or answer of a few tokens. */
const MOST_BYTES = 8_000_000

/** @throws ServerError; HttpFailure's sentence is in it */
async function ask(
  endpoint: Endpoint,
  method: 'GET' | 'POST',
  path: string,
  body: string | undefined,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const deadline = AbortSignal.timeout(timeoutMs)
  const dispatcher = createDispatcher()
  const address = addressOf(endpoint.baseURL + path)
  try {
    return await exchange(
      dispatcher,
      { address, method, headers: { ...headersFor(endpoint), ...headers }, body, maxBytes: MOST_BYTES },
      signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    )
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof HttpFailure) {
      const said = withoutKey(endpoint, error.message)
      if (classifyStatus(error.status).reaction === 'refused') throw refused(endpoint, `${error.status}: ${said}`)
      throw new ServerError(`${endpoint.baseURL}${path} answered ${error.status}: ${said}`, { cause: error })
    }
    if (deadline.aborted) {
      const text = `${endpoint.baseURL}${path} did not answer within ${timeoutMs / 1000} s.`
      throw new NobodyAnswers(text, { cause: error })
    }
    throw nobodyAnswers(endpoint, 0, error)
  } finally {
    await dispatcher.destroy()
  }
}

function read<T>(schema: z.ZodType<T>, text: string, url: string): T {
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw new ServerError(`${url} does not speak the OpenAI protocol: it answered ${readErrorBody(text)}`, { cause })
  }
}
