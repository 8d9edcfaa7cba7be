/** Sampling of one iteration: admit, drain, and take the first n_t accepted in issue order. */

import { type Candidate, createAcceptance, type KeepDraws, NO_LIMIT } from '../../core/accept/accept.ts'
import { estimatedRate, mayAdmit } from '../../core/accept/admission.ts'
import { unansweredInWords } from '../../core/accept/unanswered.ts'
import { RunError } from '../../core/errors.ts'
import type { Disposition } from '../../core/trace.ts'
import type { DrawnRow } from '../../store/completions.ts'
import type { IterationRow } from '../../store/iterations.ts'
import type { RunContext } from '../context.ts'
import { type DrawEnd, type DrawInput, type Drawn, drawTogether, verifyLeftovers, type Wanted } from './draw.ts'
import { openIssueOrder } from './issue-order.ts'
import { quotasOf } from './quotas.ts'
import { createSecondTries } from './second-tries.ts'

export interface SampledFrom {
  /** Row of the checkpoint. */
  readonly checkpoint: number
  readonly model: string
}

/**
 * Draws what the iteration still lacks and closes its sampling by writing the dispositions; nothing to do where that is done.
 * @param beside drawn from the same checkpoint in the slots that are free while the last traces come in
 * @throws CapReached, RunError when nothing is accepted for too long, and what `draw` throws
 */
export async function sampleIteration(
  context: RunContext,
  row: IterationRow,
  from: SampledFrom,
  temperature: number,
  beside: readonly DrawInput[] = [],
): Promise<void> {
  const { config } = context
  if (context.store.completions.isClosed('train', row.iteration)) return
  await verifyLeftovers(context, 'train', row.iteration, context.problems.train)
  const counters = createCounters(context, row)
  const startedAt = performance.now()
  const train: DrawInput = {
    purpose: 'train',
    iteration: row.iteration,
    checkpoint: from.checkpoint,
    model: from.model,
    prompt: context.prompts.sampling,
    parameters: { ...config.sample, temperature },
    next: (inFlight) => counters.next(inFlight),
    isNeeded: ({ issue }, inFlight) => counters.isNeeded(issue, inFlight),
    onDrawn: (drawn) => counters.add(drawn),
    onTick: (inFlight) =>
      context.emit({
        kind: 'sampling',
        purpose: 'train',
        iteration: row.iteration,
        accepted: counters.eligible(),
        target: row.target.count,
        sampled: counters.sampled(),
        wanted: row.target.kind === 'sampled' ? row.target.count : null,
        failed: counters.failed(),
        inFlight,
        tokens: counters.tokens(),
        elapsedMs: performance.now() - startedAt,
      }),
  }
  closeSampling(context, row, await drawTogether(context, [train, ...beside]))
}

/** The draws of `accept.by: reward` in an iteration's sampling. */
export function drawsOf(
  { config }: Pick<RunContext, 'config'>,
  { iteration }: Pick<IterationRow, 'iteration'>,
): KeepDraws {
  return { seed: config.seed, purpose: 'train', iteration }
}

interface Counters {
  next(inFlight: number): Wanted | undefined
  /** Whether that issue number is wanted while so many requests are out. */
  isNeeded(issue: number, inFlight: number): boolean
  add(drawn: Drawn): void
  eligible(): number
  sampled(): number
  failed(): number
  tokens(): number
}

/** What has been drawn so far, and what comes next: the plan as a subtraction over issue numbers. */
function createCounters(context: RunContext, row: IterationRow): Counters {
  const { config, spending, store } = context
  const { target, iteration } = row
  const order = openIssueOrder(context, row)
  const quotas = quotasOf(context, row)
  const issued = new Set<number>()
  // Below the highest stored issue there may be holes that a killed process left: they are always drawn again.
  let highest = -1
  const judge = createAcceptance(config.accept, NO_LIMIT, drawsOf(context, row), quotas)
  const priorRate = acceptanceBefore(context, iteration)
  let cursor = 0
  let eligible = 0
  let ended = 0
  let failed = 0
  let tokens = 0
  let barren = 0
  /** Right ones among these that say what was there already, or whose problem has enough. */
  let repeats = 0
  let highestEligible = -1
  /** Why the others were not accepted: their verdicts, or how they ended. */
  const fates = new Map<string, number>()
  const tries = createSecondTries()

  const add = (drawn: Pick<Drawn, 'issue' | keyof Candidate>): void => {
    order.ended(drawn.issue)
    const fate = judge(drawn)
    if (fate !== 'accepted') {
      const kind = fate === 'too-long' ? 'longer than accept.maxTokens' : outcomeOf(drawn)
      fates.set(kind, (fates.get(kind) ?? 0) + 1)
    }
    if (fate === 'accepted') {
      eligible++
      highestEligible = Math.max(highestEligible, drawn.issue)
      barren = 0
      repeats = 0
    } else {
      barren++
      if (fate === 'duplicate' || fate === 'over-cap') repeats++
    }
  }
  for (const drawn of store.completions.eachDrawn('train', iteration)) {
    highest = drawn.issue
    // One that an earlier process gave up is asked again under the same index: replacing it by a fresh one would prefer what is
    // quick to answer.
    if (drawn.finishReason === 'failed') continue
    issued.add(drawn.issue)
    ended++
    add(drawn)
  }

  const mayStart = (issue: number, inFlight: number): boolean => {
    if (issue <= highest) return true
    if (target.kind === 'sampled') return issue < target.count
    // With quotas the order itself asks for no more than they need; the rate of all sources says little of the last one open.
    if (quotas) return eligible < target.count
    return mayAdmit({ eligible, ended, inFlight, target: target.count, priorRate })
  }
  const secondTry = (isIdle: boolean): Wanted | undefined => {
    // Beyond the last trace that may be accepted nobody is missed.
    const end = target.kind === 'sampled' || eligible < target.count ? Number.POSITIVE_INFINITY : highestEligible
    return tries.next(isIdle ? Number.POSITIVE_INFINITY : ended, end)
  }
  return {
    isNeeded: (issue, inFlight) => tries.isSecond(issue) || mayStart(issue, inFlight),
    next(inFlight) {
      // Each is passed once and not needed again.
      while (issued.delete(cursor)) cursor++
      const isMore = mayStart(cursor, inFlight)
      if (isMore && barren >= config.sample.giveUpAfter)
        throw barrenError(
          iteration,
          { barren, repeats, eligible, fates },
          estimatedRate({ eligible, ended, priorRate }),
        )
      const due = secondTry(!isMore)
      if (!due && !isMore) return undefined
      spending.check('sampling')
      if (spending.samplesLeft(inFlight) <= 0) return undefined
      if (due) return due
      const asked = order.at(cursor)
      // The order may wait for the outcome of one that failed.
      if (!asked) return secondTry(true)
      const wanted = { issue: cursor++, ...asked }
      tries.out(wanted)
      return wanted
    },
    add(drawn) {
      const isSecond = tries.isSecond(drawn.issue)
      if (!isSecond) ended++
      if (drawn.finishReason === 'failed') {
        if (!isSecond) failed++
        // Its outcome is not known before.
        if (tries.failed(drawn.issue, ended)) return
      } else {
        if (isSecond) failed--
        tries.answered(drawn.issue)
      }
      add(drawn)
      tokens += drawn.completionTokens
    },
    eligible: () => eligible,
    sampled: () => ended - failed,
    failed: () => failed,
    tokens: () => tokens,
  }
}

function outcomeOf({ finishReason, verdict }: Pick<Candidate, 'finishReason' | 'verdict'>): string {
  return finishReason === 'stop' ? (verdict ?? 'not judged') : `ended by ${finishReason}`
}

interface Barren {
  /** Completions since the last accepted trace, and right ones among them that were refused as repeats. */
  readonly barren: number
  readonly repeats: number
  readonly eligible: number
  /** Of all that were not accepted. */
  readonly fates: ReadonlyMap<string, number>
}

function barrenError(iteration: number, { barren, repeats, eligible, fates }: Barren, rate: number): RunError {
  const list = [...fates].toSorted(([, a], [, b]) => b - a).map(([kind, count]) => `${count} ${kind}`)
  const seen = `Iteration ${iteration}: the last ${barren} completions brought no accepted trace (${eligible} so far, estimated rate ${rate.toFixed(5)}; of the others ${list.join(', ')})`
  // A right answer that repeats another is no fault of the prompt.
  if (repeats >= barren * MOSTLY_REPEATS) {
    return new RunError(
      `${seen}, though ${repeats} of them are right: they repeat accepted ones, or their problem has accept.maxPerProblem. The problems are used up: add some, sample at a higher temperature, ask for less, or write accept.deduplicate: none.`,
    )
  }
  return new RunError(
    `${seen}; read some with \`spendwise traces\`, correct the prompt or the problems, or raise sample.giveUpAfter.`,
  )
}

/** Share of right but repeated answers from which these are the reason. */
const MOSTLY_REPEATS = 0.1

/** The acceptance rate of the last iteration that was sampled; 1/2 before there is one. */
function acceptanceBefore(context: RunContext, iteration: number): number {
  const rows = context.store.ledger.completions({ iteration: iteration - 1, purposes: ['train'] })
  const total = rows.reduce((sum, row) => sum + row.completions, 0)
  const eligible = rows
    .filter((row) => row.disposition === 'accepted' || row.disposition === 'surplus')
    .reduce((sum, row) => sum + row.completions, 0)
  return total > 0 && eligible > 0 ? eligible / total : 0.5
}

/** Walks issue order once and writes every completion's fate. @throws RunError where n_t is not there; nothing is written then */
function closeSampling(context: RunContext, row: IterationRow, { idleSlotSeconds }: DrawEnd): void {
  const { store, config, emit } = context
  const { iteration, target } = row
  const judge = createAcceptance(config.accept, target, drawsOf(context, row), quotasOf(context, row))
  let [accepted, surplus, sampled, unanswered, walked, uncounted] = [0, 0, 0, 0, 0, 0]
  const fateOf = (drawn: DrawnRow): Disposition => {
    const isBefore = target.kind === 'sampled' ? walked < target.count : accepted < target.count
    walked++
    const fate = judge(drawn)
    if (fate === 'accepted') accepted++
    if (fate === 'surplus') surplus++
    if (fate === 'accepted' && drawn.completionTokens === 0) uncounted++
    if (drawn.finishReason !== 'failed') sampled++
    if (drawn.finishReason !== 'failed' || !isBefore) return fate
    unanswered++
    return 'unanswered'
  }
  store.completions.closeEach('train', iteration, fateOf, () => {
    if (accepted === 0) {
      throw new RunError(
        `Iteration ${iteration} brought no accepted trace out of ${sampled}; there is nothing to train on.`,
      )
    }
    // Whatever ended the drawing too early, an iteration is never closed with less than n_t.
    const reached = target.kind === 'sampled' ? walked : accepted
    if (reached < target.count) {
      throw new RunError(
        `Iteration ${iteration} ended its sampling with ${reached} of ${target.count} ${target.kind === 'sampled' ? 'completions' : 'accepted traces'}; run again to draw the rest.`,
      )
    }
  })
  context.spending.addAccepted(accepted)
  emit({
    kind: 'sampled',
    iteration,
    accepted,
    sampled,
    surplus,
    acceptanceRate: sampled === 0 ? 0 : (accepted + surplus) / sampled,
    idleSlotSeconds,
    unanswered,
  })
  if (config.accept.maxTokens !== null && uncounted > 0) {
    const text = `Iteration ${iteration}: the server told no number of tokens with ${uncounted} of ${accepted} accepted traces, so accept.maxTokens was not applied to them.`
    emit({ kind: 'note', text })
  }
  if (unanswered > 0) emit({ kind: 'note', text: unansweredInWords({ iteration, unanswered, accepted }) })
}
