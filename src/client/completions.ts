/** Completions by the OpenAI client: bodies as they are written, answers as they come. */

import type { Endpoint } from '../core/endpoint.ts'
import { messageOf } from '../core/errors.ts'
import { asking, createClient, rootOf, statusOf } from './client.ts'

export interface CompletionQuestion {
  readonly api: 'chat' | 'completions'
  /** The request as the protocol has it; keys that only some servers know are sent as they are. */
  readonly body: object
  readonly timeoutMs: number
  readonly retries?: number
  readonly signal?: AbortSignal
}

/**
 * One whole answer, not streamed.
 * @returns the answer's JSON as the server wrote it
 * @throws ServerError where no server is listening, or the key or the request is refused
 */
export async function askCompletion(endpoint: Endpoint, question: CompletionQuestion): Promise<string> {
  return await asking(endpoint, pathOf(question.api), question.signal, async () => {
    const response = await post(endpoint, question)
    return await response.text()
  })
}

/** What came of a request whose failures somebody else has to understand. */
export type PostedCompletion =
  | { readonly kind: 'answered'; readonly body: ReadableStream<Uint8Array> | null }
  | { readonly kind: 'refused'; readonly status: number; readonly said: string }

/**
 * The same as it comes, piece by piece, and without sentences of our own.
 * @throws the connection's error with its `code`, the signal's reason
 */
export async function postCompletion(endpoint: Endpoint, question: CompletionQuestion): Promise<PostedCompletion> {
  try {
    return { kind: 'answered', body: (await post(endpoint, question)).body }
  } catch (error) {
    question.signal?.throwIfAborted()
    const status = await statusOf(error)
    if (status !== undefined) return { kind: 'refused', status, said: messageOf(error).replace(/^\d{3} /, '') }
    throw rootOf(error)
  }
}

async function post(endpoint: Endpoint, question: CompletionQuestion): Promise<Response> {
  const { api, body, timeoutMs, retries = 0, signal } = question
  const client = await createClient(endpoint, { timeoutMs, retries })
  endpoint.onRequest?.()
  return await client.post(pathOf(api), { body, signal }).asResponse()
}

function pathOf(api: CompletionQuestion['api']): string {
  return api === 'chat' ? '/chat/completions' : '/completions'
}
