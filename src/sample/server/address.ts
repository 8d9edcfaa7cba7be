/** Is the API where run.yaml says? Where it is not, the places where it is usually found are asked, and the sentence names the right one. */

import { type Endpoint, withoutKey } from '../../core/endpoint.ts'
import { titledPage } from '../../core/error-body.ts'
import { ServerError } from '../../core/errors.ts'
import { getFrom } from '../protocol/attempt.ts'
import { createDispatcher, isLoopback } from '../protocol/dispatcher.ts'
import { BrokenExchange, exchange, HttpFailure, OversizedBody } from '../protocol/http.ts'

/** What a request for the list of models at an address showed. */
export type Look =
  /** An API is there: it lists models, or asks for a key, or has trouble of its own. */
  | { readonly kind: 'api'; readonly models: readonly string[] }
  /** No server is listening. */
  | { readonly kind: 'absent'; readonly why: string }
  /** The connection ends, or what comes over it is not HTTP, or nothing that is known. */
  | { readonly kind: 'broken'; readonly why: string }
  /** A server is there, and this is not its API. */
  | { readonly kind: 'other'; readonly why: string; readonly location: string | undefined }

const LOOK_MS = 3_000
const MOST_BYTES = 1_000_000
/** Where inference servers listen by default: vLLM, SGLang, llama.cpp and TGI, ollama, LM Studio. Asked on this machine alone. */
const USUAL_PORTS = ['8000', '30000', '8080', '11434', '1234'] as const
const USUAL_PATHS = ['/v1', '/openai/v1', '/api/v1', '/engines/v1', ''] as const

/**
 * @param model the served name that is looked for
 * @returns undefined where the API is at the address, or its server may only be away for now
 * @throws the signal's reason
 */
export async function findWrongAddress(
  endpoint: Endpoint,
  model: string,
  signal: AbortSignal,
): Promise<ServerError | undefined> {
  const here = await look(endpoint, signal)
  if (here.kind === 'api') return undefined
  const looks = await Promise.all(
    candidates(endpoint.baseURL, here).map(async (baseURL) => {
      // The key is for the server that it was written for.
      const isSameServer = new URL(baseURL).origin === new URL(endpoint.baseURL).origin
      const seen = await look({ ...endpoint, baseURL, apiKey: isSameServer ? endpoint.apiKey : undefined }, signal)
      return seen.kind === 'api' ? [{ baseURL, models: seen.models }] : []
    }),
  )
  const found = looks.flat()
  const better = found.find(({ models }) => models.includes(model)) ?? found[0]
  if (better) {
    const { baseURL, models } = better
    const serves = models.length === 0 ? '' : `, which serves ${models.slice(0, 5).join(', ')}`
    return new ServerError(
      here.kind === 'absent'
        ? `Nobody answers at ${endpoint.baseURL} (${here.why}), but an API answers at ${baseURL}${serves}: if that is the one, write baseURL: "${baseURL}".`
        : `The API is not at ${endpoint.baseURL} (${here.why}) but at ${baseURL}${serves}: write baseURL: "${baseURL}".`,
    )
  }
  if (here.kind !== 'other') return undefined
  return new ServerError(
    `The API is not at ${endpoint.baseURL} (${here.why}); write its root as baseURL, such as http://127.0.0.1:8000/v1: it ends in /v1 with vLLM, SGLang, llama.cpp, TGI and ollama.`,
  )
}

/** Base URLs where the API may be, the likeliest first. */
export function candidates(baseURL: string, seen: Look): string[] {
  const { protocol, hostname, port, pathname, host } = new URL(baseURL)
  const path = pathname.replace(/\/+$/, '')
  const other = protocol === 'http:' ? 'https:' : 'http:'
  const paths = [...(/\/v\d+$/.test(path) ? [] : [`${path}/v1`]), ...USUAL_PATHS]
  const all = [
    ...(seen.kind === 'other' && seen.location !== undefined ? redirected(baseURL, seen.location) : []),
    ...(seen.kind === 'absent' ? [] : paths.map((one) => `${protocol}//${host}${one}`)),
    // Without a port the other scheme means another one too.
    ...[path, ...paths].map((one) => `${other}//${host}${one}`),
    ...(seen.kind === 'absent' && isLoopback(hostname)
      ? USUAL_PORTS.filter((usual) => usual !== port).map((usual) => `http://${hostname}:${usual}/v1`)
      : []),
  ]
  return [...new Set(all)].filter((one) => one !== baseURL)
}

function redirected(baseURL: string, location: string): string[] {
  const target = `${baseURL}/models`
  if (!URL.canParse(location, target)) return []
  const { origin, pathname } = new URL(location, target)
  return [origin + pathname.replace(/\/+(models\/*)?$/, '')]
}

async function look(endpoint: Endpoint, signal: AbortSignal): Promise<Look> {
  const dispatcher = createDispatcher()
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)])
  const asked = getFrom(endpoint, `${endpoint.baseURL}/models`, MOST_BYTES)
  try {
    return readLook(await exchange(dispatcher, asked, deadline))
  } catch (error) {
    signal.throwIfAborted()
    const seen = readFailedLook(error)
    return seen.kind === 'api' ? seen : { ...seen, why: withoutKey(endpoint, seen.why) }
  } finally {
    await dispatcher.destroy()
  }
}

function readLook(body: string): Look {
  const page = titledPage(body) ?? (body.trimStart().startsWith('<') ? 'a web page' : undefined)
  if (page !== undefined) return { kind: 'other', why: page, location: undefined }
  const models = namesIn(body)
  if (models !== undefined) return { kind: 'api', models }
  return { kind: 'broken', why: 'what it answers is not a list of models' }
}

function namesIn(body: string): string[] | undefined {
  try {
    const told = JSON.parse(body) as { readonly data?: unknown }
    const data: unknown = Array.isArray(told) ? told : told.data
    if (!Array.isArray(data)) return undefined
    return data.flatMap((one: { readonly id?: unknown } | null) => (typeof one?.id === 'string' ? [one.id] : []))
  } catch {
    return undefined
  }
}

function readFailedLook(error: unknown): Look {
  if (error instanceof HttpFailure) {
    const { status, message, location } = error
    const isElsewhere = (status >= 300 && status < 400) || status === 400 || status === 404 || status === 405
    // Whoever asks for a key, or is busy, is there.
    if (!isElsewhere) return { kind: 'api', models: [] }
    return { kind: 'other', why: `${status}${message === '' ? '' : `: ${message}`}`, location }
  }
  if (error instanceof OversizedBody) return { kind: 'broken', why: error.message }
  if (!(error instanceof BrokenExchange)) return { kind: 'absent', why: 'no answer within a few seconds' }
  // Somebody speaks TLS there; who signed the certificate is the next question.
  if (/CERT|^UNABLE_TO_/.test(error.code)) return { kind: 'api', models: [] }
  const isAbsent = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|E(HOST|NET)UNREACH|EHOSTDOWN|UND_ERR_CONNECT_TIMEOUT)$/
  return { kind: isAbsent.test(error.code) ? 'absent' : 'broken', why: plainly(error) }
}

/** OpenSSL puts a page of its own source before what it has to say. */
function plainly({ code, message }: BrokenExchange): string {
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return 'what answers there is not TLS'
  if (code === 'HTTPParserError' || code.startsWith('HPE_')) return 'what answers there is not HTTP'
  return message
}
