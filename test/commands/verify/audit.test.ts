import { expect, test } from 'vitest'
import type { Label } from '../../../src/core/label.ts'
import { auditPage } from '../../../src/report/html/audit.ts'
import { assessAudit, drawAudit } from '../../../src/run/audit.ts'
import { completion, createRun, temporaryFolder, verdict } from '../../store/hand-made-run.ts'

const COUNT = 200

/** 100 correct ones, of which every tenth is wrong, 99 incorrect ones and a single undecided one. */
function auditedRun(): string {
  const folder = temporaryFolder()
  const store = createRun(folder)
  const ids = store.completions.insert(
    Array.from({ length: COUNT }, (_, index) => completion({ key: { index }, issue: index, text: `text ${index}` })),
    1,
  )
  const kindOf = (at: number) => (at === COUNT - 1 ? 'undecided' : at < 100 ? 'correct' : 'incorrect')
  store.verdicts.insert(ids.map((id, at) => ({ completion: id, verdict: verdict(kindOf(at)) })))
  store.close()
  return folder
}

const isWrong = (text: string): boolean => Number(text.split(' ')[1]) % 10 === 0

test('the same seed draws the same completions, every stratum among them, in an order that tells nothing', () => {
  const folder = auditedRun()
  const draw = drawAudit(folder, 60, 1)
  expect(draw.items).toHaveLength(60)
  expect(drawAudit(folder, 60, 1)).toEqual(draw)
  expect(drawAudit(folder, 60, 2).items).not.toEqual(draw.items)
  expect(draw.items.some(({ text }) => text === `text ${COUNT - 1}`)).toBe(true)
  const places = draw.items.map(({ id }) => id)
  expect(places).not.toEqual(places.toSorted((a, b) => a - b))
  expect(drawAudit(folder, 10_000, 1).items).toHaveLength(COUNT)
})

test('labels give the share of wrong answers inside the accepted set, with an interval that holds it', () => {
  const folder = auditedRun()
  const labels = new Map<number, Label>(
    drawAudit(folder, COUNT, 1).items.map(({ id, text }) => [id, isWrong(text) ? 'wrong' : 'right']),
  )
  const result = assessAudit(folder, labels)
  expect(result).toMatchObject({ labelled: COUNT, unclear: 0, accepted: 100, judgedAccepted: 100 })
  expect(result.wrongAccepted?.mean).toBeCloseTo(0.1, 10)
  expect(result.wrongAccepted?.low).toBeGreaterThan(0.04)
  expect(result.wrongAccepted?.high).toBeLessThan(0.2)
  const { byRule } = result
  expect(byRule.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(100)
  expect(byRule.reduce((sum, { accepted, wrong }) => sum + accepted * (wrong?.mean ?? 0), 0)).toBeCloseTo(10, 8)
  for (const { accepted, judged } of byRule) expect(judged).toBe(accepted)
})

test('no wrong one among those judged still leaves an upper bound, and nothing judged says nothing', () => {
  const folder = auditedRun()
  const labels = new Map<number, Label>(drawAudit(folder, 60, 1).items.map(({ id }) => [id, 'right'] as const))
  const { wrongAccepted } = assessAudit(folder, labels)
  expect(wrongAccepted?.mean).toBe(0)
  expect(wrongAccepted?.high).toBeGreaterThan(0.02)
  expect(assessAudit(folder, new Map()).wrongAccepted).toBeUndefined()
})

test('the page shows question, gold answer and text, escaped, and no verdict', () => {
  const text = 'so </script><script>alert(1)</script> \\boxed{2}'
  const items = [{ id: 7, question: '1 + 1?', gold: '2', text }]
  const page = auditPage({ name: 'demo', seed: 1, sample: 1, items })
  expect(page).toContain('data-id="7"')
  expect(page).not.toContain('<script>alert')
  expect(page).not.toMatch(/correct|undecided/)
})

test('the page runs and styles nothing but its own, by hash, sets formulas, and clips what is long', () => {
  const items = [
    {
      id: 7,
      question: 'What is $\\frac{1}{2}$ of $30,000?',
      gold: '15000',
      text: `${'x'.repeat(50_000)} \\boxed{15000}`,
    },
  ]
  const page = auditPage({ name: 'demo', seed: 1, sample: 1, items }).replaceAll('&#39;', "'")
  expect(page).toMatch(/default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'/)
  expect(page).not.toMatch(/\sstyle=|\son\w+=/)
  expect(page).toContain('<mfrac>')
  expect(page).toContain('$30,000')
  expect(page.length).toBeLessThan(30_000)
  expect(page).toContain('38,014 characters are left out here')
})
