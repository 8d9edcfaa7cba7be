/**
 * vLLM's development routes over the test server's weights: pause, reload, versions, and the log-probabilities of a prompt,
 * from each of the engines behind the one address. With the traps of the real one: parts of the old weights that stay, and an
 * engine that dies of the first request after a load that failed.
 */

import type { ServerResponse } from 'node:http'
import { hash32 } from '../../src/core/seed.ts'
import { sendError, sendJson } from './faults.ts'
import { readSkill } from './served-models.ts'

export interface DevelopmentOptions {
  /** Engines behind the address. Default 1. */
  readonly engines?: number
  /** How many of them a reload reaches. Default all. */
  readonly reloadReaches?: number
  /** Share of the old weights that a reload leaves in place, as with a tied output layer on a CPU. Default 0. */
  readonly reloadLeaves?: number
  /** False: none of the routes is there. Default true. */
  readonly isThere?: boolean
  /** False: nothing tells or takes a version, as in older releases. Default true. */
  readonly hasVersions?: boolean
}

export interface Development {
  readonly engines: number
  /** How often weights were loaded, and what the routes were asked, in order. */
  readonly calls: string[]
  /** Resolves when nothing is paused. @throws Error where a load has failed before */
  ready(): Promise<void>
  /** Answers a prompt with its log-probabilities. */
  tellPrompt(fields: Readonly<Record<string, unknown>>, rank: string | undefined, response: ServerResponse): void
  /** @returns whether the route is one of these */
  answer(url: URL, body: string, response: ServerResponse): Promise<boolean>
  close(): void
}

/** @param inFlight completions under way, which a pause waits for */
export function createDevelopment(
  options: DevelopmentOptions,
  skill: number,
  reload: (path: string) => void,
  inFlight: () => number,
): Development {
  const { engines = 1, isThere = true, hasVersions = true, reloadLeaves = 0 } = options
  const skills = Array.from({ length: engines }, () => skill)
  const versions = Array.from({ length: engines }, () => 'default')
  const reached = options.reloadReaches ?? engines
  const calls: string[] = []
  let gate: PromiseWithResolvers<void> | undefined
  let isBroken = false

  const load = (path: string): void => {
    try {
      const next = readSkill(path)
      for (let i = 0; i < reached; i++) skills[i] = reloadLeaves * (skills[i] ?? 0) + (1 - reloadLeaves) * next
      reload(path)
    } catch (error) {
      isBroken = true
      throw error
    }
  }

  const answerRoute = async (url: URL, body: string, response: ServerResponse): Promise<boolean> => {
    switch (url.pathname) {
      case '/pause':
        gate ??= Promise.withResolvers()
        if (url.searchParams.get('mode') === 'wait') {
          while (inFlight() > 0) await new Promise((resolve) => setTimeout(resolve, 5))
        }
        sendJson(response, 200, '{"status":"paused"}')
        return true
      case '/resume':
        gate?.resolve()
        gate = undefined
        sendJson(response, 200, '{"status":"resumed"}')
        return true
      case '/is_paused':
        sendJson(response, 200, JSON.stringify({ is_paused: gate !== undefined }))
        return true
      case '/get_world_size': {
        const isWhole = url.searchParams.get('include_dp') !== 'false'
        sendJson(response, 200, JSON.stringify({ world_size: isWhole ? engines : 1 }))
        return true
      }
      case '/reset_prefix_cache':
        sendJson(response, 200, '{"success":true}')
        return true
      case '/collective_rpc': {
        const { method, kwargs } = JSON.parse(body)
        if (method === 'reload_weights') load(kwargs.weights_path)
        else throw new Error(`no method ${method}`)
        sendJson(response, 200, '{"results":[null]}')
        return true
      }
      case '/update_weight_version':
      case '/weight_info':
        if (!hasVersions) return false
        if (url.pathname === '/update_weight_version') {
          const { new_version } = JSON.parse(body)
          for (let i = 0; i < reached; i++) versions[i] = new_version
          sendJson(response, 200, JSON.stringify({ success: true, new_version }))
        } else if (new Set(versions).size > 1) {
          sendError(response, 500, `Engines returned different get_weight_version results: ${versions}`, 'openai')
        } else sendJson(response, 200, JSON.stringify({ weight_version: versions[0] }))
        return true
      default:
        return false
    }
  }

  return {
    engines,
    calls,
    async ready() {
      await gate?.promise
      if (isBroken) throw new Error('EngineCore encountered an issue')
    },
    tellPrompt({ model, prompt }, rank, response) {
      const told = promptLogprobs(prompt as Prompt, skills[Number(rank ?? 0)] ?? skill)
      const prompt_logprobs = [null, ...told.map((logprob) => ({ 0: { logprob, rank: 1, decoded_token: 'x' } }))]
      const choices = [{ index: 0, text: 'x', finish_reason: 'length', prompt_logprobs }]
      sendJson(response, 200, JSON.stringify({ id: 'cmpl', object: 'text_completion', created: 1, model, choices }))
    },
    async answer(url, body, response) {
      if (!isThere) return false
      calls.push(url.pathname.slice(1))
      if (await answerRoute(url, body, response)) return true
      calls.pop()
      return false
    },
    close: () => gate?.resolve(),
  }
}

type Prompt = string | readonly number[]

/** What weights of this skill give to the tokens of a prompt, without the first; the same for the same weights. */
export function promptLogprobs(prompt: Prompt, skill: number): number[] {
  const tokens = typeof prompt === 'string' ? [...prompt].map((letter) => letter.charCodeAt(0)) : prompt
  return tokens.slice(1).map((token, i) => {
    const hash = hash32(`${tokens[i]}/${token}/${i}`)
    return -(hash % 997) / 200 - skill * 0.02 * ((hash >>> 12) % 37)
  })
}
