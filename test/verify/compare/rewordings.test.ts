import { expect, test } from 'vitest'
import { judge } from '../../../src/verify/decide.ts'

// One pair a line: gold answer ||| completion that gives it.
const PAIRS = String.raw`
\log{\left(x \right)} ||| \boxed{\ln x}
\log{\left(x \right)} ||| \boxed{\ln(x)}
\frac{\log{\left(x \right)}}{\log{\left(10 \right)}} ||| \boxed{\log_{10}(x)}
\frac{\log{\left(x \right)}}{\log{\left(10 \right)}} ||| \boxed{\lg x}
\operatorname{atan}{\left(x \right)} ||| \boxed{\arctan(x)}
\operatorname{acos}{\left(x \right)} ||| \boxed{\cos^{-1} x}
\operatorname{asinh}{\left(x \right)} ||| \boxed{\sinh^{-1} x}
\operatorname{acosh}{\left(x \right)} ||| \boxed{\operatorname{arcosh}(x)}
\operatorname{atanh}{\left(x \right)} ||| \boxed{\operatorname{artanh}(x)}
\sinh{\left(x \right)} ||| \boxed{\sinh x}
\operatorname{asinh}{\left(x \right)} ||| \boxed{\arsinh(x)}
\operatorname{asinh}{\left(x \right)} ||| \boxed{\arcsinh{x}}
\frac{d}{d x} x^{2} ||| \boxed{\frac{d}{dx} x^2}
\frac{d}{d x} \sin{\left(x \right)} ||| \boxed{\frac{d}{dx}\sin(x)}
\frac{\partial}{\partial x} f{\left(x,y \right)} ||| \boxed{\frac{\partial}{\partial x} f(x,y)}
\lim_{x \to 3} a ||| \boxed{\lim_{x \rightarrow 3} a}
\lim_{x \to \infty} \frac{1}{x} ||| \boxed{\lim_{x\to\infty} 1/x}
\left[\begin{matrix}1 & 2\\3 & 4\end{matrix}\right] ||| \boxed{\begin{bmatrix}1 & 2\\3&4\end{bmatrix}}
\left[\begin{matrix}2 & 4\\6 & 8\end{matrix}\right] ||| \boxed{2\begin{bmatrix}1 & 2\\3&4\end{bmatrix}}
\left[\begin{matrix}2 & 2\\4 & 4\end{matrix}\right] ||| \boxed{\begin{bmatrix}1 & 2\\3&4\end{bmatrix}+\begin{bmatrix}1 & 0\\1&0\end{bmatrix}}
-2 ||| \boxed{\det\begin{bmatrix}1 & 2\\3&4\end{bmatrix}}
-2 ||| \boxed{\begin{vmatrix}1 & 2\\3&4\end{vmatrix}}
\left[\begin{matrix}5\\11\end{matrix}\right] ||| \boxed{\begin{bmatrix}1 & 2\\3&4\end{bmatrix}\begin{bmatrix}1\\2\end{bmatrix}}
\left[\begin{matrix}1 & 3\\2 & 4\end{matrix}\right] ||| \boxed{\begin{bmatrix}1 & 2\\3&4\end{bmatrix}^T}
\overline{z} ||| \boxed{\bar{z}}
\overline{z} ||| \boxed{\overline{z}}
x^{\frac{1}{3}} ||| \boxed{\sqrt[3]{x}}
\sqrt[3]{x} ||| \boxed{x^{1/3}}
x^{\frac{1}{n}} ||| \boxed{\sqrt[n]{x}}
\frac{1}{\sqrt{x}} ||| \boxed{x^{-1/2}}
\left|{x y}\right| ||| \boxed{|x||y|}
\left|{x}\right| ||| \boxed{\lvert x\rvert}
\left\lfloor{x}\right\rfloor ||| \boxed{\lfloor x\rfloor}
\left\lfloor{x}\right\rfloor ||| \boxed{\floor{x}}
\gcd\left(a, b\right) ||| \boxed{\gcd(a,b)}
\operatorname{lcm}\left(a, b\right) ||| \boxed{\lcm(a,b)}
\min\left(a, b\right) ||| \boxed{\min(a,b)}
\max\left(a, b\right) ||| \boxed{\max(b,a)}
\sum_{k=1}^{3} c ||| \boxed{\sum_{k=1}^{3} c}
3 c ||| \boxed{\sum_{k=1}^{3} c}
\sum_{i=1}^{n} i^{2} ||| \boxed{\sum_{i = 1}^n i^2}
\prod_{a=b}^{c} x ||| \boxed{\prod_{a=b}^{c} x}
\sum_{a=b}^{c} x ||| \boxed{\sum_{a=b}^c x}
\int\limits_{0}^{1} x\, dx ||| \boxed{\int_0^1 x dx}
\int \left(a + b + c\right)\, dx ||| \boxed{\int (a+b+c) dx}
\int x^{2}\, dx ||| \boxed{\int x^2 dx}
\int\int x\, dx\, dy ||| \boxed{\int \int x dx dy}
\int \frac{1}{a}\, da ||| \boxed{\int \frac{da}{a}}
\int 1\, dx ||| \boxed{\int dx}
x! ||| \boxed{x!}
\left(x + 1\right)! ||| \boxed{(x+1)!}
\left(x!\right)! ||| \boxed{(x!)!}
x! y! ||| \boxed{x!y!}
6 ||| \boxed{3!}
\frac{d}{d t} x ||| \boxed{\frac{dx}{dt}}
x = y ||| \boxed{x=y}
x > y ||| \boxed{x>y}
x \neq y ||| \boxed{x \ne y}
x \leq y ||| \boxed{x \leq y}
f{\left(x \right)} ||| \boxed{f(x)}
f{\left(x,y,z \right)} ||| \boxed{f(x,y,z)}
\theta{\left(x \right)} ||| \boxed{\theta(x)}
e^{x + y} ||| \boxed{e^{(x+y)}}
e^{x} ||| \boxed{\exp(x)}
e^{x} ||| \boxed{\exponentialE^x}
i ||| \boxed{\imaginaryI}
1 + i ||| \boxed{1+\imaginaryI}
0.1 ||| \boxed{10\%}
0.0525 ||| \boxed{5.25\%}
x_{a} ||| \boxed{x_a}
x_{1} ||| \boxed{x_{1}}
x_{a b} ||| \boxed{x_{ab}}
\alpha ||| \boxed{\alpha}
x^{y^{z}} ||| \boxed{x^{y^z}}
- x ||| \boxed{-x}
\frac{x}{y} ||| \boxed{x/y}
\frac{a}{b c} ||| \boxed{\frac{a}{bc}}
\tilde{\infty} ||| \boxed{\infty}
\infty ||| \boxed{\infty}
-\infty ||| \boxed{-\infty}
\left(-\infty, 3\right) ||| \boxed{x<3}
\left[1, 2\right) \cup \left[3, 4\right) ||| \boxed{[1,2) \cup [3,4)}
\left\{1, 2, 3\right\} \setminus \left\{2\right\} ||| \boxed{\{1,3\}}
\left(0, 1\right) \times \left(0, 1\right) ||| \boxed{(0,1)\times(0,1)}
x < 1 \vee x > 3 ||| \boxed{x<1 or x>3}
x > 1 \wedge x < 3 ||| \boxed{1<x<3}
\text{True} ||| \boxed{True}
\text{(A)} ||| \boxed{A}
\left\{x\; \middle|\; x > 3\right\} ||| \boxed{x>3}
\left\{x\; \middle|\; x \in \mathbb{R} \wedge x > 3 \right\} ||| \boxed{(3,\infty)}
1 \cdot 10^{-3} ||| \boxed{0.001}
1.5 \cdot 10^{3} ||| \boxed{1500}
2 x + 3 y = 7 ||| \boxed{3y+2x=7}
\frac{\sqrt{2}}{2} ||| \boxed{\frac{1}{\sqrt{2}}}
(x-1)(x+1) ||| \boxed{x^2-1}
\frac{7 \pi}{4} ||| \boxed{315^\circ}
10^{-2} ||| \boxed{0.01}
\frac{1}{x+1}-\frac{1}{x+2} ||| \boxed{\frac{1}{(x+1)(x+2)}}
2 \sec^{2}{\left(x \right)} ||| \boxed{\frac{2}{\cos^2 x}}
\csc x \cot x ||| \boxed{\frac{\cos x}{\sin^2 x}}
\frac{5}{2}, \frac{3}{2} ||| \boxed{1.5, 2.5}
\text{A, C} ||| \boxed{A and C}
ABC ||| \boxed{BCA}
3 \text{ or } 5 ||| \boxed{5, 3}
(3,5) \text{ and } (5,3) ||| \boxed{(5,3),(3,5)}
n^2+1 \text{ for all } n \ge 1 ||| \boxed{n^2+1}
\text{No} ||| \boxed{no}
2 hours 30 minutes ||| \boxed{150 minutes}
2.5 hours ||| \boxed{2 hours and 30 minutes}
5 feet 6 inches ||| \boxed{66 inches}
1:30 ||| \boxed{1:30}
4^{th} ||| \boxed{4}
4\text{th} ||| \boxed{4th}
25 \text{ students} ||| \boxed{25}
\$1,234.50 ||| \boxed{1234.5}
12 \text{ ft/s} ||| \boxed{12 feet per second}
x \in \{1, 2\} ||| \boxed{x=1 or x=2}
-1 < x < 1 ||| \boxed{|x|<1}
x \in (-\infty, \infty) ||| \boxed{\text{all real numbers}}
\{(1,2)\} ||| \boxed{(1,2)}
a=1,b=2,c=3 ||| \boxed{(1,2,3)}
(a,b,c)=(1,2,3) ||| \boxed{1,2,3}
m=\frac{1}{2}, b=3 ||| \boxed{m = 0.5, b = 3}
x^2 - 5x + 6 = 0 ||| \boxed{(x-2)(x-3)=0}
y = \frac{1}{2}x - 3 ||| \boxed{x - 2y = 6}
y-2 = 3(x-1) ||| \boxed{y=3x-1}
P(x) = x^3 - 1 ||| \boxed{x^3-1}
a_n = 2^n - 1 ||| \boxed{2^n-1}
a_n=2^n-1 ||| \boxed{a_k = 2^k-1}
\frac{n(n+1)}{2} ||| \boxed{\binom{n+1}{2}}
\frac{1-r^n}{1-r} ||| \boxed{\frac{r^n-1}{r-1}}
2^{2n} ||| \boxed{4^n}
(-1)^{n+1} ||| \boxed{-(-1)^n}
\sqrt{x}\sqrt{y} ||| \boxed{\sqrt{xy}}
\ln\frac{a}{b} ||| \boxed{\ln a-\ln b}
x^{-1} ||| \boxed{1/x}
50 \mathrm{~km} / \mathrm{h} ||| \boxed{50 km/h}
0.5 \mathrm{m} ||| \boxed{50 cm}
9.8 \text{ m/s}^2 ||| \boxed{9.8}
\dfrac{3}{4} \text{ hour} ||| \boxed{45 minutes}
1/3 ||| The answer is $1/3$.
$\frac{1}{3}$ ||| \boxed{1/3}
1,000 ||| \boxed{1000.00}
$10\%$ ||| \boxed{10%}
$\frac{1}{2}$ ||| $\boxed{\frac{1}{2}\text{ units}}$
\frac{3}{4} ||| \boxed{\frac34 \approx 0.75}
\sqrt{12} ||| \boxed{\sqrt 12}
\sqrt{2} ||| \boxed{\sqrt 2}
\frac{1}{\sqrt{3}} ||| \boxed{\frac1{\sqrt3}}
\frac{a}{b} ||| \boxed{\frac ab}
-\frac{1}{2} ||| \boxed{\frac{-1}{2}}
-\frac{1}{2} ||| \boxed{\frac{1}{-2}}
x=5 ||| $x = 5$ is the solution
5 ||| So $x=5$.
3 ||| $\boxed{3\text{ cm}}$
\{1,2,3\} ||| $\boxed{1,2,3}$
(1,2) ||| \boxed{(1,\,2)}
42 ||| **42**
42 ||| **Answer:** 42
42 ||| **Final Answer**: $42$
42 ||| The final answer is: $\boxed{42}$
42 ||| Answer: \boxed{42}.
42 ||| #### 42 apples
42 ||| So the total is 42.
42 ||| Therefore, she has 42 apples.
42 ||| The result is $6\times 7 = 42$.
\frac{\pi}{2} ||| The angle is \(\frac{\pi}{2}\) radians.
x^2 ||| We get $f(x)=x^2$ as required.
B ||| The correct answer is B.
B ||| The correct answer is (B).
B ||| \boxed{\text{B}}
B ||| \boxed{B}
B ||| **B**
C ||| Option C is correct: the answer is C
\text{even} ||| \boxed{\text{Even}}
1:2 ||| \boxed{1:2}
1:2 ||| \boxed{\frac{1}{2}}
12:30 ||| \boxed{12:30}
0.5 ||| \boxed{.5}
0.5 ||| \boxed{50\%}
1000000 ||| \boxed{10^6}
1000000 ||| \boxed{1 million}
2^{10} ||| \boxed{1024}
5 \text{ or } 7 ||| \boxed{5, 7}
5,7 ||| \boxed{$5$ and $7$}
5,7 ||| \boxed{x_1=5, x_2=7}
x=5,7 ||| \boxed{x = 5 \text{ or } x = 7}
x\ne 2, x\ne 5 ||| \boxed{x\ne 5\text{ and }x\ne 2}
12 ||| \boxed{\textbf{(B)}\ 12}
12 ||| \boxed{B) 12}
\frac12 ||| \boxed{\text{(C) }\frac12}
x+1 ||| \boxed{(D)\; x+1}
10 ||| The answer is (A) 10.
10 ||| The answer is ten.
10 ||| 正解は10です。
-2,3 ||| \boxed{\{-2, 3\}}
(-2,3) ||| \boxed{x \in (-2, 3)}
(-2,3] ||| \boxed{-2 < x \leq 3}
(-\infty,2]\cup[3,\infty) ||| \boxed{x\le 2\text{ or }x\ge 3}
x\neq 2 ||| \boxed{(-\infty,2)\cup(2,\infty)}
\mathbb{R} ||| \boxed{(-\infty, \infty)}
\mathbb{R} \setminus \{2\} ||| \boxed{x \neq 2}
(0, \infty) ||| \boxed{\mathbb{R}^+}
\{(x,y): y=2x\} ||| \boxed{y=2x}
k=\pm 3 ||| \boxed{k = 3, -3}
\pm 3 ||| \boxed{3 \text{ and } -3}
\pm\frac{1}{2} ||| \boxed{\frac12, -\frac12}
y=\pm x ||| \boxed{y=x, y=-x}
3x+2y=6 ||| \boxed{y=-\frac32x+3}
y = 3x + 2 ||| \boxed{y - 3x - 2 = 0}
x^2+y^2-2x=0 ||| \boxed{(x-1)^2+y^2=1}
\frac{x^2}{4}+\frac{y^2}{9}=1 ||| \boxed{9x^2+4y^2=36}
2\sqrt{3}+3 ||| \boxed{3+2\sqrt{3}}
\frac{2}{\sqrt{5}} ||| \boxed{\frac{2\sqrt5}{5}}
6-2\sqrt{5} ||| \boxed{(\sqrt{5}-1)^2}
\sqrt{6-2\sqrt{5}} ||| \boxed{\sqrt{5}-1}
\cos 36^\circ ||| \boxed{\frac{1+\sqrt5}{4}}
\log_{3}81 ||| \boxed{4}
\log 100 ||| \boxed{2}
e^{\ln 5} ||| \boxed{5}
\ln(e^2) ||| \boxed{2}
\tan\frac{\pi}{4} ||| \boxed{1}
\arcsin 1 ||| \boxed{\frac{\pi}{2}}
\arctan(1) ||| \boxed{45^\circ}
i^2 ||| \boxed{-1}
(1+i)^2 ||| \boxed{2i}
e^{i\pi} ||| \boxed{-1}
\frac{1+i}{1-i} ||| \boxed{i}
|3+4i| ||| \boxed{5}
\sqrt{-4} ||| \boxed{2i}
0.\overline{3} ||| \boxed{\frac13}
0.1\overline{6} ||| \boxed{\frac16}
1.\overline{27} ||| \boxed{\frac{14}{11}}
3.0\times10^8 ||| \boxed{300000000}
1.5e-3 ||| \boxed{0.0015}
4! ||| \boxed{24}
\binom{10}{3} ||| \boxed{120}
\frac{10!}{7!3!} ||| \boxed{120}
\gcd(12,18) ||| \boxed{6}
17\bmod 5 ||| \boxed{2}
\lfloor 3.7\rfloor ||| \boxed{3}
\max(3,5) ||| \boxed{5}
2+3\cdot4 ||| \boxed{14}
(2+3)4 ||| \boxed{20}
6\div 2 ||| \boxed{3}
6/2\cdot 3 ||| \boxed{9}
1/2x ||| \boxed{x/2}
\frac{1}{2}x ||| \boxed{x/2}
1/(2x) ||| \boxed{\frac{1}{2x}}
3a^2b ||| \boxed{3ba^2}
xy ||| \boxed{yx}
(a+b)(a-b) ||| \boxed{a^2-b^2}
\frac{a^2-b^2}{a-b} ||| \boxed{a+b}
\frac{1}{1+x} ||| \boxed{(1+x)^{-1}}
\sqrt{x} ||| \boxed{x^{0.5}}
x^{2/3} ||| \boxed{\sqrt[3]{x^2}}
2^x\cdot 3^x ||| \boxed{6^x}
e^{x+1} ||| \boxed{e\cdot e^x}
\ln x^2 ||| \boxed{2\ln x}
\frac{\ln x}{\ln 2} ||| \boxed{\log_2 x}
\sin^2x+\cos^2x ||| \boxed{1}
\cos 2x ||| \boxed{1-2\sin^2 x}
\tan x ||| \boxed{\frac{\sin x}{\cos x}}
\sin(x+\pi) ||| \boxed{-\sin x}
\sin(\frac{\pi}{2}-x) ||| \boxed{\cos x}
A=\begin{pmatrix}1&2\\3&4\end{pmatrix} ||| \boxed{\begin{pmatrix}1&2\\3&4\end{pmatrix}}
\begin{pmatrix}1\\2\\3\end{pmatrix} ||| \boxed{\langle 1,2,3\rangle}
\mathbf{i}+2\mathbf{j} ||| \boxed{\vec{i}+2\vec{j}}
(1,2,3) ||| \boxed{x=1,y=2,z=3}
x=1, y=2, z=3 ||| \boxed{(x,y,z)=(1,2,3)}
a=2,b=-1 ||| \boxed{b=-1,a=2}
(a,b)=(2,-1) ||| \boxed{a=2, b=-1}
n=2k+1 ||| \boxed{2k+1}
3n+1 ||| \boxed{3n + 1, n \in \mathbb{Z}}
x=2\pi n ||| \boxed{2\pi k, k \in \mathbb{Z}}
x = (-1)^n \frac{\pi}{6} + \pi n ||| \boxed{(-1)^k\frac{\pi}{6}+k\pi}
\text{Monday} ||| \boxed{Monday}
\text{Sunny Day} ||| \boxed{sunny day}
\text{yes} ||| \boxed{Yes}
\text{True} ||| \boxed{true}
\text{July 4} ||| \boxed{July 4}
25\text{ cm}^2 ||| \boxed{25}
25 \text{ square units} ||| \boxed{25}
60^\circ ||| \boxed{60 \text{ degrees}}
5\text{ km} ||| \boxed{5000\text{ m}}
1.5\text{ hours} ||| \boxed{90\text{ minutes}}
100\text{ g} ||| \boxed{0.1\text{ kg}}
\$12.50 ||| \boxed{12.50}
12.50 \text{ dollars} ||| \boxed{\$12.50}
75 \text{ cents} ||| \boxed{75}
20\text{ mph} ||| \boxed{20}
3\frac{1}{3} ||| \boxed{\frac{10}{3}}
-1\frac{1}{2} ||| \boxed{-\frac{3}{2}}
1 1/2 ||| \boxed{1.5}
7^{\text{th}} ||| \boxed{7}
\text{two} ||| \boxed{2}
\frac{5}{7} \text{ of the pie} ||| \boxed{5/7}
f^{-1}(x)=x-1 ||| \boxed{x-1}
f'(x)=2x ||| \boxed{2x}
y'=2x ||| \boxed{2x}
\frac{dy}{dx}=2x ||| \boxed{2x}
S_n=n^2 ||| \boxed{n^2}
a_n=3n-1 ||| \boxed{3n-1}
P(A)=0.3 ||| \boxed{0.3}
AB=5 ||| \boxed{5}
\angle ABC=60^\circ ||| \boxed{60^\circ}
m\angle A = 60^\circ ||| \boxed{60}
\triangle ABC ||| \boxed{\triangle ABC}
V=\frac{4}{3}\pi r^3 ||| \boxed{\frac43\pi r^3}
t\ge 0 ||| \boxed{[0,\infty)}
0<a<1 ||| \boxed{(0,1)}
a>1\text{ or }a<-1 ||| \boxed{(-\infty,-1)\cup(1,\infty)}
m \le -1 ||| \boxed{(-\infty,-1]}
k>-2 \text{ and } k\ne 0 ||| \boxed{(-2,0)\cup(0,\infty)}
\left(-\infty,\frac12\right) ||| \boxed{x<0.5}
\emptyset ||| \boxed{\text{no real solutions}}
\text{undefined} ||| \boxed{undefined}
\text{does not exist} ||| \boxed{DNE}
\infty ||| \boxed{+\infty}
(2,5) ||| \boxed{\left(2,5\right)}
3_{4} ||| \boxed{3_4}
9\text{:}30 ||| \boxed{9:30}
9:30\text{ a.m.} ||| \boxed{9:30 AM}
-2(x-3)(x+1) ||| \boxed{-2x^2+4x+6}
4x(x+2) ||| \boxed{4x^2+8x}
`

const ROWS = PAIRS.split('\n').flatMap((line) => {
  const [gold, text] = line.split(' ||| ')
  return gold === undefined || text === undefined ? [] : [[gold, text] as const]
})

test('there are hundreds of them', () => {
  expect(ROWS.length).toBeGreaterThan(300)
})

test.each(ROWS)('%s is what %s says', (gold, text) => {
  expect(judge(gold, text)).toMatchObject({ kind: 'correct' })
})
