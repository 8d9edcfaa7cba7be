/** From whatever an attempt threw to what it means. */

import { APIConnectionError } from 'openai'
import { clip } from './error-body.ts'
import { HttpFailure } from './fetch.ts'
import { type Classification, classifyConnection, classifyStatus } from './retry.ts'

/** The server answered 200 with something that is no completion. */
export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer'
}

export interface Failure extends Classification {
  /** HTTP status, 0 where there was none. */
  readonly status: number
  readonly message: string
  readonly retryAfterMs: number | undefined
}

export function timedOut(timeoutMs: number): Failure {
  const message = `no answer within ${timeoutMs} ms`
  return { outcome: 'timeout', reaction: 'retry', status: 0, message, retryAfterMs: undefined }
}

/** undici's code for a request that cannot be sent as it is. */
const OUR_MISTAKE = 'UND_ERR_INVALID_ARG'

/** @throws the error itself where it is none of the server's */
export function readFailure(error: unknown): Failure {
  const root = error instanceof APIConnectionError ? error.cause : error
  if (root instanceof HttpFailure) {
    const { status, message, retryAfterMs } = root
    return { ...classifyStatus(status), status, message: message === '' ? `status ${status}` : message, retryAfterMs }
  }
  if (root instanceof MalformedAnswer || root instanceof SyntaxError) {
    return {
      outcome: 'malformed',
      reaction: 'retry',
      status: 200,
      message: clip(root.message),
      retryAfterMs: undefined,
    }
  }
  if (root instanceof Error && 'code' in root && typeof root.code === 'string' && root.code !== OUR_MISTAKE) {
    const message = clip(root.message === '' ? root.code : root.message)
    return { ...classifyConnection(root.code), status: 0, message, retryAfterMs: undefined }
  }
  throw root
}
