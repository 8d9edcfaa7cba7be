/** An answer that comes as a stream of events, put together as it comes. */

import { createEventReader } from './event-stream.ts'
import { textOf } from './http.ts'
import { MalformedAnswer } from './malformed-answer.ts'
import { readMessage } from './message-text.ts'
import type { ThinkingForm } from './thinking.ts'
import { refuseToldError } from './told-error.ts'
import { type Answer, type Api, choicesOf, type RawAnswer, type RawChoice, readAnswer, toAnswer } from './wire.ts'

export interface StreamedAnswer {
  readonly push: (chunk: Buffer) => void
  /** @throws MalformedAnswer where the stream ended before the completion did; as `readAnswer` does */
  readonly end: () => Answer
}

/** The answer of a server that streams although it was asked for the whole. @throws MalformedAnswer; as `readAnswer` does */
export function readAnyAnswer(api: Api, body: string, form: ThinkingForm): Answer {
  if (!/^\s*(data|event|id|retry)?:/.test(body)) return readAnswer(api, body, form)
  const answer = createStreamedAnswer(api, form)
  answer.push(Buffer.from(body))
  return answer.end()
}

interface StreamedChoice extends RawChoice {
  readonly delta?: object | null
}

export function createStreamedAnswer(api: Api, form: ThinkingForm): StreamedAnswer {
  let text = ''
  let reasoning = ''
  let envelope: RawAnswer = {}
  let finishReason: unknown
  let promptTokenIds: unknown
  const completionTokenIds: unknown[] = []
  /** A server that does not stream answers with one document; whether it does shows with the first character that is no space. */
  let plain: Buffer[] | undefined
  let isUnknown = true
  const takeChoice = (choice: StreamedChoice): void => {
    refuseToldError(choice)
    // Some servers send the last event, or the only one, in the form of a whole answer.
    const piece = api === 'chat' ? readMessage(choice.delta ?? choice.message) : { text: choice.text, reasoning: '' }
    if (typeof piece.text === 'string') text += piece.text
    reasoning += piece.reasoning
    if (choice.finish_reason !== undefined && choice.finish_reason !== null) finishReason = choice.finish_reason
    if (Array.isArray(choice.token_ids)) for (const id of choice.token_ids) completionTokenIds.push(id)
    promptTokenIds ??= choice.prompt_token_ids
  }
  const reader = createEventReader((event) => {
    if (typeof event !== 'object' || event === null)
      throw new MalformedAnswer('an event of the stream is not an object')
    refuseToldError(event)
    const part: RawAnswer = event
    envelope = { model: part.model ?? envelope.model, usage: part.usage ?? envelope.usage }
    promptTokenIds ??= part.prompt_token_ids
    // Where more choices come than were asked for, the first one counts, also where all say that they are the first.
    const first = choicesOf(part).find((choice) => (choice.index ?? 0) === 0)
    if (first !== undefined) takeChoice(first)
  })
  return {
    push(chunk) {
      if (isUnknown) {
        const first = /[^\s\xEF\xBB\xBF]/.exec(chunk.toString('latin1'))?.[0]
        if (first === undefined) return
        isUnknown = false
        if ('{[<'.includes(first)) plain = []
      }
      if (plain) plain.push(chunk)
      else reader.push(chunk)
    },
    end() {
      if (plain) return readAnswer(api, textOf(plain), form)
      reader.end()
      if (finishReason === undefined && !reader.isDone()) {
        throw new MalformedAnswer('the stream ended in the middle of the completion')
      }
      return toAnswer(
        { ...envelope, prompt_token_ids: promptTokenIds },
        { finish_reason: finishReason, token_ids: completionTokenIds },
        text,
        reasoning,
        form,
      )
    },
  }
}
