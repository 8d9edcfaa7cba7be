import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/core/errors.ts'
import { builtInPrompt, loadPrompt, shippedPromptsDirectory } from '../../src/prompt/load-prompt.ts'
import { renderPrompt, renderText } from '../../src/prompt/render.ts'
import { parsePrompt } from '../../src/prompt/template.ts'

const shipped = readdirSync(shippedPromptsDirectory).filter((name) => name.endsWith('.md'))
const load = (name: string) => loadPrompt(join(shippedPromptsDirectory, name))
const template = (body: string, front = 'name: x') => `---\n${front}\n---\n${body}`

describe('shipped prompts', () => {
  test.each(shipped)('%s loads, is called like its file, and holds the question', (name) => {
    const prompt = load(name)
    expect(`${prompt.name}.md`).toBe(name)
    expect(prompt.description).not.toBe('')
    expect(renderText(renderPrompt(prompt, { question: 'How many $& are there?' }))).toContain('How many $& are there?')
  })

  test('the hash is that of the file', () => {
    const bytes = readFileSync(join(shippedPromptsDirectory, 'gsm8k-4shot.md'))
    expect(load('gsm8k-4shot.md').sha256).toBe(createHash('sha256').update(bytes).digest('hex'))
  })

  test('four worked examples are four pairs of turns, each answered after ####', () => {
    const messages = renderPrompt(load('gsm8k-4shot.md'), { question: 'Why?' })
    expect(messages.map((message) => message.role)).toEqual([...Array(4).fill(['user', 'assistant']).flat(), 'user'])
    expect(messages.at(-1)?.content).toBe('Why?')
    for (const { content } of messages.filter((message) => message.role === 'assistant')) {
      const [steps = '', answer] = content.split('\n#### ')
      for (const [, left, right, sign, result] of steps.matchAll(
        /(?=(\d+) [-+*/] ([\d.]+))\d+ ([-+*/]) [\d.]+ = (\d+)/g,
      )) {
        const [a, b] = [Number(left), Number(right)]
        expect({ '+': a + b, '-': a - b, '*': a * b, '/': a / b }[sign ?? '']).toBe(Number(result))
      }
      expect(steps.match(/= (\d+)[^=]*$/)?.[1]).toBe(answer)
    }
  })

  test('the completions prompt is one text that ends where the model continues', () => {
    const prompt = load('gsm8k-4shot-completions.md')
    const text = renderText(renderPrompt(prompt, { question: 'Why?' }))
    expect(prompt).toMatchObject({ api: 'completions', stop: ['\nQuestion:'] })
    expect(text.startsWith('Question: A night train')).toBe(true)
    expect(text.endsWith('\n\nQuestion: Why?\nAnswer:')).toBe(true)
  })

  test('the built-in prompt is the question alone', () => {
    fc.assert(
      fc.property(fc.string(), (question) => {
        expect(renderPrompt(builtInPrompt, { question })).toEqual([{ role: 'user', content: question }])
      }),
    )
  })
})

describe('rendering', () => {
  test.each(['{{question}}', '$& $1 $$', '## user', '---', '\\boxed{1} – “x”'])(
    '%s in a question stays as it is',
    (question) => {
      const prompt = parsePrompt(template('## system\nBe {brief}.\n\n## user\nQ: {{question}}!\n'), 'p.md')
      expect(renderPrompt(prompt, { question })).toEqual([
        { role: 'system', content: 'Be {brief}.' },
        { role: 'user', content: `Q: ${question}!` },
      ])
    },
  )

  test('blank lines round a message go, those inside and indentation stay', () => {
    const prompt = parsePrompt(template('\n## user\n\n\n  a\n\n### b\n{{question}}\n \n\n'), 'p.md')
    expect(prompt.messages).toEqual([{ role: 'user', content: '  a\n\n### b\n{{question}}' }])
  })

  test('Windows line ends give the same messages', () => {
    const source = template('## user\na\n{{question}}\n')
    expect(parsePrompt(source.replaceAll('\n', '\r\n'), 'p.md').messages).toEqual(parsePrompt(source, 'p.md').messages)
  })
})

describe('a broken template is refused with file and line', () => {
  test.each([
    ['no front matter', /^p\.md:1 {2}has no front matter/],
    [template('## user\nHow many?'), /^p\.md:5 {2}\{\{question\}\} is missing/],
    [template(''), /^p\.md:4 {2}\{\{question\}\} is missing/],
    [template('## user\n{{question}}\n{{question}}'), /^p\.md:6 {2}.*second time \(first in line 5\)/],
    [template('## tool\nx'), /^p\.md:4 {2}unknown section "## tool"/],
    [template('Hello\n## user\n{{question}}'), /^p\.md:4 {2}text stands before the first section/],
    [template('## user\na\n## user\n{{question}}'), /^p\.md:6 {2}"## user" stands where ## assistant must/],
    [template('## user\n{{question}}\n## assistant\na'), /^p\.md:6 {2}the last section must be "## user"/],
    [template('## user\n{{question}}\n## assistant\na\n## user\nb'), /^p\.md:5 {2}.*must stand in the last section/],
    [template('## system\n\n## user\n{{question}}'), /^p\.md:4 {2}the section "## system" is empty/],
    [template('## user\n{{question}}', 'name: x\napi: completions'), /^p\.md:5 {2}a completions prompt is one text/],
    [template('## user\n{{question}}', 'name: x\napi: soap'), /^p\.md:3 {2}front matter, api/],
    [template('## user\n{{question}}', 'name: x\nstpo: [a]'), /^p\.md:3 {2}front matter, stpo/],
    [template('## user\n{{question}}', 'api: chat'), /^p\.md:1 {2}front matter, name/],
    [template('## user\n{{question}}', 'name: x\nstop: ["a'), /^p\.md:3 {2}the front matter is not valid YAML/],
  ])('%j', (source, message) => {
    expect(() => parsePrompt(source, 'p.md')).toThrow(message)
    expect(() => parsePrompt(source, 'p.md')).toThrow(ConfigError)
  })

  test('a file that is not there is named', () => {
    expect(() => loadPrompt('/no/such/prompt.md')).toThrow('/no/such/prompt.md  cannot be read')
  })
})
