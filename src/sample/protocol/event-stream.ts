/** Server-sent events, as far as completions use them: each event's data is a JSON document, and `[DONE]` ends them. */

import { createParser } from 'eventsource-parser'
import { MalformedAnswer } from './malformed-answer.ts'

/** Longest single event in characters; a stream that never breaks its line is no stream of tokens. */
const LONGEST_EVENT = 4_000_000

export interface EventReader {
  /** @throws MalformedAnswer for an event that is not JSON */
  push(chunk: Buffer): void
  /** The stream is over: an event without its last line break counts. @throws MalformedAnswer */
  end(): void
  /** Whether `[DONE]` has come. */
  readonly isDone: () => boolean
}

/** @param onEvent called with each event's document, in order */
export function createEventReader(onEvent: (event: unknown) => void): EventReader {
  // A character of several bytes may lie across two pieces.
  const decoder = new TextDecoder()
  let done = false
  const parser = createParser({
    maxBufferSize: LONGEST_EVENT,
    onEvent({ data }) {
      // Some servers keep the connection alive with events that hold nothing.
      if (done || data.trim() === '') return
      if (data.trim() === '[DONE]') done = true
      else onEvent(parse(data))
    },
    onError({ type }) {
      if (type === 'max-buffer-size-exceeded')
        throw new MalformedAnswer(`an event is longer than ${LONGEST_EVENT} characters`)
    },
  })
  return {
    push: (chunk) => parser.feed(decoder.decode(chunk, { stream: true })),
    end: () => parser.feed(`${decoder.decode()}\n\n`),
    isDone: () => done,
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    throw new MalformedAnswer(`an event of the stream is not JSON: ${data.slice(0, 100)}`)
  }
}
