/** A whole run: lock, store, tools, iterations, and an end that says what happened. Killed anywhere, the same call goes on. */

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { RunConfig } from '../config/schema.ts'
import type { Checkpoint } from '../core/checkpoint.ts'
import { CapReached, ConfigError, Interrupted, SpendwiseError, StoreError } from '../core/errors.ts'
import type { Emit, RunEvent } from '../core/events.ts'
import type { RunState } from '../core/status.ts'
import { runTargets } from '../core/targets.ts'
import { recordsIn } from '../sample/records.ts'
import { acquireLock, type RunLock } from '../store/lock.ts'
import { asStoreError } from '../store/sqlite-error.ts'
import { DATABASE_FILE, LOCK_FILE, openStore, type Store } from '../store/store.ts'
import { adoptCheckpoint } from './adopt.ts'
import { openRunCache, type RunCache } from './cache.ts'
import { steadyNow } from './clock.ts'
import type { RunContext } from './context.ts'
import { decisionFor } from './decide.ts'
import { catchingUp } from './due-evaluation.ts'
import { openEventLog } from './event-log.ts'
import { FOLDER, makeDirectory } from './folder.ts'
import { measureBase, refuseToBuildOnFailure, runIteration } from './iteration.ts'
import { pruneCheckpoints } from './keep.ts'
import { writeMetrics } from './metrics-files.ts'
import { drawPilot } from './pilot.ts'
import { writeReport } from './report.ts'
import { createSpending } from './spending.ts'
import { type RunFiles, readRunFiles, startRun } from './start.ts'
import { targetOf } from './targets.ts'
import { baseCheckpoint, createTools, type Tools } from './tools.ts'

export const PHASES = ['sample', 'train', 'evaluate'] as const
/** One phase alone, for people who schedule the phases themselves. */
export type Phase = (typeof PHASES)[number]

export interface RunOptions {
  readonly config: RunConfig
  /** Absolute path of run.yaml. */
  readonly configPath: string
  /** The run folder, absolute. */
  readonly directory: string
  /** Checkpoint (path or served name) made outside, for a run that waits for one. */
  readonly checkpoint: string | undefined
  /** How people name this run in the command that goes on with it, for example `spendwise run run.yaml`. */
  readonly command: string
  /** Only this phase of the current iteration; undefined for the whole run. */
  readonly only: Phase | undefined
  /** false draws everything anew and keeps nothing for later runs. */
  readonly cache?: boolean
  /** Draws a pilot of so many samples and nothing else. */
  readonly pilot?: number | undefined
  readonly emit: Emit
  readonly signal: AbortSignal
}

export interface RunEnd {
  readonly state: RunState
  readonly reason: string | null
  /** Path of the report, where there is one. */
  readonly report: string | null
}

/**
 * Runs, or goes on with, a run until it is done, waits, or cannot go on.
 * @throws SpendwiseError: everything stored stays; its exitCode is the command's
 */
export async function runLoop(options: RunOptions): Promise<RunEnd> {
  const { config, directory } = options
  const path = join(directory, DATABASE_FILE)
  const files = existsSync(path) ? undefined : await readRunFiles(config, dirname(options.configPath), options.signal)
  let lock: RunLock | undefined
  try {
    makeFolder(directory)
    lock = acquireLock(join(directory, LOCK_FILE))
    const store = openStore(directory)
    try {
      return await runWithStore(options, store, files)
    } finally {
      store.close()
    }
  } catch (error) {
    throw explainDisk(asStoreError(error, path), directory)
  } finally {
    lock?.release()
  }
}

function makeFolder(directory: string): void {
  try {
    makeDirectory(directory)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new StoreError(`The run folder ${directory} cannot be made (${why}); name another place with --dir.`, {
      cause: error,
    })
  }
}

async function runWithStore(options: RunOptions, store: Store, files: RunFiles | undefined): Promise<RunEnd> {
  const { config, directory, configPath, signal } = options
  const configDirectory = dirname(configPath)
  const startedAt = steadyNow()
  // A start is refused before anything is said or changed: the run stays what it was.
  requireWorkingDirectory(config, configDirectory, directory)
  // Killed before its first row, a run has a database and is new all the same.
  const isNew = store.run.read() === undefined
  const needed = isNew ? (files ?? (await readRunFiles(config, configDirectory, signal))) : undefined
  const started = startRun(store, directory, config, configPath, needed)
  keepBase(store, await baseCheckpoint(config, configDirectory))
  if (options.checkpoint !== undefined) await adoptCheckpoint(store, options, options.checkpoint)
  const log = openEventLog(join(directory, FOLDER.events))
  const emit: Emit = (event: RunEvent) => {
    log.append(event)
    options.emit(event)
  }
  let tools: Tools | undefined
  let cache: RunCache | undefined
  try {
    emit({
      kind: 'run-started',
      name: config.name,
      directory,
      resumed: started.resumed,
      iterations: runTargets(config.budget).length,
    })
    for (const text of [...started.notes, ...notesOn(config)]) emit({ kind: 'note', text })
    store.run.setState('running', null)
    tools = await createTools({
      config,
      directory,
      configDirectory,
      journal: store.handOvers,
      onNote: (text) => emit({ kind: 'note', text }),
      records: recordsIn(store.endpoints),
    })
    const { problems, weights, prompts } = started
    cache = openRunCache(config, configDirectory, options.cache ?? true, (text) => emit({ kind: 'note', text }))
    const spending = createSpending(config, store, startedAt, steadyNow)
    const context: RunContext = {
      ...tools,
      cache,
      config,
      directory,
      configDirectory,
      store,
      problems,
      weights,
      prompts,
      spending,
      emit,
      signal,
    }
    const { state, reason } = await (options.pilot === undefined
      ? catchingUp(context, () => iterate(context, options))
      : drawPilot(context, options.pilot))
    return await finish(context.store, directory, emit, state, reason)
  } catch (error) {
    const failure = signal.aborted ? new Interrupted() : store.explain(error)
    await recordFailure(store, directory, emit, failure)
    throw failure
  } finally {
    await tools?.close()
    cache?.close()
    log.close()
  }
}

async function iterate(context: RunContext, options: RunOptions): Promise<{ state: RunState; reason: string | null }> {
  const { budget } = context.config
  const { command, only } = options
  if (only === undefined || only === 'evaluate') await measureBase(context, only)
  // A killed process may have ended an iteration without tidying up after it.
  pruneCheckpoints(context)
  const iterations = runTargets(budget).length
  for (let iteration = 0; iteration < iterations; iteration++) {
    if (isSpent(context, iteration)) return { state: 'done', reason: stopReason(context, iteration) }
    if (!isOver(context, iteration)) {
      if (isOutOfTime(context, iteration)) {
        const reason = `The time budget of ${budget.timeSeconds} s is used up after ${iteration} of ${iterations} iterations.`
        return { state: 'done', reason }
      }
      const end = await runIteration(context, iteration, { command, only })
      if (end.kind === 'waiting') return { state: 'waiting', reason: end.reason }
      pruneCheckpoints(context)
      writeMetrics(context.store, context.directory)
    }
    refuseToBuildOnFailure(context, iteration)
  }
  return { state: 'done', reason: null }
}

async function finish(
  store: Store,
  directory: string,
  emit: Emit,
  state: RunState,
  reason: string | null,
): Promise<RunEnd> {
  store.run.setState(state, reason)
  writeMetrics(store, directory)
  const report = await writeReport(store, directory)
  emit({ kind: 'run-ended', state, reason, report })
  return { state, reason, report }
}

/** No iteration starts after `budget.timeSeconds`; one that has begun is finished. */
function isOutOfTime(context: RunContext, iteration: number): boolean {
  const { timeSeconds } = context.config.budget
  const begun = (context.store.iterations.get(iteration)?.state ?? 'planned') !== 'planned'
  return !begun && timeSeconds !== null && context.spending.spent().seconds >= timeSeconds
}

/** `budget.cost` leaves nothing for this iteration, which has not been begun. */
function isSpent({ config, store }: RunContext, iteration: number): boolean {
  return store.iterations.get(iteration) === undefined && targetOf(config, store, iteration) === undefined
}

/** What the policy says of it, where it was the policy that stopped. */
function stopReason({ config, store }: RunContext, iteration: number): string | null {
  const decision = decisionFor(config, store, iteration)
  return decision?.kind === 'stop' ? decision.reason : null
}

function isOver(context: RunContext, iteration: number): boolean {
  const state = context.store.iterations.get(iteration)?.state
  return state === 'done' || state === 'rejected'
}

/** What people and `status` will read of the failure. */
async function recordFailure(store: Store, directory: string, emit: Emit, failure: unknown): Promise<void> {
  if (failure instanceof StoreError || isDiskError(failure)) return
  const reason = failure instanceof Error ? failure.message : String(failure)
  try {
    store.run.setState(stateOf(failure), reason)
    const report = await writeReport(store, directory).catch(() => null)
    emit({ kind: 'run-ended', state: stateOf(failure), reason, report })
  } catch {
    // What cannot be written down must not hide the failure itself, which is about to be told.
  }
}

function stateOf(failure: unknown): RunState {
  if (failure instanceof Interrupted) return 'interrupted'
  return failure instanceof CapReached ? 'capped' : 'failed'
}

function notesOn(config: RunConfig): string[] {
  const notes: string[] = []
  if (config.sample.kind === 'embedded')
    notes.push(
      'The embedded model is a toy: it only speaks its own templates, and its numbers say nothing about large models.',
    )
  const models = new Set(config.sample.endpoints.map((endpoint) => endpoint.model))
  if (models.size > 1)
    notes.push(
      `The endpoints name the model differently (${[...models].join(', ')}); they must serve the same weights.`,
    )
  if (config.accept.verdict === 'any') notes.push('Control run: every finished completion is accepted, right or wrong.')
  return notes
}

/** @throws ConfigError when commands would have to run where run.yaml was and is no more */
function requireWorkingDirectory(config: RunConfig, configDirectory: string, directory: string): void {
  const startsCommands = ['command', 'slurm'].includes(config.train.kind) || config.serve.kind === 'restart'
  if (!startsCommands || existsSync(configDirectory)) return
  throw new ConfigError(
    `The run.yaml of this run was in ${configDirectory}, which is gone, and its commands start there; name it where it is now: spendwise run RUN.yaml --dir ${directory}`,
  )
}

/**
 * The base's row: written at the first start, kept up with where its weights lie since.
 * @throws ConfigError when they are other weights now
 */
function keepBase(store: Store, base: Checkpoint): void {
  const stored = store.iterations.addCheckpoint(base)
  // A name claims nothing about weights, and an endpoint's model may be renamed on the way.
  if (!base.hash.startsWith('sha256:')) return
  if (stored.hash !== base.hash) {
    throw new ConfigError(
      `The base weights at ${base.path} are not those this run began with (${base.hash}, then ${stored.hash}); put those back to go on, or start a new run under another name.`,
    )
  }
  if (stored.path !== base.path) store.iterations.replaceCheckpoint(stored.id, base)
}

const DISK_CODES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EROFS', 'EACCES', 'EPERM'])

function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && DISK_CODES.has(error.code)
}

function explainDisk(error: unknown, directory: string): unknown {
  if (error instanceof SpendwiseError || !isDiskError(error)) return error
  return new StoreError(
    `${directory} cannot be written (${error.message}); free some space or mend its permissions and run again, nothing stored is lost.`,
    { cause: error },
  )
}
