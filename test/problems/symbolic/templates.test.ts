import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { randomFor } from '../../../src/core/seed.ts'
import { checkTemplates } from '../../../src/problems/symbolic/check.ts'
import { findValues } from '../../../src/problems/symbolic/draw.ts'
import { planDraws } from '../../../src/problems/symbolic/draw-plan.ts'
import { readTemplates } from '../../../src/problems/symbolic/folder.ts'
import type { GeneratedRow } from '../../../src/problems/symbolic/generate.ts'
import type { Template } from '../../../src/problems/symbolic/template.ts'
import { textOf } from '../../../src/problems/symbolic/value.ts'
import { readWordLists } from '../../../src/problems/symbolic/word-lists.ts'
import { CATS, generate, instances } from './drafts.ts'
import { type Draft, templateFolder, templateText } from './template-files.ts'

describe('an instance', () => {
  test('has words in prose and numbers in equations', () => {
    for (const { question, solution, answer } of instances(CATS)) {
      const [, n = '', times = ''] = /has (\d) cats and (.+) as many dogs\.$/.exec(question) ?? []
      const number = { twice: 2, 'three times': 3, 'four times': 4, 'five times': 5 }[times] ?? 0
      expect(Number(n)).toBeGreaterThan(3)
      expect(answer).toBe(String(Number(n) * number))
      expect(solution).toBe(
        `He has ${n} * ${number} = <<${n}*${number}=${answer}>>${answer} dogs, ${times} as many.\n#### ${answer}`,
      )
    }
  })

  test('knows every initialiser and form of assignment', () => {
    const [row] = instances({
      question:
        '{a,x} {b,y} {c,z} {d1,Monday} {d2,Tuesday} {p,1.5} {w,four} {k,3} {bill,twenty} {r,2} {m,4} {z,1} {who,Tom} {pro,he}',
      init: [
        'a, b = sample(["x", "y", "z"], 2)',
        'c = sample(["u"], 1)  # a list of one',
        'd1, d2 = sample_sequential(weekdays, 2)',
        '$p = fix_floats(shuffle_list(list(np.arange(0.5, 3, 0.5))))',
        '$w = numbers_within(4, 8)',
        '$k = list(range(1, 9, 2))',
        '$bill = sample([(5, 5), (20, 20)])',
        '$r = fraction_nums',
        'm = k * 2',
        '$z = sample([i for i in range(9)\n  if i % 4 == 0])',
        '(who, pro) = sample([("Ann", "she"), ("Ben", "he")])',
      ],
      answer: 'm',
      solution:
        '{who if pro == "she" else who.upper()} {int(bill)} {weekdays.index(d2) - weekdays.index(d1)}\n#### {k+k}',
    })
    expect(row?.question).toMatch(
      /^[xyz] [xyz] u [A-Z]\w+day [A-Z]\w+day [\d.]+ (four|five|six|seven|eight) [1357] (5|20) \d\/\d \d+ [048] (Ann she|Ben he)$/,
    )
    expect(row?.solution).toMatch(/^(Ann|BEN) (5|20) 1\n/)
  })

  test('has slots whose defaults hold apostrophes and commas', () => {
    const [row] = instances({
      question:
        "{who,Tom's aunt}'s {o, baker's, dozen} cost {cur,$}{n,1,000}; {who,Tom's aunt}'s \"{o,x}\" cost {n,1,000}.",
      init: ['who = sample(["Ann"])', 'o = sample(["rolls"])', 'cur = sample(["$"])', '$n = range(5, 6)'],
      solution: "{\"it's {n}\" if n > 3 else 'no}'}\n#### {n}",
    })
    expect(row?.question).toBe('Ann\'s rolls cost $5; Ann\'s "rolls" cost 5.')
    expect(row?.solution).toBe("it's {n}\n#### 5")
  })

  test('is capitalised where its default is', () => {
    const [row] = instances({
      question: '{o,oats} are dear. {o, Oats} again: {n,3}',
      init: ['o = sample(["hay"])', '$n = range(2, 9)'],
    })
    expect(row?.question).toMatch(/^hay are dear\. Hay again/)
  })

  test('keeps the default of a slot that no line sets', () => {
    const folder = templateFolder({ one: { ...CATS, question: `${CATS.question} It is {month,April}.` } })
    expect(generate(folder, { count: 1 }).rows[0]?.question).toMatch(/It is April\.$/)
    expect(checkTemplates(folder).notes).toEqual(['one.json  {month} has no line in #init and keeps its default.'])
  })

  test.each([
    ['7 / 4', '1.75'],
    ['Fraction(7, 4)', '1.75'],
    ['Fraction(7, 3)', '7/3'],
    ['1234567', '1234567'],
  ])('an answer %s is written %s', (answer, expected) => {
    const solution = answer === '1234567' ? '#### {1234567:,}' : `#### {${answer}}`
    expect(instances({ question: '{n,3}', init: ['$n = range(2, 9)'], answer, solution }, 1)[0]?.answer).toBe(expected)
  })

  test('draws in which #answer and the worked solution differ are not used', () => {
    const draft: Draft = { ...CATS, answer: 'n * mult if n > 5 else 0' }
    const { rows, report } = generate(templateFolder({ one: draft }))
    expect(rows.every(({ question }) => / [678] cats/.test(question))).toBe(true)
    expect(report.reports[0]?.disagreed).toBeGreaterThan(0)
  })
})

describe('chance', () => {
  test('equal seeds give equal rows, other seeds others, and a longer list begins with the shorter', () => {
    const folder = templateFolder({ one: CATS, two: { ...CATS, parent: 8 } })
    const ofTwo = (count: number, seed: number) =>
      generate(folder, { count, seed }).rows.filter(({ template }) => template === 'two')
    expect(ofTwo(20, 1)).toEqual(ofTwo(20, 1))
    expect(ofTwo(20, 2)).not.toEqual(ofTwo(20, 1))
    expect(ofTwo(20, 1).slice(0, 5)).toEqual(ofTwo(5, 1))
  })

  const DIVISORS: Draft = {
    question: '{a,4} {b,2} {c,2}',
    init: ['$a = range(1, 13)', '$b = range(1, 13)', '$c = sample([1, 2, 2, 3])', '$n = range(1, 20)'],
    conditions: ['divides(a, b)', 'a > c', 'n == a + c', 'b != c'],
    solution: '{a} {b} {c}\n#### {n}',
  }

  test.each([0, 100, 100_000])(
    'results are as likely as by drawing all and rejecting, with tables of %d rows',
    (mostRows) => {
      const [entry] = readTemplates(templateFolder({ one: DIVISORS }), readWordLists())
      const template = entry?.kind === 'template' ? entry.template : undefined
      const expected = expectedCounts()
      const total = [...expected.values()].reduce((sum, count) => sum + count, 0)
      const plan = planDraws(template as Template, mostRows)
      const random = randomFor(1, 'chi')
      const counts = new Map<string, number>()
      const draws = 20_000
      for (let i = 0; i < draws; i++) {
        const scope = findValues(plan, random, { draws: 0, rejected: 0 }, 100_000)
        const key = scope?.values.map(textOf).join(' ') ?? ''
        counts.set(key, (counts.get(key) ?? 0) + 1)
      }
      expect([...counts.keys()].filter((key) => !expected.has(key))).toEqual([])
      let chiSquare = 0
      for (const [key, weight] of expected) {
        const mean = (draws * weight) / total
        chiSquare += ((counts.get(key) ?? 0) - mean) ** 2 / mean
      }
      const degrees = expected.size - 1
      // Four standard deviations of a chi-square of so many degrees.
      expect(chiSquare).toBeLessThan(degrees + 4 * Math.sqrt(2 * degrees))
    },
  )

  function expectedCounts(): Map<string, number> {
    const counts = new Map<string, number>()
    for (let a = 1; a < 13; a++) {
      for (let b = 1; b < 13; b++) {
        for (const c of [1, 2, 2, 3]) {
          if (a % b !== 0 || a <= c || a + c >= 20 || b === c) continue
          const key = `${a} ${b} ${c} ${a + c}`
          counts.set(key, (counts.get(key) ?? 0) + 1)
        }
      }
    }
    return counts
  }

  test('the share of draws that satisfy the conditions is reported', () => {
    const easy = generate(templateFolder({ one: CATS }), { count: 300 }).report.reports[0]
    expect(easy?.accepted).toBeGreaterThan(0.6)
    expect(easy?.accepted).toBeLessThan(0.82)
    const rare: Draft = { question: '{n,3}', init: ['$n = range(0, 5000)'], conditions: ['n % 500 == 0'] }
    expect(generate(templateFolder({ one: rare })).report.reports[0]).toMatchObject({
      accepted: 10 / 5000,
      repeated: 10,
    })
  })
})

describe('mixes and splits', () => {
  function folderOfLevels(): string {
    const folder = templateFolder({})
    for (const [level, count] of [
      ['symbolic', 3],
      ['p1', 3],
      ['p2', 2],
    ] as const) {
      mkdirSync(join(folder, level))
      for (let i = 0; i < count; i++) {
        const wide = { ...CATS, init: ['name = sample(names)', '$n = range(2, 900)', '$mult = sample(multi_times)'] }
        writeFileSync(join(folder, level, `${i}.json`), templateText({ ...wide, parent: i }))
      }
    }
    return folder
  }
  const countOf = (rows: readonly GeneratedRow[], level: string) => rows.filter((row) => row.level === level).length

  test('weights share out the total as the paper does, 7:2:1', () => {
    const { rows } = generate(folderOfLevels(), { count: 100, mix: { symbolic: 7, p1: 2, p2: 1 } })
    expect([countOf(rows, 'symbolic'), countOf(rows, 'p1'), countOf(rows, 'p2')]).toEqual([560, 160, 80])
    const { rows: part } = generate(folderOfLevels(), { count: 10, mix: { p2: 1 } })
    expect([countOf(part, 'symbolic'), countOf(part, 'p2')]).toEqual([0, 80])
    expect(() => generate(folderOfLevels(), { mix: { p7: 1 } })).toThrow(
      'has no level p7; the folders of its templates are p1, p2, symbolic',
    )
  })

  test.each(['instance', 'template'] as const)('splits by %s share no question', (splitBy) => {
    const folder = folderOfLevels()
    const questions = (['train', 'gate', 'evaluate'] as const).map((split) => {
      try {
        return new Set(generate(folder, { count: 30, split, splitBy }).rows.map(({ question }) => question))
      } catch {
        return new Set<string>()
      }
    })
    const [train, gate, evaluate] = questions
    expect(train?.size).toBeGreaterThan(50)
    expect([...(gate ?? [])].filter((question) => train?.has(question))).toEqual([])
    expect([...(evaluate ?? [])].filter((question) => train?.has(question))).toEqual([])
  })

  test('split by template keeps all levels of one parent together', () => {
    const folder = folderOfLevels()
    const splitsOf = new Map<string, Set<string>>()
    for (const split of ['train', 'gate', 'evaluate'] as const) {
      try {
        for (const { parent = '' } of generate(folder, { count: 1, split, splitBy: 'template' }).rows) {
          splitsOf.set(parent, (splitsOf.get(parent) ?? new Set()).add(split))
        }
      } catch (error) {
        expect(String(error)).toContain(`has no template in the split ${split}`)
      }
    }
    expect([...splitsOf.values()].every((splits) => splits.size === 1)).toBe(true)
    expect(splitsOf.size).toBe(3)
  })
})
