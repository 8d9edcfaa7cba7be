/** metrics.json: what a trainer says of a checkpoint, and the only proof of success. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { codeOf, TrainerError } from '../core/errors.ts'
import type { TrainJob, TrainMetrics } from '../core/trainer.ts'

const metricsSchema = z
  .object({
    schema: z.literal(1),
    dataset: z.object({ sha256: z.string(), rows: z.number(), dropped: z.number().optional() }),
    base: z.object({ sha256: z.string(), master: z.string().optional() }).optional(),
    steps: z.number(),
    tokens: z.number(),
    seconds: z.number(),
    loss: z.object({ first: z.number().nullable(), last: z.number().nullable() }),
    seed: z.number(),
    checkpoint: z.object({ sha256: z.string() }),
    master: z.object({ sha256: z.string(), bytes: z.number() }).optional(),
    servedName: z.string().min(1).optional(),
    // null for an adapter, which changes no weight of its base.
    update: z
      .object({ meanAbs: z.number(), kept: z.number(), served: z.number() })
      .nullish()
      .transform((update) => update ?? undefined),
  })
  // A service that trains and serves may tell no loss; a recipe that has none has diverged.
  .superRefine(({ loss, servedName }, context) => {
    if (servedName !== undefined) return
    for (const which of ['first', 'last'] as const) {
      if (loss[which] === null) context.addIssue({ code: 'custom', path: ['loss', which], message: 'is not a number' })
    }
  })

/** What Python's json writes for a loss that is no number; JSON has no word for it. */
const NOT_A_NUMBER = /:\s*(?:NaN|-?Infinity)\b/

/**
 * The metrics of a finished checkpoint directory; undefined while it is not there.
 * @throws TrainerError when metrics.json is there but unreadable, or speaks of another dataset
 */
export function readMetrics(job: Pick<TrainJob, 'output' | 'datasetSha256'>): TrainMetrics | undefined {
  const path = join(job.output, 'metrics.json')
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  const parsed = metricsSchema.safeParse(parseJson(text, path))
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new TrainerError(
      `${path}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not metrics'}; the trainer must write the fields of the recipe contract (docs/trainers.md).`,
    )
  }
  if (parsed.data.dataset.sha256 !== job.datasetSha256) {
    throw new TrainerError(
      `${path} is of another dataset (${parsed.data.dataset.sha256.slice(0, 12)}…, expected ${job.datasetSha256.slice(0, 12)}…); remove ${job.output} and run again.`,
    )
  }
  return parsed.data
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (NOT_A_NUMBER.test(text)) {
      throw new TrainerError(
        `${path} holds a loss that is no number (NaN or Infinity): training has diverged; remove the folder to train once more, or start a run with a lower train.lr.`,
        { cause: error },
      )
    }
    throw new TrainerError(`${path} is not JSON; remove the folder and run again.`, { cause: error })
  }
}
