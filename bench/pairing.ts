/**
 * What pairing saves in a run that was measured: the share of the variance of (checkpoint - base) that the same problems save, and the same problems
 * with the same seeds. For runs with `evaluate.samples` of at least 2: sample 0 is compared with sample 0, which has its seed, and with sample 1.
 *
 *     node bench/pairing.ts runs/NAME [--purpose evaluate|gate]
 */

import { join } from 'node:path'
import { parseArgs } from 'node:util'
import Database from 'better-sqlite3'
import { pairingSaved } from '../src/core/measure/intervals.ts'

const { values, positionals } = parseArgs({
  options: { purpose: { type: 'string', default: 'evaluate' } },
  allowPositionals: true,
})
const db = new Database(join(positionals[0] ?? '.', 'spendwise.sqlite'), { readonly: true })
const rows = db
  .prepare<[string], { iteration: number; problem: number; idx: number; score: number }>(
    `select c.iteration, c.problem, c.idx, v.kind = 'correct' and c.finish_reason = 'stop' as score
    from completion c join verdict v on v.completion = c.id where c.purpose = ?`,
  )
  .all(values.purpose)
const scoresOf = (iteration: number, sample: number): Map<string, number> =>
  new Map(
    rows
      .filter((row) => row.iteration === iteration && row.idx === sample)
      .map(({ problem, score }) => [String(problem), score]),
  )
const percent = (share: number | null): string => (share === null ? '-' : `${(100 * share).toFixed(0)}%`)
for (const iteration of new Set(rows.map((row) => row.iteration).filter((each) => each >= 0))) {
  const base = scoresOf(-1, 0)
  const alike = pairingSaved(base, scoresOf(iteration, 0))
  const other = pairingSaved(base, scoresOf(iteration, 1))
  console.log(
    `iteration ${iteration}, ${base.size} problems: the same problems save ${percent(other)} of the variance, with the same seeds ${percent(alike)}`,
  )
}
