/** vLLM's development routes (VLLM_SERVER_DEV_MODE=1), by which weights are put into an engine that continues running. */

import { z } from 'zod'
import { ServerError } from '../core/errors.ts'
import { type AdminAnswer, callEngine, type Engine } from './engine.ts'

/** Longest wait for an answer that needs no work. */
const QUICK_SECONDS = 30
/** Routes that came later are answered so by engines that have none. */
const ABSENT: ReadonlySet<number> = new Set([404, 405])

const resetSchema = z.object({ success: z.boolean() })

export interface SwitchOptions {
  /** Absolute, on the engine's machine; a new directory for each checkpoint. */
  readonly path: string
  readonly version: string
  /** Longest wait for the requests under way to end, and for the weights to be loaded. */
  readonly seconds: number
  readonly signal: AbortSignal
}

/** No request begins until it is resumed; those under way end. @throws ServerError */
export async function pauseEngine(engine: Engine, { seconds, signal }: SwitchOptions): Promise<void> {
  // `abort`, the default, would answer half a text as if it were whole; `keep` would have two models write one.
  await demand(engine, '/pause?mode=wait', undefined, seconds, signal)
}

/**
 * Loads the weights, forgets what the old ones have computed, and names the new ones. The engine has to be paused: after a
 * load that failed the next request would end it.
 * @throws ServerError where it does not; the engine stays paused
 */
export async function loadWeights(engine: Engine, options: SwitchOptions): Promise<void> {
  const { path, version, seconds, signal } = options
  const body = { method: 'reload_weights', kwargs: { weights_path: path } }
  await demand(engine, '/collective_rpc', body, seconds, signal)
  const reset = await demand(engine, '/reset_prefix_cache', undefined, QUICK_SECONDS, signal)
  const told = resetSchema.safeParse(jsonOf(reset.said))
  if (told.success && !told.data.success) {
    throw new ServerError(`${engine.baseURL} keeps what its old weights have computed (reset_prefix_cache failed).`)
  }
  await nameWeights(engine, version, signal)
}

/** @throws ServerError where it refuses; an engine without such a route is not asked again */
export async function nameWeights(engine: Engine, version: string, signal: AbortSignal): Promise<void> {
  const body = { new_version: version }
  const call = {
    method: 'POST',
    path: '/update_weight_version',
    place: 'beside',
    body,
    seconds: QUICK_SECONDS,
  } as const
  const answer = await callEngine(engine, { ...call, signal })
  if (!answer.ok && !ABSENT.has(answer.status)) throw refusal(engine, call.path, answer)
}

export async function resumeEngine(engine: Engine, signal: AbortSignal): Promise<void> {
  await demand(engine, '/resume', undefined, QUICK_SECONDS, signal)
}

async function demand(
  engine: Engine,
  path: string,
  body: object | undefined,
  seconds: number,
  signal: AbortSignal,
): Promise<AdminAnswer> {
  const answer = await callEngine(engine, {
    method: 'POST',
    path,
    place: 'beside',
    ...(body && { body }),
    seconds,
    signal,
  })
  if (!answer.ok) throw refusal(engine, path, answer)
  return answer
}

function refusal(engine: Engine, path: string, { status, said }: AdminAnswer): ServerError {
  const hint = ABSENT.has(status) ? '; start vLLM with VLLM_SERVER_DEV_MODE=1' : ''
  return new ServerError(`${engine.baseURL} does not do ${path} (${status}: ${said.slice(0, 300)})${hint}.`)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
