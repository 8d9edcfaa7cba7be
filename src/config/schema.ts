/** The schema of run.yaml: every key, its range, its default and its sentence; types, errors and documentation derive from it. */

import { z } from 'zod'
import { DEDUPLICATIONS, EQUATION_RULES, REQUIRED_VERDICTS } from '../core/accept/accept.ts'
import { budgetSection } from './sections/budget.ts'
import { exportSection } from './sections/export.ts'
import { probeSection, rationalizeSection } from './sections/extras.ts'
import { problemsSection } from './sections/problems.ts'
import { sampleSection } from './sections/sample.ts'
import { serveSection } from './sections/serve.ts'
import { DEFAULT_BATCH, trainSection } from './sections/train.ts'
import { verifySection } from './sections/verify.ts'

export const GATE_FAILURES = ['retry', 'rollback', 'stop', 'continue'] as const
export const GATE_LAST_RESORTS = ['stop', 'rollback', 'continue'] as const

/** What a sign of collapse leads to. */
export const COLLAPSE_ACTIONS = ['fail', 'note'] as const

const share = z.number().gt(0).lte(1)
const promptFile = z.string().min(1).optional()

/** What may be written in run.yaml, before the defaults that depend on other keys. */
export const runFileSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, {
      error:
        'it names a folder, so it must be letters, digits, dots, dashes and underscores, starting with a letter or digit. Write for example name: gsm8k-exponential.',
    })
    .optional()
    .describe("Name of the run and of its folder; the file's own name otherwise."),
  base: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Directory or name of the base weights; otherwise the first endpoint's model, or the shipped model for `embedded`.",
    ),
  problems: problemsSection
    .describe('The three splits, each a list of sources.')
    .meta({ examples: [{ train: [{ dataset: 'gsm8k', path: 'data/gsm8k/train.jsonl' }] }] }),
  prompt: z
    .strictObject({
      sampling: promptFile.describe('Template for sampling the training data.'),
      training: promptFile.describe('Template for the text that is trained on.'),
      evaluation: promptFile.describe('Template for the gate and the evaluation.'),
    })
    .prefault({})
    .describe('Prompt templates (Markdown files); left out, a built-in zero-shot chat prompt.'),
  sample: sampleSection.prefault({}).describe('Whom to ask and how to draw.'),
  budget: budgetSection
    .describe('How much, at what price, up to where.')
    .meta({ examples: [{ policy: { kind: 'exponential', initial: 256, growth: 2 } }] }),
  accept: z
    .strictObject({
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
        .describe(
          '`correct` accepts what was verified; `any` is the control that trains on every finished completion.',
        ),
      equations: z
        .enum(EQUATION_RULES)
        .default('ignore')
        .describe('`hold` refuses a correct trace in which an equation is false (7*2=15): a right answer by luck.'),
    })
    .prefault({})
    .describe('Which traces count towards n_t.'),
  probe: probeSection.prefault({}).describe('Tries temperatures before each iteration; off by default.'),
  rationalize: rationalizeSection
    .prefault({})
    .describe('Asks problems that were never solved with the answer as a hint (STaR); off by default.'),
  verify: verifySection.prefault({}).describe('Limits and policies of the verifier (docs/verifier.md).'),
  evaluate: z
    .strictObject({
      greedy: z.boolean().default(true).describe('Also answers every problem once at temperature 0.'),
      samples: z.int().min(1).default(1).describe('Completions of each problem at the temperature below.'),
      temperature: z.number().min(0).default(1).describe('Temperature of those completions.'),
      every: z.int().min(1).default(1).describe('Measures every so many iterations, and after the last one.'),
      overlap: z
        .boolean()
        .default(false)
        .describe(
          'Evaluates a checkpoint while the last traces of the next iteration come in, in the slots they leave free.',
        ),
    })
    .prefault({})
    .describe('How the evaluation split is measured.'),
  gate: z
    .strictObject({
      margin: z.number().min(0).lt(1).default(0.02).describe('Loss of accuracy that is tolerated, as a share.'),
      alpha: z.number().gt(0).lt(1).default(0.05).describe('Error probability, spent over the whole run.'),
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
            .describe(
              '`fail`: a checkpoint that shows a sign of collapse has failed the gate; `note`: it is only said.',
            ),
          truncated: share.default(0.1).describe('Rise of the share of answers that do not end by themselves.'),
          lengthFactor: z.number().gt(1).default(3).describe('Factor on the mean length of an answer, up or down.'),
          distinct: share
            .default(0.3)
            .describe("Fall of the share of a problem's answers that differ from one another."),
          coverage: share.default(0.05).describe('Fall of pass@k, k being evaluate.samples.'),
        })
        .prefault({})
        .describe('Signs of collapse against the base, on the gate problems: how far is too far (docs/gate.md).'),
    })
    .prefault({})
    .describe('The test that a new checkpoint passes before the loop builds on it; idle without gate problems.'),
  train: trainSection
    .optional()
    .describe(
      'What fine-tunes; left out, `embedded` where sampling is, else `none`. A kind alone may be written as a word.',
    ),
  serve: serveSection
    .optional()
    .describe('The hand-over of a checkpoint; left out, `embedded` where sampling is, else `external`.'),
  keep: z
    .strictObject({
      last: z.int().min(1).default(2).describe('Newest checkpoints to keep.'),
      best: z.int().min(0).default(1).describe('Best checkpoints to keep beside them.'),
    })
    .prefault({})
    .describe('Checkpoints that are kept on disk.'),
  export: exportSection.prefault({}).describe('Filters of `spendwise export` (docs/export.md); training has `accept`.'),
  cache: z
    .strictObject({
      path: z
        .string()
        .min(1)
        .default('.spendwise/cache.sqlite')
        .describe('Its file, which may be deleted at any time; runs with the same file share what they have drawn.'),
      megabytes: z
        .number()
        .min(0)
        .default(1024)
        .describe('Most it holds: the least recently used completions go first; 0 = no cache.'),
    })
    .prefault({})
    .describe(
      'What earlier runs have drawn from the same weights is not drawn again (docs/cache.md); not for `embedded`.',
    ),
  seed: z.int().min(0).default(1).describe('Seed of every stream of chance in the run.'),
})

/** The same with the defaults that depend on other keys filled in; keys in one order, whatever was written. */
export const runConfigSchema = runFileSchema.transform((file) => {
  const { name = 'run', train, serve, keep, export: exported, seed, ...rest } = file
  const embedded = file.sample.kind === 'embedded'
  return {
    name,
    ...rest,
    train: withOptimization(train ?? trainSection.parse({ kind: embedded ? 'embedded' : 'none' })),
    serve: serve ?? serveSection.parse({ kind: embedded ? 'embedded' : 'external' }),
    keep,
    export: exported,
    seed,
  }
})

type DeepReadonly<T> = T extends (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T

/** A run, fully spelled out. Paths stay as written: relative to the directory of run.yaml. */
export type RunConfig = DeepReadonly<z.output<typeof runConfigSchema>>
/** One source of problems. */
export type Source = RunConfig['problems']['train'][number]

/** The name that `base` has for the embedded model that is shipped. */
export const SHIPPED_BASE = 'toy'

/** Directory (relative to run.yaml's) or name of the base weights. */
export function baseOf(config: RunConfig): string {
  if (config.base !== undefined) return config.base
  return config.sample.kind === 'embedded' ? SHIPPED_BASE : (config.sample.endpoints[0]?.model ?? SHIPPED_BASE)
}

/** How many iterations back, this one included, `train.data` reaches; Infinity for `all`. */
export function dataWindow(data: RunConfig['train']['data']): number {
  if (data === 'latest') return 1
  if (data === 'all') return Number.POSITIVE_INFINITY
  return Number(data.slice('last-'.length))
}

/** One epoch at the default batch, unless steps are counted: then the batch follows from the rows. */
function withOptimization(train: z.output<typeof trainSection>) {
  const { epochs, steps, batch, ...rest } = train
  if (steps !== undefined) return { ...rest, epochs: undefined, steps, batch }
  return { ...rest, epochs: epochs ?? 1, steps, batch: batch ?? DEFAULT_BATCH[train.kind] }
}
