import { describe, expect, test } from 'vitest'
import { renderReport } from '../../../src/report/html/report.ts'
import type { ReportView } from '../../../src/report/view.ts'
import { emptyView, evaluation, gain, iteration, realisticView, statusOf, trace } from '../fixtures.ts'

const VOID = new Set(['meta', 'br', 'hr', 'img', 'input', 'link'])

/** The page's elements, opened and closed in order; throws where one is left open. */
function checkNesting(page: string): void {
  const open: string[] = []
  for (const [, slash, name = '', selfClosed] of page.matchAll(/<(\/?)([a-zA-Z][a-zA-Z0-9]*)[^>]*?(\/?)>/g)) {
    const tag = name.toLowerCase()
    if (slash) expect(open.pop(), `</${tag}>`).toBe(tag)
    else if (!selfClosed && !VOID.has(tag)) open.push(tag)
  }
  expect(open).toEqual([])
}

function withoutTags(page: string): string {
  return page.replace(/<style>.*?<\/style>/gs, '').replace(/<[^>]*>/g, ' ')
}

function checkPage(page: string): void {
  checkNesting(page)
  expect(page.length).toBeLessThan(1_000_000)
  expect(page).not.toMatch(/https?:|<script|<link|<img|<iframe|@import|url\((?!#)|\bsrc=|\son\w+=/i)
  expect(page).not.toMatch(/\bNaN\b|Infinity|\bundefined\b|\[object/)
  expect(withoutTags(page)).not.toMatch(/\bnull\b/)
}

const failedRun = (state: 'failed' | 'capped' | 'waiting' | 'interrupted'): ReportView =>
  realisticView({ status: { ...realisticView().status, state, reason: 'The trainer said no.' } })

const long = (): ReportView => {
  const rows = Array.from({ length: 26 }, (_, number) =>
    iteration(number, {
      target: 40 + number * number,
      accepted: 40 + number * number,
      sampled: 100 + 2 * number * number,
      cost: 300 + 4 * number * number,
      evaluation: evaluation(0.4 + number / 100, 0.5 + number / 100, gain(number, 2)),
    }),
  )
  const base = { checkpoint: null, evaluation: evaluation(0.4, 0.5, null) }
  return realisticView({ status: statusOf(rows, { base }) })
}

const broken = Number.NaN

const VIEWS: readonly (readonly [string, () => ReportView])[] = [
  ['a realistic run', realisticView],
  ['a run that has done nothing', emptyView],
  ['a run without evaluation', () => realisticView({ status: statusOf([iteration(0), iteration(1)]) })],
  ['a run whose base alone is evaluated', () => emptyView({ status: { ...realisticView().status, iterations: [] } })],
  ['a failed run', () => failedRun('failed')],
  ['a capped run', () => failedRun('capped')],
  ['a waiting run', () => failedRun('waiting')],
  ['an interrupted run', () => failedRun('interrupted')],
  ['a run of 26 iterations', long],
  ['a run without prices', () => realisticView({ costs: null })],
  ['a run with measured prices', () => realisticView({ costs: 'measured' })],
  [
    'a run whose plan knows nothing yet',
    () => emptyView({ planned: [{ iteration: 0, accepted: null, expectedSamples: null, cost: null }] }),
  ],
  [
    'a run with one problem and numbers that are none',
    () => {
      const one = { accuracy: 1, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY, n: 1 }
      const odd = { ...evaluation(1, null, one), levels: { '5': { accuracy: broken, low: 0, high: 1, n: 0 } } }
      const row = iteration(0, { evaluation: odd, cost: broken, acceptanceRate: null, target: null })
      return realisticView({ status: statusOf([row], { base: { checkpoint: null, evaluation: odd } }) })
    },
  ],
]

test.each(VIEWS)('%s makes one whole page that loads nothing', async (_, view) => {
  checkPage(await renderReport(view()))
})

test('the same view gives the same bytes', async () => {
  expect(await renderReport(realisticView())).toBe(await renderReport(realisticView()))
})

test('names within the page are unique', async () => {
  const page = await renderReport(realisticView())
  const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)
  expect(new Set(ids).size).toBe(ids.length)
})

test('every chart tells its numbers to those who cannot see it', async () => {
  const page = await renderReport(realisticView())
  expect(page).toContain(
    'aria-label="Accuracy against cumulative cost. base at cost 0: temperature 1 45.7%, greedy 60.0%;',
  )
  expect(page).toContain('iteration 3 (rejected) at cost')
  expect(page).toContain('aria-label="Accepted and sampled by iteration. iteration 0: 500 of 1,290')
  for (const [svg] of page.matchAll(/<svg[^>]*>/g)) expect(svg).toMatch(/role="img" aria-label="[^"]{20,}"/)
})

test('a budget that grows far is drawn on a logarithmic axis, and the page says so', async () => {
  expect(await renderReport(realisticView())).toContain('on a logarithmic axis')
  const flat = realisticView({ planned: [], status: statusOf([iteration(0), iteration(0)]) })
  expect(await renderReport(flat)).not.toContain('on a logarithmic axis')
})

describe('hostile text', () => {
  const hostile = `</pre></script><script>alert(1)</script><img src=x onerror=alert(1)> " ' & \u0000 \u202e \u001b[2J \ud800`

  test('is shown, and does nothing', async () => {
    const real = realisticView()
    const levels = { [hostile]: { accuracy: 0.5, low: 0.4, high: 0.6, n: 10 } }
    const first = { ...evaluation(0.5, 0.5, gain(1, 2)), levels }
    const page = await renderReport(
      realisticView({
        status: {
          ...statusOf([iteration(0, { evaluation: first })]),
          name: hostile,
          reason: hostile,
          base: { checkpoint: { path: hostile, hash: hostile, weights: 'unproven' }, evaluation: first },
        },
        notes: [hostile],
        traces: [
          trace({
            question: hostile,
            text: hostile,
            gold: hostile,
            extracted: hostile,
            rule: hostile,
            level: hostile,
            problem: hostile,
          }),
        ],
        provenance: {
          ...real.provenance,
          policy: hostile,
          prompts: [{ role: hostile, name: hostile, hash: hostile }],
          versions: { [hostile]: hostile },
          facts: [{ label: hostile, text: hostile }],
          configuration: hostile,
        },
      }),
    )
    checkNesting(page)
    expect(page).not.toMatch(/<script|<img|(?!\n)\p{Cc}|\u202e|\p{Surrogate}/u)
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(page).toContain('⟨U+202E⟩')
  })

  test('of a megabyte is cut for display', async () => {
    const text = '<'.repeat(1_048_576)
    const traces = Array.from({ length: 80 }, () => trace({ text, question: text, gold: text, extracted: text }))
    const page = await renderReport(realisticView({ traces: traces.slice(0, 8) }))
    expect(page.length).toBeLessThan(1_000_000)
    expect(page).toContain('1,048,576 characters in all')
    expect((await renderReport(realisticView({ traces }))).match(/<details/g)?.length).toBeLessThan(70)
  })
})
