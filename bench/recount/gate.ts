/** The gate's numbers and the signs of collapse, worked out from the raw answers to the gate problems. */

import { meanBounds, savedByPairs, studentReach } from './bounds.ts'
import type { Raw, Tables } from './second-path.ts'

const ends = (finish: string): boolean => finish !== 'failed'

function ownAnswers(rows: readonly Raw[], iteration: number, from: number, count: number): Map<string, Raw[]> {
  const out = new Map<string, Raw[]>()
  for (const row of rows) {
    if (row.purpose !== 'gate' || row.iteration !== iteration || row.idx < from || row.idx >= from + count) continue
    if (ends(row.finish)) out.set(row.problem, [...(out.get(row.problem) ?? []), row])
  }
  return out
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

/** By the path of each number; nothing where the iteration's checkpoint was not measured on the gate problems. */
export function gateNumbers(tables: Tables, place: number): Record<string, unknown> {
  const { rows, iterations, samples, gate } = tables
  const own = iterations[place]
  if (!own) return {}
  const { iteration, attempt } = own
  const most = gate.sequential ? Math.max(samples, gate.maxSamples) : samples
  const out: Record<string, unknown> = {}
  const groups = [...ownAnswers(rows, iteration, attempt * most, samples).values()]
  if (groups.length > 0) {
    const over = (of: (group: readonly Raw[]) => number): number => mean(groups.map(of))
    const share = (of: (row: Raw) => boolean): number => over((group) => mean(group.map((row) => (of(row) ? 1 : 0))))
    Object.assign(out, {
      'health.problems': groups.length,
      'health.samples': Math.min(...groups.map((group) => group.length)),
      'health.passAt1': share(({ isRight }) => isRight),
      'health.passAtK': over((group) => (group.some(({ isRight }) => isRight) ? 1 : 0)),
      'health.distinct': over((group) => new Set(group.map(({ text }) => text.trim())).size / group.length),
      'health.truncated': share(({ finish }) => finish === 'length'),
      'health.tokens': over((group) => mean(group.map(({ completion }) => completion))),
    })
  }
  const looks = tables.looks.filter((look) => look.iteration === iteration && look.attempt === attempt)
  const test = tables.tests.find((it) => it.iteration === iteration && it.attempt === attempt)
  if (test) {
    const level = looks.at(-1)?.level ?? test.alpha
    const drawn = looks.at(-1)?.samples ?? samples
    Object.assign(out, named('gate', compare(tables, place, drawn, level)))
    const sees = seen(out, level, gate.margin)
    Object.assign(out, { 'gate.sees': sees, 'gate.samples': drawn, 'gate.alpha': alphaOf(tables, place) })
    for (const [at, look] of looks.entries()) {
      const { n: _, saved: __, ...counted } = compare(tables, place, look.samples, look.level)
      Object.assign(out, named(`gate.looks.${at}`, { ...counted, samples: look.samples, level: look.level }))
    }
  }
  return named(`iterations.${place}`, out)
}

function named(path: string, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${path}.${key}`, value]))
}

/** This attempt's answers against those of the last checkpoint that was not rejected, by problem; one won and one lost problem more. */
function compare(tables: Tables, place: number, drawn: number, level: number) {
  const { rows, iterations, samples, gate } = tables
  const most = gate.sequential ? Math.max(samples, gate.maxSamples) : samples
  const own = iterations[place]
  const accepted = iterations.slice(0, place).findLast(({ state }) => state !== 'rejected')
  const scores = (of: { iteration: number; attempt: number } | undefined): Map<string, number> =>
    new Map(
      [...ownAnswers(rows, of?.iteration ?? -1, (of?.attempt ?? 0) * most, drawn)].map(([problem, group]) => [
        problem,
        mean(group.map(({ isRight }) => (isRight ? 1 : 0))),
      ]),
    )
  const [before, after] = [scores(accepted), scores(own)]
  const both = [...after.keys()].filter((problem) => before.has(problem))
  const [old, now] = [before, after].map((side) => both.map((problem) => side.get(problem) ?? 0)) as [
    number[],
    number[],
  ]
  const differences = now.map((value, i) => value - (old[i] ?? 0))
  const step = 1 / Math.sqrt(drawn)
  const { low, high } = meanBounds([...differences, step, -step], 1 - 2 * level)
  return { difference: mean(differences), low, high, n: both.length, saved: savedByPairs(old, now) }
}

/** The drop that it fails in four of five cases: its threshold, and 0.8416 of its standard error. */
function seen(out: Readonly<Record<string, unknown>>, level: number, margin: number): number {
  const [low, high, n] = [Number(out['gate.low']), Number(out['gate.high']), Number(out['gate.n'])]
  const reach = studentReach(1 - 2 * level, n + 1)
  const error = (high - low) / 2 / reach
  return Math.max(margin, (high - low) / 2) + studentReach(0.6, Number.POSITIVE_INFINITY) * error
}

/** What was left of the budget, over the iterations that were left, over the attempts. */
function alphaOf({ iterations, gate, tests, planned }: Tables, place: number): number | undefined {
  if (planned === null) return tests.find(({ iteration }) => iteration === iterations[place]?.iteration)?.alpha
  const attempts = gate.onFail === 'retry' ? 1 + gate.retries : 1
  return gate.alpha / planned / attempts
}
