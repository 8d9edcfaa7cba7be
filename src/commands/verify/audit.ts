/** An audit of the verifier by people: a stratified draw of stored completions, and what their labels say about it. */

import { type Interval, wilsonInterval } from '../../core/measure/statistics.ts'
import { randomFor, shuffled } from '../../core/seed.ts'
import { readStore } from '../../run/read-store.ts'
import type { JudgedText, VerifiedKey } from '../../store/verdicts.ts'

export const AUDIT_LABELS = ['right', 'wrong', 'unclear'] as const
export type AuditLabel = (typeof AUDIT_LABELS)[number]

export interface AuditDraw {
  readonly seed: number
  /** Completions asked for. */
  readonly sample: number
  /** Drawn completions, shuffled, so that neither order nor neighbours tell a verdict. */
  readonly items: readonly JudgedText[]
}

export interface AuditResult {
  readonly labelled: number
  readonly unclear: number
  /** Traces in the accepted set, and those of them that were labelled right or wrong. */
  readonly accepted: number
  readonly judgedAccepted: number
  /** Share of wrong answers inside the accepted set, with its 95% interval; undefined where none was judged. */
  readonly wrongAccepted: Interval | undefined
  /** Share of right answers inside what the checker did not call correct. */
  readonly rightRefused: Interval | undefined
}

/** A stratum: completions of one verdict, level and rule. */
interface Stratum {
  readonly keys: readonly VerifiedKey[]
}

/** @param directory the run folder */
export function drawAudit(directory: string, sample: number, seed: number): AuditDraw {
  return readStore(directory, (store) => {
    const items: JudgedText[] = []
    for (const id of shuffled(
      drawIds(strataOf(store.verdicts.trainKeys()), sample, seed),
      randomFor(seed, 'audit order'),
    )) {
      const item = store.verdicts.text(id)
      if (item) items.push(item)
    }
    return { seed, sample, items }
  })
}

/** What labels (by completion id) say about the verdicts of the run they were drawn from. */
export function assessAudit(directory: string, labels: ReadonlyMap<number, AuditLabel>): AuditResult {
  const strata = readStore(directory, (store) => strataOf(store.verdicts.trainKeys()))
  const unclear = [...labels.values()].filter((label) => label === 'unclear').length
  const accepted = domainOf(strata, isAccepted)
  return {
    labelled: labels.size,
    unclear,
    accepted: accepted.reduce((sum, keys) => sum + keys.length, 0),
    judgedAccepted: accepted.flat().filter(({ id }) => isJudged(labels.get(id))).length,
    wrongAccepted: weightedShare(accepted, labels, 'wrong'),
    rightRefused: weightedShare(
      domainOf(strata, (key) => key.kind !== 'correct'),
      labels,
      'right',
    ),
  }
}

function strataOf(keys: readonly VerifiedKey[]): Stratum[] {
  const byName = Map.groupBy(keys, ({ kind, level, rule }) => JSON.stringify([kind, level, rule]))
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => ({ keys: each }))
}

/** Every stratum gives one, then all in proportion to the square root of their sizes, so that small ones are seen too. */
function drawIds(strata: readonly Stratum[], sample: number, seed: number): number[] {
  const quotas = strata.map(() => 0)
  const total = strata.reduce((sum, { keys }) => sum + keys.length, 0)
  for (let left = Math.min(sample, total); left > 0; left--) {
    let best = -1
    let need = Number.NEGATIVE_INFINITY
    for (const [at, { keys }] of strata.entries()) {
      const quota = quotas[at] ?? 0
      const priority = quota >= keys.length ? Number.NEGATIVE_INFINITY : Math.sqrt(keys.length) / (quota + 0.5)
      if (priority > need) [best, need] = [at, priority]
    }
    if (best < 0) break
    quotas[best] = (quotas[best] ?? 0) + 1
  }
  return strata.flatMap(({ keys }, at) =>
    shuffled(
      keys.map(({ id }) => id),
      randomFor(seed, `audit stratum ${at}`),
    ).slice(0, quotas[at]),
  )
}

/** Accepted for training; before an iteration's sampling is closed, what would be eligible. */
function isAccepted({ disposition, kind, finishReason }: VerifiedKey): boolean {
  return disposition === null ? kind === 'correct' && finishReason === 'stop' : disposition === 'accepted'
}

function domainOf(strata: readonly Stratum[], belongs: (key: VerifiedKey) => boolean): VerifiedKey[][] {
  return strata.map(({ keys }) => keys.filter(belongs)).filter((keys) => keys.length > 0)
}

function isJudged(label: AuditLabel | undefined): boolean {
  return label === 'right' || label === 'wrong'
}

/**
 * The share of `label` in a population, each stratum weighted by its size; strata nobody judged count through the others.
 * The interval is Wilson's at Kish's effective sample size, n = (sum W)^2 / sum (W^2 / n), so that it stays honest at 0.
 */
function weightedShare(
  domain: readonly (readonly VerifiedKey[])[],
  labels: ReadonlyMap<number, AuditLabel>,
  label: AuditLabel,
): Interval | undefined {
  let [weights, share, squares] = [0, 0, 0]
  for (const keys of domain) {
    const judged = keys.map(({ id }) => labels.get(id)).filter(isJudged)
    if (judged.length === 0) continue
    weights += keys.length
    share += (keys.length * judged.filter((each) => each === label).length) / judged.length
    squares += keys.length ** 2 / judged.length
  }
  if (weights === 0) return undefined
  const effective = weights ** 2 / squares
  return wilsonInterval((share / weights) * effective, effective)
}
