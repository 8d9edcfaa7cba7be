/** Templates that are checked, and those that cannot be used: each is said in one sentence, and the others continue. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkTemplates } from '../../../src/problems/symbolic/check.ts'
import { CATS, generate, reasonOf } from './drafts.ts'
import { type Draft, templateFolder, templateText } from './template-files.ts'

describe('check', () => {
  test('the published answer must come out, as a number', () => {
    const folder = templateFolder({
      right: CATS,
      comma: { ...CATS, published: [CATS.published?.[0] ?? '', '#### 6.0'] },
      wrong: { ...CATS, published: [CATS.published?.[0] ?? '', '#### 7'] },
    })
    expect(checkTemplates(folder)).toMatchObject({
      templates: 3,
      ok: 2,
      unsupported: [],
      wrong: [{ file: 'wrong.json', expected: '7', got: '6' }],
    })
  })

  test('what the question does not state is worked out from the conditions', () => {
    const draft: Draft = {
      question: 'She had some, got {x,5}, and has {total,12} in {boxes,3}.',
      init: ['$x = range(20, 30)', '$total = range(50, 90)', '$boxes = range(1, 4)', '$n = range(30, 60)', 'k = n * 2'],
      conditions: ['total == n + x', 'boxes > 0'],
      solution: '{k}\n#### {n}',
      published: ['She had some, got 5, and has 12 in 3.', '#### 7'],
    }
    expect(checkTemplates(templateFolder({ one: draft }))).toMatchObject({ ok: 1, wrong: [] })
  })

  test.each([
    ['{n,an hour}', '$n = range(2, 9)', 'n * 60', '60'],
    ['{n,five-dollar}', '$n = range(2, 9)', 'n', '5'],
    ['{n,1,200}', '$n = range(2, 9)', 'n', '1200'],
    ['{n,three quarters}', '$n = sample(fractions)', 'n * 4', '3'],
    ['{n,25%}', '$n = sample(fractions)', 'n * 4', '1'],
    ['{n,25%}', '$n = range(2, 9)', 'n', '25'],
    ['{n,D20}', '$n = sample([("d4", 4), ("d20", 20)])', 'n', '20'],
    ['{n,3 times}', '$n = sample(multi_times)', 'n', '3'],
  ])('the default %s of %s is read', (question, init, answer, expected) => {
    const published: Draft['published'] = [question.replace(/\{n,(.*)\}/, '$1'), `#### ${expected}`]
    const draft: Draft = { question, init: [init], answer, solution: `#### {${answer}}`, published }
    expect(checkTemplates(templateFolder({ one: draft }))).toMatchObject({ ok: 1, wrong: [], altered: 0 })
  })

  test('a template that asks more than the published question is held against its own solution', () => {
    const folder = templateFolder({})
    mkdirSync(join(folder, 'p1'))
    const published: Draft['published'] = ['Tom has 3 cats and dogs.', '#### 99']
    writeFileSync(join(folder, 'p1', '0001.json'), templateText({ ...CATS, published }))
    expect(checkTemplates(folder)).toMatchObject({ ok: 1, altered: 1, wrong: [] })
    mkdirSync(join(folder, 'symbolic'))
    writeFileSync(join(folder, 'symbolic', '0001.json'), templateText({ ...CATS, published }))
    expect(checkTemplates(folder).wrong.map(({ file }) => file)).toEqual(['symbolic/0001.json'])
  })

  test('an #answer that never agrees with its solution is said, and the solution taken', () => {
    const report = checkTemplates(templateFolder({ one: { ...CATS, answer: 'n * mult + 1' } }))
    expect(report.ok).toBe(1)
    expect(report.notes[0]).toContain('one.json  #answer never gives what the worked solution ends in')
  })
})

describe('what cannot be used is said in one sentence with file and line, and the others continue', () => {
  const NUMBER: Draft = { question: '{n,3} cats', init: ['$n = range(2, 9)'] }
  test.each<[string, Draft, string | RegExp]>([
    [
      'unknown function',
      { ...NUMBER, init: ['$n = magic(3)'] },
      'one.json:6  line 4 of question_annotated: the function magic() is unknown.',
    ],
    [
      'unknown function in a condition',
      { ...NUMBER, conditions: ['n > 1', 'is_lucky(n)'] },
      'one.json:6  line 8 of question_annotated: the function is_lucky() is unknown.',
    ],
    [
      'unknown function in the solution',
      { ...NUMBER, solution: 'first\nsecond {wizard(n)}\n#### {n}' },
      'one.json:7  line 2 of answer_annotated: the function wizard() is unknown.',
    ],
    ['unknown word list', { ...NUMBER, init: ['$n = sample(planets)'] }, 'the name planets is neither'],
    ['statement', { ...NUMBER, conditions: ['while True: pass'] }, 'the form while is not supported'],
    ['no assignment', { ...NUMBER, init: ['range(3)'] }, '"range(3)" is no assignment'],
    [
      'empty list',
      { ...NUMBER, init: ['$n = range(9, 2)'] },
      'line 4 of question_annotated: there is nothing to draw from',
    ],
    ['wrong count', { ...NUMBER, init: ['n, m = sample([1, 2, 3], 3)'] }, '2 variables are set from 3 values'],
    ['impossible condition', { ...NUMBER, conditions: ['n > 20'] }, 'no values of its variables satisfy "n > 20"'],
    ['division by zero, always', { ...NUMBER, conditions: ['1 / (n - n) > 3'] }, 'no values of its variables satisfy'],
    [
      'conditions that nothing meets, in a space too large for a table',
      { ...NUMBER, init: ['$n = range(2, 900000)', '$m = range(2, 900000)'], conditions: ['n * m == 7'] },
      // On a slow machine the time is over first.
      /its #conditions rejected 1,000,000 draws in a row|takes longer than 5 seconds/,
    ],
    ['open brace', { ...NUMBER, question: '{n,3 cats' }, 'a brace is opened and not closed at "{n,3 cats"'],
    [
      'text in arithmetic',
      { ...NUMBER, conditions: ['n > 2', '"a" > n'] },
      'line 8 of question_annotated: the text "a" is compared with',
    ],
    [
      'unreadable default',
      { ...NUMBER, question: '{n,many} cats' },
      'the default "many" of n is no number that can be read',
    ],
  ])('%s', (_, draft, message) => {
    expect(reasonOf(draft)).toMatch(message)
    expect(reasonOf(draft)).not.toContain('\n')
  })

  test('files that are no templates are named', () => {
    const folder = templateFolder({ good: CATS, cut: '{"question": "a', other: '{"a": 1}' })
    writeFileSync(join(folder, 'latin.json'), Buffer.from('{"question": "caf\u00e9"}', 'latin1'))
    const { rows, report } = generate(folder, { count: 2 })
    expect(rows.map(({ template }) => template)).toEqual(['good', 'good'])
    expect(report.unsupported.map(({ reason }) => reason.replace(/ \(.*\)/, ''))).toEqual([
      'cut.json  is not valid JSON.',
      'latin.json  is not UTF-8 text.',
      'other.json  is no template: question_annotated is missing or of the wrong type.',
    ])
  })

  test('a template without end is ended', () => {
    const bomb = 'sum([sum([j for j in range(100000)]) for i in range(100000)]) > n'
    const folder = templateFolder({ loops: { ...NUMBER, conditions: [bomb] }, good: CATS })
    const { rows, report } = generate(folder, { count: 2 })
    expect(rows.map(({ template }) => template)).toEqual(['good', 'good'])
    expect(report.unsupported.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^loops\.json:6 {2}.*one instance takes longer than 5 seconds/),
    ])
  })

  test('a folder without any usable template is an error', () => {
    expect(() => generate(templateFolder({}))).toThrow(/holds no \.json file/)
    expect(() => generate('/nowhere')).toThrow('/nowhere  does not exist')
    expect(() => generate(templateFolder({ one: '{}' }))).toThrow(/no template can be used; the first says: one\.json/)
  })
})
