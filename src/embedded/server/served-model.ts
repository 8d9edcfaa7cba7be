/** What the server serves at the moment. */

import type { Tokenizer } from '../model/tokenizer.ts'

export interface ServedModel {
  /** The name that requests ask for. */
  readonly name: string
  /** Absolute path of its checkpoint. */
  readonly directory: string
  /** Seconds since 1970. */
  readonly since: number
  readonly tokenizer: Tokenizer
  /** Tokens of a prompt and its answer together. */
  readonly context: number
}
