/** The schema of run.yaml: every key, its range, its default and its sentence; types, errors and documentation derive from it. */

import { z } from 'zod'
import { FORMULAS, type Formulas } from '../core/budget/formulas.ts'
import { acceptSection } from './sections/accept.ts'
import { createBudgetSection } from './sections/budget.ts'
import { cacheSection } from './sections/cache.ts'
import { evaluateSection } from './sections/evaluate.ts'
import { exportSection } from './sections/export.ts'
import { gateSection } from './sections/gate.ts'
import { keepSection } from './sections/keep.ts'
import { probeSection } from './sections/probe.ts'
import { problemsSection } from './sections/problems.ts'
import { promptSection } from './sections/prompt.ts'
import { rationalizeSection } from './sections/rationalize.ts'
import { sampleSection } from './sections/sample.ts'
import { SERVE_SECTIONS, type ServeSections } from './sections/serve.ts'
import { TRAIN_SECTIONS, type TrainSections } from './sections/train.ts'
import { verifySection } from './sections/verify.ts'

/** The kinds that sections of run.yaml are told apart by. A test may add one of its own. */
export interface RunKinds {
  readonly train: TrainSections
  readonly serve: ServeSections
  readonly formulas: Formulas
}

export const RUN_KINDS: RunKinds = { train: TRAIN_SECTIONS, serve: SERVE_SECTIONS, formulas: FORMULAS }

/** `file`: what may be written in run.yaml. `config`: with the defaults filled in that depend on other keys, in one order of keys. */
export function createRunSchemas(kinds: RunKinds = RUN_KINDS) {
  const trainSection = z.discriminatedUnion('kind', oneOf(Object.values(kinds.train).map(({ schema }) => schema)))
  const serveSection = z.discriminatedUnion('kind', oneOf(Object.values(kinds.serve)))
  const file = z.strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, {
        error:
          'it names a folder, so it must be letters, digits, dots, dashes and underscores, starting with a letter or digit. Write for example name: gsm8k-exponential.',
      })
      .optional()
      .describe("Name of the run and of its folder; the file's own name otherwise."),
    extends: z
      .string()
      .min(1)
      .optional()
      .describe('Another file whose keys hold where this one says nothing; its path is relative to this file.'),
    base: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Directory or name of the base weights; otherwise the first endpoint's model, or the shipped model for `embedded`.",
      ),
    database: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Folder on a local disk for the database, where the run folder is on a disk without working locks; everything else stays in the run folder.',
      )
      .meta({ examples: ['/var/lib/spendwise'] }),
    problems: problemsSection
      .describe('The three splits, each a list of sources.')
      .meta({ examples: [{ train: [{ dataset: 'gsm8k', path: 'data/gsm8k/train.jsonl' }] }] }),
    prompt: promptSection
      .prefault({})
      .describe('Prompt templates (Markdown files); left out, a built-in zero-shot chat prompt.'),
    sample: sampleSection.prefault({}).describe('Whom to ask and how to draw.'),
    budget: createBudgetSection(kinds.formulas)
      .describe('How much, at what price, up to where.')
      .meta({ examples: [{ policy: { kind: 'exponential', initial: 256, growth: 2 } }] }),
    accept: acceptSection.prefault({}).describe('Which traces count towards n_t.'),
    probe: probeSection.prefault({}).describe('Tries temperatures before each iteration; off by default.'),
    rationalize: rationalizeSection
      .prefault({})
      .describe('Asks problems that were never solved with the answer as a hint (STaR); off by default.'),
    verify: verifySection.prefault({}).describe('Limits and policies of the verifier (docs/verifier.md).'),
    evaluate: evaluateSection.prefault({}).describe('How the evaluation split is measured.'),
    gate: gateSection
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
    keep: keepSection.prefault({}).describe('Checkpoints that are kept on disk.'),
    export: exportSection
      .prefault({})
      .describe('Filters of `spendwise export` (docs/export.md); training has `accept`.'),
    cache: cacheSection
      .prefault({})
      .describe(
        'What earlier runs have drawn from the same weights is not drawn again (docs/cache.md); not for `embedded`.',
      ),
    seed: z.int().min(0).default(1).describe('Seed of every stream of chance in the run.'),
  })
  /** One epoch at the default batch, unless steps are counted: then the batch follows from the rows. */
  const withOptimization = (train: z.output<typeof trainSection>) => {
    const { epochs, steps, batch, ...rest } = train
    if (steps !== undefined) return { ...rest, epochs: undefined, steps, batch }
    return { ...rest, epochs: epochs ?? 1, steps, batch: batch ?? kinds.train[train.kind].defaults.batch }
  }
  const config = file.transform((written) => {
    const { name = 'run', extends: _, train, serve, keep, export: exported, seed, ...rest } = written
    const embedded = written.sample.kind === 'embedded'
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
  return { file, config }
}

/** A list as the tuple of one or more that a union of schemas takes. */
function oneOf<T>([first, ...rest]: readonly T[]): [T, ...T[]] {
  if (first === undefined) throw new Error('a section of run.yaml has at least one kind')
  return [first, ...rest]
}

export type RunSchemas = ReturnType<typeof createRunSchemas>

export const RUN_SCHEMAS: RunSchemas = createRunSchemas()

type DeepReadonly<T> = T extends (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T

/** A run, fully spelled out. Paths stay as written: relative to the directory of run.yaml. */
export type RunConfig = DeepReadonly<z.output<RunSchemas['config']>>
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
