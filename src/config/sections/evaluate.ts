/** The `evaluate` section of run.yaml: how the evaluation split is measured. */

import { z } from 'zod'

export const evaluateSection = z.strictObject({
  greedy: z.boolean().default(true).describe('Also answers every problem once at temperature 0.'),
  samples: z.int().min(1).default(1).describe('Completions of each problem at the temperature below.'),
  temperature: z.number().min(0).default(1).describe('Temperature of those completions.'),
  every: z.int().min(1).default(1).describe('Measures every so many iterations, and after the last one.'),
  overlap: z
    .boolean()
    .default(false)
    .describe(
      'Evaluates a checkpoint while the last traces of the next iteration come in, in the slots they leave free.',
    ),
})
