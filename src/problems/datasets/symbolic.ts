/** Instances of a folder of GSM-Symbolic templates as a source of problems. */

import { ConfigError } from '../../core/errors.ts'
import type { Split } from '../../core/problem.ts'
import { requirePath } from '../files/text-file.ts'
import type { ImportedRow, Importer } from '../importer.ts'
import { levelsOf } from '../source.ts'
import { type GeneratedRow, generateSymbolic, levelsIn } from '../symbolic/generate.ts'
import { DEFAULT_COUNTS } from './steps.ts'

/** The levels (symbolic, p1, p2) share the count equally; another ratio takes a source for each, with its weight. */
export const symbolicImporter: Importer = {
  keys: ['path', 'level', 'count', 'splitBy'],
  read: ({ spec, split, seed, path, odd }): ImportedRow[] => {
    const folder = requirePath(path)
    const total = spec.count ?? DEFAULT_COUNTS[split]
    if (!Number.isInteger(total) || total < 1) {
      throw new ConfigError(`The symbolic source of ${split} has count ${total}; give a whole number above 0.`)
    }
    const levels = levelsOf(spec) ?? levelsIn(folder)
    const rows: GeneratedRow[] = []
    const { unsupported } = generateSymbolic(
      {
        folder,
        total,
        seed,
        split,
        splitBy: spec.splitBy ?? 'instance',
        name: spec.name,
        mix: Object.fromEntries(levels.map((level) => [level, 1])),
      },
      (instances) => {
        for (const instance of instances) rows.push(instance)
      },
    )
    for (const { file, reason } of unsupported) odd({ place: file, reason, kept: false })
    return rows.map((row) => toRow(row, split, spec.name ?? 'gsm-symbolic'))
  },
}

function toRow(
  { id, level, question, answer, template, parent, parentQuestion }: GeneratedRow,
  split: Split,
  name: string,
): ImportedRow {
  return {
    place: `instance ${id}`,
    problem: { id, split, source: `${name}/${level}`, level, question, answer },
    parentQuestion,
    more: { template, ...(parent === undefined ? {} : { parent }) },
  }
}
