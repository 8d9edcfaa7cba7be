/** The `gate` section of run.yaml: the test that a checkpoint passes before the loop builds on it. */

import { z } from 'zod'

export const GATE_FAILURES = ['retry', 'rollback', 'stop', 'continue'] as const
export const GATE_LAST_RESORTS = ['stop', 'rollback', 'continue'] as const

/** What a sign of collapse leads to. */
export const COLLAPSE_ACTIONS = ['fail', 'note'] as const

const share = z.number().gt(0).lte(1)

export const gateSection = z.strictObject({
  margin: z.number().min(0).lt(1).default(0.02).describe('Loss of accuracy that is tolerated, as a share.'),
  alpha: z.number().gt(0).lt(1).default(0.05).describe('Error probability, spent over the whole run.'),
  sequential: z
    .boolean()
    .default(false)
    .describe('Draws more samples of an undecided gate, look by look, until it is decided or `maxSamples` are drawn.'),
  maxSamples: z
    .int()
    .min(2)
    .max(1024)
    .default(16)
    .describe('Samples of each problem at the last look of a sequential gate; the first has `evaluate.samples`.'),
  onFail: z.enum(GATE_FAILURES).default('retry').describe('What follows a failure.'),
  lrFactor: z.number().gt(0).default(0.5).describe('Factor on the learning rate of a retry.'),
  retries: z.int().min(0).default(1).describe('Retries of one iteration.'),
  // biome-ignore lint/suspicious/noThenProperty: a key of run.yaml; it holds a word, never a function.
  then: z.enum(GATE_LAST_RESORTS).default('stop').describe('What follows when the retries are used up.'),
  collapse: z
    .strictObject({
      action: z
        .enum(COLLAPSE_ACTIONS)
        .default('fail')
        .describe('`fail`: a checkpoint that shows a sign of collapse has failed the gate; `note`: it is only said.'),
      truncated: share.default(0.1).describe('Rise of the share of answers that do not end by themselves.'),
      lengthFactor: z.number().gt(1).default(3).describe('Factor on the mean length of an answer, up or down.'),
      distinct: share.default(0.3).describe("Fall of the share of a problem's answers that differ from one another."),
      coverage: share.default(0.05).describe('Fall of pass@k, k being evaluate.samples.'),
    })
    .prefault({})
    .describe('Signs of collapse against the base, on the gate problems: how far is too far (docs/gate.md).'),
})
