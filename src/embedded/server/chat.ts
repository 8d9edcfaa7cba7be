/** The toy's chat template, shared by server and trainer: what was sampled is token by token what is trained on. */

import type { Message } from '../../core/message.ts'

/** The contents one below the other; the answer follows on the next line. */
export function renderChat(messages: readonly Pick<Message, 'content'>[]): string {
  return messages.map((message) => `${message.content}\n`).join('')
}
