/**
 * What vLLM 0.32 refuses in a completion request before its model is asked: wrong types, values out of range, salts that are
 * paths, options without their stream. Unknown fields it takes and ignores.
 *
 * Its own `ChatCompletionRequest`, `CompletionRequest` and `SamplingParams` are the source; a prompt with its answer longer
 * than the context is refused by the server, as releases before 0.32 do.
 */

import type { Api } from './generate.ts'

export interface Refusal {
  readonly message: string
  /** The field that is wrong. */
  readonly param: string
}

type Check = (value: unknown, fields: Fields) => string | undefined
type Fields = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const text: Check = (value) => (typeof value === 'string' ? undefined : 'Input should be a valid string')
const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'Input should be a valid boolean')
const dictionary: Check = (value) => (isObject(value) ? undefined : 'Input should be a valid dictionary')
const number =
  (low: number, high: number, isOpenBelow = false): Check =>
  (value) => {
    if (typeof value !== 'number') return 'Input should be a valid number'
    return value < low || value > high || (isOpenBelow && value === low)
      ? `must be in ${isOpenBelow ? '(' : '['}${low}, ${high}], got ${value}`
      : undefined
  }
const whole =
  (low: number, high = 2 ** 63): Check =>
  (value) => {
    if (!Number.isInteger(value)) return 'Input should be a valid integer'
    return Number(value) < low || Number(value) > high ? `must be in [${low}, ${high}], got ${value}` : undefined
  }

const salt: Check = (value) => {
  const isFit = typeof value === 'string' && value !== '' && value.length <= 128 && !/[@/\\\0]/.test(value)
  return isFit
    ? undefined
    : "Parameter 'cache_salt' must be at most 128 characters and must not contain '@', '/', '\\\\' or NUL, and must not be empty."
}

const stop: Check = (value) => {
  if (typeof value === 'string') return value === '' ? 'stop cannot contain an empty string.' : undefined
  if (!Array.isArray(value) || value.some((one) => typeof one !== 'string')) return 'Input should be a valid string'
  return value.includes('') ? 'stop cannot contain an empty string.' : undefined
}

const messages: Check = (value) => {
  if (!Array.isArray(value)) return 'Input should be a valid list'
  const isFit = value.every((one) => isObject(one) && typeof one.role === 'string')
  return isFit ? undefined : 'Field required: role'
}

const streamOptions: Check = (value, fields) => {
  if (value === null) return undefined
  if (!isObject(value)) return 'Input should be a valid dictionary'
  return fields.stream === true ? undefined : 'Stream options can only be defined when `stream=True`.'
}

const count: Check = (value, { temperature }) => {
  const wrong = whole(1, 16_384)(value, {})
  if (wrong !== undefined) return wrong
  return value !== 1 && temperature === 0 ? `n must be 1 when using greedy sampling, got ${String(value)}.` : undefined
}

const templateKwargs: Check = (value) => {
  if (!isObject(value)) return 'Input should be a valid dictionary'
  const own = ['chat_template', 'tokenize', 'messages', 'conversation'].find((key) => key in value)
  return own === undefined ? undefined : `chat_template_kwargs must not hold ${own}.`
}

const SHARED: Readonly<Record<string, Check>> = {
  model: text,
  temperature: number(0, Number.MAX_VALUE),
  top_p: number(0, 1, true),
  top_k: whole(-1),
  min_p: number(0, 1),
  repetition_penalty: number(0, Number.MAX_VALUE, true),
  presence_penalty: number(-2, 2),
  frequency_penalty: number(-2, 2),
  max_tokens: whole(1),
  min_tokens: whole(0),
  seed: whole(-(2 ** 63)),
  n: count,
  stop,
  stream: flag,
  stream_options: streamOptions,
  return_token_ids: flag,
  cache_salt: salt,
  ignore_eos: flag,
  include_stop_str_in_output: flag,
  skip_special_tokens: flag,
}

const CHECKS: Readonly<Record<Api, Readonly<Record<string, Check>>>> = {
  chat: {
    ...SHARED,
    messages,
    max_completion_tokens: whole(1),
    logprobs: flag,
    top_logprobs: whole(0, 20),
    chat_template_kwargs: templateKwargs,
    add_generation_prompt: flag,
    continue_final_message: flag,
    thinking_token_budget: whole(0),
    include_reasoning: flag,
  },
  completions: { ...SHARED, prompt: promptText, logprobs: whole(0, 20), metadata: dictionary },
}

const NEEDED: Readonly<Record<Api, string>> = { chat: 'messages', completions: 'prompt' }

/** @returns undefined where vLLM would take it */
export function refusalOf(api: Api, fields: Fields): Refusal | undefined {
  if (fields[NEEDED[api]] === undefined) return { message: 'Field required', param: NEEDED[api] }
  for (const [param, check] of Object.entries(CHECKS[api])) {
    const value = fields[param]
    // null stands for what is left out.
    if (value === undefined || value === null) continue
    const message = check(value, fields)
    if (message !== undefined) return { message, param }
  }
  return undefined
}

function promptText(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? 'The prompt must not be empty.' : undefined
  return Array.isArray(value) && value.length > 0 ? undefined : 'Either prompt or prompt_embeds must be provided.'
}
