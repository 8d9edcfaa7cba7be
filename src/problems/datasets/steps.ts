/** Generated step problems as a source of problems. */

import { ConfigError } from '../../core/errors.ts'
import type { Split } from '../../core/problem.ts'
import type { ImportedRow, Importer } from '../importer.ts'
import { levelsOf } from '../source.ts'
import { readStepsFile } from '../steps/file.ts'
import { generateSteps } from '../steps/steps.ts'

/** Of a generated source that names no count. */
export const DEFAULT_COUNTS: Readonly<Record<Split, number>> = { train: 20_000, gate: 500, evaluate: 2000 }

/** Levels share the count equally; the first ones take what is left over. */
export const stepsImporter: Importer = {
  keys: ['path', 'level', 'count'],
  read: ({ spec, split, seed, path }): ImportedRow[] => {
    const file = readStepsFile(path)
    const levels = levelsOf(spec) ?? Object.keys(file.levels)
    const total = spec.count ?? DEFAULT_COUNTS[split]
    if (!Number.isInteger(total) || total < 1) {
      throw new ConfigError(`The steps source of ${split} has count ${total}; give a whole number above 0.`)
    }
    return levels.flatMap((level, place) => {
      const count = Math.floor(total / levels.length) + (place < total % levels.length ? 1 : 0)
      const problems = generateSteps({ file, level, count, seed, split, name: spec.name })
      return problems.map(({ solution: _, ...problem }) => ({ problem, place: `instance ${problem.id}` }))
    })
  },
}
