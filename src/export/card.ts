/** The dataset card: README.md with the Hub's head, for people who meet the dataset without its maker. */

import type { Distribution } from '../core/measure/distribution.ts'
import { plural } from '../core/words/plural.ts'
import { endingOf } from './dataset-file.ts'
import { formatOf } from './formats.ts'
import { licenceOf } from './licences.ts'
import type { Manifest } from './manifest.ts'

export interface CardFiles {
  /** Folder of the data, relative to the card. */
  readonly data: string
  readonly plot: string
  readonly manifest: string
  /** undefined where there is none. */
  readonly hits: string | undefined
  readonly llamaFactory: string | undefined
  readonly axolotl: string | undefined
}

/** The Hub's words for how large a dataset is. */
const SIZES: readonly (readonly [number, string])[] = [
  [1e3, 'n<1K'],
  [1e4, '1K<n<10K'],
  [1e5, '10K<n<100K'],
  [1e6, '100K<n<1M'],
  [1e7, '1M<n<10M'],
]

export function renderCard(manifest: Manifest, files: CardFiles): string {
  return `${[head(manifest, files), opening(manifest, files), contents(manifest), origin(manifest), rules(manifest, files), use(manifest, files)].join('\n\n')}\n`
}

function head({ name, licence, rows, container, compression }: Manifest, { data }: CardFiles): string {
  const size = SIZES.find(([limit]) => rows < limit)?.[1] ?? '10M<n<100M'
  return `---
pretty_name: ${JSON.stringify(name)}
license: ${licence}
language:
- en
task_categories:
- text-generation
tags:
- math
- synthetic
- spendwise
size_categories:
- ${size}
configs:
- config_name: default
  data_files:
  - split: train
    path: "${data}/*${endingOf({ container, compression })}"
---`
}

const WHAT = {
  accepted: 'Each row is a solution that a model sampled and a symbolic checker verified against the known answer.',
  pairs:
    'Each row is a pair of solutions of one problem, both sampled by a model: a symbolic checker found one correct (chosen) and one incorrect (rejected).',
  labelled:
    'Each row is a solution that a model sampled, with the finding of a symbolic checker: correct or incorrect.',
  problems: 'Each row is a problem with its known answer, and the share of solutions to it that were correct.',
} as const

function opening({ name, run, rows, summary, format, madeBy }: Manifest, { plot }: CardFiles): string {
  const { rows: kind, columns } = formatOf(format)
  return `# ${cellText(name)}

${number(rows)} ${plural(rows, 'row')} from ${number(summary.problems)} ${plural(summary.problems, 'problem')}, of the run \`${onOneLine(run).replaceAll('`', '')}\`. ${WHAT[kind]}
Format \`${format}\`: columns ${Object.keys(columns)
    .map((column) => `\`${column}\``)
    .join(', ')}. Made by ${madeBy}.

![Traces by length and by iteration](${plot})`
}

function contents({ summary }: Manifest): string {
  return `## What is in it

${table(['', 'least', 'median', '95%', 'most'], [lengths('characters of the completion', summary.characters), lengths('tokens of the completion', summary.tokens)])}

${counts('iteration', summary.iterations)}${counts('level', summary.levels)}${counts('finding', summary.labels)}${counts('origin', summary.origins)}${counts('rule of the checker', summary.rules)}`.trimEnd()
}

function origin({ sources, checkpoints, prompt, seed, summary }: Manifest): string {
  const licences = sources.map(({ name, dataset }) => [
    name,
    dataset,
    number(summary.sources[name] ?? 0),
    licenceOf(dataset).text,
  ])
  const writers = checkpoints.map(({ name, iteration, hash, traces }) => [
    `\`${name}\``,
    iteration < 0 ? 'base' : `made by iteration ${iteration}`,
    `\`${hash}\``,
    number(traces),
  ])
  return `## Where it comes from

Problems, with their licences:

${table(['source', 'dataset', 'rows', 'licence'], licences)}

Completions are by these checkpoints, whose own licences may say more about what they write:

${table(['checkpoint', '', 'hash', 'rows'], writers)}

Prompt \`${prompt.name}\` (sha256 \`${prompt.sha256}\`), seed ${seed.run}, checker ${Object.keys(summary.checkers).join(', ') || 'unknown'}.`
}

function rules({ filters, summary, testSets }: Manifest, { manifest, hits }: CardFiles): string {
  const set = Object.entries(filters).map(([name, value]) => [name, `\`${JSON.stringify(value)}\``])
  const dropped = Object.entries(summary.dropped).map(([name, count]) => [name, number(count)])
  const tests = testSets.map((one) => [one.name, number(one.questions), number(one.hits)])
  const decontaminated =
    tests.length === 0
      ? 'It was not decontaminated against any test set.'
      : `Decontaminated against, by runs of ${String(filters.ngram)} words${hits ? ` (every hit is in [${hits}](${hits}))` : ''}:\n\n${table(['test set', 'questions', 'hits'], tests)}`
  return `## What was left out

${set.length === 0 ? 'Nothing: every accepted trace is here.' : table(['filter', 'value'], set)}

${number(summary.candidates)} ${plural(summary.candidates, 'trace')} to choose from${dropped.length === 0 ? '.' : `; left out:\n\n${table(['because of', 'traces'], dropped)}`}

${decontaminated}

Problems of the run's gate and evaluation splits are never exported. Hashes of all files are in
[${manifest}](${manifest}).`
}

function use({ name }: Manifest, { llamaFactory, axolotl }: CardFiles): string {
  const others = [
    ...(llamaFactory ? [`LLaMA-Factory: \`dataset_dir\` is this folder, \`dataset: ${name}\` (${llamaFactory}).`] : []),
    ...(axolotl ? [`axolotl: the lines in ${axolotl}, with \`path\` as seen from where it is started.`] : []),
  ]
  return `## How to load it

    from datasets import load_dataset
    data = load_dataset("PATH-OR-REPOSITORY", split="train")${others.length === 0 ? '' : `\n\n${others.join('\n')}`}`
}

function lengths(title: string, { least, median, p95, most }: Distribution): string[] {
  return [title, ...[least, median, p95, most].map(number)]
}

/** A small table of counts; the largest where there are many. */
function counts(title: string, values: Readonly<Record<string, number>>): string {
  const entries = Object.entries(values)
  if (entries.length === 0) return ''
  const shown = entries.length <= 30 ? entries : entries.toSorted(([, a], [, b]) => b - a).slice(0, 30)
  return `${table(
    [title, 'rows'],
    shown.map(([name, count]) => [name, number(count)]),
  )}\n\n`
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cellText).join(' | ')} |`
  return [line(titles), `|${titles.map(() => '---|').join('')}`, ...rows.map(line)].join('\n')
}

function number(value: number): string {
  return value.toLocaleString('en')
}

/** Names come from problem files: on one line, and without a meaning in Markdown tables or HTML. */
function cellText(text: string): string {
  return onOneLine(text)
    .replace(/[<>]/g, (character) => (character === '<' ? '&lt;' : '&gt;'))
    .replaceAll('|', '\\|')
}

function onOneLine(text: string): string {
  return text.toWellFormed().replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
}
