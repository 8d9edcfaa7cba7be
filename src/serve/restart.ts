/** Hand-over `restart`: stop the server, start it on the new checkpoint under a new served name, wait for /health, prove it by one token. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Checkpoint } from '../core/checkpoint.ts'
import { messageOf, ServerError } from '../core/errors.ts'
import { fillPlaceholders } from '../core/placeholders.ts'
import type { HandOver, HandOverJournal, InferenceServer } from '../core/server.ts'
import { crashPoint } from '../process/crash-point.ts'
import type { AddedVariables } from '../process/environment.ts'
import { lastWords, logSize } from '../process/log.ts'
import { findOwned, isAlive, type OwnedProcess, type ProcessIdentity, spawnOwned } from '../process/owned.ts'
import { stopStarted } from '../process/stop.ts'
import { type MemoryProof, waitForFreeMemory } from './free-memory.ts'
import { isHealthy } from './health.ts'
import { servedName, weightsOf } from './names.ts'

export interface RestartOptions {
  /** argv with {checkpoint}, {name} and, where wanted, {port}. */
  readonly command: readonly string[]
  readonly cwd: string
  readonly log: string
  /** Unique to the run folder. */
  readonly runMarker: string
  /** Of the API, ending in /v1; /health is asked at its origin. */
  readonly baseURL: string
  readonly runName: string
  /** The name of every checkpoint; left out, each has one of its own. */
  readonly servedName?: string
  /** Added to the server's environment. */
  readonly env?: AddedVariables
  /** Variables that hold keys of others; see `spawnOwned`. */
  readonly keys?: readonly string[]
  /** Where a checkpoint lies for the server: an absolute path or a hub name. */
  readonly locate: (checkpoint: Checkpoint) => string
  readonly readySeconds: number
  readonly stopSeconds: number
  /** undefined where nothing tells. */
  readonly memory: MemoryProof | undefined
  readonly journal: HandOverJournal
  /** Draws one token from the served name; rejects when it cannot. */
  readonly probe: (model: string, signal: AbortSignal) => Promise<void>
}

const POLL_MS = 200

export interface RestartServer extends InferenceServer {
  /** The server that is up, or starting: of this process, or left by an earlier one. */
  running(): ProcessIdentity | undefined
}

export function createRestartServer(options: RestartOptions): RestartServer {
  const marker = `${options.runMarker}#serve`
  const { baseURL, journal } = options
  let current: { readonly target: Target; readonly identity: ProcessIdentity } | undefined

  const stop = async (): Promise<void> => {
    // Workers that outlive their server hold its memory while its port is free: one that is gone is looked for all the same.
    const identity = current?.identity ?? findOwned(marker) ?? journal.last()?.server
    current = undefined
    await stopStarted({ identity, marker }, options.stopSeconds * 1000)
  }
  const free = async (signal: AbortSignal): Promise<void> => {
    await stop()
    if (options.memory) await waitForFreeMemory(options.memory, signal)
  }

  return {
    async serve(checkpoint, signal) {
      const target = targetOf(checkpoint, options)
      const serving = { baseURL, model: target.name, proven: true } as const
      if (current && isSame(current.target, target) && isAlive(current.identity)) return serving
      const left = current ? undefined : await takeOver(target, marker, options, signal)
      if (left) {
        current = { target, identity: left }
        return serving
      }
      const record = (step: HandOver['step'], server?: ProcessIdentity): void =>
        journal.record({ ...target, step, server })
      record('intended')
      crashPoint('hand-over-intended')
      await stop()
      record('stopped')
      crashPoint('server-stopped')
      await refuseStranger(options, signal)
      if (options.memory) await waitForFreeMemory(options.memory, signal)
      record('free')
      crashPoint('memory-free')
      const since = logSize(options.log)
      const owned = await start(target, checkpoint, marker, options)
      current = { target, identity: owned.identity }
      crashPoint('server-started')
      record('started', owned.identity)
      crashPoint('server-stored')
      try {
        await waitUntilReady(owned, options, signal, since)
        record('ready', owned.identity)
        crashPoint('server-ready')
        await prove(target.name, options, signal)
      } catch (error) {
        await stop()
        record('stopped')
        throw error
      }
      record('proven', owned.identity)
      crashPoint('server-proven')
      return serving
    },
    release: stop,
    freeDevices: free,
    running() {
      if (current) return isAlive(current.identity) ? current.identity : undefined
      return leftServer(journal.last(), marker)
    },
  }
}

/** What is to be served, under which name. */
type Target = Pick<HandOver, 'name' | 'weights'>

function targetOf(checkpoint: Checkpoint, options: RestartOptions): Target {
  const place = options.locate(checkpoint)
  // A server that is not told a name serves a model under its path, which is new for every checkpoint as well.
  const isNamed = options.command.some((argument) => argument.includes('{name}'))
  const name = options.servedName ?? servedName(options.runName, checkpoint)
  return { name: isNamed ? name : place, weights: weightsOf(checkpoint, place) }
}

function isSame(a: Target, b: Target): boolean {
  return a.name === b.name && a.weights === b.weights
}

/** The server that an earlier spendwise has left: by its marker, else by what was written down when it was started. */
function leftServer(last: HandOver | undefined, marker: string): ProcessIdentity | undefined {
  return findOwned(marker) ?? (last?.server && isAlive(last.server) ? last.server : undefined)
}

/**
 * Goes on with the server of a spendwise that was killed, where it was started for just these weights: loading them again may
 * take as long as it has taken already. From `stopped` on there is no other server of ours.
 */
async function takeOver(
  target: Target,
  marker: string,
  options: RestartOptions,
  signal: AbortSignal,
): Promise<ProcessIdentity | undefined> {
  const last = options.journal.last()
  if (!last || !isSame(last, target) || last.step === 'intended') return undefined
  const identity = leftServer(last, marker)
  if (!identity) return undefined
  try {
    const hasEnded = (): string | undefined => (isAlive(identity) ? undefined : 'it is gone')
    await waitFor(hasEnded, options, signal)
    await options.probe(target.name, signal)
  } catch {
    signal.throwIfAborted()
    // It is broken, or was on its way out: a new one takes its place.
    return undefined
  }
  options.journal.record({ ...target, step: 'proven', server: identity })
  return identity
}

async function start(
  target: Target,
  checkpoint: Checkpoint,
  marker: string,
  options: RestartOptions,
): Promise<OwnedProcess> {
  const argv = fillPlaceholders(options.command, {
    checkpoint: options.locate(checkpoint),
    name: target.name,
    port: new URL(options.baseURL).port,
  })
  try {
    return await spawnOwned({
      argv,
      cwd: options.cwd,
      env: options.env ?? {},
      keys: options.keys ?? [],
      log: options.log,
      marker,
    })
  } catch (error) {
    throw new ServerError(
      `The inference server cannot be started: ${messageOf(error)}; check serve.command (${argv[0]}).`,
      { cause: error },
    )
  }
}

async function waitUntilReady(
  owned: OwnedProcess,
  options: RestartOptions,
  signal: AbortSignal,
  since: number,
): Promise<void> {
  let ended: string | undefined
  owned.exit.then((exit) => {
    ended = exit.kind === 'code' ? `exit code ${exit.code}` : exit.signal
  })
  await waitFor(() => ended, options, signal, since)
}

/** @param since what an earlier server wrote, up to this byte of the log, is not shown */
async function waitFor(
  hasEnded: () => string | undefined,
  options: RestartOptions,
  signal: AbortSignal,
  since = 0,
): Promise<void> {
  const deadline = performance.now() + options.readySeconds * 1000
  while (performance.now() < deadline) {
    signal.throwIfAborted()
    const ended = hasEnded()
    if (ended !== undefined) {
      const words = lastWords(options.log, since)
      throw new ServerError(
        `The inference server ended while starting (${ended})${words === '' ? '' : `, saying "${words}"`}; its log is ${options.log}.`,
      )
    }
    if (await isHealthy(options.baseURL, signal)) return
    await sleep(POLL_MS)
  }
  throw new ServerError(
    `The inference server was not ready at ${options.baseURL} after ${options.readySeconds} s; see ${options.log}, or raise serve.readySeconds.`,
  )
}

async function prove(name: string, options: RestartOptions, signal: AbortSignal): Promise<void> {
  try {
    await options.probe(name, signal)
  } catch (error) {
    signal.throwIfAborted()
    throw new ServerError(
      `The inference server is up but does not answer as ${name}: ${messageOf(error)} serve.command must pass {name} as the served model name, or leave {name} out where the path is the name.`,
      { cause: error },
    )
  }
}

/** A server that is not ours on our port would answer /health in place of the one we start. */
async function refuseStranger(options: RestartOptions, signal: AbortSignal): Promise<void> {
  if (await isHealthy(options.baseURL, signal)) {
    throw new ServerError(
      `Something else already answers at ${options.baseURL}; stop it, or use serve.kind: external, or another port in sample.endpoints.`,
    )
  }
}
