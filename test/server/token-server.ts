/**
 * A real HTTP server that tells of its tokens as vLLM does: return_token_ids, /tokenize, /tokenizer_info. A token is a
 * character, but for those of the template; every answer is ` 4`.
 */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface TokenServer {
  readonly baseURL: string
  /** `METHOD /path` of every request so far. */
  readonly requests: readonly string[]
  readonly close: () => Promise<void>
}

export interface TokenServerOptions {
  /** Its routes that are there. */
  readonly tells: readonly ('ids' | 'tokenize' | 'template')[]
  /** What it writes before a chat. */
  readonly system?: string
  /** The token that ends a turn. */
  readonly end?: number
  /** The chat template that it tells of. */
  readonly template?: string
}

interface Asked {
  readonly messages?: readonly { readonly role: string; readonly content: string }[]
  readonly prompt?: string
  readonly stop?: readonly string[]
  readonly add_generation_prompt?: boolean
  readonly return_token_ids?: boolean
}

const ANSWER = ' 4'
const USER = 1
const ASSISTANT = 2
export const END_OF_TEXT = 0

/** One token a character, none of them the template's. */
export function charactersOf(text: string): number[] {
  return [...text].map((character) => 100 + (character.codePointAt(0) ?? 0))
}

/** A chat in tokens, up to where the assistant begins or with the end of its turn. */
export function chatTokens(
  messages: readonly { readonly role: string; readonly content: string }[],
  isPrompt: boolean,
  end = END_OF_TEXT,
): number[] {
  const turns = messages.flatMap(({ role, content }) => {
    return [role === 'assistant' ? ASSISTANT : USER, ...charactersOf(content), end]
  })
  return isPrompt ? [...turns, ASSISTANT] : turns
}

export async function createTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const { tells, system = '', end = END_OF_TEXT, template } = options
  const requests: string[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const asked = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Asked
    const path = request.url ?? ''
    requests.push(`${request.method} ${path}`)
    const body = answer(path, asked)
    response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body ?? { detail: 'Not Found' }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }

  function answer(path: string, asked: Asked): object | undefined {
    if (path === '/v1/chat/completions' || path === '/v1/completions') return completion(asked)
    if (path === '/tokenizer_info' && tells.includes('template')) return { chat_template: template }
    if (path === '/tokenize' && tells.includes('tokenize')) return { tokens: tokensOf(asked), max_model_len: 512 }
    return undefined
  }

  function tokensOf({ messages, prompt = '', add_generation_prompt = true }: Asked): number[] {
    if (!messages) return charactersOf(prompt)
    return [...charactersOf(system), ...chatTokens(messages, add_generation_prompt, end)]
  }

  function completion(asked: Asked): object {
    const [stop] = asked.stop ?? []
    // The tokens of a stop string are generated, and cut out of the text alone.
    const generated = [...charactersOf(ANSWER), ...(stop === undefined ? [end] : charactersOf(stop))]
    const isTold = asked.return_token_ids && tells.includes('ids')
    const ids = isTold ? { token_ids: generated, stop_reason: stop ?? null } : {}
    const said = asked.messages ? { message: { role: 'assistant', content: ANSWER } } : { text: ANSWER }
    const usage = { prompt_tokens: tokensOf(asked).length, completion_tokens: generated.length }
    const prompt = isTold ? { prompt_token_ids: tokensOf(asked) } : {}
    return { model: 'base', choices: [{ index: 0, ...said, finish_reason: 'stop', ...ids }], usage, ...prompt }
  }
}
