import { expect, test } from 'vitest'
import { judge } from '../../src/verify/decide.ts'

// Two answers a line that look alike, or are both right in parts, and are not the same.
const PAIRS = String.raw`
5:8 ||| 5:6
a=2,b=-1 ||| -1
x=1,y=2 ||| 2
x=1 \text{ or } x=2 ||| 2
1,2 ||| 12
(1,2) ||| 1.2
\{1\} ||| \{1,2\}
x>2 ||| x>-2
x^2 ||| x_2
2x ||| x^2
\sin x ||| \sin
\frac12 ||| 12
2^3 ||| 23
10\% ||| 0.01
5 ||| 5x
x ||| y
a ||| b
\pi ||| 3
\sqrt{2} ||| 1.5
0.5 ||| 0.51
3.0 ||| 3.04
100 ||| 1e3
3 ||| 3i
1+i ||| 1-i
i ||| -i
0 ||| x-y
0 ||| \sin x
1 ||| x^0+1
2 ||| \frac{4}{3}
x+1 ||| x+1.0001
\ln 2 ||| \log_{10} 2
\log_2 3 ||| \log_3 2
k\pi ||| 2k\pi
\frac{\pi}{2}+k\pi ||| k\pi
C ||| D
\arcsin x ||| \sin(x)^{-1}
\arctan(2x) ||| (\tan(2x))^{-1}
\arccos x ||| cos(x)^(-1)
\sin(x^2) ||| sin(x)^2
\cosh x ||| \sinh x
(a,b)=(1,2)\text{ and permutations} ||| (a,b)=(1,3)\text{ and permutations}
\{0,1,2,3\} ||| \{n\in\mathbb{N}: n<3\}
\text{(A)} ||| \text{(B)}
A ||| Apple
Yes ||| No
10 cm ||| 10 m
10 kg ||| 10 lb
90^\circ ||| 90\pi
8:30 ||| 8:31
8:30 am ||| 8:30 pm
\begin{pmatrix}1&2\end{pmatrix} ||| \begin{pmatrix}1\\3\end{pmatrix}
[1,2] ||| [1,2)
(1,2) ||| (1,2]
(1,2)\cup(3,4) ||| (1,4)
x\le 3 ||| x<3
x=3 ||| x\ge3
y=x+1 ||| y=x-1
f(x)=x ||| f(x)=-x
x^2+y^2=1 ||| x^2+y^2=-1
n! ||| (n+1)!
\binom{n}{2} ||| \binom{n}{3}
\sum_{k=1}^n k ||| \sum_{k=1}^n k^2
\int x dx ||| \int x^2 dx
\lim_{x\to0}f(x) ||| \lim_{x\to1}f(x)
1011_2 ||| 1011_3
1,234 ||| 1.234
1,000,000 ||| 1,000
123,456 ||| 123
2 \text{ hours} ||| 2 \text{ minutes}
5 \text{ dollars} ||| 5 \text{ cents}
\frac{x}{y} ||| \frac{y}{x}
x^{1/2} ||| x/2
-x ||| x
|x| ||| x
\lfloor x\rfloor ||| x
3\pm2 ||| 5
3\pm 2 ||| 1,6
\emptyset ||| \{\emptyset\}
\infty ||| -\infty
(0,\infty) ||| [0,\infty)
x\in\{1,2\} ||| x\in\{1,3\}
a^2+b^2 ||| (a+b)^2
\sqrt{a+b} ||| \sqrt a+\sqrt b
\sin(a+b) ||| \sin a+\sin b
\frac{1}{a+b} ||| \frac1a+\frac1b
\ln(a+b) ||| \ln a+\ln b
e^{a+b} ||| e^a+e^b
2^{64} ||| 2^{63}
2^{64}-1 ||| 2^{64}
10^{20}+1 ||| 10^{20}
10^{100} ||| 10^{100}+1
10^{400} ||| 10^{401}
\frac{1}{10^{400}} ||| 0
\frac{1}{3} ||| 0.3
0.333 ||| 0.334
66.7\% ||| 67\%
\frac{2}{3} ||| 66%
7 ||| 7, 8
7 ||| 7 \text{ or } 8
(7) ||| (7,7)
2,2 ||| 2
\text{odd} ||| \text{even}
\text{increasing} ||| \text{decreasing}
P(A)=0.3 ||| 0.7
\angle A=30^\circ ||| 60^\circ
3 \text{ apples} ||| 4 \text{ apples}
7\text{ and }8 ||| 7\text{ and }9
y=\pm x ||| y=x
x<-1\text{ or }x>1 ||| -1<x<1
x\ne 2, x\ne 5 ||| x\ne 2\text{ or }x\ne 5
12 ||| \textbf{(B)}\ 13
12 ||| A) B) 12
x+1 ||| (D)\; x-1
A(10) ||| (A) 10
12 ||| ten
a<b<c ||| a<c<b
50 ||| 50\%\%
x=5 ||| x=5,6
12 ||| \frac{12}{x}
1/2x ||| 1/(2x)
\frac{\sqrt{3}}{2} ||| \frac{\sqrt{2}}{2}
\cos 1 ||| \cos 1^\circ
180 ||| \pi
1 ||| 360^\circ
5 ||| -5
5 ||| +6
x ||| X
\sqrt[3]{2} ||| \sqrt{2}
0.1 ||| 0.10001
4.5\times10^3 ||| 4.5\times10^{-3}
a_1 ||| a_2
x' ||| x
\alpha ||| a
2m ||| 2\text{ m}x
x = 1, y = 2 ||| (x, y, z) = (1, 2)
(1, 2) ||| (x, y, z) = (1, 2)
\text{all integers} ||| \text{all integers but zero}
1234.5, 6 ||| 1 234,5,6
5\text{ points} ||| 5\text{ points outside circles}
5\text{ points} ||| 5\text{ points outside all circles}
`

const ROWS = PAIRS.split('\n').flatMap((line) => {
  const [one, other] = line.split(' ||| ')
  return one === undefined || other === undefined ? [] : [[one, other] as const]
})

test('there are a hundred of them', () => {
  expect(ROWS.length).toBeGreaterThan(100)
})

test.each(ROWS)('%s is not %s, either way round', (one, other) => {
  expect(judge(one, `\\boxed{${other}}`).kind).not.toBe('correct')
  expect(judge(other, `\\boxed{${one}}`).kind).not.toBe('correct')
})
