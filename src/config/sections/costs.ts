/** The `budget.costs` section of run.yaml: what a run's cost is counted in. */

import { z } from 'zod'

const price = z.number().min(0)
const expect = z
  .strictObject({
    sample: price.optional().describe('c_g: of one sampled completion.'),
    train: price.optional().describe('c_t: of one trace trained on.'),
    iteration: price.optional().describe('F: of an iteration next to these.'),
  })
  .optional()
  .describe('Prices to plan by until they are measured, in the unit; what is spent is always counted as it comes.')
const gpus = z.number().gt(0).default(1).describe('GPUs that are held while the run is active.')

/** The word `measured`, prices alone, or a unit with what it needs. */
export const costsSchema = z.union([
  z.literal('measured'),
  z.strictObject({
    unit: z
      .literal('prices')
      .optional()
      .describe('c_g, c_t and F as written, in whatever they are meant in; the default.'),
    sample: price.default(1).describe('c_g: cost of one sampled completion.'),
    train: price.default(2).describe('c_t: cost of one trace trained on.'),
    iteration: price.default(0).describe('F: fixed cost of an iteration.'),
  }),
  z.strictObject({ unit: z.literal('samples').describe('Completions drawn to train on.') }),
  z.strictObject({
    unit: z.literal('tokens').describe('Tokens of prompts and completions, evaluation included.'),
    expect,
  }),
  z.strictObject({
    unit: z.literal('gpu-seconds').describe('Seconds of activity times GPUs.'),
    gpus,
    expect,
  }),
  z.strictObject({
    unit: z.literal('money').describe('GPU-hours at a price.'),
    gpus,
    perGpuHour: z
      .number()
      .gt(0)
      .describe('Price of a GPU for an hour.')
      .meta({ examples: [2.5] }),
    expect,
  }),
  z.strictObject({
    unit: z.literal('flops').describe('2 P of a token drawn, 6 P of a token trained on (arXiv 2001.08361).'),
    parameters: z
      .number()
      .gt(0)
      .describe('P: parameters of the model.')
      .meta({ examples: [8e9] }),
    expect,
  }),
])
