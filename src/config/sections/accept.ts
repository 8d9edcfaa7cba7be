/** The `accept` section of run.yaml: which traces count towards n_t. */

import { z } from 'zod'
import {
  ACCEPTED_BY,
  DEDUPLICATIONS,
  EQUATION_RULES,
  REQUIRED_VERDICTS,
  RESTATED_RULES,
} from '../../core/accept/accept.ts'

export const acceptSection = z.strictObject({
  by: z
    .enum(ACCEPTED_BY)
    .default('verdict')
    .describe(
      'What accepts: the verdict, or a reward in [0, 1] that `verify.command` gives, which keeps each completion with that probability (docs/verifier.md).',
    ),
  maxPerProblem: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('Most accepted traces of one problem within an iteration; null = no cap.'),
  deduplicate: z
    .enum(DEDUPLICATIONS)
    .default('exact')
    .describe('What counts as the same trace of a problem within an iteration: equal text, or equal equations.'),
  verdict: z
    .enum(REQUIRED_VERDICTS)
    .default('correct')
    .describe('`correct` accepts what was verified; `any` is the control that trains on every finished completion.'),
  equations: z
    .enum(EQUATION_RULES)
    .default('ignore')
    .describe('`hold` refuses a correct trace in which an equation is false (7*2=15): a right answer by luck.'),
  restated: z
    .enum(RESTATED_RULES)
    .default('hold')
    .describe('`hold` refuses a trace whose answer only repeats a formula of its question (17*23 for what 17*23 is).'),
  maxTokens: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'Most tokens of an accepted completion, thinking included, as the server counts them: what the trainer would leave out is not counted as accepted (docs/trainers.md); null = no bound.',
    ),
})
