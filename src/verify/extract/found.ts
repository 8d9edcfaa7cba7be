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
  'extract:none',
] as const
export type ExtractionRule = (typeof EXTRACTION_RULES)[number]

/** A marker's place and what it holds; undefined content means malformed. */
export interface Found {
  readonly rule: ExtractionRule
  readonly at: number
  readonly content: string | undefined
}
