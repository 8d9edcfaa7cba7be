/** How an endpoint wants to be asked: what its probe has shown it to take. */

import { PLAIN_THINKING, type ThinkingForm } from './thinking.ts'

export interface Dialect {
  /** OpenAI's newer models want `max_completion_tokens`; others ignore it and write on. */
  readonly limitField: 'max_tokens' | 'max_completion_tokens'
  /** vLLM: prompt and completion as token ids next to the text. */
  readonly tokenIds: boolean
  /** vLLM: keeps what is cached of one checkpoint apart from the next. */
  readonly cacheSalt: boolean
  /** vLLM: top_k, min_p and repetition_penalty are known, so they are sent even when off; else generation_config.json decides. */
  readonly extraParameters: boolean
  /** Answers come as server-sent events: the server notices at once when nobody listens any more. */
  readonly stream: boolean
  /** Fields that it refuses and that are therefore left out. */
  readonly omits: readonly string[]
  readonly thinking: ThinkingForm
}

/** What every server that speaks the protocol takes. */
export const PLAIN_DIALECT: Dialect = {
  limitField: 'max_tokens',
  tokenIds: false,
  cacheSalt: false,
  extraParameters: false,
  stream: false,
  omits: [],
  thinking: PLAIN_THINKING,
}
