/** The head of a dataset's README.md, as far as it says which files hold which rows. */

import { parse } from 'yaml'
import { z } from 'zod'
import type { CardConfigs } from './choose-files.ts'

const patterns = z.union([z.string().transform((path) => [path]), z.array(z.string())])
const splitFiles = z.object({ split: z.string(), path: patterns })
const head = z.object({
  configs: z.array(
    z.object({
      config_name: z.string().default('default'),
      default: z.boolean().default(false),
      data_dir: z.string().optional(),
      data_files: z.union([z.array(splitFiles), patterns]).optional(),
    }),
  ),
})

/** Empty where the card is silent, or says it in a way that is not understood: then names of files tell. */
export function readCard(text: string): CardConfigs {
  const [, yaml] = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---/.exec(text) ?? []
  const parsed = head.safeParse(yaml === undefined ? undefined : parseYaml(yaml))
  if (!parsed.success) return []
  return parsed.data.configs.flatMap(
    ({ config_name: name, default: isDefault, data_dir: folder, data_files: files }) => {
      const splits = splitsOf(files ?? [])
      const under = (pattern: string) => (folder === undefined ? pattern : `${folder.replace(/\/$/, '')}/${pattern}`)
      if (splits.length === 0) return []
      return [{ name, isDefault, splits: splits.map((split) => ({ ...split, patterns: split.patterns.map(under) })) }]
    },
  )
}

type DataFiles = readonly z.infer<typeof splitFiles>[] | readonly string[]

/** A list without splits is all train, as Python's datasets has it. */
function splitsOf(files: DataFiles): { readonly name: string; readonly patterns: readonly string[] }[] {
  const bare = files.filter((file) => typeof file === 'string')
  if (bare.length > 0) return [{ name: 'train', patterns: bare }]
  return files.flatMap((file) => (typeof file === 'string' ? [] : [{ name: file.split, patterns: file.path }]))
}

function parseYaml(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}
