/** Server-sent events, as far as completions use them: `data:` lines, each a JSON document, ended by `[DONE]`. */

import { MalformedAnswer } from './malformed-answer.ts'

/** Longest single event in characters; a stream that never breaks its line is no stream of tokens. */
const LONGEST_EVENT = 4_000_000

export interface EventReader {
  /** @throws MalformedAnswer for an event that is no JSON */
  push(chunk: Buffer): void
  /** Whether `[DONE]` has come. */
  readonly isDone: () => boolean
}

/** @param onEvent called with each event's document, in order */
export function createEventReader(onEvent: (event: unknown) => void): EventReader {
  // A character of several bytes may lie across two pieces.
  const decoder = new TextDecoder()
  let rest = ''
  let done = false
  const line = (text: string): void => {
    if (!text.startsWith('data:') || done) return
    const data = text.slice(text.charCodeAt(5) === 32 ? 6 : 5)
    if (data.trim() === '[DONE]') done = true
    else onEvent(parse(data))
  }
  return {
    push(chunk) {
      const text = rest + decoder.decode(chunk, { stream: true })
      let from = 0
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
        line(text.slice(from, text.charCodeAt(end - 1) === 13 ? end - 1 : end))
        from = end + 1
      }
      rest = text.slice(from)
      if (rest.length > LONGEST_EVENT) throw new MalformedAnswer(`an event is longer than ${LONGEST_EVENT} characters`)
    },
    isDone: () => done,
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    throw new MalformedAnswer(`an event of the stream is no JSON: ${data.slice(0, 100)}`)
  }
}
