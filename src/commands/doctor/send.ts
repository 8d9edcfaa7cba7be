/** Doctor's completions go out by the client that other people's programs use; what comes back is read as the run reads it. */

import type { Endpoint } from '../../core/endpoint.ts'
import type { Send } from '../../sample/protocol/attempt.ts'
import { HttpFailure } from '../../sample/protocol/http.ts'

export function createClientSend(endpoint: Endpoint, api: 'chat' | 'completions', timeoutMs: number): Send {
  return async ({ body, onData }, _, signal) => {
    const { postCompletion } = await import('../../client/completions.ts')
    const answer = await postCompletion(endpoint, { api, body: JSON.parse(body) as object, timeoutMs, signal })
    if (answer.kind === 'refused') throw new HttpFailure(answer.status, answer.said, undefined)
    const chunks: Buffer[] = []
    for await (const chunk of answer.body ?? []) {
      if (onData) onData(Buffer.from(chunk))
      else chunks.push(Buffer.from(chunk))
    }
    return Buffer.concat(chunks).toString()
  }
}
