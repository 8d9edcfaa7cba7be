/** The gate's looks: what each draws, what it stores, and what a run that was interrupted does again. */

import { expect, test } from 'vitest'
import type { GateDecision } from '../../../src/core/measure/gate.ts'
import { measureGate } from '../../../src/loop/measure/evaluation.ts'
import { decideGate } from '../../../src/loop/measure/gate.ts'
import { type Script, type ScriptedRun, scriptRun } from '../scripted-run.ts'

const LOOKS = 'gate: { onFail: continue, sequential: true, maxSamples: 4, margin: 0.05 }'

/** A base that is right on every second problem, and a checkpoint of the first iteration that is right on this share of them. */
async function stage(share: number, { problems = 40, yaml = LOOKS }: { problems?: number; yaml?: string } = {}) {
  const says: Script['says'] = ({ key }, { answer, id }) => {
    const number = Number(id.split('/')[1])
    const isRight = key.iteration < 0 ? number % 2 === 0 : number < share * problems
    return isRight ? answer : 'wrong'
  }
  const run = scriptRun({ yaml, problems: { gate: problems }, says, concurrency: 64 })
  run.begin(4)
  await measureGate(run.context, { checkpoint: run.base, model: 'base', baseURL: '' })
  const checkpoint = run.made(0)
  run.asked.length = 0
  run.served.length = 0
  return { ...run, checkpoint }
}

const looksOf = ({ context }: ScriptedRun) => context.store.iterations.gateLooks()
/** Samples of each gate problem that were drawn from the base and from the checkpoint, since the stage was set. */
const drawnOf = ({ asked }: ScriptedRun, problems = 40) =>
  [-1, 0].map((it) => asked.filter(({ key }) => key.iteration === it).length / problems)

test('a checkpoint that is clearly worse fails at the first look, and nothing more is drawn', async () => {
  const run = await stage(0)
  const result = await decideGate(run.context, run.base, run.checkpoint)
  expect(result.decision).toBe('failed')
  expect(result.difference).toMatchObject({ mean: -0.5, n: 40 })
  expect(run.served).toEqual([0])
  expect(drawnOf(run)).toEqual([0, 1])
  expect(looksOf(run)).toMatchObject([{ iteration: 0, attempt: 0, samples: 1, decision: 'failed', difference: -0.5 }])
  expect(run.events.filter(({ kind }) => kind === 'gate-look')).toMatchObject([
    { iteration: 0, samples: 1, decision: 'failed', difference: -0.5 },
  ])
})

test('one that is clearly better passes at the first look', async () => {
  const run = await stage(1)
  expect((await decideGate(run.context, run.base, run.checkpoint)).decision).toBe('passed')
  expect(drawnOf(run)).toEqual([0, 1])
})

test('while it is undecided both are measured further, whoever is served first, up to the most samples', async () => {
  const run = await stage(0.45)
  const result = await decideGate(run.context, run.base, run.checkpoint)
  expect(result.decision).toBe('undecided')
  expect(looksOf(run).map(({ samples, decision }) => [samples, decision])).toEqual([
    [1, 'undecided'],
    [2, 'undecided'],
    [4, 'undecided'],
  ])
  // One hand-over a look.
  expect(run.served).toEqual([0, 0, -1, -1, 0])
  expect(drawnOf(run)).toEqual([3, 4])
  const alphas = looksOf(run).map(({ alpha }) => alpha)
  expect(new Set([...alphas, result.alpha]).size).toBe(1)
})

/** Stores a look of the iteration as an earlier process made it. */
function keep({ context }: ScriptedRun, decision: GateDecision, samples = 1, attempt = 0): void {
  const row = { iteration: 0, attempt, samples, level: 0.001, decision, difference: -0.25, low: -0.5, high: -0.125 }
  context.store.iterations.addGateLook({ ...row, n: 40, alpha: 0.0123, saved: 0.5 })
}

test.each(['failed', 'passed'] as const)(
  'a look that was stored as %s is the end, and nobody is asked',
  async (decision) => {
    const run = await stage(1)
    keep(run, decision)
    expect(await decideGate(run.context, run.base, run.checkpoint)).toEqual({
      decision,
      difference: { mean: -0.25, low: -0.5, high: -0.125, n: 40 },
      alpha: 0.0123,
      saved: 0.5,
    })
    expect(run.asked).toEqual([])
    expect(run.served).toEqual([])
    expect(looksOf(run)).toHaveLength(1)
  },
)

test('a look that was stored as undecided is not made again: the next one is, at the same error probability', async () => {
  const run = await stage(1)
  keep(run, 'undecided')
  const { decision, alpha } = await decideGate(run.context, run.base, run.checkpoint)
  expect(decision).toBe('passed')
  expect(alpha).toBe(0.0123)
  expect(looksOf(run).map(({ samples }) => samples)).toEqual([1, 2])
  expect(run.served).toEqual([0, -1])
})

test('the looks of another attempt say nothing of this one', async () => {
  const run = await stage(1)
  keep(run, 'failed', 1, 1)
  expect((await decideGate(run.context, run.base, run.checkpoint)).decision).toBe('passed')
  expect(drawnOf(run)).toEqual([0, 1])
})

test('a gate that is made at once stores no look', async () => {
  const run = await stage(0.45, { yaml: 'gate: { onFail: continue }' })
  expect((await decideGate(run.context, run.base, run.checkpoint)).decision).toBe('undecided')
  expect(looksOf(run)).toEqual([])
  expect(drawnOf(run)).toEqual([0, 1])
})

test('fewer than ten problems decide nothing, and are asked once', async () => {
  const run = await stage(0, { problems: 9 })
  expect((await decideGate(run.context, run.base, run.checkpoint)).decision).toBe('undecided')
  expect(looksOf(run)).toEqual([])
  expect(drawnOf(run, 9)).toEqual([0, 1])
})

test('ten problems are enough to be asked again', async () => {
  const run = await stage(0.45, { problems: 10 })
  await decideGate(run.context, run.base, run.checkpoint)
  expect(drawnOf(run, 10)).toEqual([3, 4])
})

test('each attempt has sample numbers of its own', async () => {
  const run = await stage(0)
  const second = run.made(0, 1)
  await decideGate(run.context, run.base, second)
  expect(new Set(run.asked.map(({ key }) => key.index))).toEqual(new Set([4]))
  expect(looksOf(run)).toMatchObject([{ attempt: 1, difference: -0.5 }])
})

test('what earlier iterations spent of the error budget is not spent again, and attempts share theirs', async () => {
  const alphaOf = async (yaml: string, isSecond = false): Promise<number> => {
    const run = await stage(0, { yaml })
    if (isSecond) {
      const row = { decision: 'passed', difference: 0, low: 0, high: 0, n: 40, saved: null } as const
      for (const attempt of [0, 1]) run.context.store.iterations.addGate({ ...row, attempt, iteration: 0, alpha: 0.03 })
      run.ended(1)
      return (await decideGate(run.context, run.base, run.made(1))).alpha
    }
    return (await decideGate(run.context, run.base, run.checkpoint)).alpha
  }
  expect(await alphaOf('gate: { onFail: continue, alpha: 0.06 }')).toBeCloseTo(0.02, 10)
  // Two of three iterations are left, and half of the budget.
  expect(await alphaOf('gate: { onFail: continue, alpha: 0.06 }', true)).toBeCloseTo(0.015, 10)
  expect(await alphaOf('gate: { onFail: retry, retries: 1, alpha: 0.06 }')).toBeCloseTo(0.01, 10)
})
