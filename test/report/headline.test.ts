import { describe, expect, test } from 'vitest'
import type { Accuracy } from '../../src/core/status.ts'
import { headline } from '../../src/report/headline.ts'
import { emptyView, evaluation, gain, iteration, realisticView, statusOf } from './fixtures.ts'

const base = (share: number) => ({ checkpoint: null, evaluation: evaluation(share, null, null) })

function titleOf(share: number, change: Accuracy | null): { outcome: string; title: string } {
  const status = statusOf([iteration(0, { evaluation: evaluation(share, null, change) })], { base: base(0.457) })
  const { outcome, title } = headline({ status, costs: null, evaluationTemperature: 1 })
  return { outcome, title }
}

test('a gain whose interval lies above 0 rose', () => {
  expect(titleOf(0.619, gain(16.2, 2.2))).toEqual({
    outcome: 'rose',
    title:
      'Accuracy at temperature 1 rose from 45.7% to 61.9% (+16.2 points, 95% interval +14.0 to +18.4, 1,200 problems) for a cost of 2,290.',
  })
})

test('a loss whose interval lies below 0 fell', () => {
  expect(titleOf(0.4, gain(-5.7, 2.2)).title).toMatch(
    /^Accuracy at temperature 1 fell from 45\.7% to 40\.0% \(−5\.7 points/,
  )
})

test('an interval that includes 0 is no clear change, whichever way the numbers went', () => {
  expect(titleOf(0.47, gain(1.3, 2.2))).toMatchObject({ outcome: 'unclear' })
  expect(titleOf(0.47, gain(1.3, 1.3))).toMatchObject({ outcome: 'unclear' })
  expect(titleOf(0.47, gain(1.3, 2.2)).title).toMatch(/^No clear change: accuracy at temperature 1 went from/)
})

test('one problem gives no interval and no claim', () => {
  const change = { accuracy: 1, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY, n: 1 }
  expect(titleOf(1, change).title).toContain('too few problems for an interval, 1 problem)')
})

test('without a paired gain no change is told', () => {
  expect(titleOf(0.6, null)).toMatchObject({ outcome: 'unmeasured' })
  expect(titleOf(0.6, null).title).toContain('no change can be told')
})

test('a rejected checkpoint does not make the headline, however good it looks', () => {
  const kept = iteration(0, { evaluation: evaluation(0.5, null, gain(4.3, 2)) })
  const rejected = iteration(1, { state: 'rejected', evaluation: evaluation(0.9, null, gain(44, 2)) })
  const status = statusOf([kept, rejected], { base: base(0.457) })
  const { title, details } = headline({ status, costs: null, evaluationTemperature: 1 })
  expect(title).toContain('to 50.0%')
  expect(details).toContain('The gate rejected the checkpoint of iteration 1.')
})

test('a run whose every checkpoint was rejected stands on its base', () => {
  const rejected = iteration(0, { state: 'rejected', evaluation: evaluation(0.3, null, gain(-15, 2)) })
  const status = statusOf([rejected], { base: base(0.457) })
  expect(headline({ status, costs: null, evaluationTemperature: 1 }).title).toMatch(/^No checkpoint passed the gate/)
})

describe('without any evaluation of a checkpoint', () => {
  const inputs = { costs: null, evaluationTemperature: 0.7 } as const

  test('the base alone is told', () => {
    const status = statusOf([iteration(0, { state: 'training' })], { base: base(0.457), state: 'running' })
    const { title, details } = headline({ ...inputs, status })
    expect(title).toMatch(
      /^Accuracy at temperature 0\.7 of the base is 45\.7% .* no later checkpoint is evaluated yet\.$/,
    )
    expect(details).toContain('The run is still running; these are its numbers so far.')
  })

  test('a run without evaluation problems says nothing about accuracy', () => {
    expect(headline({ ...inputs, status: statusOf([iteration(0)]) }).title).toMatch(/^Not evaluated/)
  })

  test('a run that has done nothing says so', () => {
    expect(headline(emptyView()).title).toBe('Nothing has been sampled yet.')
  })
})

test('why a run stopped is told in its own words, on one line', () => {
  const status = statusOf([iteration(0)], { state: 'capped', reason: 'The cap on samples\nis reached.' })
  expect(headline({ status, costs: null, evaluationTemperature: 1 }).details.at(-1)).toBe(
    'The run stopped at a cap. The cap on samples is reached.',
  )
})

test('measured costs are seconds', () => {
  const view = realisticView({ costs: 'measured' })
  expect(headline(view).title).toMatch(/for a cost of 59,280 seconds\.$/)
})
