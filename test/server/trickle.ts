/** A streamed answer in pieces, as tokens come from an engine. */

import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const PIECES = 20

/** Writes the events over the given time. @returns whether the client stayed to the end */
export async function trickle(response: ServerResponse, events: string, takesMs: number): Promise<boolean> {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const length = Math.ceil(events.length / PIECES)
  for (let from = 0; from < events.length; from += length) {
    await sleep(takesMs / PIECES)
    if (response.destroyed) return false
    response.write(events.slice(from, from + length))
  }
  response.end()
  return true
}
