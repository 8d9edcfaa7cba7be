/** A fleet of inference servers: how far each has come, where that is written down, and whom it tells who can be asked. */

import type { JobHandle } from './job.ts'

export const MEMBER_STEPS = ['intended', 'submitted', 'published', 'proven', 'retired', 'ended'] as const
/**
 * Each is stored before the next is begun: about to be submitted; submitted, and the engine's handle is known; it has said where it is;
 * it answers with the right weights and is given work; it gets no more work and its job is being ended; its job has ended.
 */
export type MemberStep = (typeof MEMBER_STEPS)[number]

/** Where a server listens, as it says itself. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
  /** Seconds since 1970 when its job's time is over; null where nothing tells. */
  readonly ends: number | null
}

export interface FleetMember {
  /** Unique in the run: the key of its job. */
  readonly key: string
  /** Served name. */
  readonly name: string
  /** Which weights it was started on: content hash and place. */
  readonly weights: string
  readonly step: MemberStep
  readonly handle?: JobHandle | undefined
  readonly address?: ServerAddress | undefined
}

export interface FleetJournal {
  /** The newest step of each member whose job has not ended. */
  members(): FleetMember[]
  /** How many there ever were. */
  count(): number
  record(member: FleetMember): void
}

/** The endpoint pool, as a fleet sees it. */
export interface FleetPool {
  join(baseURL: string): void
  /** No more requests for it; resolves when it has none. */
  drain(baseURL: string): Promise<void>
  /** It is gone, and what it had is asked elsewhere. */
  lose(baseURL: string): void
  /** None is to come any more. */
  giveUp(error: Error): void
}
