/** A completion: one text the model returned for one prompt, or the reason why there is none. */

export const PURPOSES = ['train', 'gate', 'evaluate', 'greedy', 'pilot', 'probe', 'hint'] as const
/** Why it was drawn. `greedy` is the evaluate split at temperature 0. */
export type Purpose = (typeof PURPOSES)[number]

export const FINISH_REASONS = ['stop', 'length', 'filtered', 'failed'] as const
/** `length`: cut at the token limit, never accepted. `filtered`: withheld by the server. `failed`: no text came back. */
export type FinishReason = (typeof FINISH_REASONS)[number]

/** What makes a completion unique in a run. `iteration` is -1 for the base model's evaluations. */
export interface CompletionKey {
  readonly purpose: Purpose
  readonly iteration: number
  /** Problem id. */
  readonly problem: string
  /** Number of the sample of this problem within purpose and iteration, from 0. */
  readonly index: number
}

export interface Completion {
  readonly key: CompletionKey
  /** Place in the order in which an iteration issues its requests, from 0; acceptance walks this order. */
  readonly issue: number
  readonly text: string
  readonly finishReason: FinishReason
  readonly promptTokens: number
  readonly completionTokens: number
  /** The model name the server answered with. */
  readonly model: string
  /** The prompt and the completion as the server's tokenizer has them, where it tells. */
  readonly promptTokenIds?: readonly number[]
  readonly completionTokenIds?: readonly number[]
  /** The request's seed, a 31-bit integer from the key. */
  readonly seed: number
  /** Milliseconds of the attempt that returned. */
  readonly latencyMs: number
  readonly attempts: readonly Attempt[]
  /** Characters at the text's beginning that are thinking; left out, none is known of. */
  readonly thinking?: number
  /** A part of what the model wrote was left out of the text: no example of how it writes. */
  readonly altered?: boolean
  /** It was drawn by an earlier run and is not paid for again. */
  readonly cached?: boolean
}

export const ATTEMPT_OUTCOMES = [
  'ok',
  'rate-limited',
  'server-error',
  'timeout',
  'connection',
  'malformed',
  'rejected',
] as const
/** How one HTTP attempt ended. `rejected`: a 4xx that another try would not fix. */
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number]

/** One HTTP attempt; every one is a row in the ledger. */
export interface Attempt {
  readonly outcome: AttemptOutcome
  /** HTTP status, 0 where there was none. */
  readonly status: number
  /** The server's words, at most 300 characters; when ok empty, or a reason to end that nobody knows. */
  readonly message: string
  /** Milliseconds since 1970 at the start. */
  readonly startedAt: number
  readonly durationMs: number
  /** Base URL of the endpoint that was asked. */
  readonly endpoint?: string
}

/** One text for a key; no two completions of a run share it. */
export function keyText(key: CompletionKey): string {
  return `${key.purpose}/${key.iteration}/${key.problem}/${key.index}`
}

/**
 * What is said to the reader, for the verifier: nothing where the text is thinking to its end. Where thinking was closed the whole
 * text says so itself.
 */
export function judgedText({ text, thinking = 0 }: Pick<Completion, 'text' | 'thinking'>): string {
  return thinking > 0 && thinking >= text.length ? '' : text
}
