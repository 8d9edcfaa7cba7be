import { describe, expect, test } from 'vitest'
import { checkTemplates } from '../../../src/problems/symbolic/check.ts'
import { type GeneratedRow, generateSymbolic } from '../../../src/problems/symbolic/generate.ts'
import { type Draft, templateFolder } from './template-files.ts'

/** A template with its published instance, and what the question of every instance must look like. */
interface Form extends Draft {
  readonly every: RegExp
}

/** Templates of the family in every form that its grammar, read as Python, allows. */
const FORMS: Readonly<Record<string, Form>> = {
  'ranges with a step and a word list': {
    question: '{name,Tom} buys {n,12} {fruit,apples} at {cur,$}{p,3} each.',
    init: [
      'name = sample(names)',
      'fruit = sample(fruits)',
      'cur = sample(currencies_sym)',
      '$n = range(4, 41, 4)',
      '$p = range(2, 10)',
    ],
    conditions: ['n * p < 200'],
    answer: 'n * p',
    solution: '{n}*{p}=<<{n}*{p}={n*p}>>{n*p}\n#### {n*p}',
    published: ['Tom buys 12 apples at $3 each.', 'So 36.\n#### 36'],
    every: /^[A-Z]\w+ buys \d+ [\w ]+ at \S+?\d each\.$/,
  },
  'a nested ternary and a chained comparison': {
    question: 'A ticket costs {p,8} for a {who,child}, {n,2} of them.',
    init: ['who = sample(["child", "senior", "grown-up"])', '$p = range(5, 20)', '$n = range(2, 9)'],
    conditions: ['5 < p < 18', 'not (n == 7 or n == 8)'],
    answer: 'n * (p // 2 if who == "child" else p - 2 if who == "senior" else p)',
    solution:
      '{"half" if who == "child" else "less" if who == "senior" else "all"} of it\n#### {n * (p // 2 if who == "child" else p - 2 if who == "senior" else p)}',
    published: ['A ticket costs 8 for a child, 2 of them.', '#### 8'],
    every: /for a (child|senior|grown-up), [2-6] of/,
  },
  percentages: {
    question: '{pct,20}% of {n,50} people left.',
    init: ['$pct = range(5, 100, 5)', '$n = range(20, 200, 10)'],
    conditions: ['is_int(n * pct / 100)', 'n * pct % 100 == 0'],
    answer: 'n - int(n * pct / 100)',
    solution: '{n}*{pct}/100={int(n*pct/100)}, that is {pct/100:.0%}\n#### {n - n*pct//100}',
    published: ['20% of 50 people left.', '#### 40'],
    every: /^\d+% of \d+0 people left\.$/,
  },
  'fractions by name, with Fraction and format_frac': {
    question: '{frac,half} of {n,10} plus {g,1/4} of {m,8}.',
    init: ['$frac = sample(fraction_alph)', '$g = sample(fraction_nums)', '$n = range(6, 100)', '$m = range(4, 60)'],
    conditions: ['is_int(frac * n)', 'divides(m, Fraction(g).denominator)'],
    answer: 'int(n * frac) + int(m * g)',
    solution: '{format_frac(Fraction(n, 4))} and {Fraction(g)}\n#### {int(n*frac + m*g)}',
    published: ['half of 10 plus 1/4 of 8.', '#### 7'],
    every: /^[a-z-]+ of \d+ plus \d\/\d of \d+\.$/,
  },
  'lists of tuples taken apart': {
    question: 'A {box,box} of {k,6} costs {c,2}; buy {n,18}.',
    init: ['box, $k = sample([("box", 6), ("crate", 12), ("pair", 2)])', '$c = range(2, 9)', '$n = range(12, 99)'],
    conditions: ['n % k == 0'],
    answer: 'n / k * c',
    solution: '{n}/{k}={n//k}\n#### {n // k * c}',
    published: ['A box of 6 costs 2; buy 18.', '#### 6'],
    every: /^A (box of 6|crate of 12|pair of 2) /,
  },
  'f-strings with formats and quotes within': {
    question: '{a,7} and {b,2}.',
    init: ['$a = range(5, 9)', '$b = range(2, 4)'],
    answer: 'a * b',
    solution: `{f"{a:03d} is {'more' if a > b else 'less'} than {b:>3}"}, {a/b:.2f}, {1000*a:,}\n#### {a*b}`,
    published: ['7 and 2.', '#### 14'],
    every: /^\d and \d\.$/,
  },
  'methods of texts': {
    question: '{who,ann}s {n,3} cats.',
    init: ['who = sample(["ann", "ben"])', '$n = range(2, 5)'],
    answer: 'n + len(who)',
    solution:
      '{who.capitalize()} {who.upper()} {who.replace("n", "m").title()} {"-".join([who, "x"])} {who[0]} {who[-1].upper()}\n#### {n + len(who)}',
    published: ['anns 3 cats.', '#### 6'],
    every: /^(ann|ben)s \d cats\.$/,
  },
  'a dictionary of facts': {
    question: 'A {animal,cow} pen with {n,3}.',
    init: ['animal = sample(["cow", "hen", "spider"])', '$n = range(2, 30)'],
    conditions: ['{"cow": 4, "hen": 2, "spider": 8}[animal] * n < 100'],
    answer: '{"cow": 4, "hen": 2, "spider": 8}[animal] * n',
    solution:
      '{ {"cow": "four", "hen": "two"}.get(animal, "eight") } legs each\n#### { {"cow": 4, "hen": 2, "spider": 8}[animal] * n}',
    published: ['A cow pen with 3.', '#### 12'],
    every: /^A (cow|hen|spider) pen/,
  },
  'comprehensions, sum and sorted': {
    question: '{a,3}, {b,1} and {c,2} points.',
    init: ['a, b, c = sample(range(1, 50), 3)'],
    answer: 'sum(x ** 2 for x in [a, b, c])',
    solution:
      '{", ".join(str(x) for x in sorted([a, b, c], reverse=True))}, most {max(a, b, c)}\n#### {sum([x * x for x in [a, b, c]])}',
    published: ['3, 1 and 2 points.', '#### 14'],
    every: /^\d+, \d+ and \d+ points\.$/,
  },
  'lambda, map and keys': {
    question: '{a,3} and {b,10}.',
    init: ['$a = range(2, 9)', '$b = range(2, 20)'],
    answer: 'max([a, b], key=lambda x: x % 10)',
    solution:
      '{" < ".join(map(str, sorted([a, b], key=lambda x: x % 10)))}\n#### {sorted([a, b], key=lambda x: -(x % 10))[0]}',
    published: ['3 and 10.', '#### 3'],
    every: /^\d+ and \d+\.$/,
  },
  'prices in decimals': {
    question: 'It costs {cur,$}{p,2.75}; {n,4} of them.',
    init: ['cur = sample(currencies_sym)', '$p = fix_floats(np.arange(1.25, 9.5, 0.25))', '$n = numbers_within(2, 8)'],
    conditions: ['is_int(p * n)'],
    answer: 'round(p * n, 2)',
    solution: '{cur}{p:.2f}*{n}={cur}{round(p*n, 2)}\n#### {int(p*n)}',
    published: ['It costs $2.75; 4 of them.', '#### 11'],
    every: /; (two|three|four|five|six|seven|eight) of them\.$/,
  },
  'an answer in dollars and cents': {
    question: '{n,3} pens at {p,1.25}.',
    init: ['$n = range(3, 10, 2)', '$p = sample([1.25, 2.75, 0.99])'],
    answer: 'n * p',
    solution: '#### {n*p:.2f}',
    published: ['3 pens at 1.25.', '#### 3.75'],
    every: /^\d pens at \d\.\d\d\.$/,
  },
  'sequential days and their distance': {
    question: 'From {d1,Monday} to {d2,Tuesday}, {n,3} a day.',
    init: ['d1, d2 = sample_sequential(weekdays, 2)', '$n = range(2, 20)'],
    answer: 'n * (weekdays.index(d2) - weekdays.index(d1) + 1)',
    solution: '#### {2*n}',
    published: ['From Monday to Tuesday, 3 a day.', '#### 6'],
    every: /^From \w+day to \w+day/,
  },
  'multiples in words': {
    question: 'Ann has {n,4} and Ben {mult,twice} as many.',
    init: ['$n = list(range(3, 30))', '$mult = sample(multi_times)'],
    answer: 'n + n * mult',
    solution: '{n}*{mult}={n*mult}\n#### {n*(1+mult)}',
    published: ['Ann has 4 and Ben twice as many.', '#### 12'],
    every: /(twice|times) as many\.$/,
  },
  'double and triple': {
    question: 'Price {n,4}, now {mult,double}.',
    init: ['$n = range(3, 30)', '$mult = sample(multiple)'],
    answer: 'n * mult',
    solution: '#### {n*mult}',
    published: ['Price 4, now double.', '#### 8'],
    every: /now (double|triple|quadruple)\.$/,
  },
  'conditions in one line, and ones that ask several variables': {
    question: '{a,12} {b,3} {c,4}.',
    init: ['$a = range(4, 100)', '$b = range(2, 10)', '$c = range(2, 10)'],
    conditions: ['a % b == 0 and b != c, a // b == c', 'divides(a, c) or a > 90'],
    answer: 'a // b',
    solution: '#### {c}',
    published: ['12 3 4.', '#### 4'],
    every: /^\d+ \d \d\.$/,
  },
  'math and the least common multiple': {
    question: '{a,4} and {b,6}.',
    init: ['$a = range(2, 20)', '$b = range(2, 20)'],
    conditions: ['math.gcd(a, b) > 1', 'a != b'],
    answer: 'math.lcm(a, b)',
    solution: '{math.gcd(a, b)}\n#### {a * b // math.gcd(a, b)}',
    published: ['4 and 6.', '#### 12'],
    every: /^\d+ and \d+\.$/,
  },
  'rounding up': {
    question: '{n,10} pupils, {k,4} a car.',
    init: ['$n = range(9, 60)', '$k = range(3, 7)'],
    conditions: ['n % k != 0'],
    answer: 'math.ceil(n / k)',
    solution: '{n}/{k}={n/k:.2f}\n#### {-(-n // k)}',
    published: ['10 pupils, 4 a car.', '#### 3'],
    every: /pupils/,
  },
  'times of day from minutes': {
    question: 'Starts at {h,3}:{m,05}, lasts {d,70} minutes.',
    init: ['$h = range(1, 9)', '$m = range(5, 55, 5)', '$d = range(65, 110)'],
    conditions: ['m + d >= 60', 'm >= 10'],
    answer: 'h * 60 + m + d',
    solution: '{(h*60+m+d)//60}:{(h*60+m+d)%60:02d}, {"{:02d}".format((m+d)%60)}\n#### {h*60+m+d}',
    every: /^Starts at \d:\d\d, lasts \d+ minutes\.$/,
  },
  'plurals by the count': {
    question: '{n,1} {"dog" if n == 1 else "dogs"} and {m,2} cat{"s" if m != 1 else ""}.',
    init: ['$n = range(1, 4)', '$m = range(1, 4)'],
    answer: 'n + m',
    solution: '{n} dog{"" if n == 1 else "s"}\n#### {n+m}',
    every: /^(1 dog|[23] dogs) and (1 cat|[23] cats)\.$/,
  },
  'a variable set from others': {
    question: '{n,3} rows, {total,12} in all.',
    init: ['$n = range(2, 9)', '$k = range(2, 9)', '$total = n * k'],
    answer: 'total / n',
    solution: '{total}/{n}={k}\n#### {k}',
    every: /^\d rows, \d+ in all\.$/,
  },
  'a list within the template': {
    question: '{item,pens} for {p,2}.',
    init: ['prices = [("pens", 2), ("books", 9), ("caps", 5)]', 'item = sample(["pens", "books"])', '$p = range(2, 9)'],
    answer: 'p * 2',
    solution: '#### {p + p}',
    every: /^(pens|books) for \d\.$/,
  },
  'set differences and membership': {
    question: '{a,red} and {n,4}.',
    init: ['a = sample(colors)', '$n = sample([x for x in range(1, 30) if x not in (5, 10)])'],
    conditions: ['a not in ["grey", "gray"]', 'n in range(2, 20)'],
    answer: 'n',
    solution: '#### {n}',
    every: /^[\w ]+ and (?!5\.|10\.)\d+\.$/,
  },
  'words for numbers': {
    question: '{num_to_words(n)} cats and {ordinal(m)} place.',
    init: ['$n = range(2, 20)', '$m = range(1, 5)'],
    answer: 'n * m',
    solution: '{n} is {num_to_words(n)}\n#### {n*m}',
    every: /^[a-z-]+ cats and (1st|2nd|3rd|4th) place\.$/,
  },
  'slices and digits': {
    question: 'The code is {n,472}.',
    init: ['$n = range(100, 999)'],
    answer: 'sum(int(d) for d in str(n))',
    solution:
      '{"+".join(list(str(n)))}={sum(map(int, str(n)))}, backwards {str(n)[::-1]}\n#### {n // 100 + n // 10 % 10 + n % 10}',
    published: ['The code is 472.', '#### 13'],
    every: /^The code is \d{3}\.$/,
  },
  'comments, bullets and sections in other spellings': {
    question: '{n,3} eggs.\n',
    init: ['$n = range(2, 9)  # at least two', '$m = randint(1, 5);'],
    conditions: ['n + m > 3  # enough'],
    answer: '{n + m}',
    solution: '#### {n + m}',
    every: /^\d eggs\.$/,
  },
  'signs that people type': {
    question: '{n,6} of {m,2}.',
    init: ['$n = range(4, 20, 2)', '$m = range(2, 4)'],
    conditions: ['n ≥ 6', 'n ≠ 8'],
    answer: 'n × m − n ÷ 2',
    solution: '{n} × {m} - {n} ÷ 2\n#### {n*m - n//2}',
    published: ['6 of 2.', '#### 9'],
    every: /^(?!8)\d+ of \d\.$/,
  },
  'negative results and unary minus': {
    question: 'From {a,3} down {b,10} degrees.',
    init: ['$a = range(1, 9)', '$b = range(10, 20)'],
    answer: 'a - b',
    solution: '{a}-{b}={a-b}, {-a + b} below\n#### {a-b}',
    published: ['From 3 down 10 degrees.', '#### -7'],
    every: /down 1\d degrees/,
  },
  'large numbers with commas': {
    question: 'A house for {cur,$}{n,80,000} plus {m,50,000}.',
    init: ['cur = sample(currencies_sym)', '$n = range(80000, 200000, 5000)', '$m = range(10_000, 60_000, 5_000)'],
    answer: 'n + m',
    solution: '{n:,}+{m:,}={n+m:,}\n#### {n+m:,}',
    published: ['A house for $80,000 plus 50,000.', '#### 130,000'],
    every: /^A house for \S+ plus \d+\.$/,
  },
  'two draws that must differ': {
    question: '{x,Ann} and {y,Ben}: {n,4}.',
    init: ['x = sample(names_female)', 'y = sample(names_male)', '$n = sample(list(range(2, 9)) + [20, 30])'],
    conditions: ['x != y', 'x[0] != y[0]'],
    answer: 'n',
    solution: '#### {n}',
    every: /^(\w)[\w ]* and (?!\1)/,
  },
  'type tests and starred lists': {
    question: '{n,6} and {m,4}.',
    init: ['$n = sample([*range(2, 9), 12])', '$m = range(2, 9)'],
    conditions: ['isinstance(n, int)', '(n / m).is_integer() or n > m'],
    answer: 'max(*[n, m])',
    solution: '{ {k: v for k, v in zip(["a", "b"], [n, m])}["a"] }\n#### {max(n, m)}',
    published: ['6 and 4.', '#### 6'],
    every: /^\d+ and \d\.$/,
  },
  'an exact decimal where binary ones stray': {
    question: '{p,0.1} and {q,0.2} litres.',
    init: ['$p = sample([0.1, 0.7, 1.1])', '$q = sample([0.2, 0.3, 2.2])'],
    answer: 'p + q',
    solution: '#### {p + q}',
    published: ['0.1 and 0.2 litres.', '#### 0.3'],
    every: /litres/,
  },
}

describe('templates of the family in other forms', () => {
  test.each(Object.entries(FORMS))('%s', (_, form) => {
    const folder = templateFolder({ one: form })
    expect(checkTemplates(folder)).toMatchObject({ ok: 1, unsupported: [], wrong: [] })
    const rows: GeneratedRow[] = []
    const { unsupported } = generateSymbolic({ folder, count: 30, seed: 2 }, (more) => rows.push(...more))
    expect(unsupported).toEqual([])
    for (const { question, solution, answer } of rows) {
      expect(question).toMatch(form.every)
      expect(question + solution).not.toMatch(/[{}]|undefined|None|NaN|\[object/)
      expect(solution.replaceAll(',', '')).toMatch(new RegExp(`#### ${answer.replace('.', '\\.')}0?$`))
    }
  })
})
