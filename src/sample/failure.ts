/** From whatever an attempt threw to what it means. */

import { clip } from '../core/error-body.ts'
import { HttpFailure, OversizedBody } from './protocol/http.ts'
import { MalformedAnswer } from './protocol/malformed-answer.ts'
import { type Classification, classifyConnection, classifyStatus } from './retry.ts'

export interface Failure extends Classification {
  /** HTTP status, 0 where there was none. */
  readonly status: number
  readonly message: string
  readonly retryAfterMs: number | undefined
}

export function timedOut(timeoutMs: number): Failure {
  const message = `no answer within ${timeoutMs} ms`
  return { outcome: 'timeout', reaction: 'elsewhere', status: 0, message, retryAfterMs: undefined }
}

/** undici's code for a request that cannot be sent as it is. */
const OUR_MISTAKE = 'UND_ERR_INVALID_ARG'

/** @throws the error itself where it is none of the server's */
export function readFailure(error: unknown): Failure {
  if (error instanceof HttpFailure) {
    const { status, message, retryAfterMs } = error
    return { ...classifyStatus(status), status, message: message === '' ? `status ${status}` : message, retryAfterMs }
  }
  if (error instanceof MalformedAnswer || error instanceof OversizedBody) {
    return {
      outcome: 'malformed',
      reaction: 'elsewhere',
      status: 200,
      message: clip(error.message),
      retryAfterMs: undefined,
    }
  }
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code !== OUR_MISTAKE) {
    const message = clip(error.message === '' ? error.code : error.message)
    return { ...classifyConnection(error.code), status: 0, message, retryAfterMs: undefined }
  }
  throw error
}
