/** The `rationalize` section of run.yaml: problems that were never solved, asked with the answer as a hint (STaR); off unless asked for. */

import { z } from 'zod'

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
