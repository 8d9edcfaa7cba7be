/** What the benches of sampling stand on: a test server in a process of its own, a run to draw into, a bare loop beside it. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { parseRunConfig } from '../src/config/parse.ts'
import type { Problem } from '../src/core/problem.ts'
import type { RunContext } from '../src/loop/context.ts'
import { draw } from '../src/loop/draw.ts'
import { createSpending } from '../src/loop/spending.ts'
import { readRunFiles, startRun } from '../src/loop/start.ts'
import { baseCheckpoint, createTools } from '../src/loop/tools.ts'
import { openStore } from '../src/store/store.ts'

export interface Rig {
  readonly folder: string
  readonly baseURL: string
  close(): void
}

const PROBLEMS = 500

/** @param flags of test/server/main.ts */
export async function startRig(flags: readonly string[]): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const rows = Array.from({ length: PROBLEMS }, (_, i) => ({
    id: `p${i}`,
    question: questionOf(i),
    answer: String(4 * i),
  }))
  writeFileSync(join(folder, 'problems.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const main = join(import.meta.dirname, '../test/server/main.ts')
  const server = spawn(process.execPath, [main, '--problems', join(folder, 'problems.jsonl'), ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(server.stdout, 'data')
  return {
    folder,
    baseURL: String(line).trim().replace('listening on ', ''),
    close() {
      server.kill('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** As long as a typical GSM8K question. */
export function questionOf(i: number): string {
  return `Ann has ${i} apples and Ben has ${i * 3} apples. ${'They put them on the table. '.repeat(6)}How many are there?`
}

export interface Drawing {
  readonly inFlight: number
  readonly maxTokens?: number
  readonly stream?: boolean
}

export interface EndToEnd {
  /** Draws, verifies and stores so many more. */
  draw(count: number): Promise<void>
  tokens(): number
  close(): Promise<void>
}

/** Sampler, verifier pool and store as a run has them. */
export async function openEndToEnd(
  rig: Rig,
  { inFlight, maxTokens = 512, stream = false }: Drawing,
): Promise<EndToEnd> {
  const directory = mkdtempSync(join(rig.folder, 'run-'))
  const text = `problems: { train: [{ dataset: jsonl, path: problems.jsonl }] }
sample: { endpoints: [{ baseURL: "${rig.baseURL}", model: test-model }], concurrency: ${inFlight}, maxTokens: ${maxTokens}, stream: ${stream} }
budget: { policy: { kind: constant, initial: 1 }, iterations: 1 }
`
  const config = parseRunConfig({ text, file: 'run.yaml' })
  const store = openStore(directory)
  const started = startRun(
    store,
    directory,
    config,
    join(rig.folder, 'run.yaml'),
    await readRunFiles(config, rig.folder, new AbortController().signal),
  )
  const base = store.iterations.addCheckpoint(await baseCheckpoint(config, rig.folder))
  const tools = await createTools({ config, directory, configDirectory: rig.folder, journal: store.handOvers })
  const context: RunContext = {
    ...tools,
    ...started,
    cache: undefined,
    config,
    directory,
    configDirectory: rig.folder,
    store,
    spending: createSpending(config, store, Date.now(), Date.now),
    emit: () => undefined,
    signal: new AbortController().signal,
  }
  const train: readonly Problem[] = started.problems.train
  let issue = 0
  return {
    async draw(count) {
      const end = issue + count
      await draw(context, {
        purpose: 'train',
        iteration: 0,
        checkpoint: base.id,
        model: 'test-model',
        prompt: context.prompts.sampling,
        parameters: config.sample,
        next() {
          const problem = train[issue % train.length]
          if (issue >= end || !problem) return undefined
          return { issue, problem, index: Math.floor(issue++ / train.length) }
        },
        onDrawn: () => undefined,
        onTick: () => undefined,
      })
    },
    tokens: () => store.completions.tokens(),
    async close() {
      await tools.close()
      store.close()
    },
  }
}

/** The same bodies, sent and parsed, and nothing else; what a connection loses is sent again. */
export async function drawBare(rig: Rig, inFlight: number, count: number): Promise<void> {
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 })
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const i = next++
      while (!(await drawOne(agent, rig, i).catch(() => false)));
    }
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
  await agent.close()
}

async function drawOne(dispatcher: Agent, { baseURL }: Rig, i: number): Promise<boolean> {
  const messages = [{ role: 'user', content: questionOf(i % PROBLEMS) }]
  const { body } = await request(`${baseURL}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'test-model', messages, temperature: 1, top_p: 1, max_tokens: 512, seed: i, n: 1 }),
    dispatcher,
  })
  return JSON.parse(await body.text()).choices[0].message.content !== ''
}
