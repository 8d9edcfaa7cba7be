/** fetch as the Hub's library is given it: with deadlines, and asked again where the Hub is merely busy. */

import { setTimeout as wait } from 'node:timers/promises'

/** Until an answer begins; its body may take as long as bytes keep coming. */
const ANSWER_MS = 60_000
const ATTEMPTS = 3
const LONGEST_WAIT_MS = 30_000

/** @param pauseMs before the first repetition; doubled before the second */
export function createHubFetch(signal: AbortSignal | undefined, pauseMs = 1000): typeof fetch {
  return async (input, init) => {
    for (let attempt = 1; ; attempt++) {
      const response = await once(input, init, signal).catch((error: unknown) => {
        if (attempt >= ATTEMPTS || signal?.aborted || !isReading(init)) throw error
        return undefined
      })
      const isBusy = response === undefined || response.status === 429 || response.status >= 500
      if (response !== undefined && (!isBusy || attempt >= ATTEMPTS || !isReading(init))) return response
      await response?.body?.cancel()
      const asked = 1000 * Number(response?.headers.get('retry-after') ?? 0)
      await wait(Math.min(LONGEST_WAIT_MS, Math.max(asked || 0, pauseMs * attempt)), undefined, { signal })
    }
  }
}

/** What writes is not repeated: it may have been done. */
function isReading(init: RequestInit | undefined): boolean {
  return (init?.method ?? 'GET').toUpperCase() === 'GET'
}

async function once(
  input: Parameters<typeof fetch>[0],
  init: RequestInit | undefined,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(new DOMException('No answer in time.', 'TimeoutError')), ANSWER_MS)
  const signals = [deadline.signal, ...(signal ? [signal] : []), ...(init?.signal ? [init.signal] : [])]
  // A body that is sent may take long; only an answer to a question has to begin in time.
  const isSending = init?.body !== undefined && init.body !== null && typeof init.body !== 'string'
  if (isSending) clearTimeout(timer)
  try {
    return await fetch(input, { ...init, signal: AbortSignal.any(signals) })
  } finally {
    clearTimeout(timer)
  }
}
