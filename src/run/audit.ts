/** An audit of the verifier by people: a stratified draw of stored completions, and what their labels say about it. */

import type { Label, TraceLabel } from '../core/label.ts'
import { type Interval, wilsonInterval } from '../core/measure/intervals.ts'
import { drawPlaces, randomFor, shuffled } from '../core/seed.ts'
import type { JudgedText } from '../store/verdicts.ts'
import { readStore } from './read-store.ts'
import { placeIn, type Stratum, strataOf } from './strata.ts'

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
  const judged = strata.map((stratum) => judgedOf(stratum, labels))
  const accepted = judged.map(acceptedOf)
  return {
    labelled: labels.size,
    unclear,
    accepted: accepted.reduce((sum, { size }) => sum + size, 0),
    judgedAccepted: accepted.reduce((sum, { labels: own }) => sum + own.length, 0),
    wrongAccepted: weightedShare(accepted, 'wrong'),
    rightRefused: weightedShare(judged.filter(({ stratum }) => !stratum.isCorrect).map(wholeOf), 'right'),
    byRule: rulesOf(judged),
  }
}

interface JudgedStratum {
  readonly stratum: Stratum
  /** What was said right or wrong of its completions. */
  readonly said: readonly { readonly label: Label; readonly isAccepted: boolean }[]
}

/** A part of a stratum that a share is of: how many there are, and what was said of those that were judged. */
interface Part {
  readonly size: number
  readonly labels: readonly Label[]
}

function judgedOf(stratum: Stratum, labels: ReadonlyMap<number, Label>): JudgedStratum {
  const said = [...labels].flatMap(([id, label]) => {
    const at = label === 'unclear' ? -1 : placeIn(stratum, id)
    return at < 0 ? [] : [{ label, isAccepted: stratum.isAccepted[at] === 1 }]
  })
  return { stratum, said }
}

const acceptedOf = ({ stratum, said }: JudgedStratum): Part => ({
  size: stratum.accepted,
  labels: said.filter(({ isAccepted }) => isAccepted).map(({ label }) => label),
})

const wholeOf = ({ stratum, said }: JudgedStratum): Part => ({
  size: stratum.ids.length,
  labels: said.map(({ label }) => label),
})

function rulesOf(judged: readonly JudgedStratum[]): RuleAudit[] {
  const rows = [...Map.groupBy(judged, ({ stratum }) => stratum.rule)].map(([rule, own]): RuleAudit => {
    const parts = own.map(acceptedOf)
    return {
      rule,
      accepted: parts.reduce((sum, { size }) => sum + size, 0),
      judged: parts.reduce((sum, { labels }) => sum + labels.length, 0),
      wrong: weightedShare(parts, 'wrong') ?? null,
    }
  })
  return rows.filter(({ accepted }) => accepted > 0).sort((a, b) => b.accepted - a.accepted)
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
  return strata.flatMap(({ ids }, at) => {
    const places = drawPlaces(ids.length, quotas[at] ?? 0, randomFor(seed, `audit stratum ${at}`))
    return places.map((place) => ids[place] ?? 0)
  })
}

/**
 * The share of `label` in a population, each stratum weighted by its size; strata nobody judged count through the others.
 * The interval is Wilson's at Kish's effective sample size, n = (sum W)^2 / sum (W^2 / n), so that it stays honest at 0.
 */
function weightedShare(parts: readonly Part[], label: Label): Interval | undefined {
  let [weights, share, squares] = [0, 0, 0]
  for (const { size, labels } of parts) {
    if (labels.length === 0) continue
    weights += size
    share += (size * labels.filter((each) => each === label).length) / labels.length
    squares += size ** 2 / labels.length
  }
  if (weights === 0) return undefined
  const effective = weights ** 2 / squares
  return wilsonInterval((share / weights) * effective, effective)
}
