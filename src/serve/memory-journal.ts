/** A journal of hand-overs that nobody goes on with: for a server that is started only to be looked at. */

import type { HandOver, HandOverJournal } from '../core/server.ts'

export function createMemoryJournal(): HandOverJournal {
  let last: HandOver | undefined
  return {
    last: () => last,
    record(handOver) {
      last = handOver
    },
  }
}
