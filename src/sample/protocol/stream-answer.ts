/** An answer that comes as a stream of events, put together as it comes. */

import { readErrorBody } from '../../core/error-body.ts'
import { createEventReader } from './event-stream.ts'
import { MalformedAnswer } from './malformed-answer.ts'
import { type Answer, type Api, choicesOf, type RawAnswer, type RawChoice, toAnswer } from './wire.ts'

export interface StreamedAnswer {
  readonly push: (chunk: Buffer) => void
  /** @throws MalformedAnswer where the stream ended before the completion did */
  readonly end: () => Answer
}

interface StreamedChoice extends RawChoice {
  readonly delta?: { readonly content?: unknown } | null
}

export function createStreamedAnswer(api: Api): StreamedAnswer {
  let text = ''
  let envelope: RawAnswer = {}
  let finishReason: unknown
  let promptTokenIds: unknown
  const completionTokenIds: unknown[] = []
  const takeChoice = (choice: StreamedChoice): void => {
    const piece = api === 'chat' ? choice.delta?.content : choice.text
    if (typeof piece === 'string') text += piece
    if (choice.finish_reason !== undefined && choice.finish_reason !== null) finishReason = choice.finish_reason
    if (Array.isArray(choice.token_ids)) for (const id of choice.token_ids) completionTokenIds.push(id)
    promptTokenIds ??= choice.prompt_token_ids
  }
  const reader = createEventReader((event) => {
    if (typeof event !== 'object' || event === null) throw new MalformedAnswer('an event of the stream is no object')
    if ('error' in event)
      throw new MalformedAnswer(`the stream ended in an error: ${readErrorBody(JSON.stringify(event))}`)
    const part: RawAnswer = event
    envelope = { model: part.model ?? envelope.model, usage: part.usage ?? envelope.usage }
    promptTokenIds ??= part.prompt_token_ids
    // Where more choices come than were asked for, the first one counts.
    for (const choice of choicesOf(part)) if ((choice.index ?? 0) === 0) takeChoice(choice)
  })
  return {
    push: reader.push,
    end() {
      if (finishReason === undefined && !reader.isDone()) {
        throw new MalformedAnswer('the stream ended in the middle of the completion')
      }
      return toAnswer(
        { ...envelope, prompt_token_ids: promptTokenIds },
        { finish_reason: finishReason, token_ids: completionTokenIds },
        text,
      )
    },
  }
}
