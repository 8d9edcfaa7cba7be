import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judge } from '../../src/verify/decide.ts'
import { answerLike } from './fuzz.ts'

const integer = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n })
const boxed = (answer: string) => `So the answer is $\\boxed{${answer}}$.`
const grouped = (n: bigint, separator: string) => n.toString().replace(/\B(?=(\d{3})+$)/g, separator)

// Pieces that markers and numbers are made of, so that random texts come near to real ones.
const pieces = fc
  .array(
    fc.constantFrom(
      ...[
        '\\boxed',
        '\\frac',
        '{',
        '}',
        '####',
        'A:',
        'the answer is ',
        '$',
        '\\[',
        '\\]',
        '**',
        '=',
        ',',
        '.',
        '-',
        '%',
      ],
      ...['1', '234', '/', ' ', '\n', 'x', '\\text', '\\', 'and', 'e9', '^', '10', '°', '(', ')', '\u0000', '\u202e'],
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''))

describe('every form of an integer is that integer', () => {
  const forms: [name: string, form: (n: bigint) => string][] = [
    ['with thousands commas', (n) => grouped(n, ',')],
    ['with LaTeX thousands commas', (n) => grouped(n, '{,}')],
    ['with spaced LaTeX commas', (n) => grouped(n, ',\\!')],
    ['with thin spaces', (n) => grouped(n, '\\,')],
    ['as a decimal', (n) => `${n}.0`],
    ['over one', (n) => `${n}/1`],
    ['as a LaTeX fraction', (n) => `\\frac{${n * 6n}}{6}`],
    ['with a unit', (n) => `${n} apples`],
    ['as money', (n) => `\\$${n}`],
    ['with a real minus sign', (n) => `${n}`.replace('-', '\u2212')],
    ['in bold', (n) => `**${n}**`],
    ['as an equation', (n) => `x = ${n}`],
    ['as text', (n) => `\\text{${n}}`],
    ['times a power of ten', (n) => `${n} \\times 10^{0}`],
  ]
  test.each(forms)('%s', (_name, form) => {
    fc.assert(fc.property(integer, (n) => judge(`${n}`, boxed(form(n))).kind === 'correct'))
    fc.assert(fc.property(integer, (n) => judge(`${n}`, boxed(form(n + 1n))).kind === 'incorrect'))
    fc.assert(fc.property(integer, (n) => judge(form(n), boxed(`${n}`)).kind === 'correct'))
  })
})

test('a fraction equals itself extended and its double does not', () => {
  const numerator = fc.integer({ min: 1, max: 1e9 })
  fc.assert(
    fc.property(numerator, numerator, fc.integer({ min: 2, max: 1e6 }), (a, b, k) => {
      const extended = `\\frac{${BigInt(a) * BigInt(k)}}{${BigInt(b) * BigInt(k)}}`
      expect(judge(`${a}/${b}`, boxed(extended)).kind).toBe('correct')
      expect(judge(`${2 * a}/${b}`, boxed(extended)).kind).toBe('incorrect')
    }),
  )
})

test('a decimal with any digits is exact', () => {
  const digits = fc.stringMatching(/^[0-9]{1,200}$/)
  fc.assert(
    fc.property(fc.nat(), digits, (whole, part) => {
      const options = { rounding: 'none' } as const
      expect(judge(`${whole}.${part}`, boxed(`${whole}.${part}0`), options).kind).toBe('correct')
      expect(judge(`${whole}.${part}`, boxed(`${whole}.${part}1`), options).kind).toBe('incorrect')
    }),
  )
})

test.each([
  ['arbitrary text', fc.string({ unit: 'binary', maxLength: 200 })],
  ['text made of markers and numbers', pieces],
])('%s never makes the checker throw, and the same pair always gets the same verdict', (_name, text) => {
  fc.assert(
    fc.property(text, text, (gold, completion) => {
      expect(judge(gold, completion)).toEqual(judge(gold, completion))
    }),
    { numRuns: 400 },
  )
})

test('any text is correct or undecided against itself, never incorrect', () => {
  fc.assert(
    fc.property(pieces, (text) => {
      expect(['correct', 'undecided']).toContain(judge(text, text).kind)
    }),
    { numRuns: 400 },
  )
})

test.each([
  ['of answers', answerLike(20)],
  ['of a few pieces', answerLike(6)],
])('random texts %s get a verdict, and are never incorrect against themselves', (_name, text) => {
  fc.assert(
    fc.property(text, text, (gold, answer) => {
      judge(gold, answer)
      expect(['correct', 'undecided']).toContain(judge(gold, gold).kind)
    }),
    // Hundreds of times as many are in fuzz.slow.test.ts.
    { numRuns: 300 },
  )
})

describe('equality of expressions', () => {
  const leaf = fc.oneof(
    fc.integer({ min: 1, max: 9 }).map(String),
    fc.constantFrom('x', 'y', '\\pi', '\\sqrt{2}', '\\sin x', 'e^{y}'),
  )
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `\\left(${a}+${b}\\right)`),
      fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `\\left(${a}\\right)\\left(${b}\\right)`),
      fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `\\frac{${a}}{${b}}`),
      tie('expression').map((a) => `\\left(${a}\\right)^{2}`),
    ),
  }))

  test('rewriting keeps it: commuted, multiplied out, with zeros and ones', () => {
    fc.assert(
      fc.property(expression, expression, (a, b) => {
        const sum = `(${a})+(${b})`
        const others = [`(${b})+(${a})`, `\\frac{2(${a})+2(${b})}{2}`, `(${a})-(-(${b}))+0`, `1\\cdot(${sum})`]
        for (const other of others) expect([sum, other, judge(sum, boxed(other)).kind]).toEqual([sum, other, 'correct'])
      }),
      { numRuns: 75 },
    )
  })

  test('a changed number breaks it', () => {
    fc.assert(
      fc.property(expression, fc.integer({ min: 1, max: 99 }), (a, n) => {
        expect(judge(`(${a})+${n}`, boxed(`(${a})+${n + 1}`)).kind).not.toBe('correct')
      }),
      { numRuns: 100 },
    )
  })

  test('it is symmetric where nothing is rounded', () => {
    fc.assert(
      fc.property(expression, expression, (a, b) => {
        expect(judge(a, boxed(b), { rounding: 'none' }).kind).toBe(judge(b, boxed(a), { rounding: 'none' }).kind)
      }),
      { numRuns: 100 },
    )
  })
})
