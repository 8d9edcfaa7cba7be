/** A finding of `doctor`: one thing looked at, what was seen, and what to do about it. */

export const FINDING_LEVELS = ['ok', 'note', 'problem', 'unreachable'] as const
/** `note`: works, but worth knowing. `unreachable`: a server or a program that does not answer. */
export type FindingLevel = (typeof FINDING_LEVELS)[number]

export interface Finding {
  readonly level: FindingLevel
  /** What was looked at: `problems`, `prompt`, `endpoint`, `completion`, `trainer`, `disk`. */
  readonly subject: string
  /** One sentence. */
  readonly text: string
  /** Material to read, as it is: a rendered prompt, a completion. */
  readonly detail?: string
}
