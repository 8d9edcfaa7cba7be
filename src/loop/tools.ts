/** Builds a run's tools from its configuration: sampler, verifier, trainer, inference server. */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { resolveConfigPath } from '../config/parse.ts'
import { baseOf, type RunConfig, SHIPPED_BASE } from '../config/schema.ts'
import type { Checkpoint } from '../core/checkpoint.ts'
import type { Sampler } from '../core/sampler.ts'
import type { InferenceServer } from '../core/server.ts'
import type { Trainer } from '../core/trainer.ts'
import type { Endpoint } from '../sample/endpoint.ts'
import { createOpenAiSampler } from '../sample/openai-sampler.ts'
import { createSamplerPool } from '../sample/sampler-pool.ts'
import { createWatchedSampler } from '../sample/watched-sampler.ts'
import type { Verifier } from './context.ts'
import { createServing, endpointOf, type ServingInput } from './serving.ts'
import { createTrainer } from './trainer.ts'
import { createVerifier } from './verifier.ts'

export interface Tools {
  readonly sampler: Sampler
  readonly verifier: Verifier
  readonly trainer: Trainer | undefined
  readonly server: InferenceServer
  close(): Promise<void>
}

export type ToolsInput = ServingInput

/** The toy's weights as shipped (both src/ and dist/ are one level below the package's root). */
export const shippedBaseDirectory: string = fileURLToPath(new URL('../../assets/embedded/base', import.meta.url))

/** @throws ConfigError, ServerError or TrainerError when something cannot be built */
export async function createTools(input: ToolsInput): Promise<Tools> {
  const { config } = input
  const verifier = createVerifier(config, input.configDirectory)
  const { endpoint, server, stop } = await createServing(input)
  const others = config.sample.endpoints.slice(1).map(endpointOf)
  const samplerOf = (one: Endpoint): Sampler => {
    const plain = createOpenAiSampler({
      endpoint: one,
      api: config.sample.api,
      timeoutMs: config.sample.timeoutSeconds * 1000,
      attempts: config.sample.attempts,
      unreachableSeconds: patienceOf(config),
      concurrency: concurrencyOf(config),
    })
    // The toy's server is in this process.
    return config.serve.kind === 'embedded' ? plain : createWatchedSampler(plain, one)
  }
  const sampler =
    others.length === 0 ? samplerOf(endpoint) : createSamplerPool([samplerOf(endpoint), ...others.map(samplerOf)])
  return {
    sampler,
    verifier,
    trainer: createTrainer(input),
    server,
    async close() {
      await sampler.close()
      await server.release()
      await stop()
      await verifier.close()
    },
  }
}

/** A server of our own comes back only when we start it, so there is nothing to wait for. */
const OWN_SERVER_SECONDS = 5

function patienceOf({ sample, serve }: RunConfig): number {
  return serve.kind === 'restart' ? Math.min(OWN_SERVER_SECONDS, sample.unreachableSeconds) : sample.unreachableSeconds
}

/** Enough to fill both of the toy's workers' batches. */
const EMBEDDED_CONCURRENCY = 256

function concurrencyOf(config: RunConfig): number | 'auto' {
  if (config.sample.kind === 'embedded' && config.sample.concurrency === 'auto') return EMBEDDED_CONCURRENCY
  return config.sample.concurrency
}

/** What the base is, as a checkpoint row: the shipped toy, a directory, or only a name. */
export async function baseCheckpoint(config: RunConfig, configDirectory: string): Promise<Checkpoint> {
  const base = baseOf(config)
  const directory =
    base === SHIPPED_BASE && config.sample.kind === 'embedded'
      ? shippedBaseDirectory
      : resolveConfigPath(configDirectory, base)
  const row = { iteration: -1, attempt: 0 } as const
  if (config.sample.kind === 'embedded') {
    const { hashCheckpoint } = await import('../embedded/checkpoint.ts')
    return { ...row, kind: 'full', path: directory, hash: hashCheckpoint(directory) }
  }
  // Hashing tens of gigabytes that never change under one path is not worth an hour; the name stands for them.
  return existsSync(directory)
    ? { ...row, kind: 'full', path: directory, hash: `name:${base}` }
    : { ...row, kind: 'name', path: base, hash: `name:${base}` }
}
