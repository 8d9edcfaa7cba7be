/** A fresh thread's first verdicts are slow, as its code runs for the first time: these pairs run through most of it beforehand. */

import { judge } from './decide.ts'

/** Gold answer and completion, of the kinds that runs meet. */
const PAIRS: readonly (readonly [gold: string, completion: string])[] = [
  ['42', 'We add both: 19 + 23 = 42.\n#### 42'],
  ['1,250', 'So she pays $1,200 in all.\nThe answer is $\\$1,250$.'],
  ['17', 'Therefore the number is $\\boxed{71}$.'],
  ['3/4', '\\boxed{0.75}'],
  ['\\frac{3}{4}', 'Thus \\[x = \\frac{6}{8} = \\frac{3}{4}.\\]'],
  ['-\\frac{7}{3}', '\\boxed{-2\\frac{1}{3}}'],
  ['\\dfrac{22}{7}', '\\boxed{3.14}'],
  ['12.5', 'Answer: 12.50'],
  ['25\\%', '\\boxed{\\frac14}'],
  ['0.\\overline{3}', '\\boxed{\\frac{1}{3}}'],
  ['6.02\\times 10^{23}', '\\boxed{6.02\\cdot10^{23}}'],
  ['2\\sqrt{3}', '\\boxed{\\sqrt{12}}'],
  ['\\frac{\\sqrt{6}-\\sqrt{2}}{4}', '\\boxed{\\sin 15^\\circ}'],
  ['5+2\\sqrt{6}', '\\boxed{(\\sqrt2+\\sqrt3)^2}'],
  ['\\frac{1}{\\sqrt[3]{4}}', '\\boxed{2^{-2/3}}'],
  ['(x+1)(x-3)', '\\boxed{x^2 - 2x - 3}'],
  ['x^3+3x^2+3x+1', '\\boxed{(x+1)^3}'],
  ['\\frac{x^2-1}{x+1}', '\\boxed{x+1}'],
  ['\\frac{1}{1+x}', '\\boxed{\\frac{1}{1-x}}'],
  ['2^{n+1}-2', '\\boxed{2(2^n-1)}'],
  ['n(n-1)', '\\boxed{\\frac{n!}{(n-2)!}}'],
  ['\\binom{n}{2}', '\\boxed{\\frac{n(n-1)}{2}}'],
  ['\\sum_{k=1}^{n} k', '\\boxed{\\frac{n(n+1)}{2}}'],
  ['\\sin 2x', '\\boxed{2\\sin x\\cos x}'],
  ['\\cos^2\\theta', '\\boxed{1-\\sin^2(\\theta)}'],
  ['\\tan^2 y+1', '\\boxed{\\sec^2 y}'],
  ['\\frac{\\pi}{2}-\\arctan x', '\\boxed{\\arctan\\frac1x}'],
  ['\\ln 8', '\\boxed{3\\ln 2}'],
  ['\\log_2 10', '\\boxed{1+\\log_2 5}'],
  ['e^{-2t}(c_1\\cos 3t+c_2\\sin 3t)', '\\boxed{e^{-2t}(A\\cos 3t+B\\sin 3t)}'],
  ['y=x^2+C', '\\boxed{x^2+5+C}'],
  ['y=e^{x}(c_1+c_2x)', '\\boxed{y=e^{2x}(c_1+c_2x)}'],
  ['f(x)=2x+1', '\\boxed{f(t)=2t+1}'],
  ['a_n=3n-1', '\\boxed{a_n=3(n-1)+2}'],
  ['3+4i', '\\boxed{4i+3}'],
  ['2e^{i\\pi/4}', '\\boxed{\\sqrt2+\\sqrt2 i}'],
  ['\\frac{1+i\\sqrt3}{2}', '\\boxed{\\frac{1-i\\sqrt3}{2}}'],
  ['x=2', '\\boxed{2}'],
  ['x=-1, x=4', '\\boxed{4, -1}'],
  ['x=1\\pm\\sqrt5', '\\boxed{1+\\sqrt{5},\\ 1-\\sqrt{5}}'],
  ['x = 1 \\text{ or } x = 6', '\\boxed{x=6\\text{ or }1}'],
  ['(2,-3)', '\\boxed{x=2,\\ y=-3}'],
  ['(1,2,3)', '\\boxed{(1,3,2)}'],
  ['(1,2),(2,1)', '\\boxed{\\{(2,1),(1,2)\\}}'],
  ['\\{1,2,3\\}', '\\boxed{3,2,1}'],
  ['\\{x\\in\\mathbb{Z}:-2<x<2\\}', '\\boxed{\\{-1,0,1\\}}'],
  ['[-2,5)', '\\boxed{-2\\le x<5}'],
  ['(-\\infty,1)\\cup(3,\\infty)', '\\boxed{x<1\\text{ or }x>3}'],
  ['\\mathbb{R}\\setminus\\{0\\}', '\\boxed{x\\neq0}'],
  ['(0,1]', '\\boxed{[0,1)}'],
  ['|x-2|<3', '\\boxed{(-1,5)}'],
  ['a>b', '\\boxed{b<a}'],
  ['m\\geq 4', '\\boxed{m\\leq4}'],
  ['2x-y=4', '\\boxed{y=2x-4}'],
  ['x^2+y^2=9', '\\boxed{\\frac{x^2}{9}+\\frac{y^2}{9}=1}'],
  ['\\frac ab=\\frac35', '\\boxed{5a=3b}'],
  ['xy=6', '\\boxed{y=\\frac6x}'],
  ['x=k\\pi,\\ k\\in\\mathbb{Z}', '\\boxed{x=n\\pi}'],
  ['x=\\frac{\\pi}{4}+\\frac{k\\pi}{2}', '\\boxed{x=\\pm\\frac{\\pi}{4}+k\\pi}'],
  ['n\\equiv2\\pmod 5', '\\boxed{n=5k+2}'],
  ['17 \\bmod 5', '\\boxed{2}'],
  ['\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}', '\\boxed{\\begin{bmatrix}1&2\\\\3&5\\end{bmatrix}}'],
  ['\\begin{vmatrix}1&2\\\\3&4\\end{vmatrix}', '\\boxed{-2}'],
  ['\\begin{cases}x&x\\ge0\\\\-x&x<0\\end{cases}', '\\boxed{|x|}'],
  ['\\langle 1,-2\\rangle', '\\boxed{\\mathbf{i}-2\\mathbf{j}}'],
  ['\\max(a,b)', '\\boxed{\\frac{a+b+|a-b|}{2}}'],
  ['\\lfloor \\frac n2\\rfloor', '\\boxed{\\frac{n}{2}}'],
  ['\\gcd(12,18)', '\\boxed{6}'],
  ['5\\text{ cm}', '\\boxed{50\\text{ mm}}'],
  ['36\\text{ km/h}', '\\boxed{10\\ \\mathrm{m/s}}'],
  ['60^\\circ', '\\boxed{\\frac{\\pi}{3}}'],
  ['\\$4.50', '\\boxed{4.50\\text{ dollars}}'],
  ['2\\text{ hours }30\\text{ minutes}', '\\boxed{150\\text{ min}}'],
  ['12\\text{ square feet}', '\\boxed{12\\text{ ways}}'],
  ['3:45\\text{ p.m.}', '\\boxed{15:45}'],
  ['2:3', '\\boxed{\\frac23}'],
  ['101_2', '\\boxed{101_{2}}'],
  ['C', 'The correct option is (C) 12.'],
  ['B', '\\boxed{\\text{(D)}}'],
  ['\\text{Yes}', '\\boxed{\\text{No}}'],
  ['\\text{no solution}', '\\boxed{\\emptyset}'],
  ['\\text{Alice and Bob}', 'The winners are \\boxed{\\text{Bob and Alice}}.'],
  ['1,3,5,\\ldots,99', '\\boxed{1, 3, 5, 7, \\ldots, 99}'],
  ['p\\lor q', '\\boxed{\\neg(\\neg p\\land\\neg q)}'],
  ['9', '<think>Is it \\boxed{8}? No.</think>\nThe final answer is $9$. I hope it is correct.'],
  ['7', 'We know that $3x = 21$, hence **x = 7**'],
  ['8', 'I think the answer is not 8.'],
  ['6', 'There is no way to tell from what is given how many there were.'],
  ['15', '答案是15。'],
  ['\\alpha = \\frac{n-(a+b)}{p-1}', '\\boxed{\\frac{n-a-b}{p-1}}'],
  ['(x_1+x_2)^2-4x_1x_2', '\\boxed{(x_1-x_2)^2}'],
]

/** The same pair with other digits: another text through the same code. */
function shifted(text: string): string {
  return text.replace(/[2-8]/g, (digit) => String(Number(digit) + 1))
}

/** Judges all of them, both ways round and once more with other digits: about 0.2 s of processor time. */
export function warmUp(): void {
  for (const written of [(text: string): string => text, shifted]) {
    for (const [gold, completion] of PAIRS) {
      judge(written(gold), written(completion))
      judge(written(completion), written(gold))
    }
  }
}
