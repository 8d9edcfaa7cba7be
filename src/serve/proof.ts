/** Proof that reloaded weights are the ones that were meant, and what earlier switches have shown of this server. */

import {
  type Canary,
  gapBetween,
  hasMoved,
  judgeSwitch,
  type Logprobs,
  noiseBetween,
  type Proof,
  REPEATS,
  spreadOf,
  toleranceOf,
} from '../core/measure/canary.ts'
import type { Engine } from './engine.ts'

export interface ProofOptions {
  readonly engines: readonly Engine[]
  /** Log-probabilities of these tokens (of texts of its own where none are given), one reading from each part of an engine. */
  readonly read: (engine: Engine, tokens: Canary['tokens'] | undefined, signal: AbortSignal) => Promise<Logprobs[]>
}

/** Readings of one part of an engine, in a row. */
type Readings = readonly Logprobs[]

/** What has been read before a switch and after it. */
export interface Switch {
  readonly canary: Canary | undefined
  /** Undefined where it is not known what was served. */
  readonly old: readonly Readings[] | undefined
  readonly now: readonly Logprobs[]
  /** The output layer is the embeddings'. */
  readonly isTied: boolean
}

export interface Proofs {
  /**
   * Before a switch; how far server and trainer are apart is measured here where it can be.
   * @param served hash of the weights that are being served
   */
  readOld(canary: Canary | undefined, served: string, signal: AbortSignal): Promise<readonly Readings[]>
  /** After it. */
  readNow(canary: Canary | undefined, signal: AbortSignal): Promise<readonly Logprobs[]>
  judge(change: Switch): Proof
  /**
   * Compares with a server that has just been started on the same weights, and remembers the outcome.
   * @returns whether reloading is as good as a start, and nats a token between the two
   */
  compareWithStart(change: Switch, signal: AbortSignal): Promise<{ readonly isSame: boolean; readonly gap: number }>
  /** Of the trainer's own, in nats a token. */
  gapToTrainer(change: Switch): number
}

const ORDER: readonly Proof[] = ['refuted', 'unknown', 'coarse', 'unmoved', 'proven']

export function createProofs({ engines, read }: ProofOptions): Proofs {
  /** A reload has been as good as a start. */
  let isTrusted = false
  /** Between server and trainer, for the same weights. */
  let noise: number | undefined
  /** Training started from what is served. */
  let isStart = false

  const readAll = async (canary: Canary | undefined, times: number, signal: AbortSignal): Promise<Readings[]> => {
    const parts: Readings[] = []
    for (const engine of engines) {
      const rounds: Logprobs[][] = []
      for (let i = 0; i < times; i++) rounds.push(await read(engine, canary?.tokens, signal))
      for (const part of rounds[0]?.keys() ?? []) parts.push(rounds.flatMap((round) => round.slice(part, part + 1)))
    }
    return parts
  }

  return {
    async readOld(canary, served, signal) {
      isStart = canary?.startedFrom === served
      const old = await readAll(canary, REPEATS, signal)
      const measured = canary ? old.map((readings) => noiseBetween(canary, readings, served)) : []
      const known = measured.filter((one) => one !== undefined)
      if (known.length > 0 && known.length === old.length) noise = Math.max(...known)
      return old
    },
    readNow: async (canary, signal) => (await readAll(canary, 1, signal)).flat(),
    judge({ canary, old, now, isTied }) {
      const proofs = now.map((reading, i) =>
        judgeSwitch({
          now: reading,
          old: old?.[i],
          before: isStart ? canary?.before : undefined,
          wanted: canary?.logprobs,
          noise,
          isTied,
        }),
      )
      const worst = ORDER.find((proof) => proofs.includes(proof)) ?? 'unknown'
      // Nothing to compare with, but the same way of loading has been as good as a start.
      const hasChanged = now.every((reading, i) => hasMoved(reading, old?.[i] ?? []))
      return (worst === 'unknown' || worst === 'coarse') && isTrusted && hasChanged ? 'proven' : worst
    },
    async compareWithStart({ canary, now }, signal) {
      const fresh = await readAll(canary, REPEATS, signal)
      const gaps = now.map((reading, i) => gapBetween(reading, fresh[i]?.[0] ?? []))
      if (canary) noise = Math.max(...fresh.map((readings) => gapBetween(readings[0] ?? [], canary.logprobs)))
      isTrusted = gaps.every((gap, i) => gap <= toleranceOf(spreadOf(fresh[i] ?? [])))
      return { isSame: isTrusted, gap: Math.max(...gaps) }
    },
    gapToTrainer: ({ canary, now }) => Math.max(...now.map((reading) => gapBetween(reading, canary?.logprobs ?? []))),
  }
}
