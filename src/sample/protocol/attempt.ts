/** One attempt of one request at one endpoint: what came of it, never an exception but for aborts and mistakes of our own. */

import type { Dispatcher } from 'undici'
import type { Attempt } from '../../core/completion.ts'
import { type Endpoint, PLACEHOLDER_KEY, withoutKey } from '../../core/endpoint.ts'
import { ServerError } from '../../core/errors.ts'
import type { SampleRequest } from '../../core/sampler.ts'
import { type Failure, readFailure, takenAway, timedOut } from '../failure.ts'
import { onAbort } from '../on-abort.ts'
import type { Dialect } from './dialect.ts'
import { addressOf, type Exchange, exchange } from './http.ts'
import { createStreamedAnswer, readAnyAnswer } from './stream-answer.ts'
import { type Answer, type Api, ReasoningRefused, requestBody } from './wire.ts'

export type Tried =
  | { readonly kind: 'answered'; readonly attempt: Attempt; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly attempt: Attempt; readonly failure: Failure }

export interface Asker {
  /**
   * @throws the signal's reason; ConfigError for a request that cannot be put in the API's words; ServerError where the answer is
   * of a kind that the run does not take
   */
  ask(request: SampleRequest, model: string, dialect: Dialect, signal: AbortSignal): Promise<Tried>
}

/** A body that is to be sent, and the bounds of its answer. */
export interface Outgoing {
  readonly body: string
  /** A longer answer is refused. */
  readonly maxBytes: number
  /** Takes a good answer piece by piece as it comes; it is then not returned. */
  readonly onData?: (chunk: Buffer) => void
}

/** Sends a body where it belongs and gives back the answer's; fails as `exchange` does. */
export type Send = (asked: Outgoing, dispatcher: Dispatcher, signal: AbortSignal) => Promise<string>

export interface AskerOptions {
  readonly endpoint: Endpoint
  readonly api: Api
  readonly timeoutMs: number
  readonly dispatcher: Dispatcher
  /** How a body gets there; default: posted to the base URL's route for the API. */
  readonly send?: Send | undefined
  /** Aborted when the endpoint is gone: what is under way there fails as what finds nobody. */
  readonly gone?: AbortSignal
}

/** Bytes an answer may have: so many for each token asked for (text, ids, escapes), and never less than the floor. */
const BYTES_A_TOKEN = 64
const FLOOR_BYTES = 8_000_000
/** A token that comes alone in an event brings the event's envelope along. */
const BYTES_AN_EVENT = 2_000

export function createAsker({
  endpoint,
  api,
  timeoutMs,
  dispatcher,
  send = postTo(endpoint, api),
  gone,
}: AskerOptions): Asker {
  return {
    async ask(request, model, dialect, signal) {
      const body = requestBody(api, request, model, dialect)
      const startedAt = Date.now()
      const begin = performance.now()
      const end = new AbortController()
      const timer = setTimeout(() => end.abort(), timeoutMs)
      const stopListening = onAbort(signal, () => end.abort(signal.reason))
      const stopWatching = gone && onAbort(gone, () => end.abort())
      const attempt = { startedAt, endpoint: endpoint.baseURL }
      try {
        const perToken = dialect.stream ? BYTES_AN_EVENT : BYTES_A_TOKEN
        const maxBytes = Math.max(FLOOR_BYTES, request.parameters.maxTokens * perToken)
        const asked = { body, maxBytes }
        const answer = dialect.stream
          ? await readStream(api, dialect, (onData) => send({ ...asked, onData }, dispatcher, end.signal))
          : readAnyAnswer(api, await send(asked, dispatcher, end.signal), dialect.thinking)
        const durationMs = performance.now() - begin
        return {
          kind: 'answered',
          answer,
          attempt: { ...attempt, outcome: 'ok', status: 200, message: unread(answer), durationMs },
        }
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof ReasoningRefused) throw reasoningRefused(endpoint)
        const read = gone?.aborted ? takenAway() : end.signal.aborted ? timedOut(timeoutMs) : readFailure(error)
        const failure = { ...read, message: withoutKey(endpoint, read.message) }
        const { outcome, status, message } = failure
        const durationMs = performance.now() - begin
        return { kind: 'failed', failure, attempt: { ...attempt, outcome, status, message, durationMs } }
      } finally {
        clearTimeout(timer)
        stopListening()
        stopWatching?.()
      }
    },
  }
}

/** Taken away before the request could be sent. */
export function goneBefore({ baseURL }: Endpoint): Tried {
  const failure = takenAway()
  const { outcome, status, message } = failure
  const attempt = { startedAt: Date.now(), endpoint: baseURL, outcome, status, message, durationMs: 0 }
  return { kind: 'failed', failure, attempt }
}

function unread({ unreadReason }: Answer): string {
  return unreadReason === undefined ? '' : `finish_reason is ${unreadReason}`
}

function reasoningRefused({ baseURL }: Endpoint): ServerError {
  return new ServerError(
    `${baseURL} keeps the model's thinking in a field of its own, which sample.reasoning: refuse does not take; start the server without a reasoning parser, or take sample.reasoning: join.`,
  )
}

function postTo(endpoint: Endpoint, api: Api): Send {
  const address = addressOf(endpoint.baseURL + (api === 'chat' ? '/chat/completions' : '/completions'))
  const headers = headersFor(endpoint)
  return (asked, dispatcher, signal) => exchange(dispatcher, { address, method: 'POST', headers, ...asked }, signal)
}

async function readStream(
  api: Api,
  { thinking }: Dialect,
  run: (onData: (chunk: Buffer) => void) => Promise<string>,
): Promise<Answer> {
  const answer = createStreamedAnswer(api, thinking)
  await run(answer.push)
  return answer.end()
}

/** A question to an endpoint that has no body. @param maxBytes a longer answer is refused */
export function getFrom(endpoint: Endpoint, url: string, maxBytes: number): Exchange {
  return { address: addressOf(url), method: 'GET', headers: headersFor(endpoint), body: undefined, maxBytes }
}

/** The endpoint's key is the only secret that is ever sent. */
export function headersFor(endpoint: Endpoint): Readonly<Record<string, string>> {
  return {
    authorization: `Bearer ${endpoint.apiKey ?? PLACEHOLDER_KEY}`,
    'content-type': 'application/json',
    accept: 'application/json',
    'user-agent': 'spendwise',
  }
}
