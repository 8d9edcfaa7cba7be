/** `spendwise init` by answers: asked, fitted, written, and what the planner expects of it. */

import { parseRunConfig } from '../../config/parse.ts'
import { planRun } from '../../core/budget/plan.ts'
import { visible } from '../../report/visible.ts'
import { costsNow } from '../../run/costs.ts'
import { createAsker } from './ask.ts'
import { type Choices, composeRun } from './compose.ts'
import { billions, gb, SUPPOSED } from './fit.ts'
import { type InitAnswers, interview } from './interview.ts'
import { type StartedRun, writeRun } from './write.ts'

export interface AnsweredRun {
  readonly started: StartedRun
  /** What was fitted and what it is expected to take, a sentence each. */
  readonly outlook: readonly string[]
}

/**
 * @param asks whether what no flag says is asked for
 * @throws ConfigError where the answers cannot be one run, or run.yaml is there; Interrupted, and then nothing is written
 */
export async function initByAnswers(
  directory: string,
  answers: InitAnswers,
  replace: boolean,
  asks: boolean,
): Promise<AnsweredRun> {
  const asker = asks ? createAsker({ input: process.stdin, output: process.stderr }) : undefined
  let choices: Choices
  try {
    choices = await interview(directory, answers, asker)
  } finally {
    asker?.end()
  }
  const text = composeRun(choices)
  const started = writeRun(directory, text, 'run.yaml', replace)
  return { started, outlook: outlookOn(choices, text).map((sentence) => visible(sentence)) }
}

const WAYS = {
  copies: 'with a copy of the model on each GPU',
  shards: 'with the model shared by all GPUs',
  lora: 'with adapters, since all weights do not fit',
} as const

/** Costs are GPU-seconds there, so the planner's total is hours. */
export function outlookOn({ sizes, parameters, machine }: Choices, text: string): string[] {
  if (!sizes || parameters === undefined) {
    return ['Nothing is trained here: the run samples, verifies and exports one iteration, and waits for a checkpoint.']
  }
  const config = parseRunConfig({ text, file: 'run.yaml' })
  const { totals } = planRun({ ...config.budget, costs: costsNow(config, undefined), acceptanceRate: SUPPOSED.rate })
  const hours = (totals.cost ?? 0) / machine.gpus / 3600
  const { way, needs } = sizes
  return [
    `Trains ${billions(parameters)} billion parameters ${WAYS[way]}: ${gb(needs[way])} of the ${gb(machine.gpuBytes)} of each, beside activations.`,
    `Expected, at an acceptance rate of ${SUPPOSED.rate} and ${SUPPOSED.tokens} tokens a sample: ${totals.samples} samples, about ${hours.toFixed(1)} hours on ${machine.gpus === 1 ? 'the GPU' : `${machine.gpus} GPUs`} (${((totals.cost ?? 0) / 3600).toFixed(1)} GPU-hours); an order of magnitude, which plan --pilot 200 replaces by what it measures.`,
  ]
}
