/** Hand-over `lora`: load the adapter into every engine under a new name, prove that it changes what is said, unload the old one. */

import type { Checkpoint } from '../core/checkpoint.ts'
import { ServerError } from '../core/errors.ts'
import type { HandOver, HandOverJournal, InferenceServer } from '../core/server.ts'
import { crashPoint } from '../process/crash-point.ts'
import { type AdminAnswer, callEngine, type Engine } from './engine.ts'
import { isStartedOn, servedName, weightsOf } from './names.ts'

/** A model as an engine lists it. */
export interface ListedModel {
  readonly id: string
  /** The base of an adapter; undefined for a whole model. */
  readonly parent: string | undefined
  /** Where its weights lie; undefined where it does not tell. */
  readonly root: string | undefined
}

export interface LoraOptions {
  readonly engines: readonly Engine[]
  readonly baseURL: string
  /** Served name of the base that the engines hold. */
  readonly model: string
  readonly runName: string
  /** Where an adapter lies for the engines. */
  readonly locate: (checkpoint: Checkpoint) => string
  readonly loadSeconds: number
  readonly journal: HandOverJournal
  readonly list: (engine: Engine, signal: AbortSignal) => Promise<readonly ListedModel[]>
  /** Draws one token from the served name; rejects when it cannot. */
  readonly probe: (engine: Engine, model: string, signal: AbortSignal) => Promise<void>
  /** Whether two names of an engine answer differently; undefined where it tells too little to say. */
  readonly differs: (engine: Engine, one: string, other: string, signal: AbortSignal) => Promise<boolean | undefined>
}

const UNLOAD_SECONDS = 60

export function createLoraServer(options: LoraOptions): InferenceServer {
  const { engines, journal, model, baseURL } = options
  return {
    async serve(checkpoint, signal) {
      if (checkpoint.iteration < 0) return await serveBase(options.locate(checkpoint), signal)
      const target = targetOf(checkpoint, options)
      const place = options.locate(checkpoint)
      const record = (step: HandOver['step']): void => journal.record({ ...target, step })
      const last = journal.last()
      const isDone = last?.name === target.name && last.weights === target.weights && last.step === 'unloaded'
      if (!isDone) {
        record('intended')
        crashPoint('adapter-intended')
      }
      // Asked of all each time: an engine that has been restarted has lost its adapters.
      const fresh: Engine[] = []
      for (const engine of engines) {
        if (await load(engine, target.name, place, options, signal)) fresh.push(engine)
        crashPoint('adapter-loaded')
      }
      if (isDone && fresh.length === 0) return { baseURL, model: target.name, proven: true }
      record('loaded')
      crashPoint('adapters-stored')
      try {
        for (const engine of engines) await prove(engine, target.name, place, options, signal)
      } catch (error) {
        await Promise.all(engines.map((engine) => unload(engine, target.name).catch(() => undefined)))
        throw error
      }
      record('proven')
      crashPoint('adapter-proven')
      for (const engine of engines) {
        for (const old of await adaptersOf(engine, options, signal)) {
          if (old !== target.name) await unload(engine, old)
        }
        crashPoint('old-unloaded')
      }
      record('unloaded')
      return { baseURL, model: target.name, proven: true }
    },
    // The engines are somebody else's, and the last adapter is what they may want to continue with.
    release: async () => undefined,
    freeDevices: async () => undefined,
  }

  /** Each engine says where its base lies: that is as much as a server of our own could show. */
  async function serveBase(place: string, signal: AbortSignal): ReturnType<InferenceServer['serve']> {
    let proven = true
    for (const engine of engines) {
      await options.probe(engine, model, signal)
      const listed = (await options.list(engine, signal)).find(({ id }) => id === model)
      proven = proven && isStartedOn(listed?.root, place)
    }
    return { baseURL, model, proven }
  }
}

function targetOf(checkpoint: Checkpoint, options: LoraOptions): Pick<HandOver, 'name' | 'weights'> {
  const place = options.locate(checkpoint)
  if (checkpoint.kind === 'full') {
    throw new ServerError(
      `${place} is a whole model, and serve.kind: lora loads adapters; train adapters (--method lora without --merge), or use serve.kind: restart.`,
    )
  }
  if (checkpoint.kind === 'name') return { name: checkpoint.path, weights: checkpoint.hash }
  // The prefix cache goes by the name, and must not answer for other weights under a name that was there before.
  const mark = checkpoint.hash.replace(/^sha256:/, '').slice(0, 8)
  return { name: `${servedName(options.runName, checkpoint)}-${mark}`, weights: weightsOf(checkpoint, place) }
}

/** @returns whether it had to be loaded */
async function load(
  engine: Engine,
  name: string,
  place: string,
  options: LoraOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const isThere = async (): Promise<boolean> => (await options.list(engine, signal)).some(({ id }) => id === name)
  if (await isThere()) return false
  const body = { lora_name: name, lora_path: place }
  const answer = await post(engine, '/load_lora_adapter', body, options.loadSeconds, signal)
  // An engine may have taken a call whose answer an earlier process did not live to see.
  if (!answer.ok && !(await isThere())) {
    throw new ServerError(
      `${engine.baseURL} does not load the adapter ${place} (${answer.status}: ${answer.said}); start vLLM with --enable-lora, a --max-lora-rank that fits and VLLM_ALLOW_RUNTIME_LORA_UPDATING=True, and see that it can read this path.`,
    )
  }
  return true
}

async function prove(
  engine: Engine,
  name: string,
  place: string,
  options: LoraOptions,
  signal: AbortSignal,
): Promise<void> {
  await options.probe(engine, name, signal)
  if ((await options.differs(engine, options.model, name, signal)) !== false) return
  throw new ServerError(
    `${engine.baseURL} answers as ${name} exactly as its base ${options.model} does, so the adapter ${place} is without effect there; look at its target modules and at the engine's log.`,
  )
}

/** Adapters of this run that an engine holds. */
async function adaptersOf(engine: Engine, options: LoraOptions, signal: AbortSignal): Promise<string[]> {
  const ours = (await options.list(engine, signal)).filter(
    ({ id, parent }) => parent !== undefined && id.startsWith(`${options.runName}-iteration`),
  )
  return ours.map(({ id }) => id)
}

/** @throws ServerError when the engine refuses; that it does not know the name (any more) is as good */
async function unload(engine: Engine, name: string): Promise<void> {
  const answer = await post(engine, '/unload_lora_adapter', { lora_name: name }, UNLOAD_SECONDS)
  if (answer.ok || answer.status === 404) return
  throw new ServerError(`${engine.baseURL} does not unload the adapter ${name} (${answer.status}: ${answer.said}).`)
}

function post(engine: Engine, path: string, body: object, seconds: number, signal?: AbortSignal): Promise<AdminAnswer> {
  return callEngine(engine, { method: 'POST', path, place: 'api', body, seconds, signal })
}
