/** The strata of an audit: a run's completions by what decided them. */

import type { VerdictKind } from '../core/verdict.ts'
import type { VerifiedKey } from '../store/verdicts.ts'
import { placeInSorted } from './sorted.ts'

/** Completions of one verdict, level and rule: five bytes each, since there may be millions. */
export interface Stratum {
  readonly isCorrect: boolean
  readonly rule: string
  /** Ascending. */
  readonly ids: Int32Array
  /** For each of them 1 where it is in the accepted set. */
  readonly isAccepted: Uint8Array
  /** How many are. */
  readonly accepted: number
}

export interface StrataBuilder {
  /** The stratum of a verdict, to which completions are added by ascending id. */
  of(kind: VerdictKind, level: string | null, rule: string): (id: number, isAccepted: boolean) => void
  /** All strata, in an order that depends on their names alone. */
  all(): Stratum[]
}

export function buildStrata(): StrataBuilder {
  const open = new Map<string, ReturnType<typeof createStratum>>()
  return {
    of(kind, level, rule) {
      const name = JSON.stringify([kind, level, rule])
      const stratum = open.get(name) ?? createStratum(kind === 'correct', rule)
      open.set(name, stratum)
      return stratum.add
    },
    all: () => [...open].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, stratum]) => stratum.whole()),
  }
}

function createStratum(isCorrect: boolean, rule: string) {
  let [ids, isAccepted] = [new Int32Array(64), new Uint8Array(64)]
  let [count, accepted] = [0, 0]
  return {
    add(id: number, accepts: boolean): void {
      if (count === ids.length) {
        const [smallIds, small] = [ids, isAccepted]
        ids = new Int32Array(2 * count)
        isAccepted = new Uint8Array(2 * count)
        ids.set(smallIds)
        isAccepted.set(small)
      }
      ids[count] = id
      isAccepted[count++] = accepts ? 1 : 0
      if (accepts) accepted++
    },
    whole: (): Stratum => ({
      isCorrect,
      rule,
      ids: ids.subarray(0, count),
      isAccepted: isAccepted.subarray(0, count),
      accepted,
    }),
  }
}

/** @param keys verified completions drawn for training, by ascending id; read once */
export function strataOf(keys: Iterable<VerifiedKey>): Stratum[] {
  const strata = buildStrata()
  for (const key of keys) strata.of(key.kind, key.level, key.rule)(key.id, isInAcceptedSet(key))
  return strata.all()
}

/** Accepted for training; before an iteration's sampling is closed, what would be eligible. */
export function isInAcceptedSet({
  disposition,
  kind,
  finishReason,
}: Pick<VerifiedKey, 'disposition' | 'kind' | 'finishReason'>): boolean {
  return disposition === null ? kind === 'correct' && finishReason === 'stop' : disposition === 'accepted'
}

/** Place of a completion in a stratum; -1 where it is not in it. */
export function placeIn({ ids }: Stratum, id: number): number {
  return placeInSorted(ids, id)
}
