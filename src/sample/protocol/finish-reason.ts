/** The word for why a completion ended, in whatever form a server writes it. */

import type { FinishReason } from '../../core/completion.ts'

type Ended = Exclude<FinishReason, 'failed'>

/** A word that is not here, or none at all, is `filtered`: nobody knows whether the text is whole, so it is kept and never accepted. */
const WORDS: Readonly<Record<string, Ended>> = {
  stop: 'stop',
  eos: 'stop',
  eostoken: 'stop',
  stopsequence: 'stop',
  stopstring: 'stop',
  stoptoken: 'stop',
  endturn: 'stop',
  complete: 'stop',
  completed: 'stop',
  length: 'length',
  maxtokens: 'length',
  maxnewtokens: 'length',
  maxlength: 'length',
  modellength: 'length',
  contentfilter: 'filtered',
}

/** vLLM's word for requests that a pause or a dying engine has ended: half a text, through no fault of the model. */
const INTERRUPTED: ReadonlySet<string> = new Set(['abort', 'aborted', 'error', 'cancelled'])

export interface ReadReason {
  readonly reason: Ended
  /** The server ended the generation in the middle. */
  readonly isInterrupted: boolean
  /** What the server wrote, where nobody knows what it means. */
  readonly unread: string | undefined
}

/**
 * Reads `STOP`, `FinishReason.STOP`, `end_turn`, `{"type": "stop"}` and the like.
 * @param told `finish_reason` as it came; undefined or null where there was none
 */
export function readFinishReason(told: unknown): ReadReason {
  const word = wordOf(told)
  const key = (word.split('.').at(-1) ?? '').toLowerCase().replace(/[^a-z]/g, '')
  const known = WORDS[key]
  return {
    reason: known ?? 'filtered',
    isInterrupted: INTERRUPTED.has(key),
    unread: known === undefined ? JSON.stringify(told ?? null).slice(0, 60) : undefined,
  }
}

function wordOf(told: unknown): string {
  if (typeof told === 'string') return told
  if (typeof told !== 'object' || told === null) return ''
  const named = ['type', 'reason', 'value', 'name'].map((key) => (told as Readonly<Record<string, unknown>>)[key])
  return named.find((value) => typeof value === 'string') ?? ''
}
