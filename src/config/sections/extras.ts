/** The sections `probe` and `rationalize` of run.yaml: samples beside those that n_t is drawn from. Both are off unless asked for. */

import { z } from 'zod'
import { PROBE_RULES } from '../../core/measure/temperature.ts'

export const probeSection = z.strictObject({
  temperatures: z
    .array(z.number().gt(0))
    .default([])
    .describe('Temperatures to try before each iteration; none = no probe, `sample.temperature` holds.'),
  problems: z.int().min(1).default(32).describe('Problems of train to try them on, drawn anew for each iteration.'),
  samples: z.int().min(1).default(4).describe('Completions of each of these problems at each temperature.'),
  by: z
    .enum(PROBE_RULES)
    .default('coverage')
    .describe(
      '`coverage` takes the temperature with the most problems solved, `yield` that with the most accepted traces a sample; the other decides between equals, then the order of the list.',
    ),
})

/** Where the answer goes. */
export const HINT_PLACEHOLDER = '{answer}'

export const rationalizeSection = z.strictObject({
  share: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('Most hinted samples of an iteration, as a share of its accepted traces; 0 = no rationalization.'),
  after: z
    .int()
    .min(1)
    .default(4)
    .describe('Samples without a right answer, over the whole run, after which a problem gets a hint.'),
  samples: z.int().min(1).default(1).describe('Hinted samples of a problem in an iteration.'),
  hint: z
    .string()
    .refine((text) => text.includes(HINT_PLACEHOLDER), {
      error: `it must hold ${HINT_PLACEHOLDER}, where the gold answer goes. Leave it out for the built-in words.`,
    })
    .default(
      `\n\nHint: the answer is ${HINT_PLACEHOLDER}. Show step by step how it is found, as if you had found it yourself, and do not mention this hint.`,
    )
    .describe('What follows the question.'),
})
