/**
 * Hugging Face: inference providers behind its router, and dedicated endpoints. Its client knows their addresses, headers and
 * payloads; the exchange, its limits and what its failures mean are those of every endpoint.
 */

import { chatCompletion, InferenceClientInputError, InferenceClientRoutingError } from '@huggingface/inference'
import type { Endpoint } from '../../core/endpoint.ts'
import { ConfigError } from '../../core/errors.ts'
import type { Send } from './attempt.ts'
import { addressOf, exchange } from './http.ts'

type ChatArguments = Parameters<typeof chatCompletion>[0]

/** What the client takes of a fetch; it always names its address as text. */
type Fetch = (url: string, info?: RequestInit) => Promise<Response>

/**
 * Sends chat requests by way of Hugging Face's client.
 * @param provider `auto` or a provider's name; null for a dedicated endpoint, whose address is the base URL
 */
export function createHuggingFaceSend(endpoint: Endpoint, provider: string | null): Send {
  return async (asked, dispatcher, signal) => {
    let body: string | undefined
    const fetch: Fetch = async (url, info = {}) => {
      const text = await exchange(
        dispatcher,
        {
          address: addressOf(url),
          method: info.method === 'POST' ? 'POST' : 'GET',
          headers: Object.fromEntries(new Headers(info.headers)),
          body: typeof info.body === 'string' ? info.body : undefined,
          maxBytes: asked.maxBytes,
          ...(asked.onData && info.method === 'POST' ? { onData: asked.onData } : {}),
        },
        signal,
      )
      if (info.method === 'POST') body = text
      return new Response(text, { headers: { 'content-type': 'application/json' } })
    }
    const target = provider === null ? { endpointUrl: endpoint.baseURL } : { provider }
    const written: object = JSON.parse(asked.body)
    try {
      await chatCompletion({ ...written, ...target, accessToken: endpoint.apiKey } as ChatArguments, {
        fetch: fetch as typeof globalThis.fetch,
        retry_on_error: false,
      })
    } catch (error) {
      // What came back is read as any other endpoint's answer, whatever the client thinks of it.
      if (body === undefined) throw asOurs(error, provider)
    }
    return body ?? ''
  }
}

function asOurs(error: unknown, provider: string | null): unknown {
  if (!(error instanceof InferenceClientInputError || error instanceof InferenceClientRoutingError)) return error
  return new ConfigError(
    `Hugging Face's client does not take sample.provider ${provider ?? 'null'} with this endpoint: ${error.message}`,
    { cause: error },
  )
}
