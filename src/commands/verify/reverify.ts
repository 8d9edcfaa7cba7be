/** Verifies a run's history again with the present checker; nothing is sampled, and no decision of the past is changed. */

import { dirname } from 'node:path'
import type { RunConfig } from '../../config/schema.ts'
import { isRestated } from '../../core/accept/restated.ts'
import type { Purpose } from '../../core/completion.ts'
import { judgedText } from '../../core/completion.ts'
import type { Verdict, VerdictKind } from '../../core/verdict.ts'
import type { Verifier } from '../../loop/context.ts'
import { createVerifier } from '../../loop/sample/verifier.ts'
import { acquireLock } from '../../store/lock.ts'
import { lockFile } from '../../store/place/place.ts'
import { openStore, type Store } from '../../store/store.ts'
import type { VerifiedRow } from '../../store/verdicts.ts'

export interface ReverifyOptions {
  readonly config: RunConfig
  /** Absolute path of the run.yaml it came from. */
  readonly configPath: string
  /** The run folder, absolute. */
  readonly directory: string
  /** Reports the flips and keeps the old verdicts. */
  readonly dryRun: boolean
  /** What people should know meanwhile, a sentence each. */
  readonly onNote?: (text: string) => void
  readonly signal: AbortSignal
}

/** A verdict that changed its kind. */
export interface Flip {
  readonly purpose: Purpose
  readonly iteration: number
  readonly problem: string
  readonly index: number
  readonly gold: string
  readonly extracted: string | undefined
  readonly from: VerdictKind
  readonly fromRule: string
  readonly to: VerdictKind
  readonly toRule: string
  /** It is in the data that was trained on. */
  readonly accepted: boolean
}

export interface ReverifyReport {
  readonly verified: number
  /** Verdicts put in the place of old ones: another kind, rule, method or checker. */
  readonly replaced: number
  /** Counts of flips by `from -> to`, most first. */
  readonly flips: readonly { readonly from: VerdictKind; readonly to: VerdictKind; readonly count: number }[]
  /** The same by the rules that decided before and now, most first. */
  readonly rules: readonly RuleFlips[]
  /** Accepted traces that are no longer correct: they were trained on. */
  readonly acceptedNowWrong: number
  /** Accepted traces whose answer only repeats a formula of the question: `accept.restated: hold` would refuse them. */
  readonly acceptedRestated: number
  /** Accepted traces of more tokens than `accept.maxTokens`, where that is set; they were trained on. */
  readonly acceptedTooLong: number
  /** Traces drawn for training, ended by themselves, that are correct now and were not. */
  readonly nowCorrect: number
  /** The first flips, for reading. */
  readonly examples: readonly Flip[]
  readonly dryRun: boolean
}

/** Flips from one rule's verdict to another's. */
export interface RuleFlips {
  readonly from: VerdictKind
  readonly fromRule: string
  readonly to: VerdictKind
  readonly toRule: string
  readonly count: number
}

const PAGE = 512
const MOST_EXAMPLES = 20

/**
 * @throws StoreError when another process works in the folder, or its database cannot be read
 */
export async function reverifyRun(options: ReverifyOptions): Promise<ReverifyReport> {
  const lock = acquireLock(lockFile(options.directory))
  try {
    const store = openStore(options.directory)
    const verifier = createVerifier(options.config, dirname(options.configPath), {
      votes: store.votes,
      onNote: options.onNote,
    })
    try {
      return await reverifyStore(store, verifier, options)
    } catch (error) {
      throw store.explain(error)
    } finally {
      await verifier.close()
      store.close()
    }
  } finally {
    lock.release()
  }
}

async function reverifyStore(
  store: Store,
  verifier: Verifier,
  { config, dryRun, signal }: ReverifyOptions,
): Promise<ReverifyReport> {
  const counts = new Map<string, { from: VerdictKind; to: VerdictKind; count: number }>()
  const examples: Flip[] = []
  const byRule = new Map<string, RuleFlips>()
  const mostTokens = config.accept.maxTokens ?? Number.POSITIVE_INFINITY
  let [verified, replaced, acceptedNowWrong, acceptedRestated, acceptedTooLong, nowCorrect] = [0, 0, 0, 0, 0, 0]
  for (let after = 0; ; ) {
    const rows = store.verdicts.page(after, PAGE)
    const last = rows.at(-1)
    if (!last) break
    after = last.id
    verified += rows.length
    const verdicts = await verifier.verify(
      rows.map((row) => ({ completion: row.id, question: row.question, gold: row.gold, text: judgedText(row) })),
      signal,
    )
    const changed: { completion: number; verdict: Verdict }[] = []
    for (const [at, row] of rows.entries()) {
      const verdict = verdicts[at]
      if (!verdict) continue
      if (row.disposition === 'accepted' && isRestated(row.question, verdict.extracted ?? '', row.gold))
        acceptedRestated++
      if (row.disposition === 'accepted' && row.completionTokens > mostTokens) acceptedTooLong++
      if (!isChanged(row, verdict)) continue
      changed.push({ completion: row.id, verdict })
      if (row.kind === verdict.kind) continue
      const flip = flipOf(row, verdict)
      const key = `${flip.from} ${flip.to}`
      const entry = counts.get(key) ?? { from: flip.from, to: flip.to, count: 0 }
      counts.set(key, { ...entry, count: entry.count + 1 })
      countRule(byRule, flip)
      if (flip.accepted && flip.from === 'correct') acceptedNowWrong++
      if (flip.to === 'correct' && row.purpose === 'train' && row.finishReason === 'stop') nowCorrect++
      if (examples.length < MOST_EXAMPLES) examples.push(flip)
    }
    replaced += changed.length
    if (!dryRun && changed.length > 0) store.verdicts.replace(changed, Date.now())
  }
  const flips = [...counts.values()].sort((a, b) => b.count - a.count)
  const rules = [...byRule.values()].sort((a, b) => b.count - a.count)
  return {
    ...{ verified, replaced, flips, rules },
    ...{ acceptedNowWrong, acceptedRestated, acceptedTooLong, nowCorrect, examples, dryRun },
  }
}

function countRule(counts: Map<string, RuleFlips>, { from, fromRule, to, toRule }: Flip): void {
  const key = `${from} ${fromRule} ${to} ${toRule}`
  counts.set(key, { from, fromRule, to, toRule, count: (counts.get(key)?.count ?? 0) + 1 })
}

function isChanged(row: VerifiedRow, verdict: Verdict): boolean {
  const isOtherMethod = row.method !== (verdict.method ?? null)
  return row.kind !== verdict.kind || row.rule !== verdict.rule || isOtherMethod || row.checker !== verdict.checker
}

function flipOf(row: VerifiedRow, verdict: Verdict): Flip {
  const { purpose, iteration, problem, index, gold } = row
  return {
    purpose,
    iteration,
    problem,
    index,
    gold,
    extracted: verdict.extracted,
    from: row.kind,
    fromRule: row.rule,
    to: verdict.kind,
    toRule: verdict.rule,
    accepted: row.disposition === 'accepted',
  }
}
