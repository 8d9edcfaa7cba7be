/** What the benches of sampling stand on: a test server in a process of its own, a run to draw into, a bare loop next to it. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { type DrawEnd, draw, type Wanted } from '../src/loop/sample/draw.ts'
import { type OpenRun, openRun } from '../test/loop/open-run.ts'
import type { TestServerStats } from '../test/server/stats.ts'

export interface Rig {
  readonly folder: string
  readonly baseURL: string
  close(): void
}

export const PROBLEMS = 500
export const MODEL = 'test-model'

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

/** What the server has counted. */
export async function serverStats(rig: Rig): Promise<TestServerStats> {
  const { body } = await request(rig.baseURL.replace('/v1', '/stats'))
  return (await body.json()) as TestServerStats
}

export interface Drawing {
  readonly inFlight: number
  readonly maxTokens?: number
  readonly stream?: boolean
}

/** run.yaml of a run at the rig. */
export function runText(rig: Rig, { inFlight, maxTokens = 512, stream = false }: Drawing): string {
  return `problems: { train: [{ dataset: jsonl, path: problems.jsonl }] }
sample: { endpoints: [{ baseURL: "${rig.baseURL}", model: ${MODEL} }], concurrency: ${inFlight}, maxTokens: ${maxTokens}, stream: ${stream} }
budget: { policy: { kind: constant, initial: 1 }, iterations: 1 }
`
}

export interface EndToEnd extends OpenRun {
  /** Draws, verifies and stores so many more. */
  draw(count: number): Promise<DrawEnd>
  /** Draws, verifies and stores until the time is over. @returns how many were asked for so far */
  drawFor(ms: number): Promise<number>
  /** How many have been answered, stored and judged. */
  answered(): number
}

/** Sampler, verifier pool and store as a run has them. */
export async function openEndToEnd(rig: Rig, drawing: Drawing): Promise<EndToEnd> {
  const run = await openRun(rig.folder, runText(rig, drawing))
  const { context, base } = run
  const { train } = context.problems
  let issue = 0
  let answered = 0
  const drawWhile = (goesOn: () => boolean): Promise<DrawEnd> =>
    draw(context, {
      purpose: 'train',
      iteration: 0,
      checkpoint: base.id,
      model: MODEL,
      prompt: context.prompts.sampling,
      parameters: context.config.sample,
      next(): Wanted | undefined {
        const problem = train[issue % train.length]
        if (!problem || !goesOn()) return undefined
        return { issue, problem, index: Math.floor(issue++ / train.length) }
      },
      onDrawn({ finishReason }) {
        if (finishReason !== 'failed') answered++
      },
      onTick: () => undefined,
    })
  return {
    ...run,
    draw(count) {
      const end = issue + count
      return drawWhile(() => issue < end)
    },
    async drawFor(ms) {
      const end = performance.now() + ms
      await drawWhile(() => performance.now() < end)
      return issue
    },
    answered: () => answered,
  }
}

/**
 * The same bodies, sent and parsed, and nothing else; what a connection loses is sent again.
 * @returns what was lost, by its error
 */
export async function drawBare(rig: Rig, inFlight: number, count: number): Promise<Map<string, number>> {
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 })
  const lost = new Map<string, number>()
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const i = next++
      while (!(await drawOne(agent, rig, i).catch(lose)));
    }
  }
  const lose = (error: unknown): false => {
    const name = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    lost.set(name, (lost.get(name) ?? 0) + 1)
    return false
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
  await agent.close()
  return lost
}

async function drawOne(dispatcher: Agent, { baseURL }: Rig, i: number): Promise<boolean> {
  const messages = [{ role: 'user', content: questionOf(i % PROBLEMS) }]
  const { body } = await request(`${baseURL}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: MODEL, messages, temperature: 1, top_p: 1, max_tokens: 512, seed: i, n: 1 }),
    dispatcher,
  })
  return JSON.parse(await body.text()).choices[0].message.content !== ''
}
