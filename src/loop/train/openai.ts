/** Training by an API's fine-tuning jobs: what run.yaml says as the engine's options, and doctor's look at the API. */

import { createFineTuning } from '../../client/fine-tuning.ts'
import type { RunConfig } from '../../config/schema.ts'
import { TrainerAway, TrainerError } from '../../core/errors.ts'
import type { Finding } from '../../core/finding.ts'
import type { FineTuningApi } from '../../core/fine-tuning.ts'
import type { Trainer } from '../../core/trainer.ts'
import { createOpenAiTrainer } from '../../train/openai-trainer.ts'
import type { ProgramInput } from './program.ts'

type OpenAiSection = Extract<RunConfig['train'], { readonly kind: 'openai' }>

export function openAiTrainer({ directory }: ProgramInput, train: OpenAiSection): Trainer {
  return createOpenAiTrainer({
    api: apiOf(train),
    suffix: train.suffix,
    lr: train.lr,
    learningRateMultiplier: train.learningRateMultiplier ?? undefined,
    pollSeconds: train.pollSeconds,
    unreachableSeconds: train.unreachableSeconds,
    runMarker: directory,
  })
}

/** Whether the API has fine-tuning jobs and lets us in; nothing is submitted. */
export async function checkOpenAi(_: ProgramInput, train: OpenAiSection): Promise<Finding[]> {
  const subject = 'trainer'
  try {
    await apiOf(train).recent(1)
    return [{ level: 'ok', subject, text: `${train.baseURL} has fine-tuning jobs.` }]
  } catch (error) {
    if (!(error instanceof TrainerError)) throw error
    return [{ level: error instanceof TrainerAway ? 'unreachable' : 'problem', subject, text: error.message }]
  }
}

function apiOf({ baseURL, apiKeyEnv }: OpenAiSection): FineTuningApi {
  return createFineTuning({ baseURL, apiKeyEnv, apiKey: apiKeyEnv === undefined ? undefined : process.env[apiKeyEnv] })
}
