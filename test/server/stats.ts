/** What the test server has counted. */

export interface TestServerStats {
  requests: number
  /** Completions that were answered whole. */
  answered: number
  models: number
  health: number
  /** Refused with a 4xx that a retry does not fix. */
  rejected: number
  /** Faults by kind. */
  faults: Record<string, number>
  /** Requests whose client went away before the answer. */
  abandoned: number
  connections: number
  inFlight: number
  maxInFlight: number
  /** Each cache_salt that was sent, once. */
  salts: string[]
}

export function noStats(): TestServerStats {
  return {
    requests: 0,
    answered: 0,
    models: 0,
    health: 0,
    rejected: 0,
    faults: {},
    abandoned: 0,
    connections: 0,
    inFlight: 0,
    maxInFlight: 0,
    salts: [],
  }
}
