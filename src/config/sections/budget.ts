/** The `budget` section of run.yaml: n_t per iteration, its unit, its price, and the hard limits. */

import { z } from 'zod'
import { VAGUE_CONTRACTION } from '../../core/budget/contraction.ts'
import { FORMULAS, type Formula, type Formulas } from '../../core/budget/formulas.ts'
import { BUDGET_UNITS, type BudgetPolicy } from '../../core/budget/policy.ts'
import { allocationSchema } from './allocation.ts'
import { costsSchema } from './costs.ts'

const initial = z
  .int()
  .min(1)
  .describe('n_0, in the unit.')
  .meta({ examples: [256] })

/** More is a typing error. */
export const MOST_ITERATIONS = 1000

const contraction = z
  .number()
  .gt(0)
  .lt(1)
  .default(VAGUE_CONTRACTION.contraction)
  .describe('Believed lambda before anything is measured: the share of the bias that an iteration leaves.')
const spread = z
  .number()
  .gt(0)
  .default(VAGUE_CONTRACTION.spread)
  .describe('How unsure that is: the standard deviation of log(1 - lambda).')

/** A policy that follows a formula: n_0, and what sets it apart from others of its kind. */
function formulaSchema(kind: string, { text, parameter }: Formula) {
  const own = parameter && {
    [parameter.name]: z
      .number()
      .gt(parameter.above, { error: parameter.advice })
      .describe(parameter.text)
      .meta({ examples: [parameter.example] }),
  }
  return z.strictObject({ kind: z.literal(kind).describe(text), initial, ...own })
}

/** Policies that are decided again before every iteration. */
const MEASURED_POLICIES = [
  z.strictObject({
    kind: z
      .literal('adaptive')
      .describe(
        'n_t = initial lambda^-t, lambda being estimated before each iteration, from the gate split and the acceptance rates.',
      ),
    initial,
    contraction,
    spread,
    stopBelow: z
      .number()
      .min(0)
      .lt(1)
      .default(0.005)
      .describe('The run is done when less than this share is left to gain, with 90% confidence; 0 = never.'),
  }),
  z.strictObject({
    kind: z
      .literal('auto')
      .describe(
        'Solved for what `budget.cost` pays, and again before each iteration; `exponential` with `growth: auto` means this.',
      ),
    initial: z.int().min(1).nullable().default(null).describe('n_0, in the unit; null = solved for too.'),
    contraction,
    spread,
  }),
] as const

function policySchema(formulas: Formulas): z.ZodType<BudgetPolicy> {
  const [first, ...rest] = Object.entries(formulas).map(([kind, formula]) => formulaSchema(kind, formula))
  if (!first) throw new Error('there is no budget policy')
  return z.discriminatedUnion('kind', [first, ...rest, ...MEASURED_POLICIES]) as z.ZodType<BudgetPolicy>
}

const cap = z.number().positive().nullable().default(null)
/** The section with the formulas that are known. */
export const createBudgetSection = (formulas: Formulas = FORMULAS) =>
  z.strictObject({
    policy: policySchema(formulas)
      .describe('n_t as a function of the iteration t, counted from 0.')
      .meta({ examples: [{ kind: 'exponential', initial: 256, growth: 2 }] }),
    unit: z
      .enum(BUDGET_UNITS)
      .default('accepted')
      .describe(
        "What n_t counts: accepted traces (the paper's), sampled completions, or optimizer batches of accepted traces.",
      ),
    batchSize: z
      .int()
      .min(1)
      .optional()
      .describe('Accepted traces in a batch; for unit `batches` only, which needs it.'),
    iterations: z.int().min(1).max(MOST_ITERATIONS).default(5).describe('Iterations of the run.'),
    total: z
      .int()
      .min(1)
      .nullable()
      .default(null)
      .describe(
        'Most of the unit over the whole run: the iteration that would pass it gets what is left and is the last, or gives it to the one before (`mergeLast`); null = the iterations alone decide.',
      ),
    allocation: allocationSchema
      .prefault({ kind: 'uniform' })
      .describe('Which problems get the samples of an iteration (docs/allocation.md).'),
    ratioOf: z
      .enum(['prompts', 'accepted'])
      .default('prompts')
      .describe(
        "What the sources' weights are a ratio of: prompts (the paper's wording), or accepted traces, n_t being split between them.",
      ),
    posterior: z
      .strictObject({
        memory: z
          .number()
          .min(0)
          .max(1)
          .default(0.5)
          .describe("Weight of an iteration's counts in the next one: the model has changed since."),
        prior: z
          .strictObject({
            correct: z.number().gt(0).default(1).describe('First parameter of the Beta prior.'),
            wrong: z.number().gt(0).default(1).describe('Second parameter.'),
          })
          .prefault({})
          .describe('Answers that every problem is thought to have given already.'),
      })
      .prefault({})
      .describe(
        "What is known of each problem's solve rate: a Beta posterior, carried over from iteration to iteration.",
      ),
    wave: z
      .int()
      .min(1)
      .nullable()
      .default(null)
      .describe(
        'Samples that an allocation plans at a time, from what those before the last ones brought; null = a quarter of n_t, at least 256.',
      ),
    cost: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe(
        'A planned end, in the unit of `costs` (exit code 0): the iteration that it cuts is the last, or is merged into the one before (`mergeLast`); null = the iterations alone decide.',
      ),
    mergeLast: z
      .boolean()
      .default(true)
      .describe(
        'Whether a last iteration that `cost` or `total` would cut below 0.8 of its n_t is merged into the one before (docs/budget.md).',
      ),
    caps: z
      .strictObject({
        samples: cap.describe('Most completions drawn for training.'),
        tokens: cap.describe('Most tokens of prompts and completions, evaluation included.'),
        seconds: cap.describe('Most seconds of activity, over all processes of the run.'),
        cost: cap.describe('Most cost, in the unit of `costs`.'),
      })
      .prefault({})
      .describe(
        'Hard limits of the whole run: at one the run stores everything and stops with exit code 4; null = none.',
      ),
    costs: costsSchema
      .prefault({})
      .describe(
        'What C = sum of c_g N_t + c_t n_t + F is counted in (docs/budget.md): prices as written, or a unit that is measured in the run; the word `measured` is seconds of activity.',
      ),
    timeSeconds: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe('A planned end: no iteration starts later than this into the run, and the run is done (exit code 0).'),
  })
