/**
 * Admission and acceptance together, over a simulated server whose long answers take longer: n_t lands exactly and without
 * bias, where taking the first to arrive gives answers that are too short.
 */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createAcceptance } from '../../../src/core/accept/accept.ts'
import { type AdmissionState, estimatedRate, mayAdmit } from '../../../src/core/accept/admission.ts'
import { type Random, randomFor } from '../../../src/core/seed.ts'

const count = fc.nat(5000)
const state = fc.record({
  eligible: count,
  ended: count,
  inFlight: count,
  target: count,
  priorRate: fc.double({ min: 0.001, max: 1, noNaN: true }),
})

describe('admission', () => {
  test('ends for good when enough are eligible', () => {
    fc.assert(
      fc.property(state, (now) => {
        if (now.eligible >= now.target) expect(mayAdmit(now)).toBe(false)
      }),
    )
  })

  test('never stalls: with nothing in flight and too few eligible one more may go out', () => {
    fc.assert(
      fc.property(state, (now) => {
        if (now.eligible < now.target) expect(mayAdmit({ ...now, inFlight: 0 })).toBe(true)
      }),
    )
  })

  test('allows no fewer requests at a lower rate', () => {
    fc.assert(
      fc.property(state, (now) => {
        const worse = { ...now, priorRate: now.priorRate / 2 }
        if (mayAdmit(now)) expect(mayAdmit(worse)).toBe(true)
      }),
    )
  })

  test('starts from the rate of before and moves to the measured one', () => {
    expect(estimatedRate({ eligible: 0, ended: 0, priorRate: 0.3 })).toBeCloseTo(0.3, 12)
    expect(estimatedRate({ eligible: 700, ended: 1000, priorRate: 0.3 })).toBeCloseTo(0.7, 2)
    expect(estimatedRate({ eligible: 0, ended: 1000, priorRate: 1 })).toBeGreaterThan(0)
  })
})

interface Answer {
  readonly issue: number
  readonly tokens: number
  readonly isCorrect: boolean
  readonly endsAt: number
}

/** What the model would answer to issue number i: longer answers are more often wrong, and all of it depends on i alone. */
function answerTo(seed: number, issue: number): Omit<Answer, 'endsAt'> {
  const random = randomFor(seed, `answer/${issue}`)
  const tokens = 150 * Math.exp(0.7 * gaussian(random))
  return { issue, tokens, isCorrect: random() < 0.75 - 0.35 * Math.min(1, tokens / 400) }
}

/**
 * A server that gives every answer its tokens' time; requests go out while the rule allows and there is room.
 * @returns all answers in the order of their arrival
 */
function simulate(
  seed: number,
  target: number,
  concurrency: number,
  admits: (state: AdmissionState) => boolean,
): Answer[] {
  const inFlight: Answer[] = []
  const arrived: Answer[] = []
  let now = 0
  let eligible = 0
  let issue = 0
  for (;;) {
    const state = { eligible, ended: arrived.length, inFlight: inFlight.length, target, priorRate: 0.5 }
    if (inFlight.length < concurrency && admits(state)) {
      const answer = answerTo(seed, issue++)
      inFlight.push({ ...answer, endsAt: now + answer.tokens })
      continue
    }
    const next = inFlight.reduce<Answer | undefined>((a, b) => (a && a.endsAt <= b.endsAt ? a : b), undefined)
    if (!next) return arrived
    inFlight.splice(inFlight.indexOf(next), 1)
    now = next.endsAt
    arrived.push(next)
    if (next.isCorrect) eligible++
  }
}

function acceptedOf(answers: readonly Answer[], target: number): Answer[] {
  const judge = createAcceptance(
    { maxPerProblem: null, deduplicate: 'none', verdict: 'correct', equations: 'ignore' },
    { kind: 'accepted', count: target },
    { seed: 1, purpose: 'train', iteration: 0 },
  )
  return answers.filter(
    ({ issue, isCorrect }) =>
      judge({
        problem: 'p',
        text: String(issue),
        finishReason: 'stop',
        verdict: isCorrect ? 'correct' : 'incorrect',
      }) === 'accepted',
  )
}

/** Algorithm 1 of the paper: one after the other until n_t are accepted. */
function sequential(seed: number, target: number): number[] {
  const issues: number[] = []
  for (let issue = 0; issues.length < target; issue++) if (answerTo(seed, issue).isCorrect) issues.push(issue)
  return issues
}

function meanTokens(answers: readonly Pick<Answer, 'tokens'>[]): number {
  return answers.reduce((sum, { tokens }) => sum + tokens, 0) / answers.length
}

describe('n_t = 256 with 512 requests in flight', () => {
  const target = 256
  const seeds = Array.from({ length: 40 }, (_, i) => i)
  const admitted = seeds.map((seed) => simulate(seed, target, 512, mayAdmit))
  // The naive way: the server is kept full until enough have come back.
  const kept = seeds.map((seed) => simulate(seed, target, 512, (state) => state.eligible < state.target))
  const inIssueOrder = (answers: readonly Answer[]): Answer[] => answers.toSorted((a, b) => a.issue - b.issue)
  const truth = meanTokens(
    Array.from({ length: 60_000 }, (_, issue) => answerTo(999, issue)).filter(({ isCorrect }) => isCorrect),
  )
  const bias = (accepted: readonly (readonly Answer[])[]): number => meanTokens(accepted.flat()) / truth - 1

  test('lands exactly, in every run, on what one after the other would have taken', () => {
    for (const [seed, arrived] of admitted.entries()) {
      const accepted = acceptedOf(inIssueOrder(arrived), target)
      expect(accepted).toHaveLength(target)
      expect(accepted.map(({ issue }) => issue)).toEqual(sequential(seed, target))
    }
  })

  test('has the right mean length in issue order, however the requests were admitted', () => {
    for (const runs of [admitted, kept]) {
      expect(Math.abs(bias(runs.map((arrived) => acceptedOf(inIssueOrder(arrived), target))))).toBeLessThan(0.02)
    }
  })

  test('would be a third too short with the first to arrive', () => {
    expect(bias(kept.map((arrived) => acceptedOf(arrived, target)))).toBeLessThan(-0.2)
  })

  test('would be some percent too short with the first to arrive even where all are waited for', () => {
    expect(bias(admitted.map((arrived) => acceptedOf(arrived, target)))).toBeLessThan(-0.03)
  })

  test('wastes little, though the first wave goes out before anything is known of the rate', () => {
    const samples = admitted.reduce((sum, arrived) => sum + arrived.length, 0)
    const needed = seeds.reduce((sum, seed) => sum + (sequential(seed, target).at(-1) ?? 0) + 1, 0)
    const naive = kept.reduce((sum, arrived) => sum + arrived.length, 0)
    expect(samples / needed).toBeLessThan(1.25)
    expect(naive / needed).toBeGreaterThan(1.5)
  })
})

function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
