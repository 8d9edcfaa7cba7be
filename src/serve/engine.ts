/** One engine's own API, and calls of its admin routes with a deadline. Behind a balancer admin calls must reach each engine. */

import { ServerError } from '../core/errors.ts'

export interface Engine {
  /** With its `/v1`. */
  readonly baseURL: string
  readonly authorization: string
}

export interface AdminAnswer {
  readonly ok: boolean
  readonly status: number
  /** The beginning of its body. */
  readonly said: string
}

export interface AdminCall {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** `beside` the API's /v1, as vLLM's development routes are, or below it. */
  readonly place: 'api' | 'beside'
  readonly body?: object
  readonly seconds: number
  readonly signal?: AbortSignal | undefined
}

const MOST_CHARACTERS = 1000

/** @throws ServerError where no server answers in time; the signal's reason */
export async function callEngine(engine: Engine, call: AdminCall): Promise<AdminAnswer> {
  const { method, path, place, body, seconds, signal } = call
  const root = place === 'api' ? engine.baseURL : engine.baseURL.replace(/\/v\d+\/*$/, '')
  const deadline = AbortSignal.timeout(seconds * 1000)
  try {
    const response = await fetch(root + path, {
      method,
      headers: { 'content-type': 'application/json', authorization: engine.authorization },
      ...(body && { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    })
    return { ok: response.ok, status: response.status, said: (await response.text()).slice(0, MOST_CHARACTERS) }
  } catch (error) {
    signal?.throwIfAborted()
    const cause = error instanceof Error ? (error.cause ?? error) : error
    const why = deadline.aborted ? `no answer within ${seconds} s` : String(cause)
    throw new ServerError(`${root}${path} cannot be asked (${why}); the engine's admin calls must be reachable.`, {
      cause: error,
    })
  }
}
