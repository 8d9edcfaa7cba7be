/** Thinking that a server keeps in a field of its own, put together with the answer as the model wrote it. */

export const REASONING = ['join', 'drop', 'refuse'] as const
/** What becomes of a separate reasoning field: part of the text, left out of it, or a reason not to continue. */
export type Reasoning = (typeof REASONING)[number]

export interface ThinkingForm {
  readonly handling: Reasoning
  /** What the model writes before its thinking; empty where the prompt's template has written it. */
  readonly opens: string
  /** Between thinking and answer; parsers keep the line breaks around it. */
  readonly closes: string
  /** The template was told to switch thinking off: what comes as reasoning is the answer. */
  readonly isOff: boolean
}

export const PLAIN_THINKING: ThinkingForm = { handling: 'join', opens: '', closes: '</think>', isOff: false }

export interface WholeText {
  readonly text: string
  /** Characters at the text's beginning that are thinking. */
  readonly thinking: number
  /** The text is not all that the model wrote. */
  readonly isAltered: boolean
}

/** @param reasoning empty where the server kept nothing apart */
export function wholeText(text: string, reasoning: string, form: ThinkingForm): WholeText {
  if (reasoning === '') return { text, thinking: thinkingIn(text), isAltered: false }
  if (form.isOff) return { text: reasoning + text, thinking: 0, isAltered: false }
  if (form.handling === 'drop') return { text, thinking: 0, isAltered: true }
  const thought = form.opens + reasoning
  // Cut in the middle, or ended there: nothing says that thinking was over.
  if (text === '') return { text: thought, thinking: thought.length, isAltered: false }
  const before = thought + form.closes
  return { text: before + text, thinking: before.length, isAltered: false }
}

/** Characters of thinking where text and thinking come as one. */
function thinkingIn(text: string): number {
  const end = text.lastIndexOf('</think>')
  if (end >= 0) return end + '</think>'.length
  return text.startsWith('<think>') ? text.length : 0
}
