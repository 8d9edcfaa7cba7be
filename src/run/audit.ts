/** An audit of the verifier by people: a stratified draw of stored completions, and what their labels say about it. */

import type { Label, TraceLabel } from '../core/label.ts'
import { type Interval, wilsonInterval } from '../core/measure/statistics.ts'
import { randomFor, shuffled } from '../core/seed.ts'
import type { JudgedText, VerifiedKey } from '../store/verdicts.ts'
import { readStore } from './read-store.ts'

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
  /** The accepted set by the rule that let the traces in, the largest part first. */
  readonly byRule: readonly RuleAudit[]
}

export interface RuleAudit {
  readonly rule: string
  readonly accepted: number
  readonly judged: number
  /** Share of wrong answers; null where none was judged. */
  readonly wrong: Interval | null
}

/** Completions of one verdict, level and rule: ids ascending, and for each whether it is in the accepted set. */
export interface Stratum {
  readonly isCorrect: boolean
  readonly rule: string
  readonly ids: number[]
  readonly accepted: boolean[]
}

/** @param directory the run folder */
export function drawAudit(directory: string, sample: number, seed: number): AuditDraw {
  return readStore(directory, (store) => {
    const items = drawAuditIds(strataOf(store.verdicts.trainKeys()), sample, seed).flatMap((id) => {
      const item = store.verdicts.text(id)
      return item ? [item] : []
    })
    return { seed, sample, items }
  })
}

/** Ids of a draw in the order in which they are judged; the same for the same strata, sample and seed. */
export function drawAuditIds(strata: readonly Stratum[], sample: number, seed: number): number[] {
  return shuffled(drawIds(strata, sample, seed), randomFor(seed, 'audit order'))
}

/** What labels (by completion id) say about the verdicts of the run they were drawn from. */
export function assessAudit(directory: string, labels: ReadonlyMap<number, Label>): AuditResult {
  return readStore(directory, (store) => assessLabels(strataOf(store.verdicts.trainKeys()), labels))
}

/** Labels by trace, of those who saw no verdict: people look up what they suspect, and a share of that is a share of nothing. */
export function blindLabels(labels: readonly TraceLabel[]): Map<number, Label> {
  return new Map(labels.filter(({ blind }) => blind).map(({ trace, label }) => [trace, label]))
}

/** @param labels by completion id */
export function assessLabels(strata: readonly Stratum[], labels: ReadonlyMap<number, Label>): AuditResult {
  const unclear = [...labels.values()].filter((label) => label === 'unclear').length
  const accepted = domainOf(strata, (stratum, at) => stratum.accepted[at] === true)
  return {
    labelled: labels.size,
    unclear,
    accepted: accepted.reduce((sum, ids) => sum + ids.length, 0),
    judgedAccepted: accepted.reduce((sum, ids) => sum + ids.filter((id) => isJudged(labels.get(id))).length, 0),
    wrongAccepted: weightedShare(accepted, labels, 'wrong'),
    rightRefused: weightedShare(
      domainOf(strata, ({ isCorrect }) => !isCorrect),
      labels,
      'right',
    ),
    byRule: rulesOf(strata, labels),
  }
}

function rulesOf(strata: readonly Stratum[], labels: ReadonlyMap<number, Label>): RuleAudit[] {
  const rows = [...Map.groupBy(strata, ({ rule }) => rule)].map(([rule, own]): RuleAudit => {
    const accepted = domainOf(own, (stratum, at) => stratum.accepted[at] === true)
    const ids = accepted.flat()
    const judged = ids.filter((id) => isJudged(labels.get(id))).length
    return { rule, accepted: ids.length, judged, wrong: weightedShare(accepted, labels, 'wrong') ?? null }
  })
  return rows.filter(({ accepted }) => accepted > 0).sort((a, b) => b.accepted - a.accepted)
}

/** @param keys verified completions drawn for training, by ascending id; read once */
export function strataOf(keys: Iterable<VerifiedKey>): Stratum[] {
  const byKey = new Map<string, Stratum & { readonly name: string }>()
  for (const key of keys) {
    const { kind, level, rule } = key
    // Of a million keys; what names a stratum in their order is written once for each of them.
    const found = `${kind}\n${rule}\n${level === null ? '' : `=${level}`}`
    let stratum = byKey.get(found)
    if (stratum === undefined) {
      stratum = {
        name: JSON.stringify([kind, level, rule]),
        isCorrect: kind === 'correct',
        rule,
        ids: [],
        accepted: [],
      }
      byKey.set(found, stratum)
    }
    stratum.ids.push(key.id)
    stratum.accepted.push(isAccepted(key))
  }
  return [...byKey.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Every stratum gives one, then all in proportion to the square root of their sizes, so that small ones are seen too. */
function drawIds(strata: readonly Stratum[], sample: number, seed: number): number[] {
  const quotas = strata.map(() => 0)
  const total = strata.reduce((sum, { ids }) => sum + ids.length, 0)
  for (let left = Math.min(sample, total); left > 0; left--) {
    let best = -1
    let need = Number.NEGATIVE_INFINITY
    for (const [at, { ids }] of strata.entries()) {
      const quota = quotas[at] ?? 0
      const priority = quota >= ids.length ? Number.NEGATIVE_INFINITY : Math.sqrt(ids.length) / (quota + 0.5)
      if (priority > need) [best, need] = [at, priority]
    }
    if (best < 0) break
    quotas[best] = (quotas[best] ?? 0) + 1
  }
  return strata.flatMap(({ ids }, at) => shuffled(ids, randomFor(seed, `audit stratum ${at}`)).slice(0, quotas[at]))
}

/** Accepted for training; before an iteration's sampling is closed, what would be eligible. */
function isAccepted({ disposition, kind, finishReason }: VerifiedKey): boolean {
  return disposition === null ? kind === 'correct' && finishReason === 'stop' : disposition === 'accepted'
}

function domainOf(strata: readonly Stratum[], belongs: (stratum: Stratum, at: number) => boolean): number[][] {
  return strata.map((stratum) => stratum.ids.filter((_, at) => belongs(stratum, at))).filter((ids) => ids.length > 0)
}

function isJudged(label: Label | undefined): boolean {
  return label === 'right' || label === 'wrong'
}

/**
 * The share of `label` in a population, each stratum weighted by its size; strata nobody judged count through the others.
 * The interval is Wilson's at Kish's effective sample size, n = (sum W)^2 / sum (W^2 / n), so that it stays honest at 0.
 */
function weightedShare(
  domain: readonly (readonly number[])[],
  labels: ReadonlyMap<number, Label>,
  label: Label,
): Interval | undefined {
  let [weights, share, squares] = [0, 0, 0]
  for (const ids of domain) {
    const judged = ids.map((id) => labels.get(id)).filter(isJudged)
    if (judged.length === 0) continue
    weights += ids.length
    share += (ids.length * judged.filter((each) => each === label).length) / judged.length
    squares += ids.length ** 2 / judged.length
  }
  if (weights === 0) return undefined
  const effective = weights ** 2 / squares
  return wilsonInterval((share / weights) * effective, effective)
}
