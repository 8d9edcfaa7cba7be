/** Journals that nobody continues with: for servers that are started only to be looked at. */

import type { FleetJournal, FleetMember } from '../core/fleet.ts'
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

export function createMemoryFleetJournal(): FleetJournal {
  const members = new Map<string, FleetMember>()
  return {
    members: () => [...members.values()].filter(({ step }) => step !== 'ended'),
    count: () => members.size,
    record: (member) => void members.set(member.key, member),
  }
}
