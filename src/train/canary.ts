/** What a trainer says of the weights it made: log-probabilities of a few rows, in the `canary` of metrics.json. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Canary } from '../core/measure/canary.ts'

const logprobs = z.array(z.array(z.number()).min(1)).min(1)

const metricsSchema = z.object({
  base: z.object({ sha256: z.string() }).optional(),
  canary: z.object({
    tokens: z.array(z.array(z.int().nonnegative()).min(2)).min(1),
    logprobs,
    before: logprobs.nullish(),
  }),
})

/** undefined where the trainer of this checkpoint directory has written none that can be read. */
export function readCanary(directory: string): Canary | undefined {
  let told: unknown
  try {
    told = JSON.parse(readFileSync(join(directory, 'metrics.json'), 'utf8'))
  } catch {
    // What cannot be read proves nothing; that metrics.json is there and whole was asked when the job ended.
    return undefined
  }
  const parsed = metricsSchema.safeParse(told)
  if (!parsed.success) return undefined
  const { base, canary } = parsed.data
  const isFit = (rows: readonly (readonly number[])[]): boolean =>
    rows.length === canary.tokens.length && rows.every((row, i) => row.length + 1 === canary.tokens[i]?.length)
  if (!isFit(canary.logprobs)) return undefined
  return {
    tokens: canary.tokens,
    logprobs: canary.logprobs,
    before: canary.before && isFit(canary.before) ? canary.before : undefined,
    startedFrom: base && `sha256:${base.sha256}`,
  }
}
