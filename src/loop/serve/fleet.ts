/** A fleet of servers: what run.yaml says as the options of its jobs, its proofs and its end. */

import { copyFileSync, existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { keyVariables } from '../../config/key-variables.ts'
import type { Checkpoint } from '../../core/checkpoint.ts'
import { type Endpoint, PLACEHOLDER_KEY } from '../../core/endpoint.ts'
import { ServerError } from '../../core/errors.ts'
import { placeholdersIn } from '../../core/placeholders.ts'
import { makeDirectory } from '../../disk/make-directory.ts'
import { askCanaries, type CanaryAnswers, differInAnswers, isEqual } from '../../sample/server/canary.ts'
import { rootOf } from '../../sample/server/model-watch.ts'
import { listModels, probeOneToken } from '../../sample/server/questions.ts'
import { createFleetServer } from '../../serve/fleet/fleet.ts'
import { serverJob } from '../../serve/fleet/job.ts'
import { isHealthy } from '../../serve/health.ts'
import { createLoraServer } from '../../serve/lora.ts'
import { createMemoryFleetJournal, createMemoryJournal } from '../../serve/memory-journal.ts'
import { isStartedOn, servedName, weightsOf } from '../../serve/names.ts'
import { fleetEndpoint, probeOptions } from './endpoint.ts'
import { type FleetSection, fleetEngine, recipe } from './fleet-engine.ts'
import type { HandOverInput, ServingTools } from './hand-over.ts'

export function createFleet(input: HandOverInput, serve: FleetSection): ServingTools {
  const { config, directory, configDirectory, locate, onNote = () => undefined } = input
  const folder = join(directory, 'serve')
  makeDirectory(folder)
  const endpointAt = (baseURL: string): Endpoint => ({ ...fleetEndpoint(serve, baseURL), onRequest: input.onRequest })
  const servers = input.isTrial ? 1 : serve.servers
  const { drainSeconds, stopSeconds, readySeconds } = serve
  const { engine, resources, host, endsFirst } = fleetEngine(serve, configDirectory)
  const jobs = {
    command: serve.command,
    ports: serve.ports,
    host: serve.host ?? host,
    launcher: launcherIn(folder),
    directory,
    folder,
    cwd: configDirectory,
    env: serve.env,
    keys: keyVariables(config),
    resources,
    stopSeconds,
  }
  const baseOf = (): Checkpoint => {
    const base = input.checkpoints?.().find(({ iteration }) => iteration < 0)
    if (!base) throw new Error('a run has its base before anything is served')
    return base
  }
  const targetOf = (checkpoint: Checkpoint) => {
    const isAdapter = checkpoint.kind === 'lora'
    if (isAdapter && !serve.adapters) {
      throw new ServerError(
        `${locate(checkpoint)} is an adapter; write serve.adapters: true to load it into the fleet's servers, or merge it (--merge).`,
      )
    }
    const started = isAdapter ? baseOf() : checkpoint
    const place = locate(started)
    // A server that is not told a name serves a model under its path, which is new for every checkpoint as well.
    const name = isNamed(serve) ? servedName(config.name, started) : place
    return {
      target: { name, place, weights: weightsOf(started, place) },
      model: isAdapter ? adapterName(input, checkpoint) : name,
    }
  }
  const server = createFleetServer({
    engine,
    journal: input.fleetJournal ?? createMemoryFleetJournal(),
    folder,
    servers,
    least: Math.min(serve.least, servers),
    readySeconds,
    drainSeconds,
    stopSeconds,
    endsFirst,
    jobOf: (key, { place, name }) => serverJob(jobs, key, place, name),
    targetOf,
    isHealthy,
    prove: createProof(input, serve, endpointAt, targetOf),
    onNote,
  })
  return { endpoint: endpointAt('http://127.0.0.1:1/v1'), server, fleet: server }
}

function isNamed({ command }: FleetSection): boolean {
  return command.some((argument) => placeholdersIn(argument).includes('name'))
}

/** Where the servers' machines see it, which need not know of this installation; by one rename, as a running shell reads on in it. */
function launcherIn(folder: string): string {
  const launcher = join(folder, 'serve-job.sh')
  copyFileSync(recipe('serve-job.sh'), `${launcher}.tmp`)
  renameSync(`${launcher}.tmp`, launcher)
  return launcher
}

function adapterName({ config }: HandOverInput, checkpoint: Checkpoint): string {
  return `${servedName(config.name, checkpoint)}-${checkpoint.hash.replace(/^sha256:/, '').slice(0, 8)}`
}

/**
 * Each server is shown to hold the weights: by the place that it tells, by one token, and by canary answers that are those of the first
 * one. Where it tells no place, other answers than the first one's are a refusal; where it does, a note.
 */
function createProof(
  input: HandOverInput,
  serve: FleetSection,
  endpointAt: (baseURL: string) => Endpoint,
  targetOf: (checkpoint: Checkpoint) => {
    readonly target: { readonly place: string; readonly name: string }
    readonly model: string
  },
): (baseURL: string, checkpoint: Checkpoint, signal: AbortSignal) => Promise<void> {
  const { config, locate, onNote = () => undefined } = input
  const { api } = config.sample
  const references = new Map<string, { readonly baseURL: string; readonly said: CanaryAnswers }>()
  return async (baseURL, checkpoint, signal) => {
    const endpoint = endpointAt(baseURL)
    const { target, model } = targetOf(checkpoint)
    await probeOneToken(endpoint, target.name, signal, probeOptions(config))
    const root = await rootOf(endpoint, target.name, signal)
    if (
      root !== undefined &&
      root !== target.name &&
      !isStartedOn(root, target.place) &&
      !existsElsewhere(root, target.place)
    ) {
      throw new ServerError(`${baseURL} serves ${root} as ${target.name}, and not ${target.place}.`)
    }
    if (model !== target.name) await loadAdapter(endpoint, checkpoint, signal)
    const said = await askCanaries(endpoint, api, model, signal)
    const again = await askCanaries(endpoint, api, model, signal)
    if (!isEqual(said.texts, again.texts)) return
    const first = references.get(model)
    if (first === undefined) {
      references.set(model, { baseURL, said })
      return
    }
    if (isEqual(first.said.texts, said.texts)) return
    const sentence = `${baseURL} gives other answers to the canary prompts than ${first.baseURL}, which holds the same weights`
    if (root === undefined) throw new ServerError(`${sentence}; look at what both were started on.`)
    onNote(`${sentence}: another kind of device may round otherwise, else look at what both were started on.`)
  }

  /** As into an engine that is somebody else's. */
  async function loadAdapter(endpoint: Endpoint, checkpoint: Checkpoint, signal: AbortSignal): Promise<void> {
    const { baseURL, apiKey } = endpoint
    const { target } = targetOf(checkpoint)
    await createLoraServer({
      engines: [{ baseURL, authorization: `Bearer ${apiKey ?? PLACEHOLDER_KEY}` }],
      baseURL,
      model: target.name,
      runName: config.name,
      locate,
      loadSeconds: serve.loadSeconds,
      journal: createMemoryJournal(),
      list: (_, own) => listModels(endpoint, own),
      probe: async (_, name, own) => void (await probeOneToken(endpoint, name, own, probeOptions(config))),
      differs: (_, one, other, own) => differInAnswers(endpoint, api, one, other, own),
    }).serve(checkpoint, signal)
  }
}

/** Servers that resolve links tell another path for the same folder; one that is nothing here (a hub name's snapshot) says nothing. */
function existsElsewhere(root: string, place: string): boolean {
  return !existsSync(root) || !existsSync(place)
}
