/** The `train` section of run.yaml: what fine-tunes, from which weights, on which data, with which optimisation. */

import { z } from 'zod'
import { LR_SCHEDULES, OPTIMIZER_STATES } from '../core/trainer.ts'
import { commandSchema } from './command-field.ts'
import { TRAIN_PLACEHOLDERS } from './placeholders.ts'

export const TRAIN_KINDS = ['none', 'embedded', 'command'] as const
export const TRAIN_INITS = ['previous', 'base'] as const

/** Traces in an optimizer step where neither `batch` nor `steps` is given. */
export const DEFAULT_BATCH = { none: 256, embedded: 32, command: 256 } as const
const DEFAULT_LR = { none: 1e-6, embedded: 1e-3, command: 1e-6 } as const
const DEFAULT_LR_SCHEDULE = { none: 'run-constant', embedded: 'iteration-decay', command: 'run-constant' } as const

const DATA_ALLOWED = 'it must be latest, all or last-k. Write for example data: last-3.'
const lastIterations = z
  .templateLiteral(['last-', z.int()])
  .refine((text) => /^last-[1-9]\d*$/.test(text), { error: DATA_ALLOWED })

/** The fields that every trainer has; only their defaults differ. */
function commonFields(kind: (typeof TRAIN_KINDS)[number]) {
  return {
    init: z
      .enum(TRAIN_INITS)
      .default('previous')
      .describe('Weights that an iteration starts from: the last accepted checkpoint, or the base.'),
    data: z
      .union([z.enum(['latest', 'all']), lastIterations], { error: DATA_ALLOWED })
      .default('latest')
      .describe('Accepted traces that an iteration trains on: of this iteration, of all, or of the last k (`last-3`).'),
    epochs: z
      .number()
      .positive()
      .optional()
      .describe('Passes over the dataset; 1 unless `steps` is given, and never both.'),
    steps: z
      .int()
      .min(1)
      .optional()
      .describe('Optimizer steps an iteration, whatever n_t is; the batch is then n_t / steps.'),
    batch: z
      .int()
      .min(1)
      .optional()
      .describe(`Traces in an optimizer step; ${DEFAULT_BATCH[kind]} unless \`steps\` is given.`),
    lr: z.number().positive().default(DEFAULT_LR[kind]).describe('Peak learning rate.'),
    lrSchedule: z
      .enum(LR_SCHEDULES)
      .default(DEFAULT_LR_SCHEDULE[kind])
      .describe(
        '`iteration-decay`: linearly to 0 within each iteration; `run-constant`; `run-decay`: linearly to 0 over the whole run.',
      ),
    warmupSteps: z.int().min(0).default(0).describe('Steps of linear warm-up at the start of an iteration.'),
    optimizerState: z
      .enum(OPTIMIZER_STATES)
      .default('reset')
      .describe("Whether the optimizer's state goes from iteration to iteration (`keep`) or starts anew (`reset`)."),
    timeoutSeconds: z.number().positive().nullable().default(null).describe('Longest training job; null = no limit.'),
  }
}

export const trainSection = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z
      .literal('none')
      .describe(
        'Samples, verifies and exports one iteration, then stops; the rest of the section only informs `plan`.',
      ),
    ...commonFields('none'),
  }),
  z.strictObject({
    kind: z.literal('embedded').describe('Trains the toy model that is shipped, in a process of its own.'),
    ...commonFields('embedded'),
  }),
  z.strictObject({
    kind: z.literal('command').describe('Runs any program that follows the recipe contract.'),
    command: commandSchema(TRAIN_PLACEHOLDERS, ['dataset', 'output'])
      .describe(`Program and arguments; placeholders: ${TRAIN_PLACEHOLDERS.map((name) => `{${name}}`).join(' ')}.`)
      .meta({ examples: [['python3', 'train.py', '--dataset', '{dataset}', '--output-dir', '{output}']] }),
    env: z.record(z.string(), z.string()).default({}).describe('Environment variables to add; never a secret.'),
    ...commonFields('command'),
  }),
])
