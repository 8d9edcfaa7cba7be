/** A training file as token numbers: prompt-completion rows, the loss on the completion and its end alone. */

import { z } from 'zod'
import { ConfigError } from '../../core/errors.ts'
import type { PackedTexts } from '../model/packed-texts.ts'
import { END, type Tokenizer } from '../model/tokenizer.ts'
import { renderChat } from '../server/chat.ts'

const messageSchema = z.object({ role: z.string(), content: z.string() })
const rowSchema = z.object({
  prompt: z.array(messageSchema).min(1),
  completion: z.tuple([messageSchema.extend({ role: z.literal('assistant') })]),
})

/**
 * Reads JSONL rows `{"prompt":[{role,content}…],"completion":[{"role":"assistant",content}]}`.
 * @param name of the file, for errors
 * @param context most positions of the model
 * @throws ConfigError naming the row that is damaged or too long; also when there is none
 */
export function readTexts(jsonl: string, name: string, tokenizer: Tokenizer, context: number): PackedTexts {
  const tokens: number[] = []
  const ends: number[] = []
  const starts: number[] = []
  jsonl.split('\n').forEach((line, at) => {
    if (line.trim() === '') return
    const text = encodeRow(parseRow(line, `${name}:${at + 1}`), tokenizer)
    // The last token is only predicted, never read, and so needs no position.
    if (text.tokens.length - 1 > context) {
      throw new ConfigError(
        `${name}:${at + 1}  has ${text.tokens.length} tokens, the model reads at most ${context + 1}; leave the row out.`,
      )
    }
    for (const token of text.tokens) tokens.push(token)
    ends.push(tokens.length)
    starts.push(text.start)
  })
  if (ends.length === 0) throw new ConfigError(`${name}  holds no row; there is nothing to train on.`)
  return { tokens: Int32Array.from(tokens), ends: Int32Array.from(ends), starts: Int32Array.from(starts) }
}

function encodeRow({ prompt, completion }: z.infer<typeof rowSchema>, tokenizer: Tokenizer) {
  const given = tokenizer.encode(renderChat(prompt))
  const tokens = [...given, ...tokenizer.encode(completion[0].content), END]
  // An empty prompt leaves the first token without anything to predict it from.
  return { tokens, start: Math.max(1, given.length) }
}

function parseRow(line: string, place: string): z.infer<typeof rowSchema> {
  let row: unknown
  try {
    row = JSON.parse(line)
  } catch (cause) {
    throw new ConfigError(`${place}  is not valid JSON.`, { cause })
  }
  const parsed = rowSchema.safeParse(row)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new ConfigError(
    `${place}  ${issue?.path.join('.')}: ${issue?.message}; a row is {"prompt":[…],"completion":[…]}.`,
  )
}
