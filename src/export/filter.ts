/** Filters of an export: which traces go in. Stateful only in what it remembers of earlier ones: duplicates and counts. */

import { equationsOf } from '../core/accept/equations.ts'
import { DEFAULT_SIMILARITY, type Duplicates, type Scope } from '../core/export.ts'
import type { Label } from '../core/label.ts'
import type { Split } from '../core/problem.ts'
import type { Disposition } from '../core/trace.ts'
import type { VerdictKind } from '../core/verdict.ts'
import { createNearDuplicateIndex } from './near-duplicates.ts'
import { createTextSet } from './text-set.ts'
import { createWordReader } from './words.ts'

export interface ExportFilter {
  /** Rules of the checker that a trace may have been decided by; undefined for all. */
  readonly rules: readonly string[] | undefined
  /** Length of the completion in characters. */
  readonly minLength: number | undefined
  readonly maxLength: number | undefined
  /** Length of the completion in tokens, as the server counted them. */
  readonly minTokens: number | undefined
  readonly maxTokens: number | undefined
  /** Bounds of the share of a problem's completions that are correct, both included. */
  readonly minSolveRate: number | undefined
  readonly maxSolveRate: number | undefined
  readonly deduplicate: Duplicates
  readonly within: Scope
  /** From which share of common runs of three words on a trace is a near duplicate. */
  readonly similarity: number
  /** Labels that keep a trace out; where it was judged twice, the blind label counts. */
  readonly excludeLabelled: readonly Label[] | undefined
  /** At most so many traces a problem over the whole export, the earliest first; undefined for no cap. */
  readonly maxPerProblem: number | undefined
}

/** Everything goes in. */
export const NO_FILTER: ExportFilter = {
  rules: undefined,
  minLength: undefined,
  maxLength: undefined,
  minTokens: undefined,
  maxTokens: undefined,
  minSolveRate: undefined,
  maxSolveRate: undefined,
  deduplicate: 'none',
  within: 'problem',
  similarity: DEFAULT_SIMILARITY,
  excludeLabelled: undefined,
  maxPerProblem: undefined,
}

export interface Exportable {
  /** Any number that no other problem has. */
  readonly problem: number
  readonly split: Split | string
  readonly disposition: Disposition | null
  readonly finishReason: string
  readonly verdict: VerdictKind | null
  readonly rule: string | null
  readonly text: string
  readonly completionTokens: number
}

export const DROPS = ['labelled', 'rule', 'length', 'solve-rate', 'contaminated', 'duplicate', 'over-cap'] as const
/** Why a trace is left out, by the first filter that does not let it pass, in this order. */
export type Drop = (typeof DROPS)[number]

/** What the filters ask about a trace's problem and words. */
export interface FilterTools<T extends Exportable> {
  solveRate(problem: number): number | undefined
  /** Whether it shares a run of words with a test set. */
  isContaminated(trace: T): boolean
  /** What a person said of it. */
  labelOf(trace: T): Label | undefined
}

export const ROLES = ['accepted', 'correct', 'incorrect'] as const
/** As what a trace goes in: as accepted; or judged, as a correct one that was accepted, or as an incorrect one. */
export type TraceRole = (typeof ROLES)[number]

/**
 * The rule that keeps evaluation honest, and no option: only traces of the train split, and only accepted ones, ever teach;
 * an incorrect one may stand next to them as what not to write, when it ended by itself and was read.
 */
export function mayTrain(trace: Exportable, role: TraceRole): boolean {
  if (trace.split !== 'train') return false
  if (role === 'incorrect') return trace.verdict === 'incorrect' && trace.finishReason === 'stop'
  return trace.disposition === 'accepted' && (role === 'accepted' || trace.verdict === 'correct')
}

/**
 * Says of every trace that may train, in the order of the run, whether it goes in.
 * @returns the filter that leaves it out; undefined where it goes in
 */
export function createExportFilter<T extends Exportable>(
  filter: ExportFilter,
  tools: FilterTools<T>,
): (trace: T) => Drop | undefined {
  const perProblem = new Map<number, number>()
  const isDuplicate = createDuplicateCheck(filter)
  return (trace) => {
    const label = filter.excludeLabelled && tools.labelOf(trace)
    if (label && filter.excludeLabelled?.includes(label)) return 'labelled'
    if (filter.rules && !filter.rules.includes(trace.rule ?? '')) return 'rule'
    if (!isWithin(trace.text.length, filter.minLength, filter.maxLength)) return 'length'
    if (!isWithin(trace.completionTokens, filter.minTokens, filter.maxTokens)) return 'length'
    if (!hasSolveRate(trace, filter, tools)) return 'solve-rate'
    if (tools.isContaminated(trace)) return 'contaminated'
    if (isDuplicate(trace)) return 'duplicate'
    const count = perProblem.get(trace.problem) ?? 0
    if (filter.maxPerProblem !== undefined && count >= filter.maxPerProblem) return 'over-cap'
    perProblem.set(trace.problem, count + 1)
    return undefined
  }
}

function isWithin(value: number, least: number | undefined, most: number | undefined): boolean {
  return (least === undefined || value >= least) && (most === undefined || value <= most)
}

function hasSolveRate<T extends Exportable>(
  trace: T,
  { minSolveRate, maxSolveRate }: ExportFilter,
  tools: FilterTools<T>,
): boolean {
  if (minSolveRate === undefined && maxSolveRate === undefined) return true
  const rate = tools.solveRate(trace.problem)
  return rate !== undefined && isWithin(rate, minSolveRate, maxSolveRate)
}

/** Remembers the traces that it does not call duplicates. */
export function createDuplicateCheck({
  deduplicate,
  within,
  similarity,
}: Pick<ExportFilter, 'deduplicate' | 'within' | 'similarity'>): (trace: Exportable) => boolean {
  const groupOf = (trace: Exportable): number => (within === 'problem' ? trace.problem : 0)
  if (deduplicate === 'none') return () => false
  if (deduplicate === 'near') {
    const read = createWordReader()
    const repeats = createNearDuplicateIndex(similarity)
    return (trace) => repeats(groupOf(trace), read(trace.text))
  }
  const seen = createTextSet()
  const keyOf = deduplicate === 'equations' ? equationsText : (text: string) => text
  return (trace) => !seen.add(keyOf(trace.text), groupOf(trace))
}

/** A text without any equation stands for itself, as in the acceptance rules. */
function equationsText(text: string): string {
  return equationsOf(text).join(';') || text
}
