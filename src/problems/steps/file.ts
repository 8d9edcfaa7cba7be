/** The data file of the step problems: words, sentences with their arithmetic, and the levels; read and checked here. */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { ConfigError } from '../../core/errors.ts'

const rangeSchema = z.tuple([z.int().min(0), z.int().min(0)]).readonly()

const equationSchema = z.string().regex(/^[a-z]+ = [a-z]+ [-+*/] [a-z]+$/, 'must look like "total = a * b"')

/**
 * A sentence and what it does: `numbers` are drawn, `equations` run in order, the last one leaves the value `total`.
 * Slots of the text: `{name}`, `{friend}` (another name), `{item}`, `{other}` (another item), `{container}`, a number.
 */
const partSchema = z.strictObject({
  weight: z.number().positive().default(1),
  text: z.string(),
  /** Bounds of each number drawn, both ends included. */
  numbers: z.record(z.string(), rangeSchema),
  equations: z.array(equationSchema).readonly(),
  /** Bounds of every result of this part; the file's own where left out. */
  results: rangeSchema.optional(),
})

const stepsFileSchema = z.strictObject({
  name: z.string(),
  /** Number of equations of each level. */
  levels: z.record(z.string(), z.int().positive()),
  /** Bounds of every intermediate result and of the answer. */
  results: rangeSchema,
  words: z.strictObject({
    name: z.array(z.string()).min(2).readonly(),
    item: z.array(z.string()).min(2).readonly(),
    container: z.array(z.string()).min(1).readonly(),
  }),
  openings: z.array(partSchema).min(1).readonly(),
  clauses: z.array(partSchema).min(1).readonly(),
  questions: z.array(z.string()).min(1).readonly(),
  /** Share of problems made from one whole template of `shops` instead of an opening and clauses. */
  shopShare: z.number().min(0).max(1),
  shops: z.array(partSchema.extend({ level: z.string(), question: z.string() })).readonly(),
})

export type StepsPart = z.infer<typeof partSchema>
export type StepsFile = z.infer<typeof stepsFileSchema>

/** Where the shipped data file lies, found from the package's root (both `src/` and `dist/` are one level below it). */
export const shippedStepsPath: string = fileURLToPath(new URL('../../../datasets/steps/steps.json', import.meta.url))

/**
 * Reads and checks a data file of step problems.
 * @throws ConfigError when the file is missing, is no JSON, or has a key that is missing, unknown or of the wrong kind
 */
export function readStepsFile(path: string = shippedStepsPath): StepsFile {
  const parsed = stepsFileSchema.safeParse(readJson(path))
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new ConfigError(`${path}  ${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'not a steps file'}.`)
}

function readJson(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ConfigError(
      `${path}  cannot be read; give the path of a steps file, or leave it out for the shipped one.`,
      { cause },
    )
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ConfigError(`${path}  is not valid JSON: ${(cause as Error).message}.`, { cause })
  }
}
