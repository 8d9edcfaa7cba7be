/** Filters of an export: which accepted traces go in. Stateful only in the per-problem count. */

import type { Split } from '../core/problem.ts'
import type { Disposition } from '../core/trace.ts'

export interface ExportFilter {
  /** At most so many traces a problem over the whole export, the earliest first; undefined for no cap. */
  readonly maxPerProblem: number | undefined
  /** Length of the completion in characters. */
  readonly minLength: number | undefined
  readonly maxLength: number | undefined
}

export interface Exportable {
  readonly problem: string
  readonly split: Split | string
  readonly disposition: Disposition | null
  readonly text: string
}

/**
 * Says of every trace, in the order of the run, whether it goes in.
 * Nothing but accepted traces of the train split ever does: the rule that keeps evaluation honest is not an option.
 */
export function createExportFilter(filter: ExportFilter): (trace: Exportable) => boolean {
  const perProblem = new Map<string, number>()
  return (trace) => {
    if (trace.split !== 'train' || trace.disposition !== 'accepted') return false
    if (filter.minLength !== undefined && trace.text.length < filter.minLength) return false
    if (filter.maxLength !== undefined && trace.text.length > filter.maxLength) return false
    const count = perProblem.get(trace.problem) ?? 0
    if (filter.maxPerProblem !== undefined && count >= filter.maxPerProblem) return false
    perProblem.set(trace.problem, count + 1)
    return true
  }
}
