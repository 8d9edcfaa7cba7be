/** The cache as the loop uses it: what a completion is known by, and what may be kept. */

import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { resolveConfigPath } from '../../config/parse.ts'
import type { RunConfig } from '../../config/schema.ts'
import type { Completion } from '../../core/completion.ts'
import { messageOf } from '../../core/errors.ts'
import type { SampleRequest } from '../../core/sampler.ts'
import { openCache } from '../../store/cache.ts'

export interface RunCache {
  /** The completion as an earlier run drew it, at no cost; undefined where it has to be drawn. */
  find(request: SampleRequest): Completion | undefined
  /** Keeps a completion that is stored in the run. */
  keep(request: SampleRequest, completion: Completion): void
  close(): void
}

/** Set to anything, no run uses the cache; for machines on which none is wanted. */
const SWITCH = 'SPENDWISE_NO_CACHE'

/**
 * The cache of a run; undefined where none is wanted. The embedded model has none: drawing again is its purpose.
 * @param configDirectory where run.yaml lies, and `cache.path` starts from
 * @param evidence what tells weights that only have a name from others under the same name
 */
export function openRunCache(
  config: RunConfig,
  configDirectory: string,
  wanted: boolean,
  onNote: (text: string) => void,
  evidence: (identity: string) => readonly string[],
): RunCache | undefined {
  if (!wanted || config.sample.kind === 'embedded' || config.cache.megabytes === 0 || process.env[SWITCH])
    return undefined
  const path = resolveConfigPath(configDirectory, config.cache.path)
  if (!makeFolder(path, onNote)) return undefined
  const cache = openCache(path, { maxBytes: config.cache.megabytes * 1e6, onTrouble: onNote })
  const place = placeOf(config)
  const weightsOf = (identity: string): unknown =>
    identity.startsWith(HASHED) ? [identity] : [identity, place, evidence(identity)]
  let hits = 0
  return {
    find(request) {
      const key = keyOf(request, config.sample, weightsOf)
      const found = key === undefined ? undefined : cache.find(key)
      if (!found) return undefined
      if (hits++ === 0) onNote(firstHit(path, request))
      return {
        key: request.key,
        issue: request.issue,
        seed: request.seed,
        ...found,
        latencyMs: 0,
        attempts: [],
        cached: true,
      }
    },
    keep(request, completion) {
      const { text, finishReason, promptTokens, completionTokens, model } = completion
      const { promptTokenIds, completionTokenIds, thinking, altered } = completion
      if (completion.cached || (finishReason !== 'stop' && finishReason !== 'length')) return
      const key = keyOf(request, config.sample, weightsOf)
      if (key === undefined) return
      cache.add(key, {
        ...{ text, finishReason, promptTokens, completionTokens, model },
        ...(promptTokenIds && { promptTokenIds }),
        ...(completionTokenIds && { completionTokenIds }),
        ...(thinking && { thinking }),
        ...(altered && { altered }),
      })
    },
    close: () => cache.close(),
  }
}

function makeFolder(path: string, onNote: (text: string) => void): boolean {
  const folder = dirname(path)
  try {
    mkdirSync(folder, { recursive: true })
    // The default folder is the cache's alone.
    if (folder.endsWith('.spendwise')) writeFileSync(join(folder, '.gitignore'), '*\n')
    return true
  } catch (error) {
    onNote(`There is no cache: ${folder} cannot be made (${messageOf(error)}).`)
    return false
  }
}

/** Weights without a content hash are what somebody serves under a name; the name says nothing elsewhere. */
function placeOf({ sample, base }: RunConfig): unknown {
  return [sample.kind, sample.provider, base ?? null, sample.endpoints.map(({ baseURL, model }) => [baseURL, model])]
}

const HASHED = 'sha256:'

/**
 * Weights, prompt, sampling parameters and the number of the draw. The seed stands for the number: it is a hash of the run's
 * seed, purpose, iteration, problem and index, so that runs with other seeds stay independent. Greedy draws have no chance in them.
 * @returns undefined where nobody knows the weights
 */
function keyOf(
  request: SampleRequest,
  { api, reasoning }: Pick<RunConfig['sample'], 'api' | 'reasoning'>,
  weightsOf: (identity: string) => unknown,
): string | undefined {
  const { checkpoint, messages, parameters, seed, key } = request
  if (checkpoint === undefined) return undefined
  const { temperature, topP, topK, maxTokens, stop, templateKwargs = {}, extraBody = {} } = parameters
  const draw = temperature === 0 ? ['greedy', key.index] : ['seed', seed, key.index]
  // Left out where it is as it has always been, so that older caches stay of use.
  const isPlain = reasoning === 'join' && Object.keys({ ...templateKwargs, ...extraBody }).length === 0
  const added = isPlain ? [] : [templateKwargs, extraBody, reasoning]
  const parts = [weightsOf(checkpoint), api, messages, [temperature, topP, topK, maxTokens, stop, ...added], draw]
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}

function firstHit(path: string, { checkpoint = '' }: SampleRequest): string {
  const doubt = checkpoint.startsWith(HASHED)
    ? ''
    : ` The weights have a name only (${checkpoint}): if others are served under it by now, draw again.`
  return `What earlier runs have drawn from these weights comes from the cache (${path}) and costs nothing; --no-cache draws again.${doubt}`
}
