/** Accuracies with their bounds, and who took how long, worked out without the program's own formulas. */

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
}

/** Accuracy, bounds and paired gain of a checkpoint, where every problem has been measured. */
export function shareOf(tables: Tables, iteration: number, path: string): Record<string, number> {
  const of = (purpose: string, which: number): Map<string, number> => scores(tables.rows, purpose, which)
  const own = of('evaluate', iteration)
  if (own.size === 0) return {}
  const base = of('evaluate', -1)
  const out: Record<string, number> = { ...wilson(own, path, tables.samples) }
  const greedy = of('greedy', iteration)
  if (greedy.size > 0) Object.assign(out, wilson(greedy, `${path}.greedy`, 1))
  if (iteration < 0) return out
  Object.assign(out, paired(base, own, `${path}.gain`))
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

/** The two solutions of (p - x)^2 = z^2 x (1 - x) / n (Wilson 1927), found by halving. */
function wilson(of: ReadonlyMap<string, number>, path: string, samples: number): Record<string, number> {
  const n = of.size
  const p = [...of.values()].reduce((a, b) => a + b, 0) / n
  const out: Record<string, number> = { [`${path}.accuracy`]: p, [`${path}.n`]: n }
  if (samples > 1) return out
  const z = 1.959963984540054
  const excess = (x: number): number => (p - x) ** 2 - (z * z * x * (1 - x)) / n
  out[`${path}.low`] = p === 0 ? 0 : zero(excess, 0, p)
  out[`${path}.high`] = p === 1 ? 1 : zero((x) => -excess(x), p, 1)
  return out
}

/** Where a function that is positive at `low` and negative at `high` is 0. */
function zero(of: (x: number) => number, low: number, high: number): number {
  let [from, to] = [low, high]
  for (let halving = 0; halving < 100; halving++) {
    const middle = (from + to) / 2
    if (of(middle) > 0) from = middle
    else to = middle
  }
  return (from + to) / 2
}

/** Mean paired difference. Its bounds are Student's, which a test of their own holds against a table. */
function paired(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  path: string,
): Record<string, number> {
  const differences = [...after].map(([problem, score]) => score - (before.get(problem) ?? Number.NaN))
  const mean = differences.reduce((a, b) => a + b, 0) / differences.length
  return { [`${path}.accuracy`]: mean, [`${path}.n`]: differences.length }
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
