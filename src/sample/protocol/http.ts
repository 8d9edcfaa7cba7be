/**
 * One HTTP exchange on undici's dispatcher: half the CPU time of `request`, a sixth of the built-in fetch, and no time limits of its own.
 *
 * The built-in fetch gives up after 300 s without headers and reads bodies of any size; here the attempt's signal is the only clock,
 * and a body that cannot be a completion is cut off.
 */

import { Agent, type Dispatcher } from 'undici'
import { readErrorBody } from '../../core/error-body.ts'
import { readRetryAfter } from '../retry.ts'

/** The server answered with something else than 2xx. */
export class HttpFailure extends Error {
  readonly status: number
  readonly retryAfterMs: number | undefined
  constructor(status: number, message: string, retryAfterMs: number | undefined) {
    super(message)
    this.name = 'HttpFailure'
    this.status = status
    this.retryAfterMs = retryAfterMs
  }
}

/** The body is larger than any answer to the question. */
export class OversizedBody extends Error {
  override readonly name = 'OversizedBody'
}

/** Connections without time limits of their own: the attempt's own limit is the only one. A socket for each request in flight. */
export function createDispatcher(): Dispatcher {
  return new Agent({ headersTimeout: 0, bodyTimeout: 0, pipelining: 1 })
}

export interface Address {
  readonly origin: string
  readonly path: string
}

export function addressOf(url: string): Address {
  const { origin, pathname, search } = new URL(url)
  return { origin, path: pathname + search }
}

export interface Exchange {
  readonly address: Address
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  /** A longer body is refused. */
  readonly maxBytes: number
  /** Takes a good body piece by piece as it comes; it is then not returned. */
  readonly onData?: (chunk: Buffer) => void
}

/**
 * @returns the body of a 2xx answer as text
 * @throws HttpFailure, OversizedBody, the signal's reason, what `onData` throws, or the connection's error with its `code`
 */
export function exchange(dispatcher: Dispatcher, asked: Exchange, signal: AbortSignal): Promise<string> {
  const { address, method, headers, body = null, maxBytes, onData } = asked
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined
    let status = 0
    let retryAfterMs: number | undefined
    let bytes = 0
    const chunks: Buffer[] = []
    const settle = (): void => signal.removeEventListener('abort', onAbort)
    const fail = (error: unknown): void => {
      settle()
      reject(error)
      controller?.abort(error instanceof Error ? error : new Error(String(error)))
    }
    const onAbort = (): void => fail(signal.reason)
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort)
    const take = (chunk: Buffer): void => {
      bytes += chunk.length
      if (bytes > maxBytes) throw new OversizedBody(`the answer is larger than ${maxBytes} bytes`)
      if (onData !== undefined && isGood(status)) onData(chunk)
      else chunks.push(chunk)
    }
    dispatcher.dispatch(
      { origin: address.origin, path: address.path, method, headers, body },
      {
        onRequestStart(started) {
          controller = started
          if (signal.aborted) started.abort(new Error('aborted'))
        },
        onResponseStart(_, statusCode, said) {
          status = statusCode
          if (!isGood(statusCode)) retryAfterMs = readRetryAfter(one(said['retry-after']), Date.now())
        },
        onResponseData(_, chunk) {
          try {
            take(chunk)
          } catch (error) {
            fail(error)
          }
        },
        onResponseEnd() {
          settle()
          const text = textOf(chunks)
          if (isGood(status)) resolve(text)
          else reject(new HttpFailure(status, readErrorBody(text), retryAfterMs))
        },
        onResponseError(_, error) {
          settle()
          reject(error)
        },
      },
    )
  })
}

function isGood(status: number): boolean {
  return status >= 200 && status <= 299
}

function textOf(chunks: readonly Buffer[]): string {
  const [first, ...more] = chunks
  if (first === undefined) return ''
  return more.length === 0 ? first.toString() : Buffer.concat(chunks).toString()
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}
