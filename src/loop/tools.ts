/** Builds a run's tools from its configuration: sampler, verifier, trainer, inference server. */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { resolveConfigPath } from '../config/parse.ts'
import { baseOf, type RunConfig, SHIPPED_BASE } from '../config/schema.ts'
import type { Checkpoint } from '../core/checkpoint.ts'
import type { Endpoint } from '../core/endpoint.ts'
import type { Finding } from '../core/finding.ts'
import type { FleetPool } from '../core/fleet.ts'
import type { Sampler } from '../core/sampler.ts'
import type { InferenceServer } from '../core/server.ts'
import type { Trainer } from '../core/trainer.ts'
import { createEndpointPool } from '../sample/endpoint-pool.ts'
import type { EndpointPool, PoolEndpoint } from '../sample/pool-options.ts'
import type { Send } from '../sample/protocol/attempt.ts'
import type { CapabilityRecords } from '../sample/server/records.ts'
import { createMemoryJournal } from '../serve/memory-journal.ts'
import type { VoteBook } from '../store/verdicts.ts'
import type { Verifier } from './context.ts'
import { createVerifier } from './sample/verifier.ts'
import { endpointOf, fleetEndpoint } from './serve/endpoint.ts'
import type { HandOverFacts, HandOverInput } from './serve/hand-over.ts'
import { HAND_OVERS, type HandOvers, handOverEngine } from './serve/hand-overs.ts'
import { pathForServer } from './serve/server-path.ts'
import { thinkingOf } from './serve/thinking.ts'
import { TRAINERS, type Trainers, trainerEngine } from './train/trainers.ts'

export interface Tools {
  readonly sampler: Sampler
  readonly verifier: Verifier
  readonly trainer: Trainer | undefined
  readonly server: InferenceServer
  readonly handOver: HandOverFacts
  /** What doctor should say of the hand-over, once the base is served. */
  lookAtServer(signal: AbortSignal): Promise<Finding[]>
  close(): Promise<void>
}

/** What run.yaml may ask for; a test may add a kind of its own. */
export interface Engines {
  readonly trainers: Trainers
  readonly handOvers: HandOvers
}

export const ENGINES: Engines = { trainers: TRAINERS, handOvers: HAND_OVERS }

export interface ToolsInput extends Omit<HandOverInput, 'journal' | 'locate'> {
  /** Where hand-overs are written down; left out, no later process resumes them. */
  readonly journal?: HandOverInput['journal']
  /** How a request gets to an endpoint; left out, over connections of our own. */
  readonly send?: (endpoint: Endpoint) => Send
  /** Where a judge's votes are kept. */
  readonly votes?: VoteBook
  /** Where what endpoints can do is kept. */
  readonly records?: CapabilityRecords
}

/** The toy's weights as shipped (both src/ and dist/ are one level below the package's root). */
export const shippedBaseDirectory: string = fileURLToPath(new URL('../../assets/embedded/base', import.meta.url))

/** @throws ConfigError, ServerError or TrainerError when something cannot be built */
export async function createTools(input: ToolsInput, engines: Engines = ENGINES): Promise<Tools> {
  const { config, journal = createMemoryJournal() } = input
  const handOver = handOverEngine(config, engines.handOvers)
  const verifier = createVerifier(config, input.configDirectory, { votes: input.votes, onNote: input.onNote })
  const locate = (checkpoint: Checkpoint): string => pathForServer(input, checkpoint)
  const { endpoint, server, stop, look, fleet } = await handOver.create({ ...input, journal, locate }, config.serve)
  const isInProcess = handOver.server === 'in-process'
  const sampler = createEndpointPool({
    endpoints: fleet ? [] : await sentBy(config, poolOf(config, endpoint, handOver), input.send),
    onExpelled: fleet && ((baseURL, error) => fleet.expelled(baseURL, error)),
    api: config.sample.api,
    stream: config.sample.stream,
    thinking: thinkingOf(config.sample),
    timeoutMs: config.sample.timeoutSeconds * 1000,
    attempts: config.sample.attempts,
    unreachableSeconds: patienceOf(config, handOver),
    refusedSeconds: config.sample.refusedSeconds,
    concurrency: concurrencyOf(config),
    lookMs: isInProcess ? undefined : MODEL_LOOK_MS,
    // A router answers for many servers: what one of them can do says nothing of the next.
    records: isInProcess || config.sample.provider !== null ? undefined : input.records,
    onNote: input.onNote,
  })
  fleet?.attach(asFleetPool(sampler, config, input.send))
  return {
    sampler,
    verifier,
    trainer: trainerEngine(config, engines.trainers).create(input, config.train),
    server,
    handOver,
    lookAtServer: async (signal) => (await look?.(signal)) ?? [],
    async close() {
      await sampler.close()
      await server.release()
      await stop?.()
      await verifier.close()
    },
  }
}

/** Servers of a fleet are alike: what one can do is known of all. */
function asFleetPool(pool: EndpointPool, config: RunConfig, send: ToolsInput['send']): FleetPool {
  return {
    ...pool,
    join(baseURL) {
      const endpoint = fleetEndpoint(config.serve.kind === 'fleet' ? config.serve : {}, baseURL)
      pool.join({ endpoint, kind: FLEET, concurrency: concurrencyOf(config), ...(send && { send: send(endpoint) }) })
    },
  }
}

/** Under which their record is kept. */
const FLEET = 'fleet'

/** Hugging Face's client is loaded only where it is asked for. */
async function sentBy(
  { sample }: RunConfig,
  endpoints: PoolEndpoint[],
  send: ToolsInput['send'],
): Promise<PoolEndpoint[]> {
  if (sample.kind !== 'huggingface')
    return send ? endpoints.map((one) => ({ ...one, send: send(one.endpoint) })) : endpoints
  const { createHuggingFaceSend } = await import('../sample/protocol/huggingface.ts')
  return endpoints.map((one) => ({ ...one, send: createHuggingFaceSend(one.endpoint, sample.provider) }))
}

/** A server of our own comes back only when we start it, so there is nothing to wait for. */
const OWN_SERVER_SECONDS = 5

function patienceOf({ sample }: RunConfig, { server }: HandOverFacts): number {
  return server === 'started' ? Math.min(OWN_SERVER_SECONDS, sample.unreachableSeconds) : sample.unreachableSeconds
}

/** Milliseconds between two looks at what an endpoint serves. */
const MODEL_LOOK_MS = 30_000

/** Enough to fill both of the toy's workers' batches. */
const EMBEDDED_CONCURRENCY = 256

function concurrencyOf(config: RunConfig): number | 'auto' {
  if (config.sample.kind === 'embedded' && config.sample.concurrency === 'auto') return EMBEDDED_CONCURRENCY
  return config.sample.concurrency
}

/** @param first where the checkpoint is served: the first endpoint, or the toy's own server */
function poolOf(config: RunConfig, first: Endpoint, { server }: HandOverFacts): PoolEndpoint[] {
  const [written, ...others] = config.sample.endpoints
  const { concurrency = concurrencyOf(config), weight } = written ?? {}
  const joined = others.map((other) => ({
    endpoint: { ...endpointOf(other), hasWeightVersion: first.hasWeightVersion },
    // Where somebody else serves, the same weights may have another name at each endpoint.
    model: (asked: string) => (server === 'elsewhere' && asked === written?.model ? other.model : asked),
    weight: other.weight,
    concurrency: other.concurrency ?? concurrencyOf(config),
  }))
  return [{ endpoint: first, weight, concurrency }, ...joined]
}

/** What the base is, as a checkpoint row: the shipped toy, a directory, or only a name. */
export async function baseCheckpoint(config: RunConfig, configDirectory: string): Promise<Checkpoint> {
  const base = baseOf(config)
  const named = resolveConfigPath(configDirectory, base)
  // A folder that is there is what was meant, as for every other name.
  const isShipped =
    config.sample.kind === 'embedded' && base === SHIPPED_BASE && (config.base === undefined || !existsSync(named))
  const directory = isShipped ? shippedBaseDirectory : named
  const row = { iteration: -1, attempt: 0 } as const
  if (config.sample.kind === 'embedded') {
    const { hashCheckpoint } = await import('../embedded/model/checkpoint.ts')
    return { ...row, kind: 'full', path: directory, hash: hashCheckpoint(directory) }
  }
  // Hashing tens of gigabytes that never change under one path is not worth an hour; the name stands for them.
  return existsSync(directory)
    ? { ...row, kind: 'full', path: directory, hash: `name:${base}` }
    : { ...row, kind: 'name', path: base, hash: `name:${base}` }
}
