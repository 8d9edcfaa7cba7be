/** Problems from a folder of templates: so many instances of each, or shared among its levels by weight. */

import { basename } from 'node:path'
import { ConfigError } from '../../core/errors.ts'
import type { Split } from '../../core/problem.ts'
import { hash32, randomFor } from '../../core/seed.ts'
import { splitOf } from '../steps/steps.ts'
import { TemplateFault } from './fault.ts'
import { listTemplates, readTemplates } from './folder.ts'
import { createGenerator, type Generator } from './instances.ts'
import type { Instance } from './render.ts'
import type { Template } from './template.ts'
import { readWordLists } from './word-lists.ts'

export const SPLIT_BY = ['instance', 'template'] as const
/** Fresh numbers for the same templates (the paper's way), or other templates altogether. */
export type SplitBy = (typeof SPLIT_BY)[number]

export interface GenerateOptions {
  readonly folder: string
  /** Instances of each template; with `mix` their average. */
  readonly count?: number
  /** Instances in all, shared out by `mix`, in place of `count`. */
  readonly total?: number
  readonly seed: number
  /** First part of ids. Default `gsm-symbolic`. */
  readonly name?: string
  /** A JSON file of word lists in place of the shipped one. */
  readonly words?: string
  /** Weights of the levels, which are the folders below the given one; those not named are left out. */
  readonly mix?: Readonly<Record<string, number>>
  readonly split?: Split
  readonly splitBy?: SplitBy
}

/** One row of the file that `problems generate` writes. */
export interface GeneratedRow extends Instance {
  /** `gsm-symbolic/p1/0003/000012`. */
  readonly id: string
  /** The folder of the template: symbolic, p1, p2. */
  readonly level: string
  readonly template: string
  /** The GSM8K test problem that the template was made from: it may not be trained on where that is evaluated. */
  readonly parent: string | undefined
  /** Its question. */
  readonly parentQuestion: string
  readonly split: Split | undefined
}

export interface TemplateReport {
  readonly template: string
  readonly instances: number
  /** Draws that failed the conditions, and draws in all; tables make failures rarer, and `accepted` counts them in. */
  readonly rejected: number
  readonly draws: number
  /** Share of all combinations of values that satisfy the conditions, as measured. */
  readonly accepted: number
  /** Instances whose question had come before, for want of others. */
  readonly repeated: number
  /** Draws thrown away because #answer and the worked solution differed. */
  readonly disagreed: number
}

export interface GenerateReport {
  readonly reports: readonly TemplateReport[]
  readonly unsupported: readonly { readonly file: string; readonly reason: string }[]
}

/** Draws of another question before a repeated one is kept, and of one of the wanted split before the template is given up. */
const MOST_REPEATS = 20
const MOST_OTHER_SPLITS = 1000

/**
 * Gives the rows of one template after the other to `write`. A template that cannot be used gives none and is reported.
 * Each instance is a function of (seed, template, number, split) and of those before it, which it does not repeat.
 * @throws ConfigError when the folder cannot be read, the mix names no level of it, or no template can be used
 */
export function generateSymbolic(
  options: GenerateOptions,
  write: (rows: readonly GeneratedRow[]) => void,
): GenerateReport {
  const { folder, split, splitBy = 'instance' } = options
  const files = readTemplates(folder, readWordLists(options.words))
  const unsupported = files.flatMap((entry) =>
    entry.kind === 'unsupported' ? [{ file: entry.file, reason: entry.reason }] : [],
  )
  const readable = files.flatMap((entry) => (entry.kind === 'template' ? [entry] : []))
  const wanted = readable.filter(
    ({ template }) => splitBy === 'instance' || split === undefined || splitOfTemplate(template) === split,
  )
  const counts = shareOut(
    wanted.map(({ template }) => levelOf(template, folder)),
    options,
    wanted.length,
  )
  const reports: TemplateReport[] = []
  for (const [place, { file, template, blame }] of wanted.entries()) {
    const count = counts[place] ?? 0
    if (count === 0) continue
    try {
      const { rows, report } = generateOne(template, count, options)
      write(rows)
      reports.push(report)
    } catch (error) {
      if (!(error instanceof TemplateFault)) throw error
      unsupported.push({ file, reason: blame(error) })
    }
  }
  if (reports.length === 0) throw new ConfigError(nothingLeft(options, unsupported))
  return { reports, unsupported }
}

function nothingLeft({ folder, split }: GenerateOptions, unsupported: GenerateReport['unsupported']): string {
  const [first] = unsupported
  if (first !== undefined) return `${folder}  no template can be used; the first says: ${first.reason}`
  return `${folder}  has no template${split === undefined ? '' : ` in the split ${split}`}; give more templates, or split by instance.`
}

function generateOne(
  template: Template,
  count: number,
  options: GenerateOptions,
): { readonly rows: readonly GeneratedRow[]; readonly report: TemplateReport } {
  const { seed, folder, split, splitBy = 'instance', name = 'gsm-symbolic' } = options
  const generator = createGenerator(template)
  const isWanted = (question: string) => split === undefined || splitBy === 'template' || splitOf(question) === split
  const seen = new Set<string>()
  const rows: GeneratedRow[] = []
  let repeated = 0
  for (let number = 0; number < count; number++) {
    const random = randomFor(seed, `symbolic/${split ?? ''}/${template.name}/${number}`)
    const instance = drawNew(generator, random, isWanted, seen)
    if (seen.has(instance.question)) repeated++
    seen.add(instance.question)
    rows.push({
      id: `${name}/${split === undefined ? '' : `${split}/`}${template.name}/${String(number).padStart(6, '0')}`,
      ...instance,
      level: levelOf(template, folder),
      template: template.name,
      parent: template.parent === undefined ? undefined : `gsm8k/test/${String(template.parent).padStart(6, '0')}`,
      parentQuestion: template.published.question,
      split,
    })
  }
  const { draws, rejected, disagreed } = generator.count
  const accepted = generator.share * (1 - rejected / draws)
  return { rows, report: { template: template.name, instances: count, rejected, draws, accepted, repeated, disagreed } }
}

function drawNew(
  generator: Generator,
  random: ReturnType<typeof randomFor>,
  isWanted: (question: string) => boolean,
  seen: ReadonlySet<string>,
): Instance {
  let repeats = 0
  for (let tries = 0; tries < MOST_OTHER_SPLITS; tries++) {
    const instance = generator.draw(random)
    if (!isWanted(instance.question)) continue
    if (!seen.has(instance.question) || ++repeats > MOST_REPEATS) return instance
  }
  throw new TemplateFault(`too few different questions for this split; ask for fewer instances, or split by template`)
}

/** The levels of a folder of templates, in the order of their names. */
export function levelsIn(folder: string): string[] {
  return [...new Set(listTemplates(folder).map((file) => levelOf({ name: file }, folder)))]
}

/** The folder a template lies in, which says how hard it is: symbolic, p1, p2. */
function levelOf({ name }: Pick<Template, 'name'>, folder: string): string {
  return name.includes('/') ? name.slice(0, name.lastIndexOf('/')) : basename(folder)
}

/**
 * The one split that a template and its kin of one parent may appear in, whatever the seed: 70% train, 10% gate, 20%
 * evaluate by hash, so that symbolic, p1 and p2 of one question stay together.
 */
export function splitOfTemplate({ parent, name }: Template): Split {
  const place = hash32(`template/${parent ?? name}`) % 10
  return place < 7 ? 'train' : place < 8 ? 'gate' : 'evaluate'
}

/** Instances of each template: `count`, or its level's share of the whole. */
function shareOut(levels: readonly string[], options: GenerateOptions, templates: number): number[] {
  const { count = 1, total, mix, folder } = options
  if (mix === undefined) return levels.map(() => count)
  const known = [...new Set(levels)]
  const unknown = Object.keys(mix).find((level) => !known.includes(level))
  if (unknown !== undefined) {
    throw new ConfigError(`${folder}  has no level ${unknown}; the folders of its templates are ${known.join(', ')}.`)
  }
  const inLevels = apportion(
    total ?? count * templates,
    known.map((level) => mix[level] ?? 0),
  )
  const shares = new Map(
    known.map((level, place) => {
      const places = levels.filter((other) => other === level).length
      return [
        level,
        apportion(
          inLevels[place] ?? 0,
          Array.from({ length: places }, () => 1),
        ),
      ]
    }),
  )
  return levels.map((level) => shares.get(level)?.shift() ?? 0)
}

/** Whole shares of a total by weight, by largest remainder. */
function apportion(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((whole, weight) => whole + weight, 0)
  const exact = weights.map((weight) => (total * weight) / sum)
  const shares = exact.map(Math.floor)
  const left = total - shares.reduce((whole, share) => whole + share, 0)
  const order = [...exact.keys()].sort((a, b) => ((exact[b] ?? 0) % 1) - ((exact[a] ?? 0) % 1) || a - b)
  for (const place of order.slice(0, left)) shares[place] = (shares[place] ?? 0) + 1
  return shares
}
