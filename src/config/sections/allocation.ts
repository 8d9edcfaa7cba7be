/** `budget.allocation` of run.yaml: which problems get the samples of an iteration. */

import { z } from 'zod'

const trials = z
  .int()
  .min(1)
  .nullable()
  .default(null)
  .describe('Samples of one problem after which it waits until the others have had as many chances; null = none.')

const presamples = (count: number) =>
  z
    .int()
    .min(1)
    .default(count)
    .describe('Samples of a problem, those carried over included, before it is judged by how many were right.')

const hopelessShare = (share: number) =>
  z
    .number()
    .min(0)
    .max(1)
    .default(share)
    .describe('Share of the samples for problems that were never solved, which would not be seen again otherwise.')

export const allocationSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('uniform').describe('Equal passes over the problems.') }),
  z.strictObject({
    kind: z.literal('until-k').describe('Each problem until it has so many accepted traces, then all of them again.'),
    correct: z.int().min(1).default(4).describe('Accepted traces after which a problem waits for the others.'),
    trials,
  }),
  z.strictObject({
    kind: z.literal('difficulty').describe('Accepted traces in proportion to 1 - p, p being the solve rate.'),
    hardest: z.int().min(1).default(8).describe('Accepted traces of the hardest problem; every problem gets one.'),
    trials,
  }),
  z.strictObject({
    kind: z.literal('boundary').describe('Problems that are solved sometimes, and a few of those that never are.'),
    presamples: presamples(4),
    hopelessShare: hopelessShare(0.1),
    trials,
  }),
  z.strictObject({
    kind: z.literal('heap').describe('The least recently sampled first, the harder first among these.'),
    samples: z.int().min(1).default(4).describe('Samples of a problem when its turn comes.'),
  }),
  z.strictObject({
    kind: z
      .literal('variance')
      .describe('In proportion to 1 / sqrt(p + alpha / p^(beta - 1)), p being the solve rate.'),
    alpha: z.number().gt(0).default(0.001).describe('Keeps problems that are hardly ever solved from taking over.'),
    beta: z.number().min(1).default(2).describe('How sharply it does.'),
    presamples: presamples(8),
    hopelessShare: hopelessShare(0),
    trials,
  }),
])
