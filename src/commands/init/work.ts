/** `spendwise init` by answers: asked, fitted, written, and what the planner expects of it. */

import { parseRunConfig } from '../../config/parse.ts'
import { planRun } from '../../core/budget/plan.ts'
import { messageOf, ServerError } from '../../core/errors.ts'
import { visible } from '../../report/visible.ts'
import { costsNow } from '../../run/costs.ts'
import { listModels } from '../../sample/server/questions.ts'
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
  const { served, note } = await lookAt(choices)
  const text = composeRun({ ...choices, served })
  const started = writeRun(directory, text, 'run.yaml', replace)
  return { started, outlook: [...note, ...outlookOn(choices, text)].map((sentence) => visible(sentence)) }
}

/** For as long a server is waited for; init works without it. */
const LOOK_MS = 5_000

/** The name that the model has where it is served already, and what people should know of it. */
export async function lookAt({ baseURL, served }: Choices): Promise<{ served: string; note: string[] }> {
  if (baseURL === undefined) return { served, note: [] }
  const endpoint = { baseURL, apiKey: undefined, apiKeyEnv: undefined }
  try {
    const names = (await listModels(endpoint, AbortSignal.timeout(LOOK_MS))).map(({ id }) => id)
    const [only, other] = names
    if (names.includes(served) || only === undefined) return { served, note: [] }
    if (other === undefined)
      return { served: only, note: [`${baseURL} serves the model as ${only}, which run.yaml says.`] }
    const note = `${baseURL} serves ${names.join(', ')}, and not ${served}; name one of them as the endpoint's model in run.yaml.`
    return { served, note: [note] }
  } catch (error) {
    if (!(error instanceof ServerError) && !isTimeout(error)) throw error
    return { served, note: [`${baseURL} does not answer now (${messageOf(error)}); spendwise doctor looks again.`] }
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError'
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
    `Trains ${billions(parameters)} billion parameters ${WAYS[way]}: ${gb(needs[way])} of the ${gb(machine.gpuBytes)} of each, next to activations.`,
    `Expected, at an acceptance rate of ${SUPPOSED.rate} and ${SUPPOSED.tokens} tokens a sample: ${totals.samples} samples, about ${hours.toFixed(1)} hours on ${machine.gpus === 1 ? 'the GPU' : `${machine.gpus} GPUs`} (${((totals.cost ?? 0) / 3600).toFixed(1)} GPU-hours); an order of magnitude, which plan --pilot 200 replaces by what it measures.`,
  ]
}
