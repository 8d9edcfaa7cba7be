/** `spendwise export` at work: what the options ask for, done and told. */

import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { ConfigError } from '../../core/errors.ts'
import type { Balance, Duplicates, Origin, Scope } from '../../core/export.ts'
import type { Label } from '../../core/label.ts'
import { plural } from '../../core/words/plural.ts'
import { writeWhole } from '../../disk/whole-file.ts'
import { endingOf, type FileKind, kindOf, PLAIN } from '../../export/dataset-file.ts'
import type { ContaminationHit } from '../../export/decontaminate.ts'
import { type ExportFormat, formatOf } from '../../export/formats.ts'
import { sayingWhere } from '../../export/write-dataset.ts'
import type { PushedFolder } from '../../hub/push-folder.ts'
import { visible } from '../../report/visible.ts'
import { refuseAltered } from '../../run/altered.ts'
import { type FoundRun, findStoredRun } from '../../run/find-run.ts'
import { readStore } from '../../run/read-store.ts'
import { interruptible } from '../interrupt.ts'
import { writeResult } from '../options.ts'
import { countExport, type ExportRequest, exportFile, withProblems } from './file.ts'
import { exportFolder, hitLines } from './folder.ts'
import { templateNote } from './template-note.ts'
import { testSetPlaces } from './test-sets.ts'
import { renderCounts } from './text.ts'

export interface ExportFlags {
  readonly format: ExportFormat
  readonly out?: string
  readonly dryRun?: boolean
  readonly allowAltered?: boolean
  readonly json?: boolean
  readonly container?: 'jsonl' | 'parquet'
  readonly compress?: 'none' | 'gzip' | 'zstd'
  readonly shardRows?: number
  readonly name?: string
  readonly licence?: string
  readonly push?: string
  readonly public?: boolean
  readonly hits?: string
  readonly iterations?: readonly number[]
  readonly origin?: Origin
  readonly rules?: readonly string[]
  readonly minLength?: number
  readonly maxLength?: number
  readonly minTokens?: number
  readonly maxTokens?: number
  readonly minSolveRate?: number
  readonly maxSolveRate?: number
  readonly maxPerProblem?: number
  readonly deduplicate?: Duplicates
  readonly within?: Scope
  readonly similarity?: number
  readonly balance?: Balance
  readonly excludeLabelled?: readonly Label[]
  readonly rows?: number
  readonly seed?: number
  readonly decontaminate?: readonly string[]
  readonly ngram?: number
}

/** @throws ConfigError for options that do not go together; StoreError when the run cannot be read or the disk refuses */
export async function runExport(run: string, flags: ExportFlags): Promise<void> {
  const filters = filtersOf(flags)
  if (flags.json && !flags.dryRun) throw new ConfigError('--json prints what --dry-run counts; add --dry-run.')
  refuseTraceOptions(flags)
  const { out, dryRun } = flags
  if (out === undefined && !dryRun) {
    throw new ConfigError('--out says where the dataset goes: a file like sft.jsonl, or a folder like sft/.')
  }
  const place = out === undefined || dryRun ? undefined : placeOf(out, flags)
  refuseStrayPush(flags, place?.isFolder === false)
  const found = findStoredRun(run)
  const note = readStore(found.directory, (store) => {
    if (!flags.allowAltered) refuseAltered(store, flags.iterations, 'export')
    return templateNote(store, flags.iterations, flags.format)
  })
  if (note !== undefined) process.stderr.write(`${note}\n`)
  const request = { ...filters, testSets: await testSetPlaces(found, flags.decontaminate) }
  if (!place) await showCounts(found, request, flags)
  else if (place.isFolder) await writeFolder(found, request, flags, place)
  else await writeFile(found, request, flags, place)
}

/** Options that say something of a trace, by their name on the command line. */
const TRACE_OPTIONS = {
  origin: '--origin',
  rules: '--rule',
  minLength: '--min-length',
  maxLength: '--max-length',
  minTokens: '--min-tokens',
  maxTokens: '--max-tokens',
  maxPerProblem: '--max-per-problem',
  deduplicate: '--deduplicate',
  within: '--within',
  similarity: '--similarity',
  balance: '--balance',
  excludeLabelled: '--exclude-labelled',
} as const satisfies { readonly [Flag in keyof ExportFlags]?: string }

/** @throws ConfigError for a format of problems with options about traces, or a folder */
function refuseTraceOptions(flags: ExportFlags): void {
  if (formatOf(flags.format).rows !== 'problems') return
  const given = Object.entries(TRACE_OPTIONS).find(([flag]) => flags[flag as keyof typeof TRACE_OPTIONS] !== undefined)
  if (given) {
    throw new ConfigError(
      `${given[1]} is about traces, and --format ${flags.format} holds problems; leave it out (--min-solve-rate, --max-solve-rate, --iterations, --rows and --decontaminate are there).`,
    )
  }
  if (flags.out !== undefined && isFolder(flags.out)) {
    throw new ConfigError(`--format ${flags.format} is one file; write --out problems.parquet or problems.jsonl.`)
  }
}

interface Place {
  readonly out: string
  readonly isFolder: boolean
  readonly kind: FileKind
}

/** A folder is named as one, or is one. @throws ConfigError for options that do not go with it */
function placeOf(out: string, flags: ExportFlags): Place {
  const folder = isFolder(out)
  if (!folder && !existsSync(dirname(out)))
    throw new ConfigError(
      `${out} cannot be written: there is no folder ${dirname(out)}; make it, or name another place.`,
    )
  return { out, isFolder: folder, kind: folder ? folderKind(flags) : fileKind(out, flags) }
}

function isFolder(out: string): boolean {
  return out.endsWith('/') || (statSync(out, { throwIfNoEntry: false })?.isDirectory() ?? false)
}

function filtersOf(flags: ExportFlags): Omit<ExportRequest, 'testSets'> {
  const { format, minSolveRate = 0, maxSolveRate = 1 } = flags
  if (minSolveRate > maxSolveRate) {
    throw new ConfigError(`--min-solve-rate ${minSolveRate} is above --max-solve-rate ${maxSolveRate}; no trace fits.`)
  }
  const { iterations, origin, rules, minLength, maxLength, minTokens, maxTokens, maxPerProblem } = flags
  const { deduplicate, within, similarity, balance, excludeLabelled, rows, seed, ngram } = flags
  const bounds = { minLength, maxLength, minTokens, maxTokens, maxPerProblem }
  return {
    format,
    flags: {
      ...bounds,
      ...{ minSolveRate: flags.minSolveRate, maxSolveRate: flags.maxSolveRate },
      ...{ iterations, origin, rules, deduplicate, within, similarity, balance, excludeLabelled, rows, seed, ngram },
    },
  }
}

async function writeFile(
  found: FoundRun,
  request: ExportRequest,
  flags: ExportFlags,
  { out, kind }: Place,
): Promise<void> {
  const { written, hits } = exportFile(found, request, out, kind)
  tellHits(hits, flags)
  const what = formatOf(request.format).rows === 'problems' ? 'problems' : 'traces'
  process.stderr.write(`${written.rows} ${what} written to ${written.path}, sha256 ${written.sha256}\n`)
  await writeResult(`${JSON.stringify(written)}\n`)
}

/** What the name of a file promises holds; options may only say the same, or how Parquet is compressed inside. */
function fileKind(out: string, flags: ExportFlags): FileKind {
  const ofFolders = { '--shard-rows': flags.shardRows, '--name': flags.name, '--licence': flags.licence }
  for (const [name, value] of Object.entries(ofFolders)) {
    if (value !== undefined)
      throw new ConfigError(`${name} belongs to a dataset folder; write --out ${out}/ to make one.`)
  }
  const named = kindOf(out) ?? PLAIN
  const { container = named.container, compress = named.compression } = flags
  refuseZstdLines({ container, compression: compress })
  const isNamedSo = container === named.container && (container === 'parquet' || compress === named.compression)
  if (isNamedSo) return { container, compression: compress }
  const ending = endingOf({ container, compression: compress })
  throw new ConfigError(`${out} would hold something else than its name says; end it in ${ending}.`)
}

function refuseZstdLines({ container, compression }: FileKind): void {
  if (container === 'jsonl' && compression === 'zstd') {
    throw new ConfigError('--compress zstd is for Parquet; use --container parquet, or gzip for JSON lines.')
  }
}

function folderKind({ container = 'jsonl', compress: compression = 'none' }: ExportFlags): FileKind {
  refuseZstdLines({ container, compression })
  return { container, compression }
}

async function writeFolder(
  found: FoundRun,
  request: ExportRequest,
  flags: ExportFlags,
  { out, kind }: Place,
): Promise<void> {
  const { path, rows, files, hits } = exportFolder(found, request, {
    out,
    kind,
    shardRows: flags.shardRows,
    name: flags.name,
    licence: flags.licence,
  })
  tellHits(hits, flags)
  process.stderr.write(
    `${rows} ${plural(rows, 'row')} written to ${path} in ${files.length} ${plural(files.length, 'file')}; README.md says what is in it.\n`,
  )
  const pushed = flags.push === undefined ? {} : { pushed: await push(path, flags.push, rows, flags.public ?? false) }
  await writeResult(`${JSON.stringify({ path, rows, files, ...pushed })}\n`)
}

/** Said before anything is written. @throws ConfigError */
function refuseStrayPush({ push, public: isPublic, dryRun }: ExportFlags, isFile: boolean): void {
  if (push === undefined && isPublic) throw new ConfigError('--public is about --push; name the dataset with it.')
  if (push === undefined) return
  if (dryRun) throw new ConfigError('--dry-run writes nothing, so there is nothing to --push; leave one out.')
  if (isFile) throw new ConfigError('--push takes a dataset folder; write --out DIR/ to make one.')
}

/** The folder is written by now and stays, whatever becomes of this. */
async function push(folder: string, repo: string, rows: number, isPublic: boolean): Promise<PushedFolder> {
  const { hubAccess } = await import('../../hub/hub-access.ts')
  const { pushFolder } = await import('../../hub/push-folder.ts')
  const interrupt = interruptible()
  try {
    const options = { isPublic, message: `${rows} ${plural(rows, 'row')} by spendwise`, signal: interrupt.signal }
    const pushed = await pushFolder(folder, repo, hubAccess(process.env), options)
    process.stderr.write(
      `${pushed.files} ${plural(pushed.files, 'file')} pushed to ${pushed.url}, commit ${pushed.commit}.\n`,
    )
    return pushed
  } finally {
    interrupt.end()
  }
}

async function showCounts(found: FoundRun, request: ExportRequest, flags: ExportFlags): Promise<void> {
  if (formatOf(request.format).rows === 'problems') return await showProblems(found, request, flags)
  const { summary, hits } = countExport(found, request)
  tellHits(hits, flags)
  await writeResult(
    flags.json ? `${JSON.stringify({ ...summary, hits })}\n` : visible(renderCounts(request.format, summary)),
  )
}

async function showProblems(found: FoundRun, request: ExportRequest, flags: ExportFlags): Promise<void> {
  const { rows, candidates, dropped, hits } = withProblems(found, request, (opened) => opened)
  tellHits(hits, flags)
  const unasked = rows.filter(({ problem }) => problem?.solveRate === null).length
  const summary = { rows: rows.length, candidates, dropped, unasked }
  const left = Object.entries(dropped).flatMap(([why, count]) => (count === 0 ? [] : [`${why} ${count}`]))
  const text = [
    `${rows.length} ${plural(rows.length, 'row')} of ${request.format}, out of ${candidates} train ${plural(candidates, 'problem')}; ${unasked} ${plural(unasked, 'was never asked and has', 'were never asked and have')} no solve rate.`,
    ...(left.length === 0 ? [] : [`left out: ${left.join(', ')}`]),
  ]
  await writeResult(flags.json ? `${JSON.stringify({ ...summary, hits })}\n` : `${text.join('\n')}\n`)
}

const MOST_HITS = 5

/** The first few on stderr, all of them in the file that was asked for. */
function tellHits(hits: readonly ContaminationHit[], { hits: file }: ExportFlags): void {
  if (file !== undefined) sayingWhere(file, () => writeWhole(file, hitLines(hits)))
  if (hits.length === 0) return
  const lines = hits.slice(0, MOST_HITS).map((hit) => {
    const where =
      hit.kind === 'question'
        ? `the question (${hit.traces} ${plural(hit.traces, 'trace')})`
        : `completion ${hit.index} of iteration ${hit.iteration}`
    return `  ${hit.problem}, ${where}: ${hit.testSet} ${hit.question} "${hit.words}"`
  })
  const rest = hits.length - lines.length
  const more =
    rest === 0 ? '' : `\n  … and ${rest} more${file === undefined ? '; --hits FILE lists them all' : `, in ${file}`}.`
  process.stderr.write(
    visible(
      `Words of a test set were met ${hits.length} ${plural(hits.length, 'time')}:\n${lines.join('\n')}${more}\n`,
    ),
  )
}
