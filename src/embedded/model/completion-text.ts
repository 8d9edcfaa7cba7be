/** The text of a completion as it grows: cut before a stop text, and never streamed further than a stop text may reach back. */

export interface CompletionText {
  /** Adds a token's text; true when a stop text has appeared. */
  push(piece: string): boolean
  /** What can be sent on now, once. */
  ready(): string
  /** At the end: all that was not sent yet. */
  rest(): string
}

export function createCompletionText(stop: readonly string[]): CompletionText {
  const reach = Math.max(0, ...stop.map((text) => text.length - 1))
  let text = ''
  let sent = 0
  const send = (end: number): string => {
    const piece = text.slice(sent, end)
    sent = Math.max(sent, end)
    return piece
  }
  return {
    push(piece) {
      const from = Math.max(0, text.length - reach)
      text += piece
      const places = stop.map((end) => text.indexOf(end, from)).filter((place) => place >= 0)
      if (places.length === 0) return false
      text = text.slice(0, Math.min(...places))
      return true
    },
    ready: () => send(text.length - reach),
    rest: () => send(text.length),
  }
}
