/** What the gate of a run will be able to see, beforehand, and what would let it see more. */

import { dirname } from 'node:path'
import type { RunConfig } from '../../config/schema.ts'
import { type GateTerms, gatePower, problemsToSee, samplesToSee, visibleDrop } from '../../core/measure/gate-power.ts'
import { NotFetched } from '../../hub/fetch-dataset.ts'
import { countGate } from '../../problems/count.ts'
import { fetchSources } from '../hub-sources.ts'

export interface GateOutlook {
  readonly problems: number
  /** Samples of each. */
  readonly samples: number
  /** Of one test. */
  readonly alpha: number
  /** Accuracy that is supposed: the newest one measured, else 1/2. */
  readonly accuracy: number
  /** The drop that fails in four of five cases. */
  readonly sees: number
  /** A drop that one would like to see, and how often it fails. */
  readonly drop: number
  readonly power: number
  /** Samples of each problem that show such a drop, and problems at the samples that are set; null where none do. */
  readonly samplesNeeded: number | null
  readonly problemsNeeded: number | null
  /** Completions for one checkpoint, now and with `samplesNeeded`; what they cost at c_g, where that is known. */
  readonly completions: number
  readonly completionsNeeded: number | null
  readonly costNeeded: number | null
}

/** A drop worth seeing where nobody says another. */
export const USUAL_DROP = 0.03

export interface GateQuestion {
  readonly drop: number
  readonly accuracy: number | null
  /** Iterations that are expected. */
  readonly iterations: number
  /** c_g; null where it is not known. */
  readonly price: number | null
}

/** @returns undefined without gate problems, and where their number cannot be known without asking the Hub */
export async function gateOutlook(
  { problems, seed, gate, evaluate }: RunConfig,
  configPath: string,
  { drop, accuracy, iterations, price }: GateQuestion,
): Promise<GateOutlook | undefined> {
  if (problems.gate.length === 0) return undefined
  const count = await countWithoutFetching({ problems, seed }, dirname(configPath))
  if (count === undefined || count === 0) return undefined
  const attempts = gate.onFail === 'retry' ? 1 + gate.retries : 1
  const alpha = gate.alpha / Math.max(1, iterations) / attempts
  const supposed = Math.min(0.99, Math.max(0.01, accuracy ?? 0.5))
  const terms: GateTerms = { accuracy: supposed, margin: gate.margin, alpha }
  const size = { problems: count, samples: evaluate.samples }
  const samplesNeeded = samplesToSee(count, terms, drop) ?? null
  const completionsNeeded = samplesNeeded === null ? null : samplesNeeded * count
  return {
    ...size,
    alpha,
    accuracy: supposed,
    sees: visibleDrop(size, terms),
    drop,
    power: gatePower(size, terms, drop),
    samplesNeeded,
    problemsNeeded: problemsToSee(evaluate.samples, terms, drop) ?? null,
    completions: count * evaluate.samples,
    completionsNeeded,
    costNeeded: completionsNeeded === null || price === null ? null : completionsNeeded * price,
  }
}

async function countWithoutFetching(
  { problems, seed }: Pick<RunConfig, 'problems' | 'seed'>,
  directory: string,
): Promise<number | undefined> {
  try {
    return countGate((await fetchSources(problems, { cachedOnly: true })).sources, seed, directory)
  } catch (error) {
    if (error instanceof NotFetched) return undefined
    throw error
  }
}

const inPoints = (share: number): string => (100 * share).toFixed(1)

/** For people, in one or two sentences. */
export function gateInWords(outlook: GateOutlook): string {
  const { problems, samples, alpha, sees, drop, power, samplesNeeded, problemsNeeded, costNeeded } = outlook
  const { completions, completionsNeeded } = outlook
  const now = `Gate: ${problems} problems x ${samples} see a drop of ${inPoints(sees)} points in four of five cases (error share ${alpha.toPrecision(2)} a test, at accuracy ${outlook.accuracy.toFixed(2)}), one of ${inPoints(drop)} points in ${Math.round(100 * power)}%.`
  if (sees <= drop) return now
  const ways = [
    samplesNeeded !== null &&
      `evaluate.samples: ${samplesNeeded} (${completionsNeeded} completions a checkpoint instead of ${completions}${costNeeded === null ? '' : `, as much as sampling for a cost of ${Math.round(costNeeded)}`})`,
    problemsNeeded !== null && `${problemsNeeded} gate problems`,
  ].filter((way) => way !== false)
  return ways.length === 0
    ? `${now} So small a drop is not seen by any gate of this margin.`
    : `${now} To see that: ${ways.join(', or ')}.`
}
