/** Builds a run's tools from its configuration: sampler, verifier, trainer, inference server. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { resolveConfigPath } from '../config/parse.ts'
import { baseOf, type RunConfig, SHIPPED_BASE } from '../config/schema.ts'
import type { Checkpoint } from '../core/checkpoint.ts'
import { ConfigError } from '../core/errors.ts'
import type { Sampler } from '../core/sampler.ts'
import type { InferenceServer } from '../core/server.ts'
import type { Trainer } from '../core/trainer.ts'
import type { Endpoint } from '../sample/endpoint.ts'
import { createOpenAiSampler } from '../sample/openai-sampler.ts'
import { probeOneToken } from '../sample/probe.ts'
import { createSamplerPool } from '../sample/sampler-pool.ts'
import { createExternalServer } from '../serve/external.ts'
import { createRestartServer } from '../serve/restart.ts'
import { createCommandTrainer } from '../train/command-trainer.ts'
import type { Verifier } from './context.ts'
import { absolutePath, FOLDER } from './folder.ts'
import { createVerifier } from './verifier.ts'

export interface Tools {
  readonly sampler: Sampler
  readonly verifier: Verifier
  readonly trainer: Trainer | undefined
  readonly server: InferenceServer
  close(): Promise<void>
}

export interface ToolsInput {
  readonly config: RunConfig
  /** Run folder, absolute. */
  readonly directory: string
  readonly configDirectory: string
}

/** The toy's weights as shipped (both src/ and dist/ are one level below the package's root). */
export const shippedBaseDirectory: string = fileURLToPath(new URL('../../assets/embedded/base', import.meta.url))

/** @throws ConfigError, ServerError or TrainerError when something cannot be built */
export async function createTools(input: ToolsInput): Promise<Tools> {
  const { config } = input
  const verifier = createVerifier(config, input.configDirectory)
  const { endpoint, server, stop } = await createServing(input)
  const others = config.sample.endpoints.slice(1).map(endpointOf)
  const samplerOf = (one: Endpoint): Sampler =>
    createOpenAiSampler({
      endpoint: one,
      api: config.sample.api,
      timeoutMs: config.sample.timeoutSeconds * 1000,
      attempts: config.sample.attempts,
      unreachableSeconds: patienceOf(config),
      concurrency: concurrencyOf(config),
    })
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

interface ServingTools {
  readonly endpoint: Endpoint
  readonly server: InferenceServer
  readonly stop: () => Promise<void>
}

async function createServing({ config, directory, configDirectory }: ToolsInput): Promise<ServingTools> {
  const locate = (checkpoint: Checkpoint): string =>
    checkpoint.kind === 'name' ? checkpoint.path : absolutePath(directory, checkpoint.path)
  if (config.serve.kind === 'embedded') {
    const { createEmbeddedServing } = await import('./embedded-serving.ts')
    return createEmbeddedServing({ runName: config.name, threads: config.serve.threads, locate })
  }
  const first = config.sample.endpoints[0]
  if (!first) throw new Error('a run without the embedded model has an endpoint')
  const endpoint = endpointOf(first)
  const stop = async (): Promise<void> => undefined
  if (config.serve.kind === 'external') {
    return { endpoint, server: createExternalServer({ baseURL: endpoint.baseURL, model: first.model }), stop }
  }
  const server = createRestartServer({
    command: config.serve.command,
    cwd: configDirectory,
    log: join(directory, FOLDER.serverLog),
    runMarker: directory,
    baseURL: endpoint.baseURL,
    runName: config.name,
    locate,
    readySeconds: config.serve.readySeconds,
    stopSeconds: config.serve.stopSeconds,
    probe: async (model, signal) => void (await probeOneToken(endpoint, model, signal, { api: config.sample.api })),
  })
  return { endpoint, server, stop }
}

/**
 * The key comes from the environment and goes nowhere but into the request's header.
 * @throws ConfigError when it cannot be sent in one
 */
export function endpointOf(written: RunConfig['sample']['endpoints'][number]): Endpoint {
  const { baseURL, apiKeyEnv } = written
  // A key read from a file often brings its line break along.
  const key = apiKeyEnv === undefined ? '' : (process.env[apiKeyEnv] ?? '').trim()
  if (!/^[\x21-\x7e]*$/.test(key)) {
    throw new ConfigError(
      `The environment variable ${apiKeyEnv} holds more than a key: spaces, line breaks or other characters that no key has; set it to the key alone.`,
    )
  }
  return { baseURL: baseURL.replace(/\/+$/, ''), apiKey: key === '' ? undefined : key, apiKeyEnv }
}

function createTrainer({ config, directory, configDirectory }: ToolsInput): Trainer | undefined {
  const { train } = config
  if (train.kind === 'none') return undefined
  const command = train.kind === 'command' ? train.command : EMBEDDED_TRAINER
  const env = train.kind === 'command' ? train.env : {}
  return createCommandTrainer({ command, env, cwd: configDirectory, runMarker: directory })
}

/** The toy's trainer keeps the recipe contract like any other: it is a program of its own. */
const EMBEDDED_TRAINER: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL(`../embedded/train-main${import.meta.url.slice(-3)}`, import.meta.url)),
  ...[
    '--base-model',
    '{base}',
    '--dataset',
    '{dataset}',
    '--expect-dataset-sha256',
    '{sha256}',
    '--output-dir',
    '{output}',
  ],
  ...['--epochs', '{epochs}', '--max-steps', '{steps}', '--batch-size', '{batch}'],
  ...['--lr', '{lr}', '--lr-end', '{lrEnd}', '--warmup-steps', '{warmup}', '--optimizer-state', '{optimizerState}'],
  ...['--seed', '{seed}'],
]
