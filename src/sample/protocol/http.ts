/**
 * One HTTP exchange on undici's dispatcher: half the CPU time of `request`, a sixth of the built-in fetch, and no time limits of its own.
 *
 * The built-in fetch gives up after 300 s without headers and reads bodies of any size; here the attempt's signal is the only clock,
 * and a body that cannot be a completion is cut off.
 */

import type { Dispatcher } from 'undici'
import { readErrorBody } from '../../core/error-body.ts'
import { readRetryAfter } from '../classify-failure.ts'
import { type Decoder, decoderOf } from './content-encoding.ts'

/** The server answered with something else than 2xx. */
export class HttpFailure extends Error {
  readonly status: number
  readonly retryAfterMs: number | undefined
  /** Where a redirect points. */
  readonly location: string | undefined
  constructor(status: number, message: string, retryAfterMs: number | undefined, location?: string) {
    super(message === '' && location !== undefined ? `redirect to ${location}` : message)
    this.name = 'HttpFailure'
    this.status = status
    this.retryAfterMs = retryAfterMs
    this.location = location
  }
}

/** The body is larger than any answer to the question. */
export class OversizedBody extends Error {
  override readonly name = 'OversizedBody'
}

/** The connection broke, or what came over it is not HTTP. Whatever a network does is one of these, with a code or the error's name. */
export class BrokenExchange extends Error {
  readonly code: string
  constructor(cause: unknown) {
    const error = cause instanceof Error ? cause : new Error(String(cause))
    const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
    super(error.message === '' ? code : error.message, { cause })
    this.name = 'BrokenExchange'
    this.code = code
  }
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
 * @throws HttpFailure, OversizedBody, BrokenExchange, the signal's reason, or what `onData` throws
 */
export function exchange(dispatcher: Dispatcher, asked: Exchange, signal: AbortSignal): Promise<string> {
  const { address, method, headers, body = null, maxBytes, onData } = asked
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined
    let status = 0
    let retryAfterMs: number | undefined
    let location: string | undefined
    let bytes = 0
    let decoder: Decoder | undefined
    const chunks: Buffer[] = []
    const settle = (): void => {
      signal.removeEventListener('abort', onAbort)
      decoder?.destroy()
    }
    const fail = (error: unknown): void => {
      settle()
      reject(error)
      controller?.abort(error instanceof Error ? error : new Error(String(error)))
    }
    const onAbort = (): void => fail(signal.reason)
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort)
    const take = (chunk: Buffer): void => {
      try {
        bytes += chunk.length
        if (bytes > maxBytes) throw new OversizedBody(`the answer is larger than ${maxBytes} bytes`)
        if (onData !== undefined && isGood(status)) onData(chunk)
        else chunks.push(chunk)
      } catch (error) {
        fail(error)
      }
    }
    const finish = (): void => {
      settle()
      const text = textOf(chunks)
      if (isGood(status)) resolve(text)
      else reject(new HttpFailure(status, readErrorBody(text), retryAfterMs, location))
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
          decoder = decoderOf(one(said['content-encoding']), { onData: take, onEnd: finish, onError: fail })
          if (isGood(statusCode)) return
          retryAfterMs = readRetryAfter(one(said['retry-after']), Date.now())
          location = one(said.location)
        },
        onResponseData(_, chunk) {
          if (decoder) decoder.push(chunk)
          else take(chunk)
        },
        onResponseEnd() {
          if (decoder) decoder.end()
          else finish()
        },
        onResponseError(_, error) {
          settle()
          // undici's own word for a request that cannot be sent as it is.
          reject('code' in error && error.code === 'UND_ERR_INVALID_ARG' ? error : new BrokenExchange(error))
        },
      },
    )
  })
}

function isGood(status: number): boolean {
  return status >= 200 && status <= 299
}

/** Without the byte order mark that some servers put in front. */
export function textOf(chunks: readonly Buffer[]): string {
  const [first, ...more] = chunks
  if (first === undefined) return ''
  const text = more.length === 0 ? first.toString() : Buffer.concat(chunks).toString()
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}
