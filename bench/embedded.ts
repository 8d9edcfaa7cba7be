/**
 * Solutions sampled and sequences trained a second by the toy model, and what HTTP costs on top.
 *
 *     node bench/embedded.ts [SOLUTIONS]
 *
 * Wall rates need a quiet machine; rates per CPU-second (all threads of this process, client and server alike) hold on a
 * busy one too. Every row is the best of three rounds: other programs only ever make it slower.
 */

import { fileURLToPath } from 'node:url'
import { Agent, request } from 'undici'
import { readCheckpoint } from '../src/embedded/model/checkpoint.ts'
import { createGenerator, type GenerationRequest } from '../src/embedded/model/generation.ts'
import { createWorkspace } from '../src/embedded/model/kernels.ts'
import { createModel } from '../src/embedded/model/model.ts'
import { createTokenizer } from '../src/embedded/model/tokenizer.ts'
import { createGenerationPool } from '../src/embedded/server/generation-pool.ts'
import { SLOTS } from '../src/embedded/server/generation-worker.ts'
import { createEmbeddedServer } from '../src/embedded/server/server.ts'
import { readTexts } from '../src/embedded/train/dataset.ts'
import { startTraining } from '../src/embedded/train/training.ts'
import { readStepsFile } from '../src/problems/steps/file.ts'
import { generateSteps } from '../src/problems/steps/steps.ts'
import { createOpenAiSampler } from '../test/sample/one-endpoint.ts'

const SOLUTIONS = Number(process.argv[2] ?? 6000)
const ROUNDS = 3
const IN_FLIGHT = 256
const BATCH = 32

const base = fileURLToPath(new URL('../assets/embedded/base', import.meta.url))
const checkpoint = readCheckpoint(base)
const tokenizer = createTokenizer(checkpoint.vocabulary)
const file = readStepsFile()
const problems = ['main', 'P1', 'P2'].flatMap((level) =>
  generateSteps({ file, level, count: Math.ceil(SOLUTIONS / 3), seed: 2, split: 'train' }),
)
const prompts = problems.map(({ question }) => tokenizer.encode(`${question}\n`))

console.log(`${prompts.length} problems at temperature 1, best of ${ROUNDS} rounds; a third each of 2, 3 and 4 steps`)
console.log('what                                   per second   per CPU-second')
await measure('sampled, one thread, engine alone', sampleAlone)
const pooled = await measurePool(2)
await measureServer(2, pooled)
for (const threads of [1, 2])
  await measure(`trained, ${threads} thread${threads > 1 ? 's' : ''}, batch ${BATCH}`, () => train(threads))

/** Prints the best round; gives its rates. */
async function measure(what: string, round: () => unknown): Promise<{ wall: number; cpu: number }> {
  let [wall, cpu] = [0, 0]
  for (let i = 0; i < ROUNDS; i++) {
    const [startedAt, usage] = [performance.now(), process.cpuUsage()]
    await round()
    const { user, system } = process.cpuUsage(usage)
    wall = Math.max(wall, prompts.length / ((performance.now() - startedAt) / 1000))
    cpu = Math.max(cpu, prompts.length / ((user + system) / 1e6))
  }
  console.log(`${what.padEnd(38)} ${wall.toFixed(0).padStart(10)}   ${cpu.toFixed(0).padStart(14)}`)
  return { wall, cpu }
}

function generation(at: number): Omit<GenerationRequest, 'id'> {
  const prompt = prompts[at] ?? []
  return { prompt, seed: at, temperature: 1, topP: 1, topK: 0, maxTokens: 64, stop: [], stream: false }
}

function sampleAlone(): void {
  const model = createModel(createWorkspace(), checkpoint.shape, checkpoint.parameters)
  const generator = createGenerator(model, tokenizer, SLOTS, () => {})
  const requests = prompts.map((_, id) => ({ id, ...generation(id) }))
  for (let next = 0; next < requests.length || generator.active() > 0; generator.step()) {
    next += generator.admit(requests.slice(next, next + SLOTS))
  }
}

async function measurePool(threads: number): Promise<{ wall: number; cpu: number }> {
  const pool = createGenerationPool(threads)
  try {
    await pool.load(checkpoint)
    const write = (at: number): Promise<unknown> =>
      new Promise((resolve) => pool.submit(generation(at), (event) => event.kind === 'end' && resolve(event)))
    return await measure(`sampled, ${threads} threads, engine alone`, () => inFlight(write))
  } finally {
    await pool.close()
  }
}

async function measureServer(threads: number, alone: { wall: number; cpu: number }): Promise<void> {
  const { baseURL, close } = await createEmbeddedServer({ checkpoint: base, name: 'toy', threads })
  const agent = new Agent({ pipelining: 1 })
  const endpoint = { baseURL, apiKey: undefined, apiKeyEnv: undefined }
  const sampler = createOpenAiSampler({ endpoint, concurrency: IN_FLIGHT })
  const { signal } = new AbortController()
  const post = async (at: number): Promise<void> => {
    const messages = [{ role: 'user', content: problems[at]?.question ?? '' }]
    const sent = JSON.stringify({ model: 'toy', messages, temperature: 1, seed: at, max_tokens: 64 })
    const { body } = await request(`${baseURL}/chat/completions`, { method: 'POST', body: sent, dispatcher: agent })
    JSON.parse(await body.text())
  }
  const sample = async (at: number): Promise<void> => {
    const key = { purpose: 'train', iteration: 0, problem: String(at), index: 0 } as const
    const messages = [{ role: 'user', content: problems[at]?.question ?? '' }] as const
    const parameters = { temperature: 1, topP: 1, topK: null, maxTokens: 64, stop: [] }
    await sampler.sample({ key, issue: at, messages, model: 'toy', seed: at, parameters }, signal)
  }
  try {
    for (const [what, ask] of [
      ['undici', post],
      ['the sampler', sample],
    ] as const) {
      const { wall, cpu } = await measure(`sampled, ${threads} threads, HTTP by ${what}`, () => inFlight(ask))
      const [slower, dearer] = [alone.wall / wall, alone.cpu / cpu].map((ratio) => ratio.toFixed(2))
      console.log(
        `  against the engine alone             ${`x ${slower}`.padStart(10)}   ${`x ${dearer}`.padStart(14)}`,
      )
    }
  } finally {
    await sampler.close()
    await agent.destroy()
    await close()
  }
}

/** Does all problems, so many at a time. */
async function inFlight(one: (at: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < prompts.length) await one(next++)
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane))
}

function train(threads: number): Promise<void> {
  const rows = problems.map(({ question, solution }) =>
    JSON.stringify({
      prompt: [{ role: 'user', content: question }],
      completion: [{ role: 'assistant', content: solution }],
    }),
  )
  const texts = readTexts(rows.join('\n'), 'problems', tokenizer, checkpoint.shape.context)
  const { shape, parameters } = checkpoint
  const steps = Math.floor(rows.length / BATCH)
  const plan = { rows: rows.length, batch: BATCH, seed: 1, length: { kind: 'epochs', epochs: 1 } } as const
  const schedule = { steps, warmupSteps: 0, lrStart: 1e-4, lrEnd: 0 }
  const from = { step: 0, parameters, optimizer: undefined }
  const setup = { shape, from, texts, plan, schedule, saveMs: Number.POSITIVE_INFINITY }
  return startTraining(setup, threads, () => {}).done
}
