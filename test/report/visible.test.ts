import { expect, test } from 'vitest'
import { escapeHtml, html } from '../../src/report/markup.ts'
import { clip, visible, visibleLine } from '../../src/report/visible.ts'

test.each([
  ['a null byte', 'a\u0000b', 'a␀b'],
  ['an escape sequence', '\u001b[2J', '␛[2J'],
  ['a right-to-left override', 'a\u202eb', 'a⟨U+202E⟩b'],
  ['an isolate', '\u2066x\u2069', '⟨U+2066⟩x⟨U+2069⟩'],
  ['a C1 control', '\u009b2J', '⟨U+009B⟩2J'],
  ['half a character', 'a\ud800b', 'a\ufffdb'],
  ['a bare carriage return', 'a\rb', 'a\nb'],
  ['a line break', 'a\n\tb', 'a\n\tb'],
])('%s cannot do its work', (_, text, shown) => expect(visible(text)).toBe(shown))

test('a single line stays one', () => {
  expect(visibleLine('a\r\n\tb')).toBe('a b')
})

test('a long text says how much of it there is', () => {
  expect(clip('x'.repeat(1_048_576), 4)).toBe('xxxx … (1,048,576 characters in all)')
  expect(clip('short', 5)).toBe('short')
})

test('what is put into a template is escaped, unless it is markup', () => {
  const inner = html`<b>${'<i>'}</b>`
  expect(html`<p title="${'"\''}">${inner}${['&', 3, null, false]}</p>`.markup).toBe(
    '<p title="&quot;&#39;"><b>&lt;i&gt;</b>&amp;3</p>',
  )
  expect(escapeHtml('</script>\u0000')).toBe('&lt;/script&gt;␀')
})
