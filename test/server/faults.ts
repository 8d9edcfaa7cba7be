/** What the test server does wrong, how often, and how a fault looks on the wire. */

import type { ServerResponse } from 'node:http'
import { createRandom, hash32 } from '../../src/core/seed.ts'

export const FAULT_KINDS = [
  '5xx',
  '500',
  '503',
  '429',
  'reset',
  'hang',
  'cut',
  'malformed',
  'content-type',
  'empty-choices',
] as const
/**
 * - `5xx`: 500, 502 or 503
 * - `500`, `503`, `429`: that status, the last two with Retry-After
 * - `reset`: the connection ends without a word
 * - `hang`: the request is taken and never answered
 * - `cut`: the connection ends in the middle of the body
 * - `malformed`: 200 with half a JSON document
 * - `content-type`: 200 with the HTML page of a proxy
 * - `empty-choices`: 200 with `choices: []`
 */
export type FaultKind = (typeof FAULT_KINDS)[number]

/** Faults that a gateway's own answer may be. */
export const BEFORE_THE_WORK: ReadonlySet<FaultKind> = new Set(['5xx', '500', '503', '429', 'reset'])

/** Share of attempts that meet each fault, 0 to 1; together at most 1. */
export type FaultRates = Partial<Record<FaultKind, number>>

export const ERROR_SHAPES = ['openai', 'text', 'detail', 'detail-list'] as const
/** `{"error":{"message"}}` (OpenAI, vLLM), `{"error":"…"}` (vLLM's 401), `{"detail":"…"}` and `{"detail":[{"msg"}]}` (FastAPI). */
export type ErrorShape = (typeof ERROR_SHAPES)[number]

/** Chooses the fault of each attempt: seeded by server seed, request and the number of the attempt, so a retry can succeed. */
export function createFaultDice(seed: number, rates: FaultRates, maxPerRequest: number) {
  const active = FAULT_KINDS.filter((kind) => (rates[kind] ?? 0) > 0)
  const attempts = new Map<number, number>()
  return (requestHash: number): FaultKind | undefined => {
    if (active.length === 0) return undefined
    const attempt = attempts.get(requestHash) ?? 0
    attempts.set(requestHash, attempt + 1)
    if (attempt >= maxPerRequest) return undefined
    let left = createRandom(hash32(`${seed}/${requestHash}/${attempt}`))()
    for (const kind of active) {
      left -= rates[kind] ?? 0
      if (left < 0) return kind
    }
    return undefined
  }
}

export interface RetryAfter {
  readonly form: 'seconds' | 'date' | 'none'
  /** May be a fraction, which some proxies send although the standard knows whole seconds only. */
  readonly seconds: number
}

/** Answers with the fault. `whole` is the body that a healthy answer would have had. */
export function answerFault(
  response: ServerResponse,
  kind: FaultKind,
  options: { whole: string; shape: ErrorShape; retryAfter: RetryAfter; requestHash: number },
): void {
  switch (kind) {
    case '5xx': {
      const status = [500, 502, 503][options.requestHash % 3] ?? 500
      sendError(response, status, 'the engine is unwell', options.shape)
      return
    }
    case '500':
      sendError(response, 500, 'the engine is unwell', options.shape)
      return
    case '503':
      setRetryAfter(response, options.retryAfter)
      sendError(response, 503, 'the engine is busy', options.shape)
      return
    case '429':
      setRetryAfter(response, options.retryAfter)
      sendError(response, 429, 'too many requests', options.shape)
      return
    case 'reset':
      response.destroy()
      return
    case 'hang':
      return
    case 'cut':
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(options.whole),
      })
      response.write(options.whole.slice(0, options.whole.length >> 1), () => response.destroy())
      return
    case 'malformed':
      sendJson(response, 200, options.whole.slice(0, options.whole.length >> 1))
      return
    case 'content-type':
      response.writeHead(200, { 'content-type': 'text/html' })
      response.end('<html><body><h1>Welcome to the proxy</h1></body></html>')
      return
    case 'empty-choices':
      sendJson(response, 200, JSON.stringify({ ...JSON.parse(options.whole), choices: [] }))
  }
}

function setRetryAfter(response: ServerResponse, { form, seconds }: RetryAfter): void {
  if (form === 'seconds') response.setHeader('retry-after', String(seconds))
  if (form === 'date') response.setHeader('retry-after', new Date(Date.now() + seconds * 1000).toUTCString())
}

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'BadRequestError',
  404: 'NotFoundError',
  429: 'RateLimitError',
  500: 'InternalServerError',
  503: 'ServiceUnavailableError',
}

/** @param param the field that is wrong, where one is */
export function sendError(
  response: ServerResponse,
  status: number,
  message: string,
  shape: ErrorShape,
  param: string | null = null,
): void {
  const body = {
    openai: { error: { message, type: ERROR_TYPES[status] ?? 'Error', param, code: status } },
    text: { error: message },
    detail: { detail: message },
    'detail-list': { detail: [{ type: 'value_error', loc: ['body'], msg: message }] },
  }[shape]
  sendJson(response, status, JSON.stringify(body))
}

export function sendJson(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
