import { describe, expect, test } from 'vitest'
import { formatRational } from '../../../src/verify/algebra/rational.ts'
import { DEFAULT_LIMITS } from '../../../src/verify/limits.ts'
import { parseAnswer } from '../../../src/verify/read/parse.ts'

const parse = (text: string) => parseAnswer(text, DEFAULT_LIMITS)

function numberOf(text: string): string {
  const answer = parse(text)
  return answer.kind === 'number' ? formatRational(answer.value) : answer.kind
}

describe('a number is read exactly', () => {
  test.each([
    ['42', '42'],
    ['+42', '42'],
    ['-42', '-42'],
    ['\u221242', '-42'],
    ['- 42', '-42'],
    ['007', '7'],
    ['-0', '0'],
    ['42.', '42'],
    ['.5', '1/2'],
    ['0.10', '1/10'],
    ['1,234', '1234'],
    ['1,234,567.5', '2469135/2'],
    ['1{,}234', '1234'],
    ['10,\\!080', '10080'],
    ['32,\\! 349', '32349'],
    ['1\\,234.5', '2469/2'],
    ['1 234', '1234'],
    ['1\u00a0234', '1234'],
    ['7/14', '1/2'],
    ['-7/14', '-1/2'],
    ['\\frac{1}{2}', '1/2'],
    ['\\dfrac{-3}{6}', '-1/2'],
    ['-\\tfrac{270}7', '-270/7'],
    ['\\frac12', '1/2'],
    ['\\frac1{72}', '1/72'],
    ['1 1/2', '3/2'],
    ['-3\\frac{1}{2}', '-7/2'],
    ['918\\frac{1}{2}', '1837/2'],
    ['$18', '18'],
    ['\\$32,\\!348', '32348'],
    ['-$5.50', '-11/2'],
    ['$-5', '-5'],
    ['£1,000', '1000'],
    ['5 €', '5'],
    ['50%', '50'],
    ['50\\%', '50'],
    ['33.5 pct', '67/2'],
    ['1e3', '1000'],
    ['1.5 \\times 10^{3}', '1500'],
    ['2*10^-2', '1/50'],
    ['10^{6}', '1000000'],
    ['-1.8 billion', '-1800000000'],
    ['2 dozen eggs', '24'],
    ['$\\frac{1}{2}$', '1/2'],
    ['\\(42\\)', '42'],
    ['**42**', '42'],
    ['**42** apples', '42'],
    ['`42`', '42'],
    ['\\text{13}', '13'],
    ['(42)', '42'],
    ['42 apples', '42'],
    ['42 (apples)', '42'],
    ['10cm', '10'],
    ['10 \\text{ cm}^2', '10'],
    ['10weeks', '10'],
    ['90^\\circ', '90'],
    ['18 dollars per day', '18'],
    ['$18/day', '18'],
    ['x = 5', '5'],
    ['f(2) = 5', '5'],
    ['\\angle APC = 74^\\circ', '74'],
    ['x=1/3\\approx0.33', '1/3'],
    ['42<|eot_id|>', '42'],
  ])('%j is %s', (text, expected) => {
    expect(numberOf(text)).toBe(expected)
  })
})

describe('what says more or something else than one number is not read as one', () => {
  test.each([
    ['1,23'],
    ['32, 349'],
    ['1,2345'],
    ['0,123'],
    ['1,234,5'],
    ['3, 5, 7'],
    ['12 34'],
    ['(1,2)'],
    ['1/0'],
    ['\\frac{1}{0}'],
    ['3/4/5'],
    ['3\\frac{7}{2}'],
    ['5x'],
    ['10xy'],
    ['5 x'],
    ['5\\pi'],
    ['5 pi'],
    ['2**3'],
    ['2^3'],
    ['9^9^9^9'],
    ['5!'],
    ['52_8'],
    ['5:45'],
    ['5 or 6'],
    ['5 plus a bit'],
    ['2 and a half'],
    ['5 half'],
    ['--5'],
    ['2+3'],
    ['10+John’s age'],
    ['x = 5, y = 6'],
    ['x = 5 or x = 6'],
    ['5x = 10'],
    ['x + 1 = 5'],
    ['x \\le 5'],
    ['1.2.3'],
    ['0x10'],
    ['NaN'],
    ['Infinity'],
    ['not 42'],
    ['forty-two'],
    [''],
  ])('%j', (text) => {
    expect(numberOf(text)).toBe('text')
  })
})

describe('limits come before work', () => {
  test.each([
    ['1'.repeat(1001), 'limit:digits'],
    [`0.${'1'.repeat(1001)}`, 'limit:digits'],
    ['1e1001', 'limit:exponent'],
    ['1e-99999999999999999999', 'limit:exponent'],
    ['10^{1000000000}', 'limit:exponent'],
    [`${'{'.repeat(65)}1${'}'.repeat(65)}`, 'limit:depth'],
    ['1'.repeat(5000), 'limit:answer'],
  ])('%.40s', (text, limit) => {
    expect(parse(text)).toEqual({ kind: 'too-large', limit })
  })

  test('a thousand digits are read', () => {
    expect(numberOf('7'.repeat(1000))).toBe('7'.repeat(1000))
  })
})
