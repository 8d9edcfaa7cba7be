import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mathText } from '../../../src/report/math/mathml.ts'
import { MOST_FORMULAS, segmentsOf } from '../../../src/report/math/segments.ts'

const formulas = (text: string): string[] =>
  segmentsOf(text).flatMap((segment) => (segment.kind === 'math' ? [segment.tex] : []))

describe('formulas are found', () => {
  test.each([
    ['so $x^2$ is', ['x^2']],
    ['$20$ dollars', ['20']],
    ['a $$\\frac{1}{2}$$ b', ['\\frac{1}{2}']],
    ['\\(a+b\\) and \\[c\\]', ['a+b', 'c']],
    ['The answer is \\boxed{\\frac{1}{2}}.', ['\\boxed{\\frac{1}{2}}']],
    ['$\\text{the total cost} = 3x$', ['\\text{the total cost} = 3x']],
    ['$x$,$y$', ['x', 'y']],
    ['between $a$ and $b$', ['a', 'b']],
  ])('in %j', (text, found) => {
    expect(formulas(text)).toEqual(found)
  })
})

describe('dollar amounts stay dollar amounts', () => {
  test.each([
    'She earns $30,000 a year.',
    'It costs $5 and she has $10 left.',
    'from $5 to $7',
    '$5-$10 each',
    'He paid $3 per item, or 3$.',
    'He has $20, his sister has $30, and they need $100.',
    'That is 5 * $2 = $<<5*2=10>>10.',
    'a price of \\$5 and \\$6',
    '$ 5 and 6 $',
    '$100 + $200 = $300',
    'one $ sign',
    'costs $12.50 more than $x',
    'a paragraph $x\n\ny$ ends',
  ])('in %j', (text) => {
    expect(formulas(text)).toEqual([])
  })
})

test('every character stands in the segments once, in order, whatever the text', () => {
  const piece = fc.constantFrom(
    '$',
    '$$',
    '\\(',
    '\\)',
    '\\[',
    '\\]',
    '\\boxed{',
    '}',
    '{',
    'x',
    ' ',
    '\n',
    '5',
    'word',
    '\\',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const text = pieces.join('')
      const segments = segmentsOf(text)
      expect(segments.map((it) => (it.kind === 'math' ? it.source : it.text)).join('')).toBe(text)
      for (const it of segments) expect(text.startsWith(it.kind === 'math' ? it.source : it.text, it.at)).toBe(true)
    }),
  )
})

test.each([
  ['five megabytes of opening delimiters', '\\('.repeat(2_500_000)],
  ['five megabytes of dollar signs', '$a'.repeat(2_500_000)],
  ['boxes that never close', '\\boxed{'.repeat(700_000)],
  ['a single endless formula', `$${'x+'.repeat(2_500_000)}$`],
])('%s cost no time and give few formulas', (_, text) => {
  expect(formulas(text).length).toBeLessThanOrEqual(MOST_FORMULAS)
})

describe('as MathML', () => {
  test('a formula is set, the rest is escaped', () => {
    const { markup } = mathText('so <b> $x^2$')
    expect(markup).toContain('so &lt;b&gt; ')
    expect(markup).toMatch(/<msup>.*<mi>x<\/mi>.*<mn>2<\/mn>/)
  })

  test.each([
    ['an unknown command', '$\\unknown{x}$'],
    ['half a formula', '$\\frac{1}{$'],
    ['a definition that doubles for ever', '$\\def\\a{\\a\\a}\\a$'],
    ['braces a thousand deep', `$${'{'.repeat(990)}x${'}'.repeat(990)}$`],
  ])('%s is shown as it was written, or set within bounds', (_, text) => {
    const { markup } = mathText(text)
    expect(markup.length).toBeLessThan(100_000)
  })

  test.each([
    '$\\href{javascript:alert(1)}{x}$',
    '$\\includegraphics{http://evil.example/x.png}$',
    '$\\htmlStyle{position:fixed}{x}$',
    '$\\htmlData{a=b}{x}$',
    '$\\text{<script>alert(1)</script>}$',
    '<script>alert(1)</script> $x$',
    '<math><mtext><img src=x onerror=alert(1)></mtext></math>',
  ])('%j makes no link, no image, no script and no style', (text) => {
    const { markup } = mathText(text)
    expect(markup).not.toMatch(/<(?:script|img|a|iframe|style)\b|style=|href=|onerror=(?!alert\(1\)&)/)
  })

  test('directions that hide what is written are shown', () => {
    expect(mathText('a\u202eb').markup).toContain('⟨U+202E⟩')
  })
})
