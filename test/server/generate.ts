/** From the body of a completion request to the body of its answer. */

import { createRandom, hash32 } from '../../src/core/seed.ts'
import type { ProblemBook } from './problem-book.ts'
import { nextExample, type Solver, writeText } from './solver.ts'

export type Api = 'chat' | 'completions'

export interface GenerateRequest {
  readonly api: Api
  readonly model: string
  readonly prompt: string
  readonly promptHash: number
  readonly seed: number
  readonly temperature: number
  readonly maxTokens: number
  readonly stop: readonly string[]
  readonly n: number
  readonly stream: boolean
  readonly includeUsage: boolean
  /** The log probability of each token is asked for. */
  readonly logprobs: boolean
}

export interface Choice {
  readonly text: string
  readonly finishReason: 'stop' | 'length'
  readonly tokens: number
  /** One a token, the same for the same weights. */
  readonly logprobs: readonly number[]
}

/** The fields a strict server (transformers serve) knows; any other is a 422. */
const STRICT_FIELDS = new Set(
  'model messages prompt temperature top_p max_tokens seed stop n stream stream_options logprobs user'.split(' '),
)

const CHARACTERS_A_TOKEN = 4

/** A stand-in for a tokenizer. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_A_TOKEN)
}

/** The body's fields; undefined where it is not a JSON object. */
export function readFields(body: string): Record<string, unknown> | undefined {
  try {
    const fields: unknown = JSON.parse(body)
    return typeof fields === 'object' && fields !== null ? (fields as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** @returns the request, or the sentence of a 422 */
export function parseRequest(
  api: Api,
  fields: Readonly<Record<string, unknown>> | undefined,
  strict: boolean,
  spareSeed: number,
): GenerateRequest | string {
  if (fields === undefined) return 'the body is not JSON'
  const unknown = strict ? Object.keys(fields).find((field) => !STRICT_FIELDS.has(field)) : undefined
  if (unknown !== undefined) return `unexpected field: ${unknown}`
  const prompt = api === 'chat' ? lastWords(fields.messages) : fields.prompt
  if (typeof prompt !== 'string') return api === 'chat' ? 'messages: field required' : 'prompt: expected one text'
  const number = (name: string, otherwise: number): number => {
    const value = fields[name]
    return typeof value === 'number' ? value : otherwise
  }
  const stop = typeof fields.stop === 'string' ? [fields.stop] : Array.isArray(fields.stop) ? fields.stop : []
  return {
    api,
    model: String(fields.model),
    prompt,
    promptHash: hash32(prompt),
    seed: number('seed', spareSeed),
    temperature: number('temperature', 1),
    maxTokens: number('max_tokens', 1024),
    stop,
    n: number('n', 1),
    stream: fields.stream === true,
    logprobs: fields.logprobs === true || typeof fields.logprobs === 'number',
    includeUsage: JSON.stringify(fields.stream_options ?? {}).includes('"include_usage":true'),
  }
}

/** All messages as one text: examples given as earlier turns come before the question that is asked. */
function lastWords(messages: unknown): string | undefined {
  if (!Array.isArray(messages) || messages.length === 0) return undefined
  return messages.map((message: { content?: unknown }) => String(message.content)).join('\n')
}

export function generate(request: GenerateRequest, solver: Solver, book: ProblemBook): Choice[] {
  return writeChoices(request, solver, book).map((choice) => ({ ...choice, logprobs: logprobsOf(choice, solver) }))
}

function logprobsOf({ tokens, text }: { tokens: number; text: string }, { skill }: Solver): number[] {
  const random = createRandom(hash32(`${text}/${skill}`))
  return Array.from({ length: Math.min(tokens, 32) }, () => -random())
}

function writeChoices(request: GenerateRequest, solver: Solver, book: ProblemBook): Omit<Choice, 'logprobs'>[] {
  const problem = book.find(request.prompt)
  return Array.from({ length: request.n }, (_, i) => {
    const draw = { promptHash: request.promptHash, seed: request.seed + i, temperature: request.temperature }
    const written = writeText(solver, problem, draw)
    const limit = request.maxTokens * CHARACTERS_A_TOKEN
    let text = request.api === 'completions' ? written.text + nextExample(draw) : written.text
    if (written.endless) text += '\nWait, let me check that once more.'.repeat(Math.max(1, Math.ceil(limit / 34)))
    const end = Math.min(...request.stop.map((stop) => text.indexOf(stop)).filter((at) => at >= 0))
    if (end <= limit) return { text: text.slice(0, end), finishReason: 'stop', tokens: countTokens(text.slice(0, end)) }
    if (text.length > limit) return { text: text.slice(0, limit), finishReason: 'length', tokens: request.maxTokens }
    return { text, finishReason: 'stop', tokens: countTokens(text) + 1 }
  })
}

export function answerBody(id: string, request: GenerateRequest, choices: readonly Choice[]): string {
  return JSON.stringify({
    id,
    object: request.api === 'chat' ? 'chat.completion' : 'text_completion',
    created: 1_700_000_000,
    model: request.model,
    choices: choices.map((choice, index) => ({
      index,
      ...(request.api === 'chat' ? { message: { role: 'assistant', content: choice.text } } : { text: choice.text }),
      logprobs: request.logprobs ? tellLogprobs(request.api, choice.logprobs) : null,
      finish_reason: choice.finishReason,
    })),
    usage: usage(request, choices),
  })
}

function tellLogprobs(api: Api, logprobs: readonly number[]): object {
  return api === 'chat'
    ? { content: logprobs.map((logprob) => ({ token: 'x', logprob })) }
    : { token_logprobs: logprobs }
}

/** The answer as server-sent events, a few words each. */
export function answerEvents(id: string, request: GenerateRequest, choices: readonly Choice[]): string {
  const object = request.api === 'chat' ? 'chat.completion.chunk' : 'text_completion'
  const event = (fields: object): string =>
    `data: ${JSON.stringify({ id, object, created: 1_700_000_000, model: request.model, ...fields })}\n\n`
  let out = ''
  for (const [index, choice] of choices.entries()) {
    const part = (text: string, finish_reason: string | null): object =>
      request.api === 'chat'
        ? { index, delta: text === '' ? {} : { content: text }, finish_reason }
        : { index, text, finish_reason }
    for (const [words] of choice.text.matchAll(/.{1,48}/gsu)) out += event({ choices: [part(words, null)] })
    out += event({ choices: [part('', choice.finishReason)] })
  }
  if (request.includeUsage) out += event({ choices: [], usage: usage(request, choices) })
  return `${out}data: [DONE]\n\n`
}

function usage(request: GenerateRequest, choices: readonly Choice[]): object {
  const prompt_tokens = countTokens(request.prompt)
  const completion_tokens = choices.reduce((sum, choice) => sum + choice.tokens, 0)
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
}
