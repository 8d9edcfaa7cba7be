/** The account and the state of the problems, in words and rows that terminal and page share. */

import type { ProblemsStatus } from '../core/allocate/coverage.ts'
import { count, percent } from './format.ts'

const BARS = '▁▂▃▄▅▆▇█'

/** How many problems were asked and solved, and how their solve rates lie; undefined before anything is known. */
export function problemsSentence(problems: ProblemsStatus): string | undefined {
  if (problems.asked === 0) return undefined
  const { asked, solved, neverSolved, rates } = problems
  return `Problems: ${count(asked)} of ${count(problems.count)} asked, ${count(solved)} solved (${percent(solved / asked)}), ${count(neverSolved)} never; solve rates from 0 to 1: ${barsOf(rates)}`
}

/** One bar a bin; a bin that is not empty shows. */
function barsOf(counts: readonly number[]): string {
  const most = Math.max(1, ...counts)
  return counts.map((n) => (n === 0 ? '·' : BARS[Math.ceil((n / most) * BARS.length) - 1])).join('')
}
