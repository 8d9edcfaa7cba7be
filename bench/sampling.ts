/**
 * Completions per second through the sampler, beside a bare undici loop that sends the same bodies and parses the answers.
 *
 *     node bench/sampling.ts [COMPLETIONS]
 *
 * The server is the test server in a process of its own. CPU time is that of this process alone, so it holds on a busy machine too:
 * its inverse is what one core of the client can do.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import type { SampleRequest } from '../src/core/sampler.ts'
import { createOpenAiSampler } from '../src/sample/openai-sampler.ts'

const COMPLETIONS = Number(process.argv[2] ?? 6000)
const IN_FLIGHT = [1, 64, 512] as const
/** The first of each is thrown away: it warms connections and compiler. */
const ROUNDS = 4

const dir = mkdtempSync(join(tmpdir(), 'bench-'))
const problems = Array.from({ length: 500 }, (_, i) => ({ question: questionOf(i), answer: String(4 * i) }))
writeFileSync(join(dir, 'problems.jsonl'), problems.map((row) => JSON.stringify(row)).join('\n'))
const main = join(import.meta.dirname, '../test/server/main.ts')
const server = spawn(process.execPath, [main, '--problems', join(dir, 'problems.jsonl')], {
  stdio: ['ignore', 'pipe', 'inherit'],
})

try {
  const [line] = await once(server.stdout, 'data')
  const baseURL = String(line).trim().replace('listening on ', '')
  console.log(`${COMPLETIONS} completions, median of ${ROUNDS - 1}`)
  console.log('in flight   sampler/s   bare/s   ratio   sampler us CPU   bare us CPU   sampler per core')
  for (const inFlight of IN_FLIGHT) {
    const sampler = createOpenAiSampler({
      endpoint: { baseURL, apiKey: undefined, apiKeyEnv: undefined },
      concurrency: inFlight,
    })
    const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 })
    const never = new AbortController().signal
    const ours = []
    const bare = []
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await measure(inFlight, async (i) => (await sampler.sample(requestOf(i), never)).text))
      bare.push(await measure(inFlight, (i) => bareText(agent, baseURL, i)))
    }
    const [a, b] = [median(ours.slice(1)), median(bare.slice(1))]
    console.log(
      `${String(inFlight).padStart(9)}${a.perSecond.toFixed(0).padStart(12)}${b.perSecond.toFixed(0).padStart(9)}${(a.perSecond / b.perSecond).toFixed(2).padStart(8)}` +
        `${a.cpuUs.toFixed(0).padStart(17)}${b.cpuUs.toFixed(0).padStart(14)}${(1e6 / a.cpuUs).toFixed(0).padStart(17)}/s`,
    )
    await sampler.close()
    await agent.close()
  }
} finally {
  server.kill('SIGTERM')
  rmSync(dir, { recursive: true })
}

interface Figures {
  readonly perSecond: number
  /** Microseconds of CPU time a completion. */
  readonly cpuUs: number
}

async function measure(inFlight: number, draw: (i: number) => Promise<string>): Promise<Figures> {
  let next = 0
  const cpu = process.cpuUsage()
  const begin = performance.now()
  const worker = async (): Promise<void> => {
    while (next < COMPLETIONS) {
      if ((await draw(next++)) === '') throw new Error('a completion is missing')
    }
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
  const used = process.cpuUsage(cpu)
  return {
    perSecond: COMPLETIONS / ((performance.now() - begin) / 1000),
    cpuUs: (used.user + used.system) / COMPLETIONS,
  }
}

function median(figures: readonly Figures[]): Figures {
  const sorted = figures.toSorted((a, b) => a.cpuUs - b.cpuUs)
  return sorted[sorted.length >> 1] ?? { perSecond: 0, cpuUs: 0 }
}

/** As long as a typical GSM8K question. */
function questionOf(i: number): string {
  return `Ann has ${i} apples and Ben has ${i * 3} apples. ${'They put them on the table. '.repeat(6)}How many are there?`
}

function requestOf(i: number): SampleRequest {
  return {
    key: { purpose: 'train', iteration: 0, problem: `sums/${i % 500}`, index: i },
    issue: i,
    messages: [{ role: 'user', content: questionOf(i % 500) }],
    model: 'test-model',
    seed: i,
    parameters: { temperature: 1, topP: 1, topK: null, maxTokens: 512, stop: [] },
  }
}

async function bareText(agent: Agent, baseURL: string, i: number): Promise<string> {
  const { messages, model, seed } = requestOf(i)
  const { body } = await request(`${baseURL}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages, temperature: 1, top_p: 1, max_tokens: 512, seed, n: 1 }),
    dispatcher: agent,
  })
  return JSON.parse(await body.text()).choices[0].message.content
}
