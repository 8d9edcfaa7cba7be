import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createVocabulary } from '../../../scripts/vocabulary.ts'
import { createTokenizer, END, SPECIAL_TOKENS } from '../../../src/embedded/model/tokenizer.ts'
import { renderChat } from '../../../src/embedded/server/chat.ts'

const tokenizer = createTokenizer(createVocabulary(['Nina', ' Nina', ' has', ' boxes', ' A']))
const pieces = (text: string): string[] => tokenizer.encode(text).map(tokenizer.textOf)

test('known words, digits and signs of equations are single tokens', () => {
  expect(pieces('Nina has 12 boxes.')).toEqual(['Nina', ' has', ' ', '1', '2', ' boxes', '.'])
  expect(pieces('7*2=14. 14+15=29. #### 29')).toEqual([
    ...['7', '*', '2', '=', '1', '4', '. ', '1', '4', '+', '1', '5', '=', '2', '9', '. ', '#### ', '2', '9'],
  ])
})

test('an end of a sentence before a word leaves the space to the word', () => {
  expect(pieces('boxes. Nina')).toEqual([...'boxes', '.', ' Nina'])
})

test('unknown words fall back to characters', () => {
  expect(pieces(' Nino')).toEqual([' ', 'N', 'i', 'n', 'o'])
})

test('every printable text comes back as it was', () => {
  const printable = fc.string({
    unit: fc.constantFrom(...Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)), '\n'),
  })
  fc.assert(fc.property(printable, (text) => tokenizer.decode(tokenizer.encode(text)) === text))
})

test('any text encodes, and a character outside the vocabulary reads as a replacement', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => tokenizer.encode(text).length <= text.length))
  expect(tokenizer.decode(tokenizer.encode('5 €'))).toBe('5 \uFFFD')
})

test('the name of a special token in a text is only text', () => {
  expect(tokenizer.encode('<eos>')).not.toContain(END)
  expect(tokenizer.decode(tokenizer.encode('<eos>'))).toBe('<eos>')
  expect(SPECIAL_TOKENS.map((_, token) => tokenizer.textOf(token))).toEqual(['', '', '\uFFFD'])
})

test('a vocabulary without the special tokens, or with a token twice, is refused', () => {
  expect(() => createTokenizer(['a', 'b', 'c'])).toThrow('begins with <pad> <eos> <unk>')
  expect(() => createTokenizer([...SPECIAL_TOKENS, 'a', 'a'])).toThrow('every token once')
})

test('a chat renders to its contents, a line each', () => {
  expect(renderChat([{ content: 'How many?' }])).toBe('How many?\n')
  expect(renderChat([{ content: 'Be brief.' }, { content: 'How many?' }])).toBe('Be brief.\nHow many?\n')
})
