/** PURE: a template and a problem give the messages that are sent. */

import type { Message } from '../core/message.ts'
import type { Problem } from '../core/problem.ts'
import { PLACEHOLDER, type PromptTemplate } from './template.ts'

/**
 * Puts the question, as it stands, in the placeholder's place.
 * What the question holds is never looked at again: `{{question}}` or `$&` in it stay as they are.
 */
export function renderPrompt(
  template: Pick<PromptTemplate, 'messages'>,
  problem: Pick<Problem, 'question'>,
): Message[] {
  return template.messages.map(({ role, content }, place) => {
    const at = place === template.messages.length - 1 ? content.indexOf(PLACEHOLDER) : -1
    if (at < 0) return { role, content }
    return { role, content: content.slice(0, at) + problem.question + content.slice(at + PLACEHOLDER.length) }
  })
}

/** The one text that the completions API takes: the message of a completions template; several are set apart by a blank line. */
export function renderText(messages: readonly Message[]): string {
  return messages.map((message) => message.content).join('\n\n')
}
