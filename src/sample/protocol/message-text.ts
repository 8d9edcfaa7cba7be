/** The text of a message or of a piece of one: a string, or a list of parts as Mistral's servers write it. */

export interface MessageText {
  /** What is said to the reader. */
  readonly text: string
  /** What the server keeps apart as reasoning. */
  readonly reasoning: string
}

/** @param message `message` of a choice, or its `delta` */
export function readMessage(message: object | null | undefined): MessageText {
  if (!message) return { text: '', reasoning: '' }
  const fields: Readonly<Record<string, unknown>> = { ...message }
  const { text, reasoning } = readContent(fields.content)
  // vLLM's name since 0.16, and the one before it that others still use.
  const apart = [fields.reasoning, fields.reasoning_content].find((value) => typeof value === 'string' && value !== '')
  return { text, reasoning: typeof apart === 'string' ? apart : reasoning }
}

function readContent(content: unknown): MessageText {
  if (typeof content === 'string') return { text: content, reasoning: '' }
  if (!Array.isArray(content)) return { text: '', reasoning: '' }
  let text = ''
  let reasoning = ''
  for (const part of content) {
    if (typeof part === 'string') text += part
    if (typeof part !== 'object' || part === null) continue
    if ('thinking' in part) reasoning += readContent(part.thinking).text
    else if ('text' in part) text += readContent(part.text).text
  }
  return { text, reasoning }
}
