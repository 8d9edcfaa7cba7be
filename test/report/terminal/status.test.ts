import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { planRun } from '../../../src/core/budget/plan.ts'
import { columns, wrap } from '../../../src/report/terminal/columns.ts'
import { renderPlan, renderStatus, renderTrace } from '../../../src/report/terminal/status.ts'
import { emptyView, iteration, realisticView, statusOf, trace } from '../fixtures.ts'

const plain = { color: false, width: 120 } as const

describe('the status', () => {
  const { status } = realisticView()

  test('lists the base and every iteration with its numbers', () => {
    const text = renderStatus(status, plain)
    expect(text).toMatch(/^quickstart {2}done\n\nt +state +n_t +accepted +sampled +rate +cost +accuracy +greedy\n/)
    expect(text).toMatch(/^– +base +45\.7% ±2\.8 +60\.0% ±2\.8$/m)
    expect(text).toMatch(/^4 +done +8,000 +8,000 +13,374 +60\.0% +29,374 +61\.9% ±2\.7 +70\.2% ±2\.6$/m)
    expect(text).toContain('In all: 15,500 traces accepted of 28,280 sampled')
  })

  test.each([120, 100, 80, 60, 40, 30, 20])('keeps within %i columns', (width) => {
    for (const color of [false, true]) {
      const reason = 'The gate rejected the checkpoint of iteration 3; read the report. '.repeat(3)
      const long = { ...status, name: 'n'.repeat(150), state: 'failed' as const, reason }
      for (const line of renderStatus(long, { color, width }).split('\n')) {
        expect(columns(line), line).toBeLessThanOrEqual(width)
      }
    }
  })

  test('has no styles without colour, and the same words with it', () => {
    const text = renderStatus(status, plain)
    const colored = renderStatus(status, { ...plain, color: true })
    expect(stripVTControlCharacters(text)).toBe(text)
    expect(colored).not.toBe(text)
    expect(stripVTControlCharacters(colored)).toBe(text)
  })

  test('of a run that has done nothing is short', () => {
    expect(renderStatus(emptyView().status, plain)).toBe(
      'quickstart  new\n\nIn all: 0 traces accepted of 0 sampled; cost 0, 0 tokens, 0.0 s.',
    )
  })

  test('shows a dash for what is not there yet', () => {
    const row = iteration(0, { state: 'planned', target: null, acceptanceRate: null, cost: Number.NaN })
    const text = renderStatus(statusOf([row], { state: 'running' }), plain)
    expect(text).not.toMatch(/NaN|null|undefined/)
    expect(text).toMatch(/^0 +planned +– /m)
  })

  test('says how long thinking and answers are, and how often there is none', () => {
    const thinking = { completions: 200, tokens: 1812.4, answerTokens: 94, unended: 13 }
    const text = renderStatus(statusOf([iteration(0), iteration(1, { thinking })]), { ...plain, width: 200 })
    expect(text).toContain(
      'Thinking in iteration 1: 1,812 tokens on average before answers of 94; in 6.5% it never ended, which is no answer.',
    )
    expect(renderStatus(status, plain)).not.toContain('Thinking')
  })

  test('says where weights are unproven', () => {
    const checkpoint = { path: 'm', hash: 'name:m', weights: 'unproven' } as const
    expect(renderStatus(statusOf([iteration(0, { checkpoint })]), plain)).toContain('weights: unproven')
  })
})

describe('the plan', () => {
  const input = {
    policy: { kind: 'exponential', initial: 256, growth: 2 },
    unit: 'accepted',
    batchSize: 1,
    iterations: 3,
    costs: { sample: 1, train: 2, iteration: 0 },
  } as const

  test('has a line for every iteration and the totals', () => {
    const text = renderPlan(planRun({ ...input, acceptanceRate: 0.5 }), plain)
    expect(text.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['t', 'n_t accepted', 'N_t expected', 'cost'],
      ['0', '256', '512', '1,024'],
      ['1', '512', '1,024', '2,048'],
      ['2', '1,024', '2,048', '4,096'],
      ['total', '1,792', '3,584', '7,168'],
    ])
  })

  test('says what it cannot know yet', () => {
    const text = renderPlan(planRun({ ...input, acceptanceRate: null }), plain)
    expect(text).toMatch(/^ *total +1,792 +– +–$/m)
    expect(text).toContain('not known before')
    expect(text).not.toContain('null')
  })
})

describe('a trace', () => {
  test('shows the question, the completion, and why it was judged so', () => {
    const text = renderTrace(trace({ disposition: 'wrong', verdict: 'incorrect', extracted: '24' }), plain)
    expect(text).toContain('steps/train/001042 #0 · train · iteration 4 · 3 steps')
    expect(text).toContain('gold "25", extracted "24": incorrect by number → wrong')
    expect(text).toContain('  7*2=14. 14+15=29.')
    expect(text.endsWith('\n')).toBe(true)
  })

  test('cannot steer the terminal, nor leave its width', () => {
    const hostile = `\u001b[2J\u001b]0;title\u0007 ${'字'.repeat(100)} ${'x'.repeat(300)}\r\u202e\n${'word '.repeat(60)}`
    for (const width of [20, 41, 80]) {
      const text = renderTrace(
        trace({
          text: hostile,
          question: hostile,
          gold: hostile,
          extracted: hostile,
          problem: hostile,
          level: hostile,
        }),
        { color: false, width },
      )
      expect(text).not.toMatch(/(?!\n)\p{Cc}|\u202e/u)
      for (const line of text.split('\n')) expect(columns(line), line).toBeLessThanOrEqual(width)
    }
  })

  test('of a completion that failed says so without numbers that are none', () => {
    const text = renderTrace(
      trace({ text: '', finishReason: 'failed', verdict: null, rule: null, extracted: null, disposition: null }),
      plain,
    )
    expect(text).toContain('nothing extracted: not verified')
    expect(text).toContain('ended by a failure')
    expect(text).not.toMatch(/null|undefined/)
  })
})

test('wrapping loses nothing but the spaces at line ends, and breaks what fits on no line where it stands', () => {
  const text = 'one two  three fourfivesixseven\n\neight 字字字字字字'
  expect(wrap(text, 9)).toEqual(['one two', 'three', 'fourfives', 'ixseven', '', 'eight 字', '字字字字', '字'])
})
