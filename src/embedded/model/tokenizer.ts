/** Text to token numbers and back: whole words, single digits, and every printable character, so that any text encodes. */

/** Token 0 fills, token 1 ends a text, token 2 stands for a character that the vocabulary lacks. */
export const SPECIAL_TOKENS = ['<pad>', '<eos>', '<unk>'] as const
export const END = 1
const UNKNOWN = 2
/** What `<unk>` reads as. */
const UNKNOWN_TEXT = '\uFFFD'

/** Words with their leading space; the answer mark; the end of an equation, before a digit or the mark; any character. */
const PIECE = / ?[A-Za-z]+|#### |\. (?=[\d#])|\s|\S/gu

export interface Tokenizer {
  readonly size: number
  encode(text: string): number[]
  /** The text of one token; empty for `<pad>` and `<eos>`. */
  textOf(token: number): string
  decode(tokens: Iterable<number>): string
}

/**
 * A tokenizer over a vocabulary that begins with SPECIAL_TOKENS.
 * @throws RangeError when it does not, or a token appears twice
 */
export function createTokenizer(vocabulary: readonly string[]): Tokenizer {
  const numbers = new Map(vocabulary.map((token, number) => [token, number]))
  if (SPECIAL_TOKENS.some((token, number) => vocabulary[number] !== token) || numbers.size !== vocabulary.length) {
    throw new RangeError(`A vocabulary begins with ${SPECIAL_TOKENS.join(' ')} and holds every token once.`)
  }
  for (const token of SPECIAL_TOKENS) numbers.delete(token)
  const texts = ['', '', UNKNOWN_TEXT, ...vocabulary.slice(SPECIAL_TOKENS.length)]
  const textOf = (token: number): string => texts[token] ?? UNKNOWN_TEXT
  return {
    size: vocabulary.length,
    encode(text) {
      const tokens: number[] = []
      for (const piece of text.match(PIECE) ?? []) {
        const whole = numbers.get(piece)
        if (whole !== undefined) tokens.push(whole)
        else for (const character of piece) tokens.push(numbers.get(character) ?? UNKNOWN)
      }
      return tokens
    },
    textOf,
    decode(tokens) {
      let text = ''
      for (const token of tokens) text += textOf(token)
      return text
    },
  }
}
