/** Accuracies with their bounds, and who took how long, worked out without the program's own formulas. */

import { accuracyBounds, meanBounds, savedByPairs } from './bounds.ts'

export interface Raw {
  readonly purpose: string
  readonly iteration: number
  readonly problem: string
  readonly split: string
  readonly level: string | null
  readonly idx: number
  readonly issue: number
  readonly text: string
  readonly finish: string
  readonly prompt: number
  readonly completion: number
  readonly latency: number
  readonly cached: number
  readonly kind: string | null
  readonly fate: string | null
  readonly isRight: boolean
}

export interface Tables {
  readonly rows: readonly Raw[]
  readonly attempts: readonly { purpose: string; iteration: number; outcome: string; ordinal: number; ms: number }[]
  readonly activity: readonly { iteration: number; phase: string; seconds: number }[]
  readonly votes: readonly { tokens: number }[]
  readonly iterations: readonly { iteration: number; state: string; kind: string; target: number; attempt: number }[]
  readonly beside: number
  readonly prices: { readonly sample: number; readonly train: number; readonly iteration: number }
  readonly samples: number
  readonly gate: {
    readonly margin: number
    readonly alpha: number
    readonly onFail: string
    readonly retries: number
    readonly sequential: boolean
    readonly maxSamples: number
  }
  /** Iterations that the run has by its configuration; null where something else ends it. */
  readonly planned: number | null
  readonly tests: readonly { readonly iteration: number; readonly attempt: number; readonly alpha: number }[]
  readonly looks: readonly {
    readonly iteration: number
    readonly attempt: number
    readonly samples: number
    readonly level: number
  }[]
}

/** Accuracy, bounds and paired gain of a checkpoint, where every problem has been measured. */
export function shareOf(tables: Tables, iteration: number, path: string): Record<string, unknown> {
  const { rows, samples } = tables
  const of = (purpose: string, which: number): Map<string, number> => scores(rows, purpose, which)
  const own = of('evaluate', iteration)
  if (own.size === 0) return {}
  const base = of('evaluate', -1)
  const out: Record<string, unknown> = accuracy([...own.values()], path, samples)
  const greedy = of('greedy', iteration)
  if (greedy.size > 0) Object.assign(out, accuracy([...greedy.values()], `${path}.greedy`, 1))
  const levelOf = new Map(rows.filter(({ purpose }) => purpose === 'evaluate').map((row) => [row.problem, row.level]))
  for (const level of new Set(levelOf.values())) {
    if (level === null) continue
    const shares = [...own].filter(([problem]) => levelOf.get(problem) === level).map(([, share]) => share)
    Object.assign(out, accuracy(shares, `${path}.levels.${level}`, samples))
  }
  if (iteration < 0) return out
  Object.assign(out, paired(base, own, `${path}.gain`))
  const before = [...own.keys()].map((problem) => base.get(problem) ?? Number.NaN)
  out[`${path}.gainSaved`] = savedByPairs(before, [...own.values()])
  if (greedy.size > 0) Object.assign(out, paired(of('greedy', -1), greedy, `${path}.greedyGain`))
  return out
}

function scores(rows: readonly Raw[], purpose: string, iteration: number): Map<string, number> {
  const right = new Map<string, number[]>()
  for (const row of rows) {
    if (row.purpose !== purpose || row.iteration !== iteration) continue
    right.set(row.problem, [...(right.get(row.problem) ?? []), row.isRight ? 1 : 0])
  }
  return new Map([...right].map(([problem, each]) => [problem, each.reduce((a, b) => a + b, 0) / each.length]))
}

function accuracy(shares: readonly number[], path: string, samples: number): Record<string, number> {
  const { low, high } = accuracyBounds(shares, samples)
  return {
    [`${path}.accuracy`]: shares.reduce((a, b) => a + b, 0) / shares.length,
    [`${path}.n`]: shares.length,
    [`${path}.low`]: low,
    [`${path}.high`]: high,
  }
}

/** Mean paired difference with Student's bounds. */
function paired(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  path: string,
): Record<string, number> {
  const { mean, low, high } = meanBounds(
    [...after].map(([problem, score]) => score - (before.get(problem) ?? Number.NaN)),
    0.95,
  )
  return { [`${path}.accuracy`]: mean, [`${path}.n`]: after.size, [`${path}.low`]: low, [`${path}.high`]: high }
}

/** Seconds of activity by account: a phase that draws belongs to its requests, in the ratio of their time. */
export function seconds(tables: Tables, accountOf: (row: Raw) => string): [string, number][] {
  const out: [string, number][] = []
  const measuring = ['gate', 'evaluate', 'greedy']
  for (const { iteration, phase, seconds: length } of tables.activity) {
    if (phase === 'training') {
      out.push(['training', length])
      continue
    }
    const belongs = (purpose: string): boolean => {
      if (phase === 'evaluating') return measuring.includes(purpose)
      if (phase === 'pilot') return purpose === 'pilot'
      return phase === 'sampling' && !measuring.includes(purpose) && purpose !== 'pilot'
    }
    const shares: [string, number][] = [
      ...tables.rows
        .filter((row) => row.iteration === iteration && belongs(row.purpose))
        .map((row): [string, number] => [accountOf(row), row.latency]),
      ...tables.attempts
        .filter((row) => row.outcome !== 'ok' && row.iteration === iteration && belongs(row.purpose))
        .map((row): [string, number] => ['retried', row.ms]),
    ]
    const whole = shares.reduce((sum, [, amount]) => sum + amount, 0)
    if (whole === 0) out.push(['overhead', length])
    else for (const [account, amount] of shares) out.push([account, (length * amount) / whole])
  }
  return out
}
