/** Hand-over `restart`: stop the server, start it on the new checkpoint under a new served name, wait for /health, prove it by one token. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Checkpoint } from '../core/checkpoint.ts'
import { ServerError } from '../core/errors.ts'
import type { InferenceServer, Serving } from '../core/server.ts'
import { findOwned, isAlive, type OwnedProcess, type ProcessIdentity, spawnOwned, stopOwned } from '../process/owned.ts'
import { fillPlaceholders } from '../process/placeholders.ts'

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
  /** Where a checkpoint lies for the server: an absolute path or a hub name. */
  readonly locate: (checkpoint: Checkpoint) => string
  readonly readySeconds: number
  readonly stopSeconds: number
  /** Draws one token from the served name; rejects when it cannot. */
  readonly probe: (model: string, signal: AbortSignal) => Promise<void>
}

const POLL_MS = 200
const HEALTH_MS = 5000

export function createRestartServer(options: RestartOptions): InferenceServer {
  const marker = `${options.runMarker}#serve`
  let current: { readonly name: string; readonly identity: ProcessIdentity } | undefined

  const stop = async (): Promise<void> => {
    const running = current?.identity ?? findOwned(marker)
    current = undefined
    if (running) await stopOwned(running, options.stopSeconds * 1000)
  }

  return {
    async serve(checkpoint, signal) {
      const name = servedName(options.runName, checkpoint)
      const serving: Serving = { baseURL: options.baseURL, model: name, proven: true }
      if (current?.name === name && isAlive(current.identity)) return serving
      const left = current ? undefined : findOwned(marker)
      if (left && (await answers(name, options, signal))) {
        // The server of an earlier spendwise that died is still up on just this checkpoint.
        current = { name, identity: left }
        return serving
      }
      await stop()
      await refuseStranger(options, signal)
      const owned = await start(name, checkpoint, marker, options)
      current = { name, identity: owned.identity }
      try {
        await waitUntilReady(name, owned, options, signal)
      } catch (error) {
        await stop()
        throw error
      }
      return serving
    },
    release: stop,
  }
}

/** A new name for every checkpoint, so that no cache and no balancer can answer for an old one. */
export function servedName(runName: string, checkpoint: Checkpoint): string {
  if (checkpoint.iteration < 0) return `${runName}-base`
  const attempt = checkpoint.attempt === 0 ? '' : `-attempt${checkpoint.attempt}`
  return `${runName}-iteration${String(checkpoint.iteration).padStart(3, '0')}${attempt}`
}

async function start(
  name: string,
  checkpoint: Checkpoint,
  marker: string,
  options: RestartOptions,
): Promise<OwnedProcess> {
  const argv = fillPlaceholders(options.command, {
    checkpoint: options.locate(checkpoint),
    name,
    port: new URL(options.baseURL).port,
  })
  try {
    return await spawnOwned({ argv, cwd: options.cwd, env: {}, log: options.log, marker })
  } catch (error) {
    throw new ServerError(
      `The inference server cannot be started: ${error instanceof Error ? error.message : String(error)}; check serve.command (${argv[0]}).`,
      { cause: error },
    )
  }
}

async function waitUntilReady(
  name: string,
  owned: OwnedProcess,
  options: RestartOptions,
  signal: AbortSignal,
): Promise<void> {
  let ended: string | undefined
  owned.exit.then((exit) => {
    ended = exit.kind === 'code' ? `exit code ${exit.code}` : exit.signal
  })
  const deadline = Date.now() + options.readySeconds * 1000
  while (Date.now() < deadline) {
    signal.throwIfAborted()
    if (ended !== undefined) {
      throw new ServerError(`The inference server ended while starting (${ended}); its words are in ${options.log}.`)
    }
    if (await isHealthy(options.baseURL, signal)) {
      await prove(name, options, signal)
      return
    }
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
      `The inference server is up but does not answer as ${name}: ${error instanceof Error ? error.message : String(error)} serve.command must pass {name} as the served model name.`,
      { cause: error },
    )
  }
}

async function answers(name: string, options: RestartOptions, signal: AbortSignal): Promise<boolean> {
  if (!(await isHealthy(options.baseURL, signal))) return false
  try {
    await options.probe(name, signal)
    return true
  } catch {
    signal.throwIfAborted()
    // It serves something else, or is broken: either way it is to be replaced.
    return false
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

async function isHealthy(baseURL: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(new URL('/health', baseURL), {
      signal: AbortSignal.any([signal, AbortSignal.timeout(HEALTH_MS)]),
    })
    await response.arrayBuffer()
    return response.ok
  } catch {
    signal.throwIfAborted()
    // Nobody there yet: the port opens when the model is loaded.
    return false
  }
}
