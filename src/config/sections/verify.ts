/** `verify`: the verifier's limits, its policies where sound checkers differ by taste, and a user's own verifier. */

import { z } from 'zod'
import { endpointSchema } from './sample.ts'

export const verifySection = z.strictObject({
  threads: z.int().min(1).default(1).describe('Worker threads that verify.'),
  timeoutSeconds: z.number().positive().default(5).describe('Longest verification of one answer.'),
  memoryMb: z.int().min(64).default(512).describe('Memory of one worker, in MiB.'),
  percent: z
    .enum(['either', 'hundredth', 'drop'])
    .default('either')
    .describe('What 50% equals: 1/2 and 50, only 1/2 (`hundredth`), or only 50 (`drop`).'),
  rounding: z
    .enum(['either', 'gold', 'none'])
    .default('either')
    .describe('Which side may be a decimal that the other rounds to: either one, only the gold answer, none.'),
  order: z
    .enum(['free', 'strict'])
    .default('free')
    .describe('Whether a list without brackets may come in any order; tuples never may.'),
  extra: z
    .enum(['reject', 'allow'])
    .default('reject')
    .describe('Whether answers beyond those of the gold list are wrong.'),
  units: z
    .enum(['optional', 'required'])
    .default('optional')
    .describe('Whether a unit may be missing on one side; two units are always compared.'),
  parts: z
    .enum(['last', 'all'])
    .default('last')
    .describe('Of several boxes far apart: the last is the answer, or all of them are the parts of one list.'),
  command: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Your own verifier: a program that reads and writes the lines of `spendwise verify --pairs`.'),
  commandFor: z
    .enum(['undecided', 'all'])
    .default('undecided')
    .describe('Which answers go to your own verifier: those the checker leaves open, or all.'),
  judge: z
    .strictObject({
      endpoint: endpointSchema
        .pick({ baseURL: true, apiKeyEnv: true, model: true })
        .describe('An OpenAI-compatible server and the model to ask there.'),
      votes: z.int().min(1).max(15).default(3).describe('Times that it is asked of one answer; most of them decide.'),
      for: z
        .enum(['undecided', 'unread'])
        .default('undecided')
        .describe(
          'Which answers go to it: those that were read and not decided, or those that could not be read as well.',
        ),
      prompt: z
        .string()
        .min(1)
        .optional()
        .describe('Prompt template with {{question}}, {{gold}}, {{answer}} and {{fence}}; left out, prompts/judge.md.'),
      maxTokens: z.int().min(16).default(1024).describe('Longest answer of the judge, its thinking included.'),
      timeoutSeconds: z.number().positive().default(120).describe('Longest wait for one of its answers.'),
    })
    .optional()
    .describe('A model that decides what the checker leaves open (docs/verifier.md); off where it is left out.'),
})
