/**
 * Makes a run of N traces (default 1,000,000) to measure the viewer on: gsm8k-like texts from a seed, written by the store itself.
 *
 *   node bench/view-run.ts DIR [TRACES]
 */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseRunConfig } from '../src/config/parse.ts'
import type { Completion } from '../src/core/completion.ts'
import type { Problem } from '../src/core/problem.ts'
import { createRandom } from '../src/core/seed.ts'
import type { Disposition } from '../src/core/trace.ts'
import type { Verdict, VerdictKind } from '../src/core/verdict.ts'
import type { StoredPrompt } from '../src/store/runs.ts'
import { openStore } from '../src/store/store.ts'

const [directory, traces = '1000000'] = process.argv.slice(2)
if (directory === undefined) {
  console.error('usage: node bench/view-run.ts DIR [TRACES]')
  process.exit(2)
}

const TRAIN_PROBLEMS = 7_000
const EVALUATE_PROBLEMS = 1_300
const ITERATIONS = 5
const BATCH = 2_000
const NAMES = ['Natalia', 'Weng', 'Betty', 'Julie', 'James', 'Mark', 'Albert', 'Ken', 'Alexis', 'Tina', 'Randy', 'Joy']
const THINGS = ['clips', 'apples', 'pencils', 'pages', 'muffins', 'marbles', 'stamps', 'flowers', 'miles', 'coins']
const STEPS = [
  'First, {name} counts the {thing}: {a} + {b} = {sum}.',
  'Each box holds {a} {thing}, so {b} boxes hold {a} * {b} = {product} of them.',
  'That costs {price} for every one, which makes {total} in all.',
  'Half of $x = {product}$ is \\(\\frac{{product}}{2}\\), and we still need {b} more.',
  'Let $n$ be the number of {thing}. Then \\[ {a}n + {b} = {sum}. \\]',
  'Now {name} gives {b} {thing} to a friend, and {a} are left over.',
]
const RULES = ['number', 'text', 'algebra', 'units', 'list', 'percent', 'probe']

const random = createRandom(7)
const text = `name: million\nproblems: { train: [{ dataset: steps, count: 10 }] }
sample: { endpoints: [{ baseURL: "http://127.0.0.1:9/v1", model: base }], temperature: 0.7 }
base: models/base
budget: { policy: { kind: exponential, initial: 20000, growth: 2 }, iterations: ${ITERATIONS}, costs: { sample: 1, train: 2, iteration: 0 } }
train: { kind: none }
evaluate: { greedy: true }
`
const config = parseRunConfig({ text, file: 'run.yaml', sets: [] })
const target = resolve(directory)
rmSync(target, { recursive: true, force: true })
mkdirSync(target, { recursive: true })
const store = openStore(target)
const problems = [...problemsOf('train', TRAIN_PROBLEMS), ...problemsOf('evaluate', EVALUATE_PROBLEMS)]
const prompt: StoredPrompt = {
  name: 'gsm8k-0shot',
  api: 'chat',
  stop: [],
  messages: [{ role: 'user', content: '{{question}}\nPut the answer after ####.' }],
  sha256: 'a'.repeat(64),
}
store.run.create(
  {
    name: config.name,
    state: 'done',
    reason: null,
    config: JSON.stringify(config),
    configPath: join(target, 'run.yaml'),
    weights: '{}',
    createdAt: Date.UTC(2026, 10, 1),
    files: null,
    commonSeeds: true,
  },
  problems,
  { sampling: prompt, training: prompt, evaluation: prompt },
)
writeFileSync(join(target, 'events.jsonl'), '')

const wanted = Number(traces)
const evaluated = (ITERATIONS + 1) * 2 * EVALUATE_PROBLEMS
const perIteration = Math.floor((wanted - evaluated) / ITERATIONS)
let stored = 0
const startedAt = performance.now()
for (let iteration = -1; iteration < ITERATIONS; iteration++) {
  const checkpoint = store.iterations.addCheckpoint({
    iteration,
    attempt: 0,
    kind: 'full',
    path: `checkpoints/${iteration}`,
    hash: `${iteration + 1}`.repeat(64),
  })
  const solved = 0.45 + 0.06 * iteration
  if (iteration >= 0) {
    store.iterations.plan(iteration, { kind: 'accepted', count: 20_000 * 2 ** iteration })
    draw('train', iteration, checkpoint.id - 1, perIteration, solved, problems.slice(0, TRAIN_PROBLEMS))
    store.iterations.setState(iteration, 'done')
  }
  for (const purpose of ['evaluate', 'greedy'] as const)
    draw(purpose, iteration, checkpoint.id, EVALUATE_PROBLEMS, solved + 0.05, problems.slice(TRAIN_PROBLEMS))
}
store.close()
console.log(`${stored} traces in ${((performance.now() - startedAt) / 1000).toFixed(0)} s: ${target}`)

function problemsOf(split: 'train' | 'evaluate', count: number): Problem[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `gsm8k/${split}/${String(i).padStart(6, '0')}`,
    split,
    source: i % 3 === 0 ? 'math' : 'gsm8k',
    level: String(1 + (i % 5)),
    question: `${pick(NAMES)} has ${whole(90)} ${pick(THINGS)} and buys ${whole(90)} more for $${whole(30)},000. How many ${pick(THINGS)} are there now?`,
    answer: String(whole(5000)),
  }))
}

function draw(
  purpose: 'train' | 'evaluate' | 'greedy',
  iteration: number,
  checkpoint: number,
  count: number,
  solved: number,
  asked: readonly Problem[],
): void {
  for (let from = 0; from < count; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - from) }, (_, i) => {
      const issue = from + i
      const problem = asked[issue % asked.length] as Problem
      return drawn(purpose, iteration, problem, Math.floor(issue / asked.length), issue, solved)
    })
    const ids = store.completions.insert(
      batch.map((each) => each.completion),
      Math.max(1, checkpoint),
    )
    const rows = ids.map((completion, at) => ({ ...(batch[at] as Drawn), completion }))
    store.verdicts.insert(rows.map(({ completion, verdict }) => ({ completion, verdict })))
    if (purpose === 'train')
      store.completions.close(rows.map(({ completion, disposition }) => ({ completion, disposition })))
    stored += batch.length
  }
}

interface Drawn {
  readonly completion: Completion
  readonly verdict: Verdict
  readonly disposition: Disposition
}

function drawn(
  purpose: Completion['key']['purpose'],
  iteration: number,
  problem: Problem,
  index: number,
  issue: number,
  solved: number,
): Drawn {
  const chance = random()
  const isCut = random() < 0.01
  const kind: VerdictKind =
    chance < solved ? 'correct' : chance < 0.97 ? 'incorrect' : chance < 0.99 ? 'no-answer' : 'unparsed'
  const answer = kind === 'correct' ? problem.answer : String(whole(5000))
  return {
    completion: {
      key: { purpose, iteration, problem: problem.id, index },
      issue,
      text: `${Array.from({ length: 3 + whole(6) }, () => step()).join('\n')}\n#### ${answer}`,
      finishReason: isCut ? 'length' : 'stop',
      promptTokens: 60 + whole(40),
      completionTokens: 80 + whole(400),
      model: 'base',
      seed: Math.floor(random() * 2 ** 31),
      latencyMs: 500 + 4000 * random(),
      attempts: [
        {
          outcome: 'ok',
          status: 200,
          message: '',
          startedAt: 1_790_000_000_000 + issue,
          durationMs: 900,
          endpoint: 'http://127.0.0.1:9/v1',
        },
      ],
    },
    verdict: {
      kind,
      rule:
        kind === 'no-answer'
          ? 'extract:none'
          : kind === 'unparsed'
            ? 'parse'
            : (RULES[whole(RULES.length ** 2) % RULES.length] ?? 'number'),
      method: 'exact',
      extracted: kind === 'no-answer' ? undefined : answer,
      checker: 'spendwise-checker/4',
      ms: 0.2,
    },
    disposition: isCut ? 'truncated' : kind === 'correct' ? (random() < 0.8 ? 'accepted' : 'surplus') : 'wrong',
  }
}

function step(): string {
  const [a, b] = [2 + whole(90), 2 + whole(40)]
  const values: Readonly<Record<string, string | number>> = {
    name: pick(NAMES),
    thing: pick(THINGS),
    a,
    b,
    sum: a + b,
    price: `$${a}`,
    total: `$${a * b}`,
    product: a * b,
  }
  return pick(STEPS).replace(/\{(name|thing|price|total|a|b|sum|product)\}/g, (_, key: string) => String(values[key]))
}

function whole(below: number): number {
  return Math.floor(random() * below)
}

function pick<T>(of: readonly T[]): T {
  return of[whole(of.length)] as T
}
