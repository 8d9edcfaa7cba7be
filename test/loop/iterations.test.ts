/** Iterations one after the other: the states they go through, what the gate decides, and what ends or holds up a run. */

import { expect, test } from 'vitest'
import { RunError } from '../../src/core/errors.ts'
import { runIteration } from '../../src/loop/iteration.ts'
import { iterate } from '../../src/loop/iterations.ts'
import { type Script, type ScriptedRun, scriptRun } from './scripted-run.ts'
import { type ScriptedTrainer, scriptTrainer } from './train/scripted-trainer.ts'

const WHOLE = { command: 'spendwise run run.yaml', only: undefined }

interface Stage extends ScriptedRun {
  readonly trainer: ScriptedTrainer
  states(): (string | undefined)[]
  phases(): string[]
}

function stage(script: Script = {}): Stage {
  const trainer = scriptTrainer(Array(20).fill('succeeded'))
  const run = scriptRun({ trainer, problems: { train: 12 }, concurrency: 8, ...script })
  return {
    ...run,
    trainer,
    states: () => run.context.store.iterations.all().map(({ state }) => state),
    phases: () =>
      run.events.flatMap((event) =>
        event.kind === 'phase' ? [`${event.iteration} ${event.state} ${event.attempt}`] : [],
      ),
  }
}

/** Right on the gate but for the checkpoints of these iterations, which are wrong everywhere there. */
const failing =
  (...iterations: readonly string[]): Script['says'] =>
  ({ key, model }, { answer }) =>
    key.purpose === 'gate' && iterations.includes(model) ? 'wrong' : answer

test('an iteration is sampled, trained, served and judged, and says so', async () => {
  const { context, states, phases, served, trainer, events } = stage({ problems: { train: 12, gate: 12 } })
  expect(await runIteration(context, 0, WHOLE)).toEqual({ kind: 'finished' })
  expect(states()).toEqual(['done'])
  expect(phases()).toEqual(['0 planned 0', '0 sampling 0', '0 training 0', '0 serving 0', '0 evaluating 0'])
  expect(served[0]).toBe(-1)
  expect(served.at(-1)).toBe(0)
  expect(trainer.submitted.map(({ key }) => key)).toEqual(['0-0'])
  expect(events.at(-1)).toEqual({ kind: 'iteration-ended', iteration: 0, state: 'done' })
  expect(
    context.store.ledger
      .activity()
      .map(({ phase }) => phase)
      .sort(),
  ).toEqual(['evaluating', 'planned', 'sampling', 'serving', 'training'])
  // Over is over.
  await runIteration(context, 0, WHOLE)
  expect(trainer.submitted).toHaveLength(1)
})

test('iterations follow each other, each from the checkpoint of the one before', async () => {
  const { context, states, asked, trainer } = stage()
  expect(await iterate(context, WHOLE)).toEqual({ state: 'done', reason: null })
  expect(states()).toEqual(['done', 'done', 'done'])
  const models = (iteration: number) =>
    new Set(asked.filter(({ key }) => key.iteration === iteration && key.purpose === 'train').map(({ model }) => model))
  expect([0, 1, 2].map((iteration) => [...models(iteration)])).toEqual([['model--1'], ['model-0'], ['model-1']])
  expect(trainer.submitted.map(({ key }) => key)).toEqual(['0-0', '1-0', '2-0'])
  const before = asked.length
  expect(await iterate(context, WHOLE)).toEqual({ state: 'done', reason: null })
  expect(asked).toHaveLength(before)
})

test.each<[string, string]>([
  ['base', '/base'],
  ['previous', 'checkpoints'],
])('with init: %s training starts there', async (init, from) => {
  const train = `train: { kind: command, command: [train, "{base}", "{dataset}", "{output}"], init: ${init} }`
  const { context, trainer } = stage({ yaml: train })
  await iterate(context, WHOLE)
  expect(trainer.submitted[0]?.base).toBe('/base')
  expect(trainer.submitted[1]?.base).toContain(from)
})

test('without a trainer an iteration waits for a checkpoint from outside', async () => {
  const { context } = scriptRun({ problems: { train: 12 }, yaml: 'train: none\nserve: external' })
  const { state, reason } = await iterate(context, WHOLE)
  expect(state).toBe('waiting')
  expect(reason).toMatch(
    /^Train on .*dataset\.jsonl \(4 traces\), serve the result, and continue with: spendwise run run\.yaml --checkpoint PATH\|MODEL$/,
  )
})

const GATE = { train: 12, gate: 40 }

test('a checkpoint that fails the gate is rolled back: the next samples from the one before', async () => {
  const { context, states, asked, events } = stage({
    problems: GATE,
    yaml: 'gate: { onFail: rollback }',
    says: failing('model-0'),
  })
  await iterate(context, WHOLE)
  expect(states()).toEqual(['rejected', 'done', 'done'])
  expect(events.filter(({ kind }) => kind === 'gate')).toMatchObject([
    { iteration: 0, decision: 'failed', difference: -1 },
    { iteration: 1, decision: 'undecided', difference: 0 },
    { iteration: 2, decision: 'undecided', difference: 0 },
  ])
  expect(asked.find(({ key }) => key.iteration === 1 && key.purpose === 'train')?.model).toBe('model--1')
  expect(context.store.iterations.gates()[0]).toMatchObject({ decision: 'failed', n: 40 })
})

test('or built upon all the same, or ends the run with what to do', async () => {
  const on = stage({ problems: GATE, yaml: 'gate: { onFail: continue }', says: failing('model-0') })
  await iterate(on.context, WHOLE)
  expect(on.states()).toEqual(['done', 'done', 'done'])
  const stop = stage({ problems: GATE, yaml: 'gate: { onFail: stop }', says: failing('model-0') })
  await expect(iterate(stop.context, WHOLE)).rejects.toThrow(RunError)
  await expect(iterate(stop.context, WHOLE)).rejects.toThrow(
    'The gate rejected the checkpoint of iteration 0; read the report, then continue from the last accepted one with --set gate.then=rollback --set gate.onFail=rollback.',
  )
  expect(stop.states()).toEqual(['rejected'])
})

test('or trained again, so many times, before that', async () => {
  const run = stage({
    problems: GATE,
    yaml: 'gate: { onFail: retry, retries: 1, then: stop }',
    says: failing('model-0'),
  })
  await expect(iterate(run.context, WHOLE)).rejects.toThrow(/--set gate\.then=rollback --set gate\.onFail=retry\./)
  expect(run.trainer.submitted.map(({ key }) => key)).toEqual(['0-0', '0-1'])
  expect(run.context.store.iterations.gates().map(({ attempt, decision }) => [attempt, decision])).toEqual([
    [0, 'failed'],
    [1, 'failed'],
  ])
  const then = stage({
    problems: GATE,
    yaml: 'gate: { onFail: retry, retries: 1, then: continue }',
    says: failing('model-0'),
  })
  await iterate(then.context, WHOLE)
  expect(then.states()).toEqual(['done', 'done', 'done'])
})

test('a phase alone is done and the next one is waited for', async () => {
  const { context, states } = stage({ problems: { train: 12, evaluate: 2 } })
  const only = (phase: 'sample' | 'train' | 'evaluate') => iterate(context, { ...WHOLE, only: phase })
  expect(await only('sample')).toEqual({
    state: 'waiting',
    reason: 'Iteration 0 is ready for train; continue with: spendwise run run.yaml',
  })
  expect(states()).toEqual(['training'])
  expect((await only('sample')).reason).toMatch(/ready for train/)
  expect((await only('train')).reason).toMatch(/^Iteration 0 is ready for evaluate/)
  expect(states()).toEqual(['evaluating'])
  expect((await only('evaluate')).reason).toMatch(/^Iteration 1 is ready for sample/)
  expect(states()[0]).toBe('done')
})

test('no iteration begins after the time is used up; one that has begun is finished', async () => {
  const limit = 'policy: { kind: constant, initial: 4 }, iterations: 3, timeSeconds: 60'
  const run = stage({ budget: limit })
  await runIteration(run.context, 0, WHOLE)
  run.clock.ms = 61_000
  expect(await iterate(run.context, WHOLE)).toEqual({
    state: 'done',
    reason: 'The time budget of 60 s is used up after 1 of 3 iterations.',
  })
  const begun = stage({ budget: limit })
  begun.begin(4)
  begun.clock.ms = 60_000
  expect((await iterate(begun.context, WHOLE)).reason).toMatch(/after 1 of 3 iterations/)
  expect(begun.states()).toContain('done')
  const costly = stage({
    budget: 'policy: { kind: constant, initial: 4 }, iterations: auto, cost: 1000, timeSeconds: 60',
  })
  await runIteration(costly.context, 0, WHOLE)
  costly.clock.ms = 61_000
  expect((await iterate(costly.context, WHOLE)).reason).toBe('The time budget of 60 s is used up after 1 iteration.')
})

test('the base is measured before anything else, once', async () => {
  const { context, asked, phases } = stage({
    problems: { train: 12, gate: 3, evaluate: 2 },
    yaml: 'evaluate: { greedy: false, overlap: false }',
  })
  await iterate(context, WHOLE)
  const ofBase = asked.filter(({ key }) => key.iteration < 0).map(({ key }) => key.purpose)
  expect(ofBase.slice(0, 3)).toEqual(['gate', 'gate', 'gate'])
  expect(new Set(ofBase)).toEqual(new Set(['gate', 'evaluate']))
  expect(asked.slice(0, ofBase.length).every(({ key }) => key.iteration < 0)).toBe(true)
  expect(phases()[0]).toBe('-1 evaluating 0')
  expect(phases().filter((phase) => phase.startsWith('-1'))).toHaveLength(1)
  const evaluated = asked.filter(({ key }) => key.purpose === 'evaluate').map(({ key }) => key.iteration)
  expect(new Set(evaluated)).toEqual(new Set([-1, 0, 1, 2]))
})

test('where devices are shared the server makes room before training', async () => {
  const freed: number[] = []
  const yaml = 'serve: { kind: restart, command: [serve, "{checkpoint}", "{name}", "{port}"], share: train }'
  const run = stage({ yaml })
  Object.assign(run.context.server, { freeDevices: async () => void freed.push(run.trainer.submitted.length) })
  await iterate(run.context, WHOLE)
  const never: number[] = []
  const apart = stage({ yaml: yaml.replace(', share: train', '') })
  Object.assign(apart.context.server, { freeDevices: async () => void never.push(1) })
  await iterate(apart.context, WHOLE)
  expect([freed, never]).toEqual([[0, 1, 2], []])
})
