/** Errors that come with a good status: OpenRouter's 200 with `{"error": …}`, older vLLM's `{"object": "error"}`, an error in mid-stream. */

import { readErrorBody } from '../../core/error-body.ts'
import { HttpFailure } from './http.ts'

/** A server's own number for what went wrong, where it is an HTTP status; else its fault. */
const UNNUMBERED = 502

/** @throws HttpFailure with the error's own status where the document is one */
export function refuseToldError(document: object): void {
  const error = errorOf(document)
  if (error === undefined) return
  const code = typeof error === 'object' && error !== null && 'code' in error ? Number(error.code) : Number.NaN
  const isStatus = Number.isInteger(code) && code >= 400 && code <= 599
  throw new HttpFailure(isStatus ? code : UNNUMBERED, readErrorBody(JSON.stringify({ error })), undefined)
}

function errorOf(document: object): unknown {
  if ('error' in document && document.error !== null && document.error !== undefined) return document.error
  return 'object' in document && document.object === 'error' ? document : undefined
}
