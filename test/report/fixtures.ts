/** Views of runs for the report's tests: a realistic one, and builders for the odd ones. */

import { planRun } from '../../src/core/budget/plan.ts'
import { wilsonInterval } from '../../src/core/measure/intervals.ts'
import type { Accuracy, Evaluation, IterationStatus, RunStatus } from '../../src/core/status.ts'
import type { ReportTrace, ReportView } from '../../src/report/view.ts'
import { ledgerOf } from './ledger-rows.ts'

export function accuracy(share: number, n = 1200): Accuracy {
  const { mean, low, high } = wilsonInterval(Math.round(share * n), n)
  return { accuracy: mean, low, high, n }
}

/** A paired difference with half its interval, in points. */
export function gain(points: number, half: number, n = 1200): Accuracy {
  return { accuracy: points / 100, low: (points - half) / 100, high: (points + half) / 100, n }
}

export function evaluation(share: number, greedy: number | null, change: Accuracy | null): Evaluation {
  return {
    ...accuracy(share),
    greedy: greedy === null ? null : accuracy(greedy),
    levels: {
      '2 steps': accuracy(Math.min(0.98, share * 1.55), 400),
      '3 steps': accuracy(share, 400),
      '4 steps': accuracy(share * 0.42, 400),
    },
    gain: change,
    gainSaved: change && 0.31,
    greedyGain: change && greedy !== null ? gain(100 * change.accuracy * 0.7, 2.1) : null,
  }
}

export function iteration(number: number, change: Partial<IterationStatus> = {}): IterationStatus {
  const target = 500 * 2 ** number
  const rate = Math.min(0.9, 0.4 + 0.05 * number)
  const sampled = Math.ceil(target / rate) + 40
  return {
    iteration: number,
    state: 'done',
    target,
    accepted: target,
    sampled,
    correct: target + 31,
    surplus: 22 + number,
    truncated: Math.round(sampled * 0.03),
    tooLong: 0,
    failed: number === 2 ? 3 : 0,
    unanswered: 0,
    acceptanceRate: rate,
    cost: sampled + 2 * target,
    hinted: 0,
    thinking: null,
    temperature: null,
    coverage: null,
    checkpoint: {
      path: `checkpoints/0${number}-0`,
      hash: `sha256:${String(number).repeat(64).slice(0, 64)}`,
      weights: 'proven',
    },
    evaluation: null,
    health: null,
    gate: null,
    decision: null,
    ...change,
  }
}

export function statusOf(iterations: readonly IterationStatus[], change: Partial<RunStatus> = {}): RunStatus {
  const sum = (of: (row: IterationStatus) => number): number => iterations.reduce((total, row) => total + of(row), 0)
  return {
    name: 'quickstart',
    state: 'done',
    reason: null,
    costUnit: '',
    base: { checkpoint: { path: 'toy', hash: `sha256:${'b'.repeat(64)}`, weights: 'proven' }, evaluation: null },
    iterations,
    extensions: [],
    external: null,
    ledger: [],
    problems: { count: 0, asked: 0, solved: 0, neverSolved: 0, rates: [], shares: [] },
    totals: {
      accepted: sum((row) => row.accepted),
      sampled: sum((row) => row.sampled),
      correct: sum((row) => row.correct),
      surplus: sum((row) => row.surplus),
      truncated: sum((row) => row.truncated),
      tooLong: sum((row) => row.tooLong),
      failed: sum((row) => row.failed),
      retried: 0,
      cached: 0,
      cost: sum((row) => row.cost),
      tokens: sum((row) => row.sampled) * 62,
      seconds: 212.4,
    },
    ...change,
  }
}

export function trace(change: Partial<ReportTrace> = {}): ReportTrace {
  return {
    id: 1,
    purpose: 'train',
    iteration: 4,
    problem: 'steps/train/001042',
    index: 0,
    source: 'steps',
    level: '3 steps',
    question:
      'Mara has 7 boxes of 2 pears. She buys 15 pears and then gives 4 pears to Tom. How many pears does she have?',
    gold: '25',
    text: '7*2=14. 14+15=29. 29-4=25. #### 25',
    finishReason: 'stop',
    completionTokens: 27,
    verdict: 'correct',
    rule: 'number',
    method: 'exact',
    extracted: '25',
    disposition: 'accepted',
    checkpoint: `sha256:${'3'.repeat(64)}`,
    ...change,
  }
}

/** A run of five iterations whose fourth checkpoint was rejected. */
export function realisticView(change: Partial<ReportView> = {}): ReportView {
  const results = [
    evaluation(0.452, 0.598, gain(-0.5, 2.2)),
    evaluation(0.478, 0.621, gain(2.1, 2.1)),
    evaluation(0.521, 0.655, gain(6.4, 2.2)),
    evaluation(0.435, 0.571, gain(-2.2, 2.1)),
    evaluation(0.619, 0.702, gain(16.2, 2.2)),
  ]
  const iterations = results.map((result, number) =>
    iteration(number, {
      evaluation: result,
      state: number === 3 ? 'rejected' : 'done',
      gate: {
        decision: number === 3 ? 'failed' : 'passed',
        difference: 0.02,
        low: -0.01,
        high: 0.05,
        n: 500,
        alpha: 0.005,
        sees: 0.04,
        samples: 1,
        saved: 0.3,
        looks: [],
      },
    }),
  )
  const base = { checkpoint: statusOf([]).base.checkpoint, evaluation: evaluation(0.457, 0.6, null) }
  return {
    ...emptyView(),
    status: statusOf(iterations, { base }),
    isToy: true,
    notes: ['The embedded model is a toy: it speaks nothing but its own arithmetic templates.'],
    planned: planRun({
      policy: { kind: 'exponential', initial: 500, growth: 2 },
      unit: 'accepted',
      batchSize: 1,
      iterations: 6,
      costs: { sample: 1, train: 2, iteration: 0 },
      acceptanceRate: 0.5,
    }).iterations,
    ledger: iterations.flatMap(ledgerOf),
    attempts: [
      { outcome: 'ok', attempts: 38_204, durationMs: 9_340_000 },
      { outcome: 'server-error', attempts: 12, durationMs: 4100 },
      { outcome: 'timeout', attempts: 2, durationMs: 240_000 },
    ],
    activity: [
      { iteration: -1, phase: 'evaluating', seconds: 9.2 },
      ...iterations.flatMap((row) => [
        { iteration: row.iteration, phase: 'planned', seconds: 0 },
        { iteration: row.iteration, phase: 'sampling', seconds: row.sampled / 290 },
        { iteration: row.iteration, phase: 'training', seconds: row.accepted / 210 },
        { iteration: row.iteration, phase: 'serving', seconds: 0.3 },
        { iteration: row.iteration, phase: 'evaluating', seconds: 9.7 },
      ]),
    ],
    gates: iterations.map((row) => ({
      iteration: row.iteration,
      attempt: row.iteration === 3 ? 1 : 0,
      decision: row.iteration === 3 ? 'failed' : row.iteration === 0 ? 'undecided' : 'passed',
      difference: row.iteration === 3 ? -0.061 : 0.021,
      low: row.iteration === 3 ? -0.101 : -0.012,
      high: row.iteration === 3 ? -0.021 : 0.054,
      n: 600,
      alpha: 0.005,
      sees: 0.044,
      samples: 1,
      saved: 0.3,
      looks: [],
    })),
    jobs: iterations.map((row) => ({
      iteration: row.iteration,
      attempt: 0,
      state: 'succeeded',
      rows: row.accepted,
      optimization: {
        epochs: 1,
        steps: undefined,
        batch: 32,
        lrStart: 1e-3,
        lrEnd: 0,
        warmupSteps: 0,
        optimizerState: 'reset',
      },
      metrics: {
        steps: Math.ceil(row.accepted / 32),
        tokens: row.accepted * 61,
        seconds: row.accepted / 210,
        loss: { first: 0.2113, last: 0.1871 },
      },
    })),
    traces: [
      trace(),
      trace({ index: 1, text: '7*2=14. 14+15=29. 29-4=25. #### 25' }),
      trace({
        disposition: 'wrong',
        verdict: 'incorrect',
        text: '7*2=14. 14+15=28. 28-4=24. #### 24',
        extracted: '24',
      }),
      trace({
        disposition: 'wrong',
        verdict: 'no-answer',
        rule: 'extract',
        text: '7*2=14. 14+15=29.',
        extracted: null,
      }),
      trace({
        disposition: 'truncated',
        finishReason: 'length',
        verdict: null,
        rule: null,
        text: '7*2=14. '.repeat(30),
      }),
      trace({ disposition: 'surplus' }),
    ].map((each, at) => ({ ...each, id: at + 1 })),
    ...change,
  }
}

/** A run that has done nothing. */
export function emptyView(change: Partial<ReportView> = {}): ReportView {
  return {
    status: statusOf([], { state: 'new', totals: { ...statusOf([]).totals, seconds: 0 } }),
    isToy: false,
    notes: [],
    planned: [],
    costs: { sample: 1, train: 2, iteration: 0 },
    evaluationTemperature: 1,
    ledger: [],
    attempts: [],
    activity: [],
    gates: [],
    jobs: [],
    traces: [],
    flips: null,
    hard: [],
    provenance: {
      seed: 1,
      policy: 'exponential: n_t = 500 · 2^t accepted traces, 6 iterations',
      base: { path: 'toy', hash: `sha256:${'b'.repeat(64)}` },
      prompts: [
        { role: 'sampling', name: 'built-in', hash: 'c'.repeat(64) },
        { role: 'evaluation', name: 'built-in', hash: 'c'.repeat(64) },
      ],
      problems: [
        { split: 'train', count: 30_000 },
        { split: 'gate', count: 600 },
        { split: 'evaluate', count: 1200 },
      ],
      splitBy: 'instance',
      checker: '1',
      versions: { spendwise: '0.1.0', node: '24.21.0' },
      startedAt: '2026-08-02T10:11:12.000Z',
      facts: [{ label: 'Training', text: 'embedded, 1 epoch, batch 32, lr 0.001 (iteration-decay)' }],
      configuration: 'name: quickstart\nseed: 1\n',
    },
    ...change,
  }
}
