import { Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../../../src/core/events.ts'
import { renderEventLine } from '../../../src/report/terminal/event-line.ts'
import { createProgress } from '../../../src/report/terminal/progress.ts'
import { phase, sampling, started, watch, wholeIteration } from './watched.ts'

describe('on a terminal', () => {
  test('the block shows what is continuing, how far, and how fast', () => {
    const { at, look, progress } = watch(true)
    at(0, started, phase(0), sampling({}))
    at(2000, sampling({ accepted: 125, sampled: 300, tokens: 9000, elapsedMs: 2000, failed: 4 }))
    const text = look()
    expect(text).toContain('starting demo: 4 iterations, in runs/demo')
    expect(text).toContain('iteration 0 (1 of 4): sampling · 2.0 s')
    expect(text).toContain('██████░░░░░░░░░░░░░░░░░░ 125 / 500 accepted (acceptance 41.7%)')
    expect(text).toContain('152 completions/s · 4,500 tokens/s · 64 in flight · 4 failed · about 6 s left')
    progress.end()
  })

  test('no rate and no time left are told before there is one', () => {
    const { at, look, progress } = watch(true)
    at(0, started, phase(0), sampling({ accepted: 300, sampled: 800 }))
    at(900, sampling({ accepted: 310, sampled: 820, elapsedMs: 900 }))
    expect(look()).not.toContain('left')
    at(950, phase(1), sampling({ iteration: 1 }))
    at(60_000, sampling({ iteration: 1, elapsedMs: 59_000 }), sampling({ iteration: 1, elapsedMs: 59_000, target: 0 }))
    const text = look()
    expect(text).toContain('0 / 500 accepted\n')
    expect(text).not.toMatch(/left|NaN|Infinity|undefined/)
    progress.end()
  })

  test('what an earlier process has drawn is not counted as speed', () => {
    const { at, look, progress } = watch(true)
    at(0, started, phase(0), sampling({ accepted: 400, sampled: 1000 }))
    look()
    at(10_000, sampling({ accepted: 404, sampled: 1010, tokens: 100, elapsedMs: 10_000 }))
    expect(look()).toMatch(/^1 completions\/s · 10 tokens\/s/m)
    progress.end()
  })

  test('a hundred events within a tenth of a second are drawn once', () => {
    const { at, writes, progress } = watch(true)
    at(0, started, phase(0))
    const before = writes()
    for (let i = 1; i <= 100; i++) at(100 + i / 2, sampling({ sampled: i, elapsedMs: i }))
    expect(writes() - before).toBe(1)
    progress.end()
  })

  test('a finished iteration stays as one line', () => {
    const { at, look, progress } = watch(true)
    at(0, started, phase(2))
    at(
      61_000,
      {
        kind: 'sampled',
        iteration: 2,
        accepted: 2000,
        sampled: 4040,
        surplus: 12,
        acceptanceRate: 0.498,
        idleSlotSeconds: 3,
        unanswered: 0,
      },
      { kind: 'trained', iteration: 2, checkpoint: 'c', steps: 63, seconds: 9, loss: 0.187 },
    )
    look()
    at(62_000, { kind: 'iteration-ended', iteration: 2, state: 'done' })
    expect(look()).toContain('iteration 2 done · 2,000 of 4,040 accepted (49.8%) · 63 steps, loss 0.187 · 1 min 02 s\n')
    progress.end()
    expect(look()).not.toContain('iteration')
  })

  test('an iteration that an earlier process finished is not credited with what came before it', () => {
    const { at, look, progress } = watch(true)
    at(0, { ...started, resumed: true }, phase(-1, 'evaluating'))
    at(900, { kind: 'evaluated', iteration: -1, accuracy: 0.457, low: 0.43, high: 0.485, greedy: 0.6, cost: 0 })
    at(1000, { kind: 'iteration-ended', iteration: 0, state: 'done' })
    const text = look()
    expect(text).toContain('base · accuracy 45.7% (43.0% to 48.5%), greedy 60.0%\n')
    expect(text).toContain('iteration 0 done\n')
    progress.end()
  })

  test('measuring and training have their own figures', () => {
    const { at, look, progress } = watch(true)
    at(
      0,
      started,
      phase(-1, 'evaluating'),
      sampling({ purpose: 'evaluate', iteration: -1, wanted: 1200, target: 1200 }),
    )
    at(
      2000,
      sampling({
        purpose: 'evaluate',
        iteration: -1,
        wanted: 1200,
        target: 1200,
        sampled: 600,
        accepted: 300,
        elapsedMs: 2000,
      }),
    )
    expect(look()).toMatch(
      /base: evaluating · 2\.0 s\n█{12}░{12} 600 \/ 1,200 sampled, 300 correct \(50\.0%\)\n.*about 2 s left/,
    )
    at(3000, phase(0, 'training'), {
      kind: 'training',
      iteration: 0,
      step: 1,
      steps: 0,
      loss: Number.NaN,
      elapsedMs: 0,
    })
    at(5000, { kind: 'training', iteration: 0, step: 5, steps: 16, loss: 0.2, elapsedMs: 2000 })
    const text = look()
    expect(text).toContain('step 5 / 16, loss 0.2')
    expect(text).toContain('2 steps/s · about 6 s left')
    expect(text).not.toMatch(/NaN|Infinity/)
    progress.end()
  })

  test("the run's end is estimated from two finished iterations and the plan, not before", () => {
    const watched = watch(true, [100, 200, 400, 800])
    watched.at(0, started)
    wholeIteration(watched, 0, 100, 0, 20_000)
    watched.at(20_000, phase(1))
    expect(watched.look()).not.toContain('run about')
    wholeIteration(watched, 1, 200, 20_000, 50_000)
    watched.at(50_000, phase(2))
    // 10 s + 0.1 s a trace: 50 s and 90 s are still to come.
    expect(watched.look()).toContain('run about 2 min 20 s left')
    watched.progress.end()
  })

  test('no line is wider than the terminal, and nothing in it steers the terminal', () => {
    const { at, look, progress } = watch(true)
    at(
      0,
      { ...started, name: `\u001b[2J${'n'.repeat(200)}` },
      { kind: 'note', text: 'word '.repeat(60) },
      phase(0),
      sampling({}),
    )
    for (const line of look().split('\n')) expect(line.length).toBeLessThan(90)
    progress.end()
  })
})

describe('elsewhere', () => {
  test('there is a line for every phase and result, and no style', () => {
    const { at, look } = watch(false)
    at(0, started, phase(0), { kind: 'note', text: 'two\nlines' })
    at(100, { kind: 'gate', iteration: 0, decision: 'passed', difference: 0.021, low: -0.012, high: 0.054 })
    at(200, { kind: 'evaluated', iteration: 0, accuracy: 0.478, low: 0.45, high: 0.506, greedy: null, cost: 6553 })
    at(300, { kind: 'iteration-ended', iteration: 0, state: 'done' })
    at(400, { kind: 'run-ended', state: 'done', reason: null, report: 'runs/demo/report.html' })
    expect(look()).toBe(
      [
        'starting demo: 4 iterations, in runs/demo',
        'iteration 0: sampling',
        'note: two lines',
        'iteration 0: gate passed, +2.1 points (-1.2 to +5.4)',
        'iteration 0: accuracy 47.8% (45.0% to 50.6%), cost so far 6,553',
        'iteration 0: done',
        'run done; report: runs/demo/report.html',
        '',
      ].join('\n'),
    )
  })

  test('counts are told every ten seconds at most', () => {
    const { at, look } = watch(false)
    at(0, phase(0))
    for (let ms = 0; ms <= 35_000; ms += 100) at(ms, sampling({ sampled: ms, accepted: ms / 100, elapsedMs: ms }))
    const lines = look().trim().split('\n')
    expect(lines).toEqual([
      'iteration 0: sampling',
      'iteration 0: sampling, 100 of 500 accepted, 10,000 sampled (1.0%)',
      'iteration 0: sampling, 200 of 500 accepted, 20,000 sampled (1.0%)',
      'iteration 0: sampling, 300 of 500 accepted, 30,000 sampled (1.0%)',
    ])
  })
})

test.each([true, false])('a reader that has gone does not end the run (interactive: %s)', async (interactive) => {
  const gone = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    },
  })
  const progress = createProgress({ stream: gone, color: false, interactive, now: () => 0 })
  progress.handle(started)
  await new Promise((resolve) => setImmediate(resolve))
  expect(() => {
    progress.handle(phase(0))
    progress.handle(sampling({}))
    progress.end()
  }).not.toThrow()
})

test('every event has a line without a break in it', () => {
  const events: RunEvent[] = [
    { ...started, resumed: true },
    { kind: 'phase', iteration: 1, state: 'training', attempt: 1 },
    sampling({ wanted: 10, sampled: 5, accepted: 2, failed: 1, purpose: 'gate' }),
    {
      kind: 'sampled',
      iteration: 1,
      accepted: 1,
      sampled: 2,
      surplus: 0,
      acceptanceRate: 0.5,
      idleSlotSeconds: 12.34,
      unanswered: 0,
    },
    { kind: 'training', iteration: 1, step: 3, steps: 16, loss: 0.2, elapsedMs: 1 },
    { kind: 'trained', iteration: 1, checkpoint: 'checkpoints/01-0', steps: 16, seconds: 2.44, loss: 0.187 },
    { kind: 'run-ended', state: 'failed', reason: 'The server\nhas gone.', report: null },
  ]
  expect(events.map(renderEventLine)).toEqual([
    'resuming demo: 4 iterations, in runs/demo',
    'iteration 1: training, attempt 2',
    'iteration 0: measuring for the gate, 5 of 10 sampled, 2 correct (40.0%), 1 failed',
    'iteration 1: 1 trace accepted out of 2 sampled (50.0%), 0 surplus, 12.34 idle slot-seconds',
    'iteration 1: training, step 3 of 16, loss 0.2',
    'iteration 1: trained 16 steps in 2.4 s, loss 0.187, checkpoints/01-0',
    'run failed: The server has gone.',
  ])
})
