import { describe, expect, test } from 'vitest'
import { compile } from '../../../src/problems/symbolic/compile.ts'
import { fromDecimal, ratio, toDouble } from '../../../src/problems/symbolic/exact.ts'
import { TemplateFault } from '../../../src/problems/symbolic/fault.ts'
import { parseExpression } from '../../../src/problems/symbolic/parse-expression.ts'
import { createScope, listOf, numberIn, textOf, type Value } from '../../../src/problems/symbolic/value.ts'

const half: Value = { kind: 'labelled', label: 'half', number: ratio(1, 2, 'fraction') }
const variables: Record<string, Value> = {
  a: 7,
  b: 3,
  d: fromDecimal('0.25'),
  s: 'tea',
  t: listOf(['x', 'y', 'z']),
  frac: half,
}
const names = { places: new Map(Object.keys(variables).map((name, place) => [name, place])), lists: {} }

function evaluate(source: string): Value {
  const scope = createScope()
  scope.values.push(...Object.values(variables))
  return compile(parseExpression(source), names)(scope)
}
const text = (source: string) => textOf(evaluate(source))

describe('numbers are those of Python', () => {
  test.each([
    ['-7 // 2', -4],
    ['-7 % 3', 2],
    ['7 % -3', -2],
    ['7.5 // 2', 3],
    ['-7.5 % 2', 0.5],
    ['2 ** -1', 0.5],
    ['2 ** 3 ** 2', 512],
    ['-2 ** 2', -4],
    ['round(2.5)', 2],
    ['round(3.5)', 4],
    ['round(-2.5)', -2],
    ['round(0.125, 2)', 0.12],
    ['round(1234.5678, -2)', 1200],
    ['int(-3.7)', -3],
    ['int(a / b)', 2],
    ['1_000 + .5 + 1e3', 2000.5],
    ['abs(-4) + min(a, b) + max([1, 9])', 16],
    ['sum(range(10)) + len(t)', 48],
    ['math.gcd(12, 18) + math.comb(5, 2) + math.factorial(4)', 40],
    ['math.ceil(2.1) + floor(2.9) + math.sqrt(16)', 9],
    ['pow(2, 5, 7)', 4],
    ['Fraction(3, 4).numerator', 3],
    ['Fraction("1/3") * 3', 1],
    ['True + True', 2],
    ['a if b == 3 and not b > 3 else 0', 7],
    ['1 < 2 < 3 == b', 1],
    ['[i * i for i in range(5) if i % 2][1]', 9],
    ['[x + y for x, y in zip([1, 2], [10, 20])][-1]', 22],
    ['{"p": 4}["p"] + {"p": 4}.get("q", 1)', 5],
    ['range(3, 9, 2)[1]', 5],
    ['len({a, b, 7})', 2],
    ['sum([x * y for x in range(3) for y in range(x + 1)])', 7],
    ['np.arange(0.5, 2, 0.5)[2]', 1.5],
    ['[1, 2] + [5] == [1, 2, 5]', 1],
    ['max([3, 1, 12], key=lambda x: x % 10)', 3],
    ['sum(map(int, str(472)))', 13],
    ['len(list(filter(lambda x: x > 1, [1, 2, 3])))', 2],
    ['{k: v for k, v in zip("ab", [1, 2])}["b"]', 2],
    ['len({x % 3 for x in range(9)})', 3],
    ['max(*[1, 5], 2) + [*range(3), 9][-1]', 14],
    ['sum([y for (x, y) in [(1, 2), (3, 4)]])', 6],
    ['next(x for x in range(9) if x > 4)', 5],
    ['0x1f + 0b11', 34],
    ['np.median([3, 1, 2]) + len(list(itertools.combinations([1, 2, 3], 2)))', 5],
    ['isinstance(a, int) + isinstance(d, (int, float)) + isinstance(s, float)', 2],
    ['len({1, 2} | {2, 3}) + len({1, 2} & {2, 3})', 4],
    ['[1, 2] < [1, 3]', 1],
    ['math.fmod(-7, 3)', -1],
  ])('%s is %d', (source, expected) => {
    expect(toDouble(numberIn(evaluate(source)))).toBe(expected)
  })

  test.each([
    ['0.1 + 0.2', '0.3'],
    ['int(0.29 * 100)', '29'],
    ['1.1 * 3 == 3.3', 'True'],
    ['(1 + 5/100 + 12/100) * 350000', '409500'],
    ['10 ** 20 + 1', '100000000000000000001'],
    ['10 / 2', '5'],
    ['1 / 3', '0.3333333333333333'],
    ['Fraction(1, 3) + Fraction(1, 6)', '1/2'],
    ['Fraction(1, 3) + 0.5', '0.8333333333333334'],
  ])('%s is exactly %s: decimals are no binary noise', (source, expected) => {
    expect(text(source)).toBe(expected)
  })

  test.each(['1 / 0', '1 % 0', '5 // 0', 'math.sqrt(-1)', '10 ** 100000', '2 ** 2 ** 2 ** 2 ** 2', 't[7]'])(
    '%s is a fault of the values, which others may not have',
    (source) => {
      expect(() => evaluate(source)).toThrow(TemplateFault)
      try {
        evaluate(source)
      } catch (error) {
        expect((error as TemplateFault).isOfValues).toBe(true)
      }
    },
  )
})

describe('labels', () => {
  test('calculate as their number and read as their wording', () => {
    expect(text('frac')).toBe('half')
    expect(text('a * frac')).toBe('7/2')
    expect(text('frac[0] + "!"')).toBe('half!')
    expect(text('frac[1] * 4')).toBe('2')
    expect(text('frac == "half"')).toBe('True')
    expect(text('frac < 1')).toBe('True')
    expect(text('frac.upper()')).toBe('HALF')
  })
})

describe('texts are those of Python', () => {
  test.each([
    ['s.upper()', 'TEA'],
    ['f"{2.5:.1f} {1234567:,} {7:03d} {0.256:.1%} {s:>5}|{3:^5}|{-3:+d}"', '2.5 1,234,567 007 25.6%   tea|  3  |-3'],
    ["'%05.2f %d of %s' % (3.14159, 3, 'x')", '03.14 3 of x'],
    ["'{} {n}'.format(1, n=2)", '1 2'],
    ["'-'.join(t) + str(5)", 'x-y-z5'],
    ["'abc'[::-1] + s[1] + 'ab'[-1]", 'cbaeb'],
    ["'a' 'b' * 2", 'abab'],
    ["'yes' if 'ea' in s else 'no'", 'yes'],
    ["', '.join(map(str.upper, t))", 'X, Y, Z'],
    ["', '.join(sorted(['pear', 'fig'], key=len))", 'fig, pear'],
    ["'a-b-c'.rsplit('-', 1)[0] + 'x'.center(3, '*') + 'ab'.ljust(3) + '|'", 'a-b*x*ab |'],
    ["'caf\\u00e9'.removesuffix('x') if 'abc'.endswith(('b', 'c')) else ''", 'café'],
    ["'it\\'s'", "it's"],
    ["plural('box', 3) + plural('child') + plural('cat', 1) + plural('berry')", 'boxeschildrencatberries'],
    ['ordinal(3) + ordinal(11) + num_to_words(42)', '3rd11thforty-two'],
    ["format_frac(Fraction(7, 2)) + ' ' + format_frac(Fraction(4, 2))", '3 1/2 2'],
  ])('%s is %s', (source, expected) => {
    expect(text(source)).toBe(expected)
  })
})

describe('what is not known is named, and nothing is run', () => {
  test.each([
    ['magic(3)', 'the function magic() is unknown'],
    ['planets', 'the name planets is neither a variable of the template nor a known word list'],
    ['__import__("os").system("ls")', 'the function __import__() is unknown'],
    ['lambda x: x', 'the form lambda is not supported but where a function is given'],
    ['map(magic, t)', 'the function magic() is unknown'],
    ['(*t)', 'the form * before a value is not supported'],
    ['map(lambda x, y: x, t)', 'a lambda of 2 values is given 1'],
    ['s.__class__', 'the attribute .__class__ of the text "tea" is unknown'],
    ['s.encode()', 'the method .encode() of the text "tea" is unknown'],
    ['constructor', 'the name constructor is neither'],
    ['toString()', 'the function toString() is unknown'],
    ['s.constructor()', 'the method .constructor() of the text "tea" is unknown'],
    ['int', 'the function int is named without its brackets'],
    ['round(1, 2, 3)', 'round() takes 1 to 2 values and is given 3'],
    ['round(1, places=2)', 'round() knows no argument called places'],
    ['a = 3', '"= 3" is not understood in "a = 3"'],
    ['a +', 'the end is not understood in "a +"'],
    ['(a', 'the end stands where ) is expected in "(a"'],
    ['"open', 'a text in quotes does not end in'],
    ['a ? b : c', 'the sign "?" is not understood'],
    ['s + 1', '+ between the text "tea" and 1'],
    ['s > 1', 'the text "tea" is compared with 1'],
    [`${'('.repeat(500)}1${')'.repeat(500)}`, 'more than 100 levels of brackets'],
    [`${'1+'.repeat(3000)}1`, 'more than 400 operators'],
    ['list(range(10**9))', 'a list of more than 1000000 items'],
    ['"x" * 10**9', 'a text of more than 100000 characters'],
    ['range(1, 5, 0)', 'a range with the step 0'],
  ])('%s', (source, message) => {
    expect(() => evaluate(source)).toThrow(message)
  })
})
