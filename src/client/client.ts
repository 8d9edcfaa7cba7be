/**
 * The OpenAI client for what is asked now and then: what every program that uses it sends, our endpoints are asked by it too.
 * Sampling has connections of its own (sample/protocol), where a request costs a sixth of the processor time.
 */

import type OpenAI from 'openai'
import { type Endpoint, NobodyAnswers, nobodyAnswers, PLACEHOLDER_KEY, refused, withoutKey } from '../core/endpoint.ts'
import { readErrorBody } from '../core/error-body.ts'
import { messageOf, ServerError } from '../core/errors.ts'

export interface ClientOptions {
  /** Longest wait for one answer, retries not counted. */
  readonly timeoutMs: number
  /** Times that the client asks again by itself: after 408, 409, 429, 5xx and broken connections. */
  readonly retries?: number
}

/** Its two hundred files are loaded with the first question: a run without a judge, or an API that trains, asks none. */
async function sdk(): Promise<typeof OpenAI> {
  return (await import('openai')).default
}

/** More than any list of models, judgement or state of a job. */
const MOST_BYTES = 8_000_000

/**
 * A client of one endpoint. Its key is the endpoint's own: nothing is taken from the environment variables that the client looks
 * for by itself.
 */
export async function createClient(endpoint: Endpoint, { timeoutMs, retries = 0 }: ClientOptions): Promise<OpenAI> {
  const apiKey = endpoint.apiKey ?? PLACEHOLDER_KEY
  const Client = await sdk()
  return new Client({
    baseURL: endpoint.baseURL,
    apiKey,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    logLevel: 'off',
    maxRetries: retries,
    timeout: timeoutMs,
    fetch: async (address, init) => {
      // The sampling does not follow redirects either: a POST does not survive them.
      const headers = ownHeaders(init?.headers, apiKey)
      const response = await fetch(address, { ...init, headers, redirect: 'manual' })
      return await asJson(new Response(bounded(response.body), response))
    },
  })
}

/** What the client itself sends. OPENAI_CUSTOM_HEADERS is meant for another server than this one. */
const OWN_HEADERS = /^(accept|content-type|idempotency-key|openai-beta|user-agent|x-stainless-.*)$/

function ownHeaders(given: RequestInit['headers'], apiKey: string): Headers {
  const headers = new Headers()
  new Headers(given).forEach((value, name) => {
    if (OWN_HEADERS.test(name)) headers.set(name, value)
  })
  headers.set('authorization', `Bearer ${apiKey}`)
  return headers
}

/**
 * The client reads what is declared as JSON, and the sentence of an error where OpenAI puts it. Servers that forget the one, or have
 * the other elsewhere (`detail`), are understood all the same.
 */
async function asJson(response: Response): Promise<Response> {
  const headers = new Headers(response.headers)
  const { status } = response
  if (!response.ok) {
    const location = headers.get('location')
    const message = location === null ? readErrorBody(await response.text()) : `redirect to ${location}`
    headers.set('content-type', 'application/json')
    return new Response(JSON.stringify({ error: { message } }), { status, headers })
  }
  if (headers.has('content-type')) return response
  headers.set('content-type', 'application/json')
  return new Response(response.body, { status, headers })
}

function bounded(body: ReadableStream<Uint8Array> | null): ReadableStream<Uint8Array> | null {
  let seen = 0
  const limit = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      seen += chunk.length
      if (seen > MOST_BYTES) throw new Error(`the answer is longer than ${MOST_BYTES / 1e6} MB`)
      controller.enqueue(chunk)
    },
  })
  return body?.pipeThrough(limit) ?? null
}

/**
 * What a question to an endpoint gives.
 * @param path for messages, like `/models`
 * @throws ServerError in one sentence; NobodyAnswers where no server is listening or it is silent for too long; the signal's reason
 */
export async function asking<T>(
  endpoint: Endpoint,
  path: string,
  signal: AbortSignal | undefined,
  question: () => Promise<T>,
): Promise<T> {
  try {
    return await question()
  } catch (error) {
    signal?.throwIfAborted()
    const { APIConnectionTimeoutError, APIConnectionError, APIError, AuthenticationError, PermissionDeniedError } =
      await sdk()
    const url = `${endpoint.baseURL}${path}`
    if (error instanceof APIConnectionTimeoutError) {
      throw new NobodyAnswers(`${url} did not answer in time.`, { cause: error })
    }
    if (error instanceof APIConnectionError) throw nobodyAnswers(endpoint, 0, rootOf(error))
    if (!(error instanceof APIError)) {
      throw new ServerError(`${url} does not speak the OpenAI protocol (${saidBy(endpoint, error)}).`, { cause: error })
    }
    const said = saidBy(endpoint, error)
    if (error instanceof AuthenticationError || error instanceof PermissionDeniedError) {
      throw refused(endpoint, said)
    }
    throw new ServerError(`${url} answered ${said}`, { cause: error })
  }
}

/** The status that a server refused a question with; undefined for every other error. */
export async function statusOf(error: unknown): Promise<number | undefined> {
  const { APIError } = await sdk()
  return error instanceof APIError ? error.status : undefined
}

/** Errors of a connection hide what the system said behind two others. */
export function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? rootOf(error.cause) : error
}

function saidBy(endpoint: Endpoint, error: unknown): string {
  return withoutKey(endpoint, messageOf(error))
}
