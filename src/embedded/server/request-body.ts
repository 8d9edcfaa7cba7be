/** The body of a completion request: what the OpenAI protocol sends, checked by hand since a thousand come each second. */

import { renderChat } from './chat.ts'

export const APIS = ['chat', 'completions'] as const
export type Api = (typeof APIS)[number]

/** A request as the server understands it. */
export interface CompletionRequest {
  readonly model: string
  readonly prompt: string
  readonly temperature: number
  readonly topP: number
  /** 0 is off. */
  readonly topK: number
  /** undefined: as many as the context has room for. */
  readonly maxTokens: number | undefined
  /** undefined: the server draws one. */
  readonly seed: number | undefined
  readonly stop: readonly string[]
  /** Completions wanted. */
  readonly n: number
  readonly stream: boolean
  readonly includeUsage: boolean
}

/** A request that cannot be answered, in the words of the protocol. */
export class RequestProblem extends Error {
  readonly status: number
  readonly parameter: string | null
  readonly code: string | null
  constructor(status: number, message: string, parameter: string | null = null, code: string | null = null) {
    super(message)
    this.status = status
    this.parameter = parameter
    this.code = code
  }
}

const MOST_COMPLETIONS = 128

/** @throws RequestProblem naming the parameter that is wrong */
export function readRequest(api: Api, text: string): CompletionRequest {
  const body = parseObject(text)
  const number = (name: string, fallback: number, low: number, high: number): number => {
    const value = body[name] ?? fallback
    if (typeof value === 'number' && value >= low && value <= high) return value
    throw new RequestProblem(400, `${name} must be a number from ${low} to ${high}.`, name)
  }
  const whole = (name: string, low: number): number | undefined => {
    const value = body[name] ?? undefined
    if (value === undefined) return undefined
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= low) return value
    throw new RequestProblem(400, `${name} must be a whole number from ${low} on.`, name)
  }
  const n = whole('n', 1) ?? 1
  if (n > MOST_COMPLETIONS) throw new RequestProblem(400, `n must be at most ${MOST_COMPLETIONS}.`, 'n')
  if (typeof body.model !== 'string')
    throw new RequestProblem(400, 'model must be the name of a served model.', 'model')
  return {
    model: body.model,
    prompt: api === 'chat' ? readMessages(body.messages) : readPrompt(body.prompt),
    temperature: number('temperature', 1, 0, 2),
    topP: number('top_p', 1, 0, 1),
    topK: Math.max(0, whole('top_k', -1) ?? 0),
    maxTokens: whole('max_completion_tokens', 1) ?? whole('max_tokens', 1),
    seed: whole('seed', Number.MIN_SAFE_INTEGER),
    stop: readStop(body.stop),
    n,
    stream: body.stream === true,
    includeUsage: isObject(body.stream_options) && body.stream_options.include_usage === true,
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw new RequestProblem(400, 'The body is not valid JSON.')
  }
  if (isObject(body)) return body
  throw new RequestProblem(400, 'The body must be a JSON object.')
}

function readMessages(messages: unknown): string {
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new RequestProblem(400, 'messages must be a list of at least one message.', 'messages')
  }
  return renderChat(
    messages.map((message) => ({ content: readContent(isObject(message) ? message.content : undefined) })),
  )
}

/** A text, or the protocol's list of text parts. */
function readContent(content: unknown): string {
  if (typeof content === 'string') return content
  const parts = Array.isArray(content) ? content.map((part) => (isObject(part) ? part.text : undefined)) : []
  if (parts.length > 0 && parts.every((part) => typeof part === 'string')) return parts.join('')
  throw new RequestProblem(400, 'The content of a message must be text.', 'messages')
}

function readPrompt(prompt: unknown): string {
  const text = Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : prompt
  if (typeof text === 'string' && text !== '') return text
  throw new RequestProblem(400, 'prompt must be one text that is not empty.', 'prompt')
}

function readStop(stop: unknown): readonly string[] {
  if (stop === undefined || stop === null) return []
  const list = Array.isArray(stop) ? stop : [stop]
  if (list.every((text) => typeof text === 'string' && text !== '')) return list
  throw new RequestProblem(400, 'stop must be a text or a list of texts, none empty.', 'stop')
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
