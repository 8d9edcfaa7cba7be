/** An endpoint that speaks the OpenAI protocol, and what to say when it does not let us in. */

import { ServerError } from './errors.ts'

export interface Endpoint {
  /** With its version, for example `http://127.0.0.1:8000/v1`. */
  readonly baseURL: string
  /** undefined sends a placeholder, never a key from the environment. */
  readonly apiKey: string | undefined
  /** Where the user keeps the key, for messages. */
  readonly apiKeyEnv: string | undefined
  /** Told of each completion that is asked for next to the sampling: a canary, a single token. */
  readonly onRequest?: (() => void) | undefined
  /** Its name and place stay the same whatever weights it is given: what it serves is told by vLLM's version of the weights. */
  readonly hasWeightVersion?: boolean | undefined
}

/** What servers without a key are sent, since some proxies want the header to be there. */
export const PLACEHOLDER_KEY = 'none'

/** A server's words as they may be kept: some quote the key that they refuse. */
export function withoutKey(endpoint: Endpoint, text: string): string {
  return endpoint.apiKey === undefined || endpoint.apiKey === '' ? text : text.replaceAll(endpoint.apiKey, '[key]')
}

export function refused(endpoint: Endpoint, said: string): ServerError {
  const fix =
    endpoint.apiKeyEnv === undefined
      ? 'name the environment variable that holds the key as apiKeyEnv of the endpoint'
      : endpoint.apiKey === undefined
        ? `set the environment variable ${endpoint.apiKeyEnv}, which is empty`
        : `check the key in the environment variable ${endpoint.apiKeyEnv}`
  return new ServerError(`${endpoint.baseURL} refuses the key (${said}); ${fix}.`)
}

/** Nobody is there, as against somebody who refuses. */
export class NobodyAnswers extends ServerError {}

export function nobodyAnswers(endpoint: Endpoint, seconds: number, cause: unknown): NobodyAnswers {
  const why = cause instanceof Error ? cause.message || ('code' in cause ? cause.code : cause.name) : cause
  const since = seconds > 0 ? ` for ${seconds} s` : ''
  return new NobodyAnswers(
    `Nobody answers at ${endpoint.baseURL}${since} (${why}); start the inference server or correct the endpoint's baseURL.`,
    { cause },
  )
}
