/** The `probe` section of run.yaml: temperatures to try before each iteration; off unless asked for. */

import { z } from 'zod'
import { PROBE_RULES } from '../../core/measure/temperature.ts'

export const probeSection = z.strictObject({
  temperatures: z
    .array(z.number().gt(0))
    .default([])
    .describe('Temperatures to try before each iteration; none = no probe, `sample.temperature` holds.'),
  problems: z.int().min(1).default(32).describe('Problems of train to try them on, drawn again for each iteration.'),
  samples: z.int().min(1).default(4).describe('Completions of each of these problems at each temperature.'),
  by: z
    .enum(PROBE_RULES)
    .default('coverage')
    .describe(
      '`coverage` takes the temperature with the most problems solved, `yield` that with the most accepted traces a sample; the other decides between equals, then the order of the list.',
    ),
})
