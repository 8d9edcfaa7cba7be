/** What happened, in plain words: chosen from the numbers, also where they say nothing. */

import { costUnitName } from '../core/budget/cost-settings.ts'
import type { Accuracy, Evaluation, IterationStatus, RunStatus } from '../core/status.ts'
import { amount, counted, isNumber, percent, points } from './format.ts'
import type { ReportView } from './view.ts'
import { visibleLine } from './visible.ts'

/** `unclear`: the interval of the paired difference includes 0. `unmeasured`: there is nothing to compare. */
export type Outcome = 'rose' | 'fell' | 'unclear' | 'unmeasured'

export interface Headline {
  readonly outcome: Outcome
  readonly title: string
  /** Further sentences, in order. */
  readonly details: readonly string[]
}

type HeadlineInput = Pick<ReportView, 'status' | 'costs' | 'evaluationTemperature'>

/** The checkpoint that counts is the last one the loop would build on: never the best of many, which flatters. */
export function headline({ status, costs, evaluationTemperature }: HeadlineInput): Headline {
  const what = `Accuracy at temperature ${evaluationTemperature}`
  const base = status.base.evaluation
  const final = finalEvaluated(status)
  const spent = priceOf(status, costs)
  const details = [...greedySentences(base, final?.evaluation ?? null), ...runSentences(status)]
  if (final?.evaluation) {
    const change = changeOf(final.evaluation.gain)
    return {
      outcome: change,
      title: `${changeSentence(what, change, base, final.evaluation, final.evaluation.gain)}${spent}.`,
      details,
    }
  }
  return { outcome: 'unmeasured', title: unmeasuredTitle(status, what), details }
}

/** The last evaluated iteration that the gate let through; undefined when there is none. */
export function finalEvaluated(status: RunStatus): IterationStatus | undefined {
  return status.iterations.findLast((row) => row.state !== 'rejected' && row.evaluation !== null)
}

/** Told by the interval of the paired difference, never by the two accuracies. */
export function changeOf(gain: Accuracy | null): Outcome {
  if (!gain || gain.n === 0) return 'unmeasured'
  if (isNumber(gain.low) && gain.low > 0) return 'rose'
  if (isNumber(gain.high) && gain.high < 0) return 'fell'
  return 'unclear'
}

function changeSentence(
  what: string,
  change: Outcome,
  base: Accuracy | null,
  final: Accuracy,
  gain: Accuracy | null,
): string {
  if (!base || !gain || change === 'unmeasured') {
    return `${what} is ${withInterval(final)}; the base was not evaluated on the same problems, so no change can be told`
  }
  const difference = `${points(gain.accuracy)} points${intervalOf(gain)}, ${counted(gain.n, 'problem')}`
  const fromTo = `from ${percent(base.accuracy)} to ${percent(final.accuracy)} (${difference})`
  return change === 'unclear' ? `No clear change: ${lowerFirst(what)} went ${fromTo}` : `${what} ${change} ${fromTo}`
}

function greedySentences(base: Evaluation | null, final: Evaluation | null): string[] {
  if (final?.greedy) {
    return [
      `${changeSentence('Greedy accuracy', changeOf(final.greedyGain), base?.greedy ?? null, final.greedy, final.greedyGain)}.`,
    ]
  }
  return base?.greedy && !final ? [`Greedy, the base reaches ${withInterval(base.greedy)}.`] : []
}

function unmeasuredTitle(status: RunStatus, what: string): string {
  const base = status.base.evaluation
  const rejected = status.iterations.some((row) => row.evaluation !== null)
  if (base && rejected) {
    return `No checkpoint passed the gate: the run still stands on its base, whose ${lowerFirst(what)} is ${withInterval(base)}.`
  }
  if (base) return `${what} of the base is ${withInterval(base)}; no later checkpoint is evaluated yet.`
  if (status.iterations.every((row) => row.sampled === 0)) return 'Nothing has been sampled yet.'
  return 'Not evaluated: this run says nothing about accuracy.'
}

function runSentences(status: RunStatus): string[] {
  const out: string[] = []
  const { totals, iterations } = status
  if (totals.sampled > 0) {
    const begun = iterations.filter((row) => row.sampled > 0).length
    out.push(
      `${counted(begun, 'iteration')}: ${counted(totals.accepted, 'trace')} accepted out of ${counted(totals.sampled, 'completion')} sampled.`,
    )
  }
  const rejected = iterations.filter((row) => row.state === 'rejected').map((row) => row.iteration)
  if (rejected.length > 0) {
    out.push(`The gate rejected the checkpoint of iteration${rejected.length > 1 ? 's' : ''} ${rejected.join(', ')}.`)
  }
  const reason = status.reason === null ? '' : ` ${visibleLine(status.reason)}`
  if (STATE_SENTENCES[status.state] || reason) out.push(`${STATE_SENTENCES[status.state]}${reason}`.trim())
  return out
}

const STATE_SENTENCES = {
  new: 'The run has not started.',
  running: 'The run is still running; these are its numbers so far.',
  interrupted: 'The run was interrupted and can be resumed; these are its numbers so far.',
  waiting: 'The run waits for somebody outside.',
  capped: 'The run stopped at a cap.',
  done: '',
  failed: 'The run failed.',
} as const

function priceOf(status: RunStatus, costs: ReportView['costs']): string {
  if (!isNumber(status.totals.cost) || status.totals.cost === 0) return ''
  const unit = costs === null ? '' : costUnitName(costs)
  return ` for a cost of ${amount(status.totals.cost)}${unit === '' ? '' : ` ${unit}`}`
}

function withInterval(accuracy: Accuracy): string {
  return `${percent(accuracy.accuracy)} (95% interval ${percent(accuracy.low)} to ${percent(accuracy.high)}, ${counted(accuracy.n, 'problem')})`
}

function intervalOf(gain: Accuracy): string {
  if (!isNumber(gain.low) || !isNumber(gain.high)) return ', too few problems for an interval'
  return `, 95% interval ${points(gain.low)} to ${points(gain.high)}`
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
