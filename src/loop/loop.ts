/** A whole run: lock, store, tools, iterations, and an end that says what happened. Killed anywhere, the same call continues. */

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { apiKeyVariables } from '../config/key-variables.ts'
import { resolveConfigPath } from '../config/parse.ts'
import type { RunConfig } from '../config/schema.ts'
import { MOST_ITERATIONS } from '../config/sections/budget.ts'
import { runTargets } from '../core/budget/next-target.ts'
import type { Checkpoint } from '../core/checkpoint.ts'
import { ConfigError, Interrupted } from '../core/errors.ts'
import type { Emit, RunEvent } from '../core/events.ts'
import { makeNamedDirectory } from '../disk/make-directory.ts'
import { FOLDER } from '../run/folder.ts'
import { budgetOf } from '../run/next-target.ts'
import { createSpending } from '../run/spending.ts'
import { recordsIn } from '../sample/server/records.ts'
import { acquireLock, type RunLock } from '../store/lock.ts'
import { databaseFile, hasDatabase, lockFile, placeDatabase } from '../store/place/place.ts'
import { asStoreError } from '../store/sqlite-error.ts'
import { openStore, type Store } from '../store/store.ts'
import type { VoteRow } from '../store/verdicts.ts'
import { steadyNow } from './activity.ts'
import { adoptCheckpoint } from './adopt-checkpoint.ts'
import type { RunContext } from './context.ts'
import { explainDisk, finish, type RunEnd, recordFailure } from './ending.ts'
import { openEventLog } from './event-log.ts'
import { iterate } from './iterations.ts'
import { catchingUp } from './measure/due-evaluation.ts'
import type { Continuation } from './phase.ts'
import { openRunCache, type RunCache } from './sample/cache.ts'
import { drawPilot } from './sample/pilot.ts'
import { weightsEvidence } from './sample/weights.ts'
import { handOverEngine } from './serve/hand-overs.ts'
import { type RunFiles, type RunSource, readRunFiles, startRun } from './start.ts'
import { baseCheckpoint, createTools, ENGINES, type Engines, type Tools } from './tools.ts'
import { trainerEngine } from './train/trainers.ts'

export interface RunOptions extends Continuation, RunSource {
  /** The run folder, absolute. */
  readonly directory: string
  /** Checkpoint (path or served name) made outside, for a run that waits for one. */
  readonly checkpoint: string | undefined
  /** false draws everything again and keeps nothing for later runs. */
  readonly cache?: boolean
  /** Trains also on traces that lack a part of what the model wrote. */
  readonly allowAltered?: boolean | undefined
  /** Draws a pilot of so many samples and nothing else. */
  readonly pilot?: number | undefined
  /** What run.yaml may ask for; ours where it is left out. */
  readonly engines?: Engines
  readonly emit: Emit
  readonly signal: AbortSignal
}

/**
 * Runs or resumes a run until it is done, waits, or cannot continue.
 * @throws SpendwiseError: everything stored stays; its exitCode is the command's
 */
export async function runLoop(options: RunOptions): Promise<RunEnd> {
  const { config, directory } = options
  const files = hasDatabase(directory)
    ? undefined
    : await readRunFiles(config, dirname(options.configPath), options.signal)
  let lock: RunLock | undefined
  try {
    makeNamedDirectory(directory, `The run folder ${directory}`, 'name another place with --dir')
    if (config.database !== undefined) placeDatabase(directory, databaseFolder(options), config.name)
    lock = acquireLock(lockFile(directory))
    const store = openStore(directory)
    try {
      return await runWithStore(options, store, files)
    } finally {
      store.close()
    }
  } catch (error) {
    throw explainDisk(asStoreError(error, databaseFile(directory)), directory)
  } finally {
    lock?.release()
  }
}

function databaseFolder({ config: { database = '' }, configPath }: RunOptions): string {
  return resolveConfigPath(dirname(configPath), database)
}

async function runWithStore(options: RunOptions, store: Store, files: RunFiles | undefined): Promise<RunEnd> {
  const { config, directory, configPath, signal } = options
  const configDirectory = dirname(configPath)
  const startedAt = steadyNow()
  // A start is refused before anything is said or changed: the run stays what it was.
  requireWorkingDirectory(options, configDirectory)
  if (store.run.read()?.state !== 'done') requireKeys(config)
  // Killed before its first row, a run has a database and is new all the same.
  const isNew = store.run.read() === undefined
  const needed = isNew ? (files ?? (await readRunFiles(config, configDirectory, signal))) : undefined
  const started = startRun(store, directory, options, needed)
  keepBase(store, await baseCheckpoint(config, configDirectory))
  if (options.checkpoint !== undefined)
    await adoptCheckpoint(store, options, options.checkpoint, options.engines?.handOvers)
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
      iterations: config.budget.iterations === MOST_ITERATIONS ? null : runTargets(budgetOf(config, store)).length,
    })
    for (const text of [...started.notes, ...notesOn(config)]) emit({ kind: 'note', text })
    store.run.setState('running', null)
    const spending = createSpending(config, store, startedAt, steadyNow)
    const input = {
      config,
      directory,
      configDirectory,
      journal: store.handOvers,
      fleetJournal: store.fleet,
      onNote: (text: string) => emit({ kind: 'note', text }),
      records: recordsIn(store.endpoints),
      onRequest: () => store.endpoints.countBeside(),
      votes: {
        of: store.votes.of,
        add(row: VoteRow) {
          store.votes.add(row)
          spending.addJudged(row.tokens)
        },
      },
      checkpoints: () => store.iterations.checkpoints(),
    }
    tools = await createTools(input, options.engines)
    const onNote = (text: string): void => emit({ kind: 'note', text })
    const evidence = weightsEvidence(store, directory)
    cache = openRunCache(config, configDirectory, options.cache ?? true, onNote, evidence)
    const context: RunContext = {
      ...tools,
      ...started,
      cache,
      config,
      directory,
      configDirectory,
      store,
      spending,
      allowAltered: options.allowAltered ?? false,
      emit,
      signal,
    }
    const { state, reason } = await (options.pilot === undefined
      ? catchingUp(context, () => iterate(context, options))
      : drawPilot(context, options.pilot))
    return await finish(context.store, directory, emit, state, reason)
  } catch (error) {
    const failure = signal.aborted ? new Interrupted() : causeOf(store, error)
    await recordFailure(store, directory, emit, failure)
    throw failure
  } finally {
    await tools?.close()
    cache?.close()
    log.close()
  }
}

/** Whatever fails in a run whose files are gone or replaced failed because of that. */
function causeOf(store: Store, error: unknown): unknown {
  try {
    store.requireInPlace()
    return store.explain(error)
  } catch (gone) {
    return gone
  }
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

/** @throws ConfigError where an environment variable that run.yaml names for a key is empty: nobody need be asked to know it */
function requireKeys(config: RunConfig): void {
  const empty = apiKeyVariables(config).find((name) => (process.env[name] ?? '').trim() === '')
  if (empty !== undefined)
    throw new ConfigError(
      `The environment variable ${empty} is empty, and run.yaml names it for a key (apiKeyEnv); set it and run again.`,
    )
}

/** @throws ConfigError when commands would have to run where run.yaml was and is no more */
function requireWorkingDirectory(
  { config, directory, engines: { trainers, handOvers } = ENGINES }: RunOptions,
  configDirectory: string,
): void {
  const startsCommands =
    trainerEngine(config, trainers).startsProgram || handOverEngine(config, handOvers).server === 'started'
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
      `The base weights at ${base.path} are not those this run began with (${base.hash}, then ${stored.hash}); put those back to resume, or start a new run under another name.`,
    )
  }
  if (stored.path !== base.path) store.iterations.replaceCheckpoint(stored.id, base)
}
