/** `spendwise import-completions` at work: lines in, verdicts and fates stored next to the run, counts out. */

import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { createAcceptance, NO_LIMIT } from '../../core/accept/accept.ts'
import { ConfigError } from '../../core/errors.ts'
import type { Disposition } from '../../core/trace.ts'
import { VERDICT_KINDS, type VerdictKind } from '../../core/verdict.ts'
import { makeNamedDirectory } from '../../disk/make-directory.ts'
import { createVerifier } from '../../loop/sample/verifier.ts'
import { readRunFiles, startRun } from '../../loop/start.ts'
import { type FoundRun, findRun } from '../../run/find-run.ts'
import { runsIn } from '../../run/list-runs.ts'
import { acquireLock } from '../../store/lock.ts'
import { lockFile } from '../../store/place/place.ts'
import { openStore, type Store } from '../../store/store.ts'
import { CHECKER } from '../../verify/decide.ts'
import { interruptible } from '../interrupt.ts'
import { type LeftOut, problemFinder, type ReadLine, readLines } from './read.ts'

export interface ImportReport {
  readonly file: string
  /** Lines that are completions of train problems. */
  readonly rows: number
  /** Of these, the ones that were there already or stand in the file twice. */
  readonly known: number
  readonly imported: number
  /** Verdicts of the ones that are new. */
  readonly verdicts: Readonly<Partial<Record<VerdictKind, number>>>
  readonly truncated: number
  /** New ones that do not say how they ended, and are taken for whole. */
  readonly withoutEnd: number
  /** Accepted ones of everything that was ever imported. */
  readonly accepted: number
  readonly left: readonly LeftOut[]
}

export interface ImportOptions {
  readonly strict: boolean
}

/** `RUN FILE`, in either order where only one of them is a file, or `FILE` alone. @throws ConfigError */
export function namesOf(names: readonly string[]): { readonly run: string; readonly file: string } {
  const [first, second, more] = names
  if (first === undefined || more !== undefined)
    throw new ConfigError('import-completions takes a run and one file: spendwise import-completions RUN FILE.jsonl')
  if (second !== undefined) return isLines(first) ? { run: second, file: first } : { run: first, file: second }
  const [only, other] = runsIn('runs')
  if (only && !other) return { run: only.directory, file: first }
  throw new ConfigError(
    `${only ? 'There are several runs under runs/' : 'There is no run under runs/'}; name one: spendwise import-completions RUN ${first}`,
  )
}

function isLines(name: string): boolean {
  return /\.jsonl?$/i.test(name) && existsSync(name)
}

/** Verified together, and stored together. */
const BATCH = 512

/**
 * Reads the file, judges what is new in it and decides again what is accepted of all that was ever imported.
 * @throws ConfigError where the run or the file cannot be used, or with `strict` a row; StoreError where the run is under way
 */
export async function importInto(run: string, file: string, { strict }: ImportOptions): Promise<ImportReport> {
  const found = findRun(run)
  const interrupt = interruptible()
  const { signal } = interrupt
  const files = existsSync(found.directory)
    ? undefined
    : await readRunFiles(found.config, dirname(found.configPath), signal)
  makeNamedDirectory(found.directory, `The run folder ${found.directory}`, 'name another run')
  const lock = acquireLock(lockFile(found.directory))
  try {
    const store = openStore(found.directory)
    try {
      if (!store.run.read()) {
        const needed = files ?? (await readRunFiles(found.config, dirname(found.configPath), signal))
        startRun(store, found.directory, found, needed)
      }
      return await importAll(store, found, { file, strict, signal })
    } catch (error) {
      throw store.explain(error)
    } finally {
      store.close()
    }
  } finally {
    lock.release()
    interrupt.end()
  }
}

interface Task extends ImportOptions {
  readonly file: string
  readonly signal: AbortSignal
}

async function importAll(store: Store, { config, configPath }: FoundRun, task: Task): Promise<ImportReport> {
  const { file, strict, signal } = task
  const all = (['train', 'gate', 'evaluate'] as const).flatMap((split) => store.run.problems(split))
  const find = problemFinder(all)
  const left: LeftOut[] = []
  if (strict) {
    for await (const line of readLines(file, find)) if ('reason' in line) left.push(line)
    const [first] = left
    if (first) {
      const rest = left.length === 1 ? '' : `, and ${left.length - 1} more rows cannot be used`
      throw new ConfigError(`${first.place}  ${first.reason}${rest}; nothing was imported (--strict).`)
    }
  }
  const verifier = createVerifier(config, dirname(configPath))
  const counts = { rows: 0, known: 0, imported: 0, truncated: 0, withoutEnd: 0 }
  const verdicts: Partial<Record<VerdictKind, number>> = {}
  const judge = async (lines: readonly ReadLine[]): Promise<void> => {
    const distinct = [...new Map(lines.map((line) => [line.hash, line])).values()]
    const known = store.external.known(
      distinct.map(({ hash }) => hash),
      CHECKER,
    )
    const fresh = distinct.filter(({ hash }) => !known.has(hash))
    const judged = await verifier.verify(
      fresh.map(({ problem, text }) => ({ gold: problem.answer, text })),
      signal,
    )
    const added = store.external.put(
      fresh.flatMap(({ problem, ...line }, place) => {
        const verdict = judged[place]
        return verdict ? [{ ...line, problem: problem.id, verdict }] : []
      }),
    )
    counts.imported += added
    counts.known += lines.length - added
    if (added === 0) return
    for (const [place, line] of fresh.entries()) {
      const kind = judged[place]?.kind
      if (kind) verdicts[kind] = (verdicts[kind] ?? 0) + 1
      if (line.finishReason === 'length') counts.truncated++
      if (!line.isEndSaid) counts.withoutEnd++
    }
  }
  try {
    let batch: ReadLine[] = []
    for await (const line of readLines(file, find)) {
      signal.throwIfAborted()
      if ('reason' in line) {
        left.push(line)
        continue
      }
      counts.rows++
      batch.push(line)
      if (batch.length < BATCH) continue
      await judge(batch)
      batch = []
    }
    await judge(batch)
  } finally {
    await verifier.close()
  }
  store.external.dispose(fatesOf(store, config))
  return { file, ...counts, verdicts, accepted: store.external.counts()?.accepted ?? 0, left }
}

/** The run's own rules over all of them in the order they came, as over one iteration without an n_t; no text is kept. */
function fatesOf(
  store: Store,
  { accept, seed }: FoundRun['config'],
): { readonly id: number; readonly disposition: Disposition }[] {
  const judge = createAcceptance({ ...accept, by: 'verdict' }, NO_LIMIT, { seed, purpose: 'train', iteration: -2 })
  const fates = []
  for (const candidate of store.external.candidates()) fates.push({ id: candidate.id, disposition: judge(candidate) })
  return fates
}

/** For people, in a few lines. */
export function importInWords(report: ImportReport): string {
  const { file, rows, known, imported, verdicts, truncated, withoutEnd, accepted, left } = report
  const kinds = VERDICT_KINDS.flatMap((kind) => (verdicts[kind] ? [`${verdicts[kind]} ${kind}`] : []))
  return [
    `${file}: ${imported} of ${rows} rows imported${known > 0 ? `, ${known} were there already` : ''}${left.length > 0 ? `, ${left.length} left out` : ''}.`,
    ...(kinds.length > 0
      ? [`Verdicts of the new ones: ${kinds.join(', ')}; ${truncated} cut off, never accepted.`]
      : []),
    ...(withoutEnd > 0 ? [`${withoutEnd} do not say how they ended (finish_reason) and are taken for whole.`] : []),
    `${accepted} external completions are accepted in all; they count in no iteration: spendwise export RUN --origin external.`,
  ].join('\n')
}
