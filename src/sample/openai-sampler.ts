/**
 * Samples from any server that speaks the OpenAI protocol, with retries of its own.
 *
 *     const sampler = createOpenAiSampler({ endpoint: { baseURL: 'http://127.0.0.1:8000/v1', apiKey: undefined, apiKeyEnv: undefined } })
 *     const completion = await sampler.sample(request, signal)
 *
 * One request asks for one completion: a server returns `n` of them only when the slowest has ended, and until then nothing could
 * be saved. The client's own retries are off, since each would be sampling that nobody has counted.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import OpenAI from 'openai'
import pLimit from 'p-limit'
import type { Attempt, Completion } from '../core/completion.ts'
import { ConfigError, ServerError } from '../core/errors.ts'
import type { SampleRequest, Sampler } from '../core/sampler.ts'
import { type Endpoint, nobodyAnswers, PLACEHOLDER_KEY, refused, withoutKey } from './endpoint.ts'
import { type Failure, readFailure, timedOut } from './failure.ts'
import { createDispatcher, createFetch } from './fetch.ts'
import { listModels } from './probe.ts'
import { backoffMs } from './retry.ts'
import { createServerWatch } from './server-watch.ts'
import { type Answer, type Api, ask } from './wire.ts'

export interface OpenAiSamplerOptions {
  readonly endpoint: Endpoint
  /** Default `chat`. */
  readonly api?: Api
  /** Milliseconds one attempt may last; default 600,000. */
  readonly timeoutMs?: number
  /** Attempts a key gets; default 6. Those that found nobody there do not count. */
  readonly attempts?: number
  /** Seconds without a break that a server which has answered before may be unreachable; default 30. */
  readonly unreachableSeconds?: number
  /** The same for one that has not answered yet; default 2, and never more than the others. */
  readonly firstContactSeconds?: number
  /** Keys that may fail in a row before the server is at fault; default 20. */
  readonly failuresInARow?: number
  /** Default `auto`. */
  readonly concurrency?: number | 'auto'
  /** Upper bound of the first wait between attempts in milliseconds, doubled with each; default 500. */
  readonly backoffMs?: number
}

/** Keeps a small vLLM busy; its scheduler takes 128 sequences and more, so a number is worth giving. */
const AUTO_CONCURRENCY = 64

/** No wait between attempts is longer, unless the server asks for it. */
const BACKOFF_LIMIT_MS = 30_000

/** A server that restarts is found soon after it is back. */
const KNOCK_LIMIT_MS = 2_000

/** The longest time-out Node's timers know: the attempt's own limit comes first. */
const NEVER_MS = 2 ** 31 - 1

/** @throws ConfigError where the base URL is none */
export function createOpenAiSampler(options: OpenAiSamplerOptions): Sampler {
  const { endpoint, api = 'chat', timeoutMs = 600_000, attempts: attemptLimit = 6, concurrency = 'auto' } = options
  const { unreachableSeconds = 30, failuresInARow = 20, backoffMs: baseMs = 500 } = options
  const firstContactSeconds = Math.min(options.firstContactSeconds ?? 2, unreachableSeconds)
  if (!URL.canParse(endpoint.baseURL)) {
    throw new ConfigError(`baseURL ${JSON.stringify(endpoint.baseURL)} is not a URL, such as http://127.0.0.1:8000/v1.`)
  }
  const dispatcher = createDispatcher()
  const client = createClient(endpoint, createFetch(endpoint.apiKey ?? PLACEHOLDER_KEY, dispatcher))
  const watch = createServerWatch({
    patienceMs: unreachableSeconds * 1000,
    firstContactMs: firstContactSeconds * 1000,
    failuresInARow,
  })
  const ceiling = concurrency === 'auto' ? AUTO_CONCURRENCY : concurrency
  // Whoever calls keeps to the ceiling too, to know what is out; this one holds for the server whatever the callers do.
  const limit = pLimit(ceiling)
  let closed = false

  async function sampleNow(request: SampleRequest, signal: AbortSignal): Promise<Completion> {
    const attempts: Attempt[] = []
    let counted = 0
    for (;;) {
      signal.throwIfAborted()
      if (closed) throw new Error('The sampler was closed while it was in use.')
      const tried = await tryOnce(request, signal)
      attempts.push(tried.attempt)
      if (tried.kind === 'answered') {
        watch.succeeded()
        return complete(request, tried.answer, attempts)
      }
      const { failure } = tried
      if (failure.status > 0) watch.answered()
      if (failure.reaction === 'wait') {
        const patienceMs = watch.unreachable()
        if (patienceMs === 0) throw nobodyAnswers(endpoint, watch.patienceMs() / 1000, failure.message)
        const waitMs = backoffMs(attempts.length, undefined, { baseMs, limitMs: KNOCK_LIMIT_MS }, Math.random())
        await pause(Math.min(waitMs, patienceMs), signal)
        continue
      }
      counted++
      if (failure.reaction !== 'retry' || counted >= attemptLimit)
        return await giveUp(request, attempts, failure, signal)
      await pause(
        backoffMs(counted, failure.retryAfterMs, { baseMs, limitMs: BACKOFF_LIMIT_MS }, Math.random()),
        signal,
      )
    }
  }

  async function tryOnce(request: SampleRequest, signal: AbortSignal): Promise<Tried> {
    const startedAt = Date.now()
    const begin = performance.now()
    const end = new AbortController()
    const onAbort = (): void => end.abort()
    const timer = setTimeout(onAbort, timeoutMs)
    signal.addEventListener('abort', onAbort)
    try {
      const answer = await ask(client, api, request, end.signal)
      const durationMs = performance.now() - begin
      return { kind: 'answered', answer, attempt: { outcome: 'ok', status: 200, message: '', startedAt, durationMs } }
    } catch (error) {
      signal.throwIfAborted()
      const read = end.signal.aborted ? timedOut(timeoutMs) : readFailure(error)
      const failure = { ...read, message: withoutKey(endpoint, read.message) }
      const { outcome, status, message } = failure
      const durationMs = performance.now() - begin
      return { kind: 'failed', failure, attempt: { outcome, status, message, startedAt, durationMs } }
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** @throws ServerError where the failure is not this key's alone */
  async function giveUp(
    request: SampleRequest,
    attempts: Attempt[],
    failure: Failure,
    signal: AbortSignal,
  ): Promise<Completion> {
    const said = `${failure.status === 0 ? '' : `${failure.status}: `}${failure.message}`
    if (failure.reaction === 'refused') throw refused(endpoint, said)
    if (failure.reaction === 'check-model') await requireModel(request.model, said, signal)
    if (watch.keyFailed()) {
      throw new ServerError(`${endpoint.baseURL} failed ${failuresInARow} requests in a row, the last with: ${said}.`)
    }
    const nothing = {
      text: '',
      finishReason: 'failed',
      promptTokens: 0,
      completionTokens: 0,
      model: request.model,
    } as const
    return complete(request, nothing, attempts)
  }

  /** @throws ServerError where the server does not list the model */
  async function requireModel(model: string, said: string, signal: AbortSignal): Promise<void> {
    const served = (await listModels(endpoint, signal)).map(({ id }) => id)
    if (served.includes(model)) return
    const list = served.length === 0 ? 'no model' : served.join(', ')
    throw new ServerError(
      `${endpoint.baseURL} does not serve "${model}" (${said}) but ${list}; correct the endpoint's model or start the server with this name.`,
    )
  }

  return {
    sample: (request, signal) => limit(sampleNow, request, signal),
    concurrency: ceiling,
    async close() {
      closed = true
      await dispatcher.destroy()
    },
  }
}

type Tried =
  | { readonly kind: 'answered'; readonly attempt: Attempt; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly attempt: Attempt; readonly failure: Failure }

/** Everything that the client would take from the environment is given here, so that no ambient key or project is used. */
function createClient({ baseURL, apiKey }: Endpoint, fetch: typeof globalThis.fetch): OpenAI {
  return new OpenAI({
    baseURL,
    apiKey: apiKey ?? PLACEHOLDER_KEY,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    logLevel: 'off',
    maxRetries: 0,
    timeout: NEVER_MS,
    fetch,
  })
}

function complete(
  request: SampleRequest,
  answer: Omit<Answer, 'finishReason'> & Pick<Completion, 'finishReason'>,
  attempts: Attempt[],
): Completion {
  const { key, issue, seed } = request
  return { key, issue, seed, ...answer, latencyMs: attempts.at(-1)?.durationMs ?? 0, attempts }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // The timer's own rejection hides the signal's reason.
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted())
}
