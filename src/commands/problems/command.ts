/** `spendwise problems`: datasets to problem files, instances of templates, and what a file holds. */

import { type Command, InvalidArgumentError, Option } from 'commander'
import { type DatasetKind, GOLD_LISTS, type GoldList, READINGS, type Reading } from '../../core/datasets.ts'
import { ConfigError } from '../../core/errors.ts'
import { SPLITS, type Split } from '../../core/problem.ts'
import type { ImportOptions } from '../../problems/import-file.ts'
import type { SourceSpec } from '../../problems/source.ts'
import { visible } from '../../report/visible.ts'
import { interruptible } from '../interrupt.ts'
import { collect, wholeNumber, writeResult } from '../options.ts'

const HELP = `
Examples:
  spendwise problems import math500 test.jsonl --out math500.jsonl
  spendwise problems import hub:openai/gsm8k --config main --split train --out gsm8k.jsonl
  spendwise problems import numina-1.5 --where source=olympiads --out olympiads.jsonl
  spendwise problems import dapo dapo-math-17k.parquet --out dapo.jsonl
  spendwise problems import csv quiz.csv --field question=Text --field answer=Key --out quiz.jsonl
  spendwise problems check --templates gsm-symbolic/templates
  spendwise problems generate --templates gsm-symbolic/templates --count 100 --seed 1 --out symbolic.jsonl
  spendwise problems stats symbolic.jsonl`

export function registerProblems(program: Command): void {
  const problems = program
    .command('problems')
    .description('turn datasets and templates into problem files')
    .addHelpText('after', HELP)
  registerImport(problems)
  registerGenerate(problems)
  registerCheck(problems)
  registerStats(problems)
  for (const command of problems.commands) command.exitOverride()
}

interface ImportFlags {
  readonly dataset?: string
  readonly where?: readonly string[]
  readonly dedupe?: boolean
  readonly strict?: boolean
  readonly golds?: GoldList
  readonly path?: string
  readonly out: string
  readonly name?: string
  readonly take?: string
  readonly level?: readonly string[]
  readonly fields?: readonly string[]
  readonly json?: boolean
  readonly config?: string
  readonly split?: string
  readonly file?: string
  readonly revision?: string
  readonly as?: Reading
  readonly refresh?: boolean
}

const IMPORT_HELP = `
NAME is what the rows are: gsm8k, math (a folder or a file; math500 too), svamp, asdiv, jsonl, csv or parquet; a published set whose
columns are known (numina-1.5, dapo, dapo-processed, big-math, open-math-reasoning, deepscaler, skywork, aime-2025, hmmt-2025,
olympiad), from FILE or else from the Hub; or hub:OWNER/NAME for any dataset on the Hugging Face Hub. That is fetched once into the
cache of Python's huggingface_hub, pinned to the commit it is at; --revision takes another, --refresh asks again. HF_TOKEN opens
what is private, HF_ENDPOINT names another Hub, HF_HUB_OFFLINE=1 asks nothing.
--field names columns: question, answer, id, level, subject, choices, solveRate; a dot reaches into a column:
--field answer=reward.truth. --where keeps rows by any column: --where source!=synthetic (repeat it: all must hold).
A row that cannot be used (no answer, "proof" as its answer, several answers without --golds) is left out and listed; --strict
refuses the file instead. A row that is only odd (an equation that does not fit) is kept and listed.`

function registerImport(problems: Command): void {
  problems
    .command('import')
    .description('read a published dataset, write rows {"id", "question", "answer", …}')
    .argument('[name]', 'what the rows are: a dataset, a kind of file, or hub:OWNER/NAME')
    .argument('[file]', 'file to read, or the folder of MATH; not for the Hub')
    .option('--dataset <name>', 'the same as the first argument')
    .option('--path <path>', 'the same as the second argument')
    .requiredOption('--out <file>', 'file to write; appears when it is whole')
    .option('--name <name>', 'first part of the ids')
    .option('--take <rows>', 'first-N, last-N or N..M')
    .option('--level <level>', 'only this level (repeatable)', collect)
    .option('--field, --fields <name=column>', 'which column holds what (repeatable, or with commas)', collect)
    .option('--where <condition>', 'only rows with FIELD=VALUE or FIELD!=VALUE (repeatable: all must hold)', collect)
    .option('--dedupe', 'of rows that ask the same question only the first')
    .option('--strict', 'refuse the file where a row cannot be used')
    .addOption(
      new Option('--golds <how>', 'a list of several answers: any of them is right, or all together').choices(
        GOLD_LISTS,
      ),
    )
    .option('--config <name>', 'of a dataset on the Hub: which of its configs')
    .option('--split <name>', 'of a dataset on the Hub: which of its splits')
    .option('--file <pattern>', 'of a dataset on the Hub: its files, like data/train-*.parquet')
    .option('--revision <commit>', 'of a dataset on the Hub: commit, branch or tag (default: main)')
    .addOption(
      new Option(
        '--as <reading>',
        'of a dataset on the Hub: what its rows are (default: told by their columns)',
      ).choices(READINGS),
    )
    .option('--refresh', 'of a dataset on the Hub: ask again which commit the revision is')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', IMPORT_HELP)
    .action(async (name: string | undefined, file: string | undefined, given: ImportFlags) => {
      const flags = { ...given, dataset: name ?? given.dataset, path: file ?? given.path }
      const { importFile } = await import('../../problems/import-file.ts')
      const { renderImport } = await import('./text.ts')
      const { out, take, level, where, dedupe, strict, golds } = flags
      const fields = flags.fields === undefined ? undefined : pairs(flags.fields, FIELDS)
      const rows = { take, level, fields, where, dedupe, strict, golds }
      const report = importFile({ out, name: flags.name, ...rows, ...(await placeOf(flags)) })
      if (flags.json) await writeResult(`${JSON.stringify(report)}\n`)
      else process.stderr.write(visible(renderImport(report) + (await aboutSet(flags.dataset))))
    })
}

const FIELDS = ['question', 'answer', 'id', 'level', 'subject', 'choices', 'solveRate']

/** What the publisher's card says of the licence, and what to know before training on it; empty for files that nobody published. */
async function aboutSet(dataset: string | undefined): Promise<string> {
  const { publishedAt, publishedSet } = await import('../../problems/datasets/published.ts')
  const [, repo] = /^hub:(.*)$/i.exec(dataset ?? '') ?? []
  const set = publishedAt(repo) ?? publishedSet((dataset ?? '').toLowerCase() as DatasetKind)
  return set === undefined ? '' : `Licence of ${set.repo}, as its card states it: ${set.licence}. ${set.quirk}\n`
}

/** Where the rows lie: at a path, or on the Hub, from which they are fetched first. */
async function placeOf(flags: ImportFlags): Promise<Pick<ImportOptions, 'path' | 'hub' | 'dataset'>> {
  const { dataset, path, config, split, file, revision, as, refresh } = flags
  if (dataset === undefined)
    throw new ConfigError(
      'The dataset is missing; write for example problems import jsonl quiz.jsonl --out problems.jsonl.',
    )
  const [, repo] = /^hub:(.*)$/i.exec(dataset) ?? []
  const { publishedSet, hubPlace } = await import('../../problems/datasets/published.ts')
  const kind = repo === undefined ? (dataset.toLowerCase() as DatasetKind) : 'hub'
  const place: SourceSpec | undefined =
    path === undefined || repo !== undefined
      ? hubPlace({ dataset: kind, ...(repo === undefined ? {} : { repo }), config, split, file, revision, as })
      : undefined
  if (place === undefined) {
    if (path === undefined)
      throw new ConfigError(`The file is missing: write problems import ${dataset} FILE --out …, or a hub:OWNER/NAME.`)
    const given = Object.entries({ config, split, file, revision, as, refresh }).find(
      ([, value]) => value !== undefined,
    )
    if (given === undefined) return { dataset, path }
    const advice = publishedSet(kind) === undefined ? 'leave it out' : `leave out the file or --${given[0]}`
    throw new ConfigError(`--${given[0]} is for datasets on the Hub, and ${path} is a file; ${advice}.`)
  }
  if (path !== undefined)
    throw new ConfigError(
      `${path} is a file, and ${dataset} is on the Hub, whose files --file names; leave one of them out.`,
    )
  const { fetchSource } = await import('../../loop/hub-sources.ts')
  const interrupt = interruptible()
  try {
    const { source, commit } = await fetchSource(place, { refresh, signal: interrupt.signal })
    return { dataset, path: `hub:${place.repo}`, hub: { ...source, revision: commit } }
  } finally {
    interrupt.end()
  }
}

interface GenerateFlags {
  readonly templates: string
  readonly count: number
  readonly seed: number
  readonly out: string
  readonly mix?: string
  readonly split?: Split
  readonly splitBy: 'instance' | 'template'
  readonly words?: string
  readonly name?: string
  readonly json?: boolean
}

const GENERATE_HELP = `
Equal templates, count and seed give equal bytes. A template that cannot be used is named, and the others continue.
--mix symbolic=7,p1=2,p2=1 shares the same total among the folders by weight; --split gives the instances of one split,
which no other split's have in common: by question (--split-by instance), or by whole templates (--split-by template).`

function registerGenerate(problems: Command): void {
  problems
    .command('generate')
    .description('write instances of GSM-Symbolic templates, with worked solutions')
    .requiredOption('--templates <dir>', 'folder of the templates')
    .requiredOption('--count <number>', 'instances of each template', positive)
    .option('--seed <number>', 'seed of all chance', wholeNumber, 1)
    .requiredOption('--out <file>', 'file to write; appears when it is whole')
    .option('--mix <weights>', 'share the total among folders, like symbolic=7,p1=2,p2=1')
    .addOption(new Option('--split <name>', 'only instances of this split').choices(SPLITS))
    .addOption(
      new Option('--split-by <what>', 'what the splits do not share')
        .choices(['instance', 'template'])
        .default('instance'),
    )
    .option('--words <file>', 'own word lists in place of the shipped ones')
    .option('--name <name>', 'first part of the ids (default: gsm-symbolic)')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', GENERATE_HELP)
    .action(async (flags: GenerateFlags) => {
      const { generateFile } = await import('../../problems/generate-file.ts')
      const { renderGenerate } = await import('./text.ts')
      const { templates, mix, json, ...options } = flags
      const report = generateFile({ ...options, folder: templates, mix: mix === undefined ? undefined : weights(mix) })
      if (json) await writeResult(`${JSON.stringify(report)}\n`)
      else process.stderr.write(renderGenerate(report))
    })
}

function registerCheck(problems: Command): void {
  problems
    .command('check')
    .description('hold templates against their own published answers')
    .requiredOption('--templates <dir>', 'folder of the templates')
    .option('--words <file>', 'own word lists in place of the shipped ones')
    .option('--json', 'print {"templates", "ok", "unsupported", "wrong"} as JSON')
    .addHelpText('after', '\nThe exit code is 0 whatever is found; only a folder that cannot be read is an error.')
    .action(async (flags: { readonly templates: string; readonly words?: string; readonly json?: boolean }) => {
      const { checkTemplates } = await import('../../problems/symbolic/check.ts')
      const { renderCheck } = await import('./text.ts')
      const report = checkTemplates(flags.templates, flags.words)
      await writeResult(flags.json ? `${JSON.stringify(report)}\n` : visible(renderCheck(report)))
    })
}

function registerStats(problems: Command): void {
  problems
    .command('stats')
    .description('counts, lengths, levels and duplicates of a problem file')
    .argument('<file>', 'JSONL, JSON, CSV, TSV or Parquet with question and answer')
    .option('--json', 'print them as JSON')
    .action(async (file: string, flags: { readonly json?: boolean }) => {
      const { problemStats } = await import('../../problems/stats.ts')
      const { renderStats } = await import('./text.ts')
      const stats = problemStats(file)
      await writeResult(flags.json ? `${JSON.stringify(stats)}\n` : visible(renderStats(stats)))
    })
}

/** `a=b` as a field of a record; only known names. */
function pairs(texts: readonly string[], known: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts
      .flatMap((text) => text.split(','))
      .map((text) => {
        const [, name = '', column = ''] = /^([^=]+)=(.+)$/.exec(text) ?? []
        if (known.includes(name)) return [name, column]
        throw new ConfigError(
          `--field ${text}: write one of ${known.join(', ')} before the =, and the column behind it.`,
        )
      }),
  )
}

function weights(text: string): Record<string, number> {
  return Object.fromEntries(
    text.split(',').map((part) => {
      const [, name = '', weight = ''] = /^\s*([^=]+)=([\d.]+)\s*$/.exec(part) ?? []
      if (name !== '' && Number(weight) > 0) return [name, Number(weight)]
      throw new ConfigError(`--mix ${text}: write weights above 0, like symbolic=7,p1=2,p2=1.`)
    }),
  )
}

function positive(value: string): number {
  const number = wholeNumber(value)
  if (number === 0 || number > 10_000_000) throw new InvalidArgumentError('Give a whole number from 1 to 10,000,000.')
  return number
}
