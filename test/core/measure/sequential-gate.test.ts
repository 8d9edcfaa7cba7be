/** The gate look by look, drawn: what it lets through, what it catches, and the samples that it saves. */

import { expect, test } from 'vitest'
import { playGate } from '../../../bench/statistics/sequential.ts'
import { gateLooks } from '../../../src/core/measure/gate-looks.ts'
import { gateCourse, visibleInLooks } from '../../../src/core/measure/gate-power.ts'
import { createRandom } from '../../../src/core/seed.ts'

const TERMS = { accuracy: 0.5, margin: 0.02, alpha: 0.005 }
const DESIGN = { samples: 1, most: 8 }
const LOOKS = gateLooks(DESIGN, TERMS.alpha)

function play(problems: number, drop: number, trials: number, correlation = 0.3) {
  const random = createRandom(11)
  const ends = Array.from({ length: trials }, () =>
    playGate({ problems, accuracy: TERMS.accuracy, correlation, drop }, LOOKS, random),
  )
  const share = (decision: string): number => ends.filter((end) => end.decision === decision).length / trials
  const samples = ends.reduce((sum, end) => sum + end.samples, 0) / trials
  return { failed: share('failed'), passed: share('passed'), samples }
}

test.each([10, 20, 50, 200])('a true drop of 5 points of %i problems hardly ever passes', (problems) => {
  for (const correlation of [0.05, 0.7]) {
    expect(play(problems, 0.05, 400, correlation).passed).toBeLessThanOrEqual(0.01)
  }
})

test('an unchanged checkpoint hardly ever fails, however often it is looked at', () => {
  expect(play(100, 0, 600).failed).toBeLessThanOrEqual(0.01)
})

test('decisions and samples are as predicted, fewer than all at once', () => {
  for (const drop of [0, 0.05, 0.1]) {
    const seen = play(300, drop, 150)
    const predicted = gateCourse(300, LOOKS, TERMS, drop)
    expect(Math.abs(seen.failed - predicted.failed)).toBeLessThan(0.12)
    expect(Math.abs(seen.passed - predicted.passed)).toBeLessThan(0.12)
    expect(Math.abs(seen.samples - predicted.samples)).toBeLessThan(0.9)
  }
  expect(gateCourse(300, LOOKS, TERMS, 0.1).samples).toBeLessThan(3)
  expect(gateCourse(300, LOOKS, TERMS, visibleInLooks(300, DESIGN, TERMS)).failed).toBeCloseTo(0.8, 2)
})
