/** A run in this process whose store is real and whose model, verifier, server and trainer are functions: one phase of it takes milliseconds. */

import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { parseRunConfig } from '../../src/config/parse.ts'
import type { Checkpoint } from '../../src/core/checkpoint.ts'
import type { Completion } from '../../src/core/completion.ts'
import type { RunEvent } from '../../src/core/events.ts'
import { type Problem, SPLITS, type Split } from '../../src/core/problem.ts'
import type { SampleRequest } from '../../src/core/sampler.ts'
import type { Trainer } from '../../src/core/trainer.ts'
import type { Verdict, VerdictKind } from '../../src/core/verdict.ts'
import type { RunContext } from '../../src/loop/context.ts'
import { builtInPrompt } from '../../src/prompt/load-prompt.ts'
import { createSpending } from '../../src/run/spending.ts'
import type { CheckpointRow, IterationRow } from '../../src/store/iterations.ts'
import { openStore } from '../../src/store/store.ts'
import { temporaryFolder } from '../store/hand-made-run.ts'

/** What the model says: a text, or more of a completion. */
export type Said = string | Partial<Omit<Completion, 'key' | 'issue' | 'seed'>>

export interface Script {
  /** Sections of run.yaml besides problems, sample and budget's policy. */
  readonly yaml?: string
  /** Entries of `budget`. */
  readonly budget?: string
  /** Entries of `sample`. */
  readonly sample?: string
  /** How many problems each split has; 4 to train on where nothing is said. */
  readonly problems?: Partial<Record<Split, number>>
  /** Right where nothing is said. */
  readonly says?: (request: SampleRequest, problem: Problem) => Said | Promise<Said>
  readonly concurrency?: number
  readonly trainer?: Trainer
  readonly context?: Partial<RunContext>
  /** A folder that there is already. */
  readonly directory?: string
}

export interface ScriptedRun {
  readonly context: RunContext
  readonly base: CheckpointRow
  /** Requests in the order in which they went out. */
  readonly asked: SampleRequest[]
  readonly events: RunEvent[]
  /** Iterations of the checkpoints that were served, in order; -1 is the base. */
  readonly served: number[]
  readonly clock: { ms: number }
  /** What people were told. */
  notes(): string[]
  /** Plans the iteration and begins its sampling from the base. */
  begin(count: number, iteration?: number): IterationRow
  /** An iteration that is over, and its checkpoint. */
  ended(iteration: number, state?: 'done' | 'rejected'): CheckpointRow
  /** A checkpoint of this iteration and attempt. */
  made(iteration: number, attempt?: number): CheckpointRow
  /** Stores completions of the base as an earlier process left them, judged by their text. */
  drawn(purpose: 'train' | 'gate' | 'evaluate', iteration: number, rows: readonly Stored[]): void
}

export interface Stored {
  readonly problem: string
  readonly index?: number
  readonly issue?: number
  readonly text: string
  readonly finishReason?: Completion['finishReason']
  /** Waits for the verifier. */
  readonly isUnjudged?: boolean
}

/** Problem number i of a split has the answer i. */
export function problemOf(split: Split, i: number): Problem {
  return { id: `${split}/${i}`, split, source: 'numbers', level: undefined, question: `What is ${i}?`, answer: `${i}` }
}

export function verdictOf(text: string, gold: string): Verdict {
  const kind: VerdictKind = text === '' ? 'no-answer' : text === gold ? 'correct' : 'incorrect'
  return { kind, rule: 'number', extracted: text === '' ? undefined : text, checker: 'test', ms: 0 }
}

export function scriptedConfig({ yaml = '', budget = '', sample = '' }: Script) {
  // The servers of a fleet say themselves where they are.
  const endpoints = yaml.includes('kind: fleet')
    ? []
    : ['endpoints: [{ baseURL: "http://127.0.0.1:1/v1", model: base }]']
  return parseRunConfig({
    text: `name: scripted
problems: { train: [{ dataset: jsonl, path: train.jsonl }], gate: [{ dataset: jsonl, path: gate.jsonl }], evaluate: [{ dataset: jsonl, path: test.jsonl }] }
sample: { ${[...endpoints, ...(sample === '' ? [] : [sample])].join(', ')} }
budget: { ${budget.includes('policy') ? '' : 'policy: { kind: constant, initial: 4 }, iterations: 3, '}${budget} }
${/^serve:/m.test(yaml) ? '' : 'serve: { kind: restart, command: [serve, "{checkpoint}", "{name}", "{port}"] }'}
${/^train:/m.test(yaml) ? '' : 'train: { kind: command, command: [train, "{base}", "{dataset}", "{output}"] }'}
base: base
${yaml}
`,
    file: 'run.yaml',
  })
}

export function scriptRun(script: Script = {}): ScriptedRun {
  const config = scriptedConfig(script)
  const directory = script.directory ?? temporaryFolder()
  const counts = { train: 4, gate: 0, evaluate: 0, ...script.problems }
  const problems = Object.fromEntries(
    SPLITS.map((split) => [split, Array.from({ length: counts[split] }, (_, i) => problemOf(split, i))]),
  ) as unknown as Record<Split, Problem[]>
  const byId = new Map(Object.values(problems).flatMap((all) => all.map((one) => [one.id, one])))
  const store = openStore(directory)
  onTestFinished(() => store.close())
  const prompt = { ...builtInPrompt, api: config.sample.api }
  const prompts = { sampling: prompt, training: prompt, evaluation: prompt }
  if (store.run.read() === undefined)
    store.run.create(
      {
        name: config.name,
        state: 'running',
        reason: null,
        config: JSON.stringify(config),
        configPath: join(directory, 'run.yaml'),
        weights: '{"numbers":1}',
        createdAt: 1_700_000_000_000,
        files: null,
        commonSeeds: true,
      },
      Object.values(problems).flat(),
      prompts,
    )
  const base = store.iterations.addCheckpoint({
    iteration: -1,
    attempt: 0,
    kind: 'full',
    path: '/base',
    hash: 'sha256:base',
  })
  const asked: SampleRequest[] = []
  const events: RunEvent[] = []
  const served: number[] = []
  const clock = { ms: 0 }
  const says = script.says ?? ((_, { answer }: Problem) => answer)
  const context: RunContext = {
    config,
    directory,
    configDirectory: directory,
    store,
    problems,
    weights: { numbers: 1 },
    prompts,
    commonSeeds: true,
    cache: undefined,
    sampler: {
      concurrency: script.concurrency ?? 1,
      async sample(request) {
        asked.push(request)
        const problem = byId.get(request.key.problem)
        if (problem === undefined) throw new Error(`there is no problem ${request.key.problem}`)
        const said = await says(request, problem)
        return completionOf(request, typeof said === 'string' ? { text: said } : said)
      },
      onRoom: () => () => undefined,
      close: async () => undefined,
    },
    verifier: {
      verify: async (batch) => batch.map(({ text, gold }) => verdictOf(text, gold)),
      close: async () => undefined,
    },
    server: {
      async serve({ iteration }: Checkpoint) {
        served.push(iteration)
        return { baseURL: 'http://127.0.0.1:1/v1', model: `model-${iteration}`, proven: true }
      },
      release: async () => undefined,
      freeDevices: async () => undefined,
    },
    handOver: { weightsBy: 'name', server: 'in-process', takesAdapters: false },
    trainer: script.trainer,
    spending: createSpending(config, store, 0, () => clock.ms),
    allowAltered: false,
    emit: (event) => void events.push(event),
    signal: new AbortController().signal,
    ...script.context,
  }
  const made = (iteration: number, attempt = 0): CheckpointRow =>
    store.iterations.addCheckpoint({
      iteration,
      attempt,
      kind: 'full',
      path: `checkpoints/${iteration}-${attempt}`,
      hash: `sha256:${iteration}-${attempt}`,
    })
  return {
    context,
    base,
    asked,
    events,
    served,
    clock,
    notes: () => events.flatMap((event) => (event.kind === 'note' ? [event.text] : [])),
    begin(count, iteration = 0) {
      store.iterations.plan(iteration, { kind: 'accepted', count })
      store.iterations.startSampling(iteration, base.id)
      const row = store.iterations.get(iteration)
      if (row === undefined) throw new Error('the iteration is not there')
      return row
    },
    made,
    ended(iteration, state = 'done') {
      store.iterations.plan(iteration, { kind: 'accepted', count: 4 })
      store.iterations.setState(iteration, state)
      return made(iteration)
    },
    drawn(purpose, iteration, rows) {
      const ids = store.completions.insert(
        rows.map(({ problem, index = 0, issue = index, text, finishReason = 'stop' }) => ({
          ...completionOf({ key: { purpose, iteration, problem, index }, issue, model: 'base', seed: 1 }, { text }),
          finishReason,
        })),
        base.id,
      )
      const verdicts = rows.flatMap(({ problem, text, finishReason, isUnjudged }, i) => {
        const completion = ids[i]
        if (completion === undefined || isUnjudged || finishReason === 'failed') return []
        return [{ completion, verdict: verdictOf(text, byId.get(problem)?.answer ?? '') }]
      })
      store.verdicts.insert(verdicts)
    },
  }
}

function completionOf(
  { key, issue, model, seed }: Pick<SampleRequest, 'key' | 'issue' | 'model' | 'seed'>,
  said: Partial<Omit<Completion, 'key' | 'issue' | 'seed'>>,
): Completion {
  return {
    key,
    issue,
    seed,
    text: '',
    finishReason: 'stop',
    promptTokens: 10,
    completionTokens: 5,
    model,
    latencyMs: 1,
    attempts: [{ outcome: 'ok', status: 200, message: '', startedAt: 1_700_000_000_000, durationMs: 1 }],
    ...said,
  }
}
