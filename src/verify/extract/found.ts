/** What a search for an answer's marker finds, and the names of the rules. */

export const EXTRACTION_RULES = [
  'extract:hash',
  'extract:boxed',
  'extract:tag',
  'extract:answer-line',
  'extract:the-answer-is',
  'extract:bold',
  'extract:last-math',
  'extract:last-line',
  'extract:closing',
  'extract:bare',
  'extract:unfinished',
  'extract:none',
] as const
export type ExtractionRule = (typeof EXTRACTION_RULES)[number]

/** A marker's place and what it holds; undefined content means malformed. */
export interface Found {
  readonly rule: ExtractionRule
  readonly at: number
  readonly content: string | undefined
  /** Whether it says the answer; left out where it does. */
  readonly standing?: Standing
  /** What stands right behind it like a unit, which may be one. */
  readonly behind?: string | undefined
}

/**
 * - `stated`: the marker says the answer
 * - `denied`: it says what the answer is not
 * - `other`: it is about something else: a wrong answer, half of the answer, what would follow if
 */
export type Standing = 'stated' | 'denied' | 'other'
