/** A run's numbers as a list of measurements: what dashboards read, whatever format they read it in. */

import type { RunNumbers } from '../../core/status.ts'

export interface Measurement {
  /** Like `accuracy_greedy`: letters, digits and underscores. */
  readonly name: string
  /** One sentence; the unit is in it. */
  readonly help: string
  /** -1 is the base; null for what concerns the run as a whole. */
  readonly iteration: number | null
  readonly value: number
  /** Cost of the run up to and with this iteration, in the unit of `budget.costs`. */
  readonly cost: number
}

type Numbers = Readonly<Record<string, number | null | undefined>>

const HELP: Readonly<Record<string, string>> = {
  accuracy: 'Share of evaluation problems solved at the evaluation temperature.',
  accuracy_low: 'Lower 95% bound of accuracy.',
  accuracy_high: 'Upper 95% bound of accuracy.',
  accuracy_greedy: 'Share of evaluation problems solved at temperature 0.',
  gain: 'Accuracy less that of the base, paired.',
  accepted: 'Accepted traces, n_t.',
  sampled: 'Completions drawn for training, N_t.',
  surplus: 'Correct completions beyond n_t.',
  truncated: 'Completions cut off by the token limit.',
  failed: 'Requests that were given up.',
  acceptance_rate: 'Eligible completions by sampled ones.',
  cost: 'Cost of the iteration, in the unit of budget.costs.',
  gate_difference: 'Accuracy on the gate problems less that of the last accepted checkpoint.',
  health_pass_at_k: 'Share of gate problems solved at least once.',
  health_distinct: "Share of a gate problem's answers that differ from one another.",
  health_truncated: 'Share of answers to gate problems that did not end by themselves.',
  health_tokens: 'Mean tokens of an answer to a gate problem.',
  total_accepted: 'Accepted traces of the run.',
  total_sampled: 'Completions drawn for training by the run.',
  total_tokens: 'Tokens of prompts and completions, evaluation included.',
  total_seconds: 'Seconds of activity, over all processes of the run.',
  total_cost: 'Cost of the run, in the unit of budget.costs.',
}

/** In the order of iterations; what has not been measured is left out. */
export function measurementsOf(status: RunNumbers): Measurement[] {
  const { base, iterations, totals } = status
  let cost = 0
  const rows = iterations.flatMap((row) => {
    cost += row.cost
    const { evaluation, gate, health } = row
    return list(row.iteration, cost, {
      ...evaluationNumbers(evaluation),
      accepted: row.accepted,
      sampled: row.sampled,
      surplus: row.surplus,
      truncated: row.truncated,
      failed: row.failed,
      acceptance_rate: row.acceptanceRate,
      cost: row.cost,
      gate_difference: gate?.difference,
      health_pass_at_k: health?.passAtK,
      health_distinct: health?.distinct,
      health_truncated: health?.truncated,
      health_tokens: health?.tokens,
    })
  })
  const whole = {
    total_accepted: totals.accepted,
    total_sampled: totals.sampled,
    total_tokens: totals.tokens,
    total_seconds: totals.seconds,
    total_cost: totals.cost,
  }
  return [...list(-1, 0, evaluationNumbers(base.evaluation)), ...rows, ...list(null, totals.cost, whole)]
}

function evaluationNumbers(evaluation: RunNumbers['base']['evaluation']): Numbers {
  if (!evaluation) return {}
  return {
    accuracy: evaluation.accuracy,
    accuracy_low: evaluation.low,
    accuracy_high: evaluation.high,
    accuracy_greedy: evaluation.greedy?.accuracy,
    gain: evaluation.gain?.accuracy,
  }
}

function list(iteration: number | null, cost: number, numbers: Numbers): Measurement[] {
  return Object.entries(numbers).flatMap(([name, value]) =>
    value === null || value === undefined || !Number.isFinite(value)
      ? []
      : [{ name, help: HELP[name] ?? name, iteration, value, cost }],
  )
}
