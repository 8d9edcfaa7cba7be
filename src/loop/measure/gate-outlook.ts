/** What the gate of a run will be able to see, beforehand, and what would let it see more. */

import { dirname } from 'node:path'
import { gateDesign } from '../../config/gate-design.ts'
import type { RunConfig } from '../../config/schema.ts'
import { FEWEST_PROBLEMS } from '../../core/measure/gate.ts'
import { type GateLook, gateLooks } from '../../core/measure/gate-looks.ts'
import {
  type GateCourse,
  type GateTerms,
  gateCourse,
  gatePower,
  problemsToSee,
  samplesToSee,
  visibleDrop,
  visibleInLooks,
} from '../../core/measure/gate-power.ts'
import { plural } from '../../core/words/plural.ts'
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
  /** What a sequential gate comes to; null for one that is made at once, and `samples` is then what there is. */
  readonly sequential: SequentialOutlook | null
  /** Completions for one checkpoint, now (of a sequential gate at most) and with `samplesNeeded`; what they cost at c_g, where that is known. */
  readonly completions: number
  readonly completionsNeeded: number | null
  readonly costNeeded: number | null
}

export interface SequentialOutlook {
  /** Samples of each problem at each look. */
  readonly looks: readonly number[]
  /** How often a checkpoint that is as good as the one before passes. */
  readonly passed: number
  /** Completions for one checkpoint on average: where nothing changed, and with the drop. */
  readonly unchanged: number
  readonly dropped: number
  /** The same at c_g; null where that is not known. */
  readonly costUnchanged: number | null
  readonly costDropped: number | null
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
  const design = gateDesign({ gate, evaluate })
  const size = { problems: count, samples: evaluate.samples }
  const isSequential = design.most > design.samples && count >= FEWEST_PROBLEMS
  const sequential = isSequential ? sequentialOutlook(count, gateLooks(design, alpha), terms, drop, price) : null
  const samplesNeeded = samplesToSee(count, terms, drop) ?? null
  const completionsNeeded = samplesNeeded === null ? null : samplesNeeded * count
  return {
    ...size,
    alpha,
    accuracy: supposed,
    sees: sequential ? visibleInLooks(count, design, terms) : visibleDrop(size, terms),
    drop,
    power: sequential ? gateCourse(count, gateLooks(design, alpha), terms, drop).failed : gatePower(size, terms, drop),
    samplesNeeded,
    problemsNeeded: problemsToSee(design.most, terms, drop) ?? null,
    sequential,
    completions: count * (sequential ? design.most : evaluate.samples),
    completionsNeeded,
    costNeeded: completionsNeeded === null || price === null ? null : completionsNeeded * price,
  }
}

function sequentialOutlook(
  problems: number,
  looks: readonly GateLook[],
  terms: GateTerms,
  drop: number,
  price: number | null,
): SequentialOutlook {
  const unchanged = gateCourse(problems, looks, terms, 0)
  const dropped = gateCourse(problems, looks, terms, drop)
  const completions = ({ samples }: GateCourse): number => Math.round(problems * samples)
  const costOf = (course: GateCourse): number | null => (price === null ? null : completions(course) * price)
  return {
    looks: looks.map(({ samples }) => samples),
    passed: unchanged.passed,
    unchanged: completions(unchanged),
    dropped: completions(dropped),
    costUnchanged: costOf(unchanged),
    costDropped: costOf(dropped),
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

/** For people, in a few sentences. */
export function gateInWords(outlook: GateOutlook): string {
  const { problems, samples, alpha, sees, drop, power, sequential } = outlook
  const asked = sequential ? `${sequential.looks.join(', ')}` : `${samples}`
  const sight = `see a drop of ${inPoints(sees)} points in four of five cases (error share ${alpha.toPrecision(2)} a test, at accuracy ${outlook.accuracy.toFixed(2)}), one of ${inPoints(drop)} points in ${Math.round(100 * power)}%.`
  const now = [
    `Gate: ${problems} ${plural(problems, 'problem')} x ${asked} ${sight}`,
    ...(sequential ? [courseInWords(outlook, sequential)] : []),
  ]
  if (sees <= drop) return now.join(' ')
  const ways = waysToSee(outlook)
  const how =
    ways.length === 0
      ? 'So small a drop is not seen by any gate of this margin.'
      : `To see that: ${ways.join(', or ')}.`
  return [...now, how].join(' ')
}

/** What the looks take on average. */
function courseInWords({ problems, completions }: GateOutlook, course: SequentialOutlook): string {
  const each = (count: number, cost: number | null): string =>
    `${(count / problems).toFixed(1)} samples of each problem (${count} completions${cost === null ? '' : `, a cost of ${Math.round(cost)}`})`
  return `It continues until it is decided: on average ${each(course.unchanged, course.costUnchanged)} for an unchanged checkpoint, which passes in ${Math.round(100 * course.passed)}%, ${each(course.dropped, course.costDropped)} for one with that drop, ${completions} completions at most.`
}

function waysToSee(outlook: GateOutlook): string[] {
  const { samplesNeeded, completionsNeeded, completions, costNeeded, problemsNeeded, sequential } = outlook
  const taken = `${completionsNeeded} completions a checkpoint instead of ${completions}${costNeeded === null ? '' : `, as much as sampling for a cost of ${Math.round(costNeeded)}`}`
  const ways = [
    samplesNeeded !== null && !sequential && `evaluate.samples: ${samplesNeeded} (${taken})`,
    samplesNeeded !== null &&
      `gate.sequential: true with maxSamples: ${samplesNeeded} (so many at most, fewer where it is decided before)`,
    problemsNeeded !== null && `${problemsNeeded} gate problems`,
  ]
  return ways.filter((way) => way !== false)
}
