/** Inputs that are made to hang, fill the memory of, or fool a checker: gold answer and answer, never equal. */

const repeat = (text: string, count: number): string => text.repeat(count)
const numbers = (count: number, from = 0): string => Array.from({ length: count }, (_, n) => n + from).join(',')

export const HOSTILE: readonly (readonly [name: string, gold: string, answer: string])[] = [
  ['a power tower', '10^{10^{10}}', '10^{10^{10}}+1'],
  ['a taller one', '9^{9^{9^{9}}}', '9^{9^{9^{9}}}+1'],
  ['2 to the billion', '2^{10^9}', '2^{10^9}+1'],
  ['a factorial of a billion', '(10^9)!', '(10^9)!+1'],
  ['nested factorials', '((100!)!)!', '((100!)!)!+1'],
  ['a huge binomial', '\\binom{10^9}{5\\cdot10^8}', '\\binom{10^9}{5\\cdot10^8}+1'],
  ['a gcd of huge powers', '\\gcd(2^{10^6},3^{10^6})', '2'],
  ['tiny values', '\\frac{1}{2004!}', '\\frac{1}{2006!}'],
  ['a megabyte of digits', repeat('7', 1_000_000), `${repeat('7', 999_999)}8`],
  ['a megabyte of prose', '7', `${repeat('words and words\n', 62_500)}\\boxed{8}`],
  ['a megabyte of dollars', '7', repeat('$', 1_000_000)],
  ['a megabyte of formulas', '7', repeat('so $8$ ', 140_000)],
  ['10,000 nested braces', `${repeat('{', 10_000)}1${repeat('}', 10_000)}`, '2'],
  ['10,000 nested parentheses', '2', `${repeat('(', 10_000)}1${repeat(')', 10_000)}`],
  [
    'sixty nested roots',
    `${repeat('\\sqrt{1+', 60)}x${repeat('}', 60)}`,
    `${repeat('\\sqrt{1+', 60)}y${repeat('}', 60)}`,
  ],
  [
    'sixty nested fractions',
    `${repeat('\\frac{1}{x+', 60)}y${repeat('}', 60)}`,
    `${repeat('\\frac{1}{x+', 60)}z${repeat('}', 60)}`,
  ],
  ['a sum of 100,000 terms', Array.from({ length: 100_000 }, (_, n) => `x_{${n}}`).join('+'), 'x'],
  ['a set of 20,000', `\\{${numbers(20_000)}\\}`, `\\{${numbers(20_000, 1)}\\}`],
  ['a set of 900', `\\{${numbers(900)}\\}`, `\\{${numbers(900, 1)}\\}`],
  ['a polynomial to the 5000th', '(x+y+1)^{5000}', '(x+y+1)^{5000}+1'],
  ['nested powers', '((((x+1)^{40}+1)^{40}+1)^{40}+1)^{40}', '((((x+1)^{40}+1)^{40}+1)^{40}+2)^{40}'],
  ['an endless sum', '\\frac{\\pi^2}{6}', '\\sum_{n=1}^{\\infty}\\frac{1}{n^3}'],
  ['nested sums', '1', '\\sum_{a=1}^{2000}\\sum_{b=1}^{2000}\\sum_{c=1}^{2000}\\sin(abc)'],
  ['a hard integral', '\\int_0^1 e^{e^{e^x}}dx', '\\int_0^1 e^{e^{e^x}}dx+1'],
  ['many signs', '\\{1\\}', `\\{${repeat('\\pm 1,', 600)}2\\}`],
  ['thousands of bars', 'x', `${repeat('|', 500)}y${repeat('|', 500)}`],
  ['thousands of percent signs', '1', repeat('%', 3_000)],
  ['thousands of open boxes', '5', repeat('\\boxed{', 10_000)],
  ['hundreds of letters of options', '12', `\\boxed{${repeat('A) ', 1_300)}12}`],
  ['thousands of answers in tags side by side', '12', repeat('<answer>1</answer>,', 50_000)],
  ['thousands of boxes in formulas', '7', repeat(`${repeat('\\frac{- ( ', 20)}\\boxed{12}`, 2_000)],
  ['code', '0', "__import__('os').system('touch marker') or 0"],
]
