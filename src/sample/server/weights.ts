/** What a server computes with: log-probabilities of fixed tokens, from every engine behind its address. */

import { z } from 'zod'
import type { Endpoint } from '../../core/endpoint.ts'
import { ServerError } from '../../core/errors.ts'
import type { Logprobs } from '../../core/measure/canary.ts'
import { createDispatcher } from '../protocol/dispatcher.ts'
import { HttpFailure } from '../protocol/http.ts'
import { readMetrics } from './capabilities.ts'
import { askBeside, postForCompletion } from './questions.ts'

/** For trainers that name no tokens. One is longer than a block of the prefix cache (128 tokens on a CPU). */
const TEXTS: readonly string[] = [
  'Tom has 4 bags of 6 pears and eats 3 of them. How many pears are left? Four bags of six are 24, and 24 - 3 = 21. #### 21',
  'The train leaves at 9:40 and takes 85 minutes, so it arrives at 11:05.',
  Array.from({ length: 20 }, (_, i) => `${i} + ${i + 1} = ${2 * i + 1}.`).join(' '),
]

const answerSchema = z.object({
  choices: z
    .array(
      z.object({
        prompt_logprobs: z.array(z.record(z.string(), z.object({ logprob: z.number() })).nullable()),
      }),
    )
    .min(1),
})

const versionSchema = z.object({ weight_version: z.string() })

/**
 * What the server calls its weights, `default` where nobody has named them; undefined where it has no word for them.
 * @throws ServerError where no server answers, or its engines say different things
 */
export async function readWeightVersion(endpoint: Endpoint, signal: AbortSignal): Promise<string | undefined> {
  try {
    return (await askBeside(endpoint, 'GET', '/weight_info', versionSchema, undefined, signal)).weight_version
  } catch (error) {
    // Older releases, and servers without their development routes.
    if (error instanceof ServerError && error.cause instanceof HttpFailure && error.cause.status === 404)
      return undefined
    throw error
  }
}

/** vLLM puts a request to the engine of this rank. */
const RANK = 'x-data-parallel-rank'

/**
 * Log-probabilities of these tokens, or of texts of its own where none are given, once from each engine behind the address.
 * Asked as prompts, which no prefix cache answers.
 * @throws ServerError where the server tells none
 */
export async function readLogprobs(
  endpoint: Endpoint,
  model: string,
  tokens: readonly (readonly number[])[] | undefined,
  signal: AbortSignal,
): Promise<Logprobs[]> {
  const engines = await countEngines(endpoint, signal)
  const readings: Logprobs[] = []
  for (let rank = 0; rank < engines; rank++) {
    const reading: number[][] = []
    for (const prompt of tokens ?? TEXTS) {
      reading.push(await readOne(endpoint, model, prompt, engines === 1 ? undefined : rank, signal))
    }
    readings.push(reading)
  }
  return readings
}

async function readOne(
  endpoint: Endpoint,
  model: string,
  prompt: string | readonly number[],
  rank: number | undefined,
  signal: AbortSignal,
): Promise<number[]> {
  const body = { model, prompt, max_tokens: 1, temperature: 0, prompt_logprobs: 0 }
  const headers: Record<string, string> = rank === undefined ? {} : { [RANK]: String(rank) }
  const answer = await postForCompletion(endpoint, 'completions', answerSchema, body, signal, undefined, headers)
  // The first token has none. With 0 asked for, only the prompt's own token is told at each place.
  const told = answer.choices[0]?.prompt_logprobs.slice(1) ?? []
  return told.map((place) => {
    const own = Object.values(place ?? {})[0]
    if (!own) throw new ServerError(`${endpoint.baseURL} tells no log-probabilities of a prompt's tokens.`)
    return own.logprob
  })
}

const worldSchema = z.object({ world_size: z.number().int().positive() })

/**
 * Engines behind the address. Its metrics name those that have worked, where the address has several processes only once they have;
 * the development routes know all.
 */
async function countEngines(endpoint: Endpoint, signal: AbortSignal): Promise<number> {
  const dispatcher = createDispatcher()
  const world = async (withEngines: boolean): Promise<number | undefined> => {
    const path = `/get_world_size?include_dp=${withEngines}`
    try {
      return (await askBeside(endpoint, 'GET', path, worldSchema, undefined, signal)).world_size
    } catch (error) {
      if (error instanceof ServerError) return undefined
      throw error
    }
  }
  try {
    const [metrics, whole, one] = await Promise.all([
      readMetrics(endpoint, dispatcher, signal),
      world(true),
      world(false),
    ])
    const told = whole === undefined || one === undefined ? 1 : Math.floor(whole / one)
    return Math.max(1, told, metrics?.engines ?? 1)
  } finally {
    await dispatcher.destroy()
  }
}
