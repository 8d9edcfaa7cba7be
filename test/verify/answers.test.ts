import { describe, expect, test } from 'vitest'
import { judge } from '../../src/verify/decide.ts'

/** Gold answer, then answers that equal it, then answers that do not. */
const ANSWERS: [kind: string, gold: string, equal: string[], different: string[]][] = [
  [
    'a root',
    '\\sqrt{8}',
    ['2\\sqrt{2}', '2\\sqrt2', '8^{1/2}', '\\frac{4}{\\sqrt{2}}', 'sqrt(8)', '2*sqrt(2)'],
    ['4', '3\\sqrt{2}', '-2\\sqrt2'],
  ],
  ['a nested root', '\\sqrt{3+2\\sqrt{2}}', ['1+\\sqrt{2}'], ['1+\\sqrt{3}']],
  ['a cube root', '\\sqrt[3]{-8}', ['-2'], ['2']],
  [
    'a fraction',
    '\\frac{1}{3}',
    ['1/3', '\\dfrac13', '\\frac{2}{6}', '0.333', '0.3333333'],
    ['3', '0.34', '0.3', '\\frac{1}{4}'],
  ],
  ['a mixed number', '2\\frac{1}{2}', ['5/2', '2.5', '\\frac52'], ['1', '\\frac{1}{2}', '2.4']],
  ['a polynomial', 'x^2+2x+1', ['(x+1)^2', '1+2x+x^2', 'x(x+2)+1', '(x+1)(x+1)'], ['x^2+2x-1', 'x^2+2y+1', '(x-1)^2']],
  ['a quotient', '\\frac{x+1}{x^2-1}', ['\\frac{1}{x-1}'], ['\\frac{1}{x+1}']],
  ['an exponential', 'e^{2x}', ['(e^x)^2', '\\exp(2x)', 'e^x e^x'], ['e^{x^2}', '2e^x']],
  ['a power', '2^{n+1}', ['2\\cdot 2^n', '2^n+2^n'], ['2^n+1', '4^n']],
  ['a logarithm', '\\ln 8', ['3\\ln 2', '\\ln 2 + \\ln 4', '\\log 8'], ['8', '\\ln 9', '3']],
  ['a logarithm to a base', '\\log_2 8', ['3', '\\frac{\\ln 8}{\\ln 2}'], ['2']],
  ['a sine', '\\sin(2x)', ['2\\sin x\\cos x', '2\\sin(x)\\cos(x)', '\\sin 2x'], ['\\sin^2 x', '2\\sin x']],
  ['an arctangent', '\\arctan x', ['\\tan^{-1} x', '\\tan^{-1}(x)'], ['\\frac{1}{\\tan x}']],
  [
    'a special value',
    '\\frac{\\sqrt{3}}{2}',
    ['\\sin 60^\\circ', '\\cos\\frac{\\pi}{6}', '0.866'],
    ['\\frac12', '0.876'],
  ],
  ['pi', '2\\pi', ['6.283', '\\frac{4\\pi}{2}', '2π'], ['6.28319e2', '3\\pi', '\\pi^2']],
  ['absolute values', '\\sqrt{x^2}', ['|x|'], ['x', '-x']],
  ['complex numbers', '3-4i', ['-4i+3', '(2-i)^2', '3 - 4 i'], ['3+4i', '-3-4i', '4-3i']],
  ['a factorial', '5!', ['120', '5\\cdot4!'], ['5', '24']],
  ['a binomial', '\\binom{5}{2}', ['10', '\\frac{5!}{2!3!}', '{5 \\choose 2}'], ['20']],
  ['scientific notation', '3.2\\times 10^{5}', ['320000', '320,000', '3.2e5'], ['3.2\\times 10^{4}', '32000']],
  ['tiny numbers', '\\frac{1}{2004!}', ['\\frac{2005}{2005!}'], ['\\frac{1}{2006!}', '0']],
  [
    'huge numbers',
    '2^{100}',
    ['1267650600228229401496703205376', '4^{50}'],
    ['1267650600228229401496703205377', '2^{101}'],
  ],
  ['thousands', '12,345', ['12345', '12\\,345', '12{,}345', '12 345'], ['12.345', '1234', '123,45']],
  [
    'a list',
    '1, 2, 3',
    ['3,2,1', '1 and 2 and 3', '\\{1,2,3\\}', 'x=1, x=2, x=3', '(1,2,3)'],
    ['1,2', '1,2,3,4', '1,2,2', '(3,2,1)'],
  ],
  [
    'a list with roots',
    '1\\pm\\sqrt{2}',
    ['1+\\sqrt2, 1-\\sqrt2', '\\{1-\\sqrt{2},1+\\sqrt{2}\\}', 'x=1\\pm\\sqrt2'],
    ['1+\\sqrt2', '1\\pm\\sqrt3'],
  ],
  ['a list of three digits', '100,200', ['100200'], ['200,100,300']],
  ['a list against thousands', '1, 100, 200', ['1,100,200', '200, 100, 1'], ['1,100,201']],
  ['a set', '\\{1,2\\}', ['\\{2,1\\}', '\\{1,2,2\\}', '1,2', 'x\\in\\{1,2\\}'], ['\\{1\\}', '[1,2]', '(1,2)']],
  ['the empty set', '\\emptyset', ['\\varnothing', '\\{\\}', 'no solution', 'No solutions'], ['0', '\\{0\\}']],
  ['unions of sets', '\\{1\\}\\cup\\{2\\}', ['\\{1,2\\}'], ['\\{1\\}']],
  [
    'a pair',
    '(1,2)',
    ['(1, 2)', '\\left(1,2\\right)', '\\left(\\frac{2}{2},2\\right)', '(x,y)=(1,2)', 'x=1, y=2'],
    ['(2,1)', '[1,2]', '(1,2,3)', '\\{1,2\\}'],
  ],
  ['pairs', '(1,2),(3,4)', ['(3,4),(1,2)', '(1,2) and (3,4)', '\\{(1,2),(3,4)\\}'], ['(1,2)', '(2,1),(3,4)']],
  [
    'an interval',
    '[1,3)',
    ['1\\le x<3', 'x\\in[1,3)', '3>x\\geq 1', '\\left[1,\\frac{6}{2}\\right)'],
    ['(1,3)', '[1,3]', '1\\le x\\le 3', '[1,4)'],
  ],
  ['an open interval', '(1,3)', ['1<x<3', 'x \\in (1,3)', 'x>1 \\text{ and } x<3'], ['1\\le x<3', '(1,4)']],
  [
    'a ray',
    'x>2',
    ['(2,\\infty)', '2<x', '(2,+\\infty)', 'x \\in (2, \\infty)'],
    ['x\\ge2', 'x<2', '[2,\\infty)', '2'],
  ],
  [
    'a union',
    '(-\\infty,-1)\\cup(2,\\infty)',
    ['x<-1 \\text{ or } x>2', '(2,\\infty)\\cup(-\\infty,-1)', 'x<-1, x>2'],
    ['(-1,2)', '(-\\infty,-1]\\cup(2,\\infty)', 'x>2'],
  ],
  [
    'all but a point',
    '(-\\infty,0)\\cup(0,\\infty)',
    ['x\\ne0', '\\mathbb{R}\\setminus\\{0\\}'],
    ['\\mathbb{R}', '(0,\\infty)'],
  ],
  ['the real line', '(-\\infty,\\infty)', ['\\mathbb{R}', '\\text{all real numbers}'], ['(0,\\infty)']],
  ['set-builder', '\\{x \\mid x > 3\\}', ['(3,\\infty)', 'x>3', '\\{x : x>3\\}'], ['x\\ge 3']],
  ['absolute inequalities', '|x|<2', ['(-2,2)', '-2<x<2'], ['x<2', '[-2,2]']],
  ['an equation', 'x=5', ['5', '5=x', 'x = 5.0', 'x=\\frac{10}{2}'], ['x=-5', '-5', 'x\\ne5']],
  ['a line', 'y=2x+3', ['2x-y+3=0', '2x+3', 'y-2x=3', '2y=4x+6', 'y-3=2x'], ['y=2x-3', '2x+y+3=0', 'y=3x+2']],
  ['a circle', 'x^2+y^2=4', ['x^2+y^2-4=0', '2x^2+2y^2=8'], ['x^2+y^2=2', 'x^2-y^2=4']],
  [
    'an inequality in two',
    '2x+y\\le 4',
    ['4x+2y\\le 8', 'y\\le 4-2x', '4\\ge 2x+y'],
    ['2x+y\\ge4', '-2x-y\\le-4', '2x+y<4'],
  ],
  ['a function', 'f(x)=x^2', ['x^2', 'f(t)=t^2', 'f(x) = x\\cdot x'], ['f(x)=x^3', 'g(x)=x^3']],
  ['named values', 'x=1, y=2', ['y=2, x=1', '(x,y)=(1,2)', '1, 2'], ['x=2, y=1', '2,1']],
  [
    'integer families',
    'x=\\frac{\\pi}{4}+k\\pi, k\\in\\mathbb{Z}',
    [
      '\\frac{\\pi}{4}+n\\pi',
      'x=\\frac{\\pi}{4}+\\pi n, n \\in \\mathbb{Z}',
      'x=\\frac{5\\pi}{4}+k\\pi',
      'k\\pi+\\frac{\\pi}{4}, \\text{where } k \\text{ is an integer}',
    ],
    ['\\frac{\\pi}{4}+2n\\pi', '\\frac{\\pi}{3}+n\\pi'],
  ],
  [
    'constants of integration',
    '\\frac{x^2}{2}+C',
    ['\\frac12x^2+c', '\\frac{x^2}{2}+C_1', '0.5x^2+K'],
    ['\\frac{x^2}{2}', '\\frac{x^3}{2}+C'],
  ],
  ['a percentage', '25\\%', ['25%', '0.25', '\\frac14', '25', '25 percent'], ['0.25\\%', '2.5', '26\\%']],
  [
    'a length',
    '5 \\text{ cm}',
    ['5', '5cm', '0.05 \\text{ m}', '50\\text{ mm}', '5 \\mathrm{~cm}', '5 centimeters'],
    ['5 \\text{ m}', '6\\text{ cm}', '5 kg'],
  ],
  ['an area', '10 \\text{ cm}^2', ['10', '10 cm^2', '10 \\text{ square centimeters}'], ['10 \\text{ cm}^3', '100']],
  ['a speed', '36 \\text{ km/h}', ['10 \\text{ m/s}', '36 kilometers per hour'], ['36 \\text{ m/s}']],
  ['an angle', '90^\\circ', ['90', '\\frac{\\pi}{2}', '90 degrees', '90°'], ['\\pi', '91', '\\frac{\\pi}{3}']],
  ['money', '\\$5.50', ['5.5', '5.50 dollars', '$5.50'], ['5.05', '550']],
  [
    'a vector',
    '\\begin{pmatrix}1\\\\2\\end{pmatrix}',
    ['\\begin{bmatrix}1\\\\2\\end{bmatrix}', '(1,2)', '\\begin{pmatrix}1\\\\\\frac{4}{2}\\end{pmatrix}'],
    ['\\begin{pmatrix}2\\\\1\\end{pmatrix}', '\\begin{pmatrix}1\\\\2\\\\3\\end{pmatrix}'],
  ],
  [
    'a matrix',
    '\\begin{bmatrix}1&0\\\\0&1\\end{bmatrix}',
    ['\\begin{pmatrix}1 & 0 \\\\ 0 & 1\\end{pmatrix}'],
    ['\\begin{pmatrix}0&1\\\\1&0\\end{pmatrix}', '\\begin{bmatrix}1&0&0&1\\end{bmatrix}'],
  ],
  [
    'cases',
    '\\begin{cases}x&x>0\\\\-x&x<0\\end{cases}',
    ['\\begin{cases}-x&x<0\\\\x&x>0\\end{cases}'],
    ['\\begin{cases}x&x>0\\\\x&x<0\\end{cases}'],
  ],
  ['a system', '\\begin{cases}x=1\\\\y=2\\end{cases}', ['x=1,y=2', 'y=2, x=1'], ['x=2,y=1']],
  ['a choice', '\\text{(C)}', ['C', '(C)', '\\textbf{C}', 'C.', '(C) 5', '\\text{C}'], ['(B)', 'D', 'c+1']],
  ['words', '\\text{Saturday}', ['Saturday', 'saturday', '**Saturday**', 'the Saturday'], ['Sunday']],
  ['accents', 'Café', ['Cafe\u0301', 'cafe'], ['Care']],
  ['number words', '\\text{four}', ['4', 'four', 'Four'], ['5', 'five']],
  ['yes', 'Yes', ['yes', '\\text{Yes}', 'Yes.'], ['No']],
  ['times', '8:30 \\text{ p.m.}', ['20:30', '8:30 PM', '8:30'], ['8:30 a.m.', '8:31 p.m.', '9:30 p.m.']],
  ['a ratio', '3:4', ['6:8', '\\frac34', '3 : 4'], ['4:3', '3:5', '34']],
  ['other bases', '1011_2', ['1011_{2}', '1011'], ['1011_3', '1010_2', '11']],
  ['a rounded gold', '3.14', ['\\pi', '\\frac{22}{7}'], ['3.1416', '3.15', '\\sqrt{10}', '3']],
  ['approximations', '\\frac{1}{7}\\approx 0.143', ['\\frac17', '0.143'], ['\\frac18']],
  ['sums', '\\sum_{k=1}^{n} k', ['\\sum_{j=1}^{n} j'], ['\\sum_{k=0}^{n} k^2']],
  ['finite sums', '\\sum_{k=1}^{10} k', ['55'], ['45']],
  ['integrals', '\\int_0^1 x^2\\,dx', ['\\int_0^1 t^2 dt', '\\int_{0}^{1} x^{2} dx'], ['\\int_0^2 x^2 dx']],
  [
    'functions in products',
    '\\frac{\\cos t\\ln t}{\\sin t}',
    ['\\cot t \\cdot \\ln t', '\\ln{t} \\cdot \\cot{t}'],
    ['\\cot(t\\ln t)'],
  ],
  [
    'odd roots',
    '\\frac{2}{(x^2-2)^{2/3}}',
    ['\\frac{2}{\\sqrt[3]{x^2-2}^2}', '2(x^2-2)^{-2/3}'],
    ['\\frac{2}{\\sqrt{x^2-2}^3}'],
  ],
  [
    'matrix arithmetic',
    '\\begin{pmatrix}3\\\\7\\end{pmatrix}',
    [
      '\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}\\begin{pmatrix}1\\\\1\\end{pmatrix}',
      '\\begin{pmatrix}1\\\\2\\end{pmatrix}+\\begin{pmatrix}2\\\\5\\end{pmatrix}',
    ],
    ['2\\begin{pmatrix}1\\\\2\\end{pmatrix}'],
  ],
  [
    'determinants',
    '-2',
    ['\\det\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}', '\\begin{vmatrix}1&2\\\\3&4\\end{vmatrix}'],
    ['\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}'],
  ],
  ['compound units', '150 \\text{ minutes}', ['2 hours 30 minutes', '2.5 hours'], ['2 hours 20 minutes']],
  ['sequences', 'a_n=2^n-1', ['a_k=2^k-1', '2^n-1'], ['a_n=2^n+1']],
  ['derivatives that are not worked out', '2x', ['x+x'], ['\\frac{d}{dx}x^3']],
  ['subscripts', 'a_1+a_2', ['a_2+a_1', 'a_{1}+a_{2}'], ['a_1-a_2', 'a+a_2']],
  ['greek', '\\alpha+\\beta', ['\\beta+\\alpha', 'α+β'], ['\\alpha-\\beta']],
]

const boxed = (answer: string): string => `So it is $\\boxed{${answer}}$.`
const EQUAL = ANSWERS.flatMap(([kind, gold, equal]) => equal.map((answer) => [kind, gold, answer] as const))
const DIFFERENT = ANSWERS.flatMap(([kind, gold, , different]) =>
  different.map((answer) => [kind, gold, answer] as const),
)

describe('what means the same is correct', () => {
  test.each(EQUAL)('%s: %s is %s', (_kind, gold, answer) => {
    expect(judge(gold, boxed(answer))).toMatchObject({ kind: 'correct' })
  })
})

describe('what means something else is not', () => {
  test.each(DIFFERENT)('%s: %s is not %s', (_kind, gold, answer) => {
    expect(judge(gold, boxed(answer)).kind).not.toBe('correct')
  })
})
