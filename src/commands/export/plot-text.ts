/** Counts and distributions as lines of text with bars. */

import type { Distribution } from '../../core/measure/distribution.ts'

const MOST_LINES = 20

/** A title, and a name, its count and a bar for each; nothing where there is nothing to count. */
export function countLines(title: string, counts: Readonly<Record<string, number>>): string[] {
  const entries = Object.entries(counts).filter(([, count]) => count > 0)
  if (entries.length === 0) return []
  return [
    title,
    ...bars(entries.slice(0, MOST_LINES)),
    ...(entries.length > MOST_LINES ? [`  … ${entries.length} in all`] : []),
    '',
  ]
}

/** The same for a distribution, by its ranges. */
export function distributionLines(title: string, { least, median, p95, most, histogram }: Distribution): string[] {
  const ranges = histogram.map(({ from, to, count }) => [from === to ? String(from) : `${from}-${to}`, count] as const)
  return [`${title}  least ${least}, median ${median}, 95% ${p95}, most ${most}`, ...bars(ranges), '']
}

const WIDEST = 40

/** A name, its count and a bar for each. */
function bars(entries: readonly (readonly [string, number])[]): string[] {
  const name = Math.max(...entries.map(([text]) => text.length))
  const number = Math.max(...entries.map(([, count]) => String(count).length))
  const most = Math.max(...entries.map(([, count]) => count))
  return entries.map(([text, count]) => {
    const bar = '█'.repeat(Math.round((WIDEST * count) / most)) || (count > 0 ? '▏' : '')
    return `  ${text.padEnd(name)}  ${String(count).padStart(number)}  ${bar}`.trimEnd()
  })
}
