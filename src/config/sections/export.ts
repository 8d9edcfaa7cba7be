/** The `export` section of run.yaml: the filters that `spendwise export` begins with; its options go before them. */

import { z } from 'zod'
import { BALANCES, DEFAULT_NGRAM, DEFAULT_SIMILARITY, DUPLICATES, ORIGINS, SCOPES } from '../../core/export.ts'
import { sourceSchema } from './problems.ts'

const bound = z.int().min(0).nullable().default(null)
const rate = z.number().min(0).max(1).nullable().default(null)

export const exportSection = z.strictObject({
  iterations: z.array(z.int().min(0)).min(1).nullable().default(null).describe('Only these iterations; null = all.'),
  origin: z
    .enum(ORIGINS)
    .default('all')
    .describe(
      'Traces drawn without a hint, with one (see `rationalize`), or all; `external` ones were generated elsewhere (`import-completions`).',
    ),
  rules: z
    .array(z.string().min(1))
    .min(1)
    .nullable()
    .default(null)
    .describe('Only traces that these rules of the checker decided; null = all.'),
  minLength: bound.describe('Shortest completion, in characters.'),
  maxLength: bound.describe('Longest completion, in characters.'),
  minTokens: bound.describe('Shortest completion, in tokens.'),
  maxTokens: bound.describe('Longest completion, in tokens.'),
  minSolveRate: rate.describe('Least share of correct completions of a problem.'),
  maxSolveRate: rate.describe('Largest share of correct completions of a problem; 0.5 keeps the hard ones.'),
  maxPerProblem: z.int().min(1).nullable().default(null).describe('Most traces of one problem, the earliest first.'),
  deduplicate: z
    .enum(DUPLICATES)
    .default('none')
    .describe('Drops traces that repeat an earlier one: equal text, equal equations, or `near` the same words.'),
  within: z.enum(SCOPES).default('problem').describe('Where a trace is looked for again.'),
  similarity: z
    .number()
    .gt(0)
    .lt(1)
    .default(DEFAULT_SIMILARITY)
    .describe('Share of common runs of three words that makes a `near` duplicate.'),
  balance: z.enum(BALANCES).default('none').describe('What the traces are drawn in equal numbers of.'),
  rows: z.int().min(1).nullable().default(null).describe('Traces that are drawn by chance; null = all.'),
  decontaminate: z
    .array(z.union([z.enum(['gate', 'evaluate']), sourceSchema]))
    .default([])
    .describe("Test sets whose words no trace may hold: the run's own splits by name, or sources as under `problems`."),
  ngram: z.int().min(1).default(DEFAULT_NGRAM).describe('Words in a row that count as an overlap.'),
})
