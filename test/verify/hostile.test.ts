import { describe, expect, test } from 'vitest'
import { judge } from '../../src/verify/decide.ts'
import { explain } from '../../src/verify/explain.ts'
import { hostileByKind } from '../fixtures/checker/hostile.ts'

const MEGABYTE = 1_000_000
const deep = (open: string, close: string) => `${open.repeat(10_000)}1${close.repeat(10_000)}`

// Named apart, because some are too long to print.
const HOSTILE: [name: string, text: string, kind: string][] = [
  ['a megabyte of digits', '7'.repeat(MEGABYTE), 'too-large'],
  ['a megabyte of digits in a box', `\\boxed{${'7'.repeat(MEGABYTE)}}`, 'too-large'],
  ['a megabyte of digits behind ####', `#### ${'7'.repeat(MEGABYTE)}`, 'too-large'],
  ['three megabytes of prose', 'words and words '.repeat(200_000), 'too-large'],
  ['a megabyte of prose and a box', `${'words and words\n'.repeat(62_500)}\\boxed{7}`, 'correct'],
  ['a megabyte of prose on one line', 'words and words '.repeat(62_500), 'no-answer'],
  ['a megabyte of dollars', '$'.repeat(MEGABYTE), 'too-large'],
  ['a megabyte of line ends', '\n'.repeat(MEGABYTE), 'no-answer'],
  ['a megabyte of blanks', ' '.repeat(MEGABYTE), 'no-answer'],
  ['a megabyte of hashes', '#'.repeat(MEGABYTE), 'too-large'],
  ['a megabyte of #### lines', '####\n'.repeat(200_000), 'unparsed'],
  ['a megabyte of answer lines', 'A: A: the answer is \n'.repeat(50_000), 'unparsed'],
  ['ten thousand nested braces', deep('{', '}'), 'too-large'],
  ['ten thousand nested parentheses', deep('(', ')'), 'too-large'],
  ['ten thousand nested braces in a box', `\\boxed{${deep('{', '}')}}`, 'too-large'],
  ['a hundred nested braces in a box', `\\boxed{${'{'.repeat(100)}7${'}'.repeat(100)}}`, 'too-large'],
  ['ten thousand open boxes', '\\boxed{'.repeat(10_000), 'unparsed'],
  ['ten thousand closed boxes', '\\boxed{7} '.repeat(10_000), 'correct'],
  ['ten thousand nested fractions', `\\boxed{${'\\frac{1}{'.repeat(400)}7${'}'.repeat(400)}}`, 'too-large'],
  ['a power tower', '\\boxed{9^9^9^9}', 'unparsed'],
  ['a power tower in Python', '\\boxed{9**9**9**9}', 'unparsed'],
  ['a huge exponent', '\\boxed{1e999999999}', 'too-large'],
  ['an exponent of a thousand digits', `\\boxed{1e${'9'.repeat(1000)}}`, 'too-large'],
  ['a huge power of ten', '\\boxed{10^{10000000000}}', 'too-large'],
  ['a huge factorial', '\\boxed{1000000000!}', 'undecided'],
  ['a chain of a thousand equals signs', `\\boxed{${'1='.repeat(1000)}7}`, 'undecided'],
  ['a sum of a thousand terms', `\\boxed{${'1+'.repeat(1000)}1}`, 'incorrect'],
  ['four thousand words behind a number', `\\boxed{7${' word'.repeat(800)}}`, 'unparsed'],
  ['four thousand letters', `\\boxed{${'a'.repeat(4000)}=7}`, 'correct'],
  ['four thousand stars', `\\boxed{${'*'.repeat(4000)}7}`, 'correct'],
  ['four thousand stars in pairs', `\\boxed{7${'** '.repeat(1300)}x}`, 'unparsed'],
  ['four thousand points', `\\boxed{7${'.'.repeat(4000)}}`, 'correct'],
  ['a thousand end tokens', `#### 7${'</s>'.repeat(1000)}`, 'correct'],
  ['null bytes', '\\boxed{\u00007\u0000}', 'correct'],
  ['right-to-left marks', '\\boxed{\u202e7\u202c\u200f}', 'correct'],
  ['a byte order mark', '\ufeff7', 'correct'],
  ['lone surrogates', '\\boxed{\ud800}', 'unparsed'],
  ['prototype names', '\\boxed{__proto__}', 'unparsed'],
  ['a number with a prototype name', '\\boxed{7 constructor}', 'correct'],
  ['code', "__import__('os').system('touch marker') or 7", 'no-answer'],
  ['code in a box', '\\boxed{process.exit(7)}', 'unparsed'],
]

describe('hostile text gets a verdict and costs little', () => {
  test.each(HOSTILE)('%s', (_name, text, kind) => {
    expect(judge('7', text).kind).toBe(kind)
  })

  test.each(HOSTILE)('%s as gold answer is undecided unless it can be read', (_name, text, kind) => {
    const { kind: asGold } = judge(text, '\\boxed{7}')
    expect(asGold).toBe(kind === 'correct' || kind === 'incorrect' ? kind : 'undecided')
  })

  test.each(HOSTILE)('%s is explained in a bounded space', (_name, text) => {
    expect(JSON.stringify(explain('7', text)).length).toBeLessThan(30_000)
  })
})

// All of them are in hostile.slow.test.ts; bench/verifier.ts says what they cost.
const SOME = [...hostileByKind()].filter((_, at) => at % 12 === 5)

test.each(SOME)('$kind is never called correct', ({ gold, answer }) => {
  expect(judge(gold, answer).kind).not.toBe('correct')
  expect(judge(answer, gold).kind).not.toBe('correct')
})

test.each([
  ['units with powers and spaces', ' cm^2'],
  ['words with powers', '\\text{a}^2 '],
  ['slashes between units', ' / s ^ 2 '],
])('%s one after the other end, whatever follows them', (_, piece) => {
  expect(judge(`${piece.repeat(300)}9`, `\\boxed{${piece.repeat(300)}8}`).kind).not.toBe('correct')
})

test('a tower of roots without braces is not read', () => {
  expect(judge(`${'\\sqrt'.repeat(300)}9`, `\\boxed{${'\\sqrt'.repeat(300)}8}`).kind).toBe('undecided')
})
