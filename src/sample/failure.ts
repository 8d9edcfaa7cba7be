/** From whatever an attempt threw to what it means. */

import { clip } from '../core/error-body.ts'
import { type Classification, classifyConnection, classifyStatus } from './classify-failure.ts'
import { BrokenExchange, HttpFailure, OversizedBody } from './protocol/http.ts'
import { MalformedAnswer } from './protocol/malformed-answer.ts'

export interface Failure extends Classification {
  /** HTTP status, 0 where there was none. */
  readonly status: number
  readonly message: string
  readonly retryAfterMs: number | undefined
  /** What came is nothing of the protocol. */
  readonly isForeign?: boolean
}

export function timedOut(timeoutMs: number): Failure {
  const message = `no answer within ${timeoutMs / 1000} s`
  return { outcome: 'timeout', reaction: 'elsewhere', status: 0, message, retryAfterMs: undefined }
}

/** The endpoint was taken out of the pool while the request was under way there. */
export function takenAway(): Failure {
  const message = 'the server is gone, and others are asked'
  return { outcome: 'connection', reaction: 'absent', status: 0, message, retryAfterMs: undefined }
}

/**
 * Whether this may come of a wrong address: a server that is not an API, or does not speak this protocol. What it means is known
 * only before the first answer; later it is the weather.
 */
export function doubtsAddress({ outcome, reaction, status, isForeign }: Failure): boolean {
  if (isForeign || reaction === 'check-model') return true
  return status === 400 || (status >= 300 && status < 400) || (outcome === 'connection' && reaction === 'elsewhere')
}

/** Codes of a process that has no file descriptor left: its own limit, not the server's fault. */
const DESCRIPTOR_CODES: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE'])

/** @throws the error itself where it is none of the server's or the network's */
export function readFailure(error: unknown): Failure {
  if (error instanceof HttpFailure) {
    const { status, message, retryAfterMs } = error
    return { ...classifyStatus(status), status, message: message === '' ? `status ${status}` : message, retryAfterMs }
  }
  if (error instanceof MalformedAnswer || error instanceof OversizedBody) {
    const isForeign = error instanceof MalformedAnswer && error.isForeign
    return { ...MALFORMED, status: 200, message: clip(error.message), retryAfterMs: undefined, isForeign }
  }
  // What reads a document goes as deep as the document does.
  if (error instanceof RangeError)
    return { ...MALFORMED, status: 200, message: 'the answer is nested too deeply', retryAfterMs: undefined }
  if (!(error instanceof BrokenExchange)) throw error
  const said = { status: 0, retryAfterMs: undefined }
  if (DESCRIPTOR_CODES.has(error.code))
    return { outcome: 'connection', reaction: 'overloaded', ...said, message: noDescriptors() }
  // llhttp's errors have a name and no code.
  if (error.code === 'HTTPParserError' || error.code.startsWith('HPE_'))
    return { ...MALFORMED, ...said, message: clip(`the answer is not HTTP: ${error.message}`), isForeign: true }
  return { ...classifyConnection(error.code), ...said, message: clip(error.message) }
}

const MALFORMED = { outcome: 'malformed', reaction: 'elsewhere' } as const satisfies Classification

let noDescriptorsSentence: string | undefined

/** The report takes a while to write, and the limit stays what it is. */
function noDescriptors(): string {
  noDescriptorsSentence ??= describeLimit()
  return noDescriptorsSentence
}

function describeLimit(): string {
  const report = process.report.getReport() as { readonly userLimits?: { readonly open_files?: { soft?: unknown } } }
  const limit = report.userLimits?.open_files?.soft ?? 'a limited number of'
  return `this process may open ${String(limit)} files and connections, and all are in use; raise the limit (ulimit -n) or lower sample.concurrency`
}
