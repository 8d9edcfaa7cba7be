/**
 * Our client next to vLLM's own on one real server: the same prompts, lengths and number in flight, in rounds that alternate.
 *
 *     node bench/servers.ts [--in-flight 1,8,32] [--pairs 7] [--requests 60,160,240] [--stream]
 *     node bench/servers.ts --base-url http://127.0.0.1:8000/v1 --model base --python VENV/bin/python
 *
 * Without an address it starts the vLLM of the real-stack tests, on the CPU, and ends it.
 *
 * Occupancy: the time that requests were under way, by the number in flight and the time of the round. Both processes are warm.
 * vLLM's client always streams. What the two draw in a second says little on a machine that the server shares with them.
 */

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import type { Sampler } from '../src/core/sampler.ts'
import { createEndpointPool } from '../src/sample/endpoint-pool.ts'
import { PLAIN_DIALECT } from '../src/sample/protocol/dialect.ts'
import { requestBody } from '../src/sample/protocol/wire.ts'
import { stackPython } from '../test/stack/python.ts'
import { freePort, MODEL } from '../test/stack/real-loop.ts'
import { startVllm } from '../test/stack/vllm/server.ts'

const { values } = parseArgs({
  options: {
    'base-url': { type: 'string' },
    model: { type: 'string', default: 'base' },
    python: { type: 'string' },
    'in-flight': { type: 'string', default: '1,8,32' },
    pairs: { type: 'string', default: '7' },
    requests: { type: 'string', default: '60,160,240' },
    stream: { type: 'boolean', default: false },
  },
})
const { model } = values

/** Where a server answers, the Python that has vLLM's client, and the server's end. */
interface Place {
  readonly baseURL: string
  readonly python: string
  readonly stop: () => Promise<void>
}

async function placeOf({ 'base-url': baseURL, python }: typeof values): Promise<Place> {
  if (baseURL !== undefined && python !== undefined) return { baseURL, python, stop: async () => undefined }
  if (baseURL !== undefined || python !== undefined) throw new Error('give both of --base-url and --python, or neither')
  const stack = stackPython()
  if (stack.kind === 'missing') throw new Error(stack.why)
  const started = await startVllm(
    { program: stack.program },
    { model: MODEL, name: model, port: await freePort(), folder },
  )
  return { baseURL: started.baseURL, python: stack.program('python'), stop: started.stop }
}

const folder = mkdtempSync(join(tmpdir(), 'bench-'))
const { baseURL, python, stop } = await placeOf(values)

const NAMES = ['Ann', 'Ben', 'Omar', 'Nina', 'Paul', 'Tom', 'Mia', 'Leo']
/** In the words that the small model of the stack tests knows. */
const prompts = Array.from({ length: 64 }, (_, i) => {
  const name = NAMES[i % NAMES.length]
  return `${name} packs ${2 + (i % 7)} pouches of ${3 + (i % 5)} feathers. ${name} trades away ${1 + (i % 4)}. How many feathers does ${name} have now?`
})
const PARAMETERS = { temperature: 0.7, topP: 1, topK: null, maxTokens: 64, stop: [] }

interface Round {
  readonly completed: number
  readonly seconds: number
  readonly occupancy: number
  /** Processor time of the client for one completion. */
  readonly cpuMs: number
}

let issue = 0

function requestOf(i: number) {
  const content = prompts[i % prompts.length] ?? ''
  const key = { purpose: 'train', iteration: 0, problem: `p${i % prompts.length}`, index: i } as const
  return { key, issue: i, messages: [{ role: 'user', content }], model, seed: i, parameters: PARAMETERS } as const
}

async function ours(sampler: Sampler, inFlight: number, requests: number): Promise<Round> {
  const signal = new AbortController().signal
  let [left, completed, busyMs] = [requests, 0, 0]
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  const line = async (): Promise<void> => {
    while (left-- > 0) {
      const askedAt = performance.now()
      const { finishReason } = await sampler.sample(requestOf(issue++), signal)
      busyMs += performance.now() - askedAt
      if (finishReason !== 'failed') completed++
    }
  }
  await Promise.all(Array.from({ length: inFlight }, line))
  const ms = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpu)
  return {
    completed,
    seconds: ms / 1000,
    occupancy: busyMs / (inFlight * ms),
    cpuMs: (user + system) / 1000 / requests,
  }
}

writeFileSync(join(folder, 'prompts.json'), JSON.stringify(prompts))
const script = join(import.meta.dirname, 'servers_vllm.py')
const peer = spawn(python, [script, baseURL, model, join(folder, 'prompts.json')], {
  stdio: ['pipe', 'pipe', process.env.BENCH_DEBUG ? 'inherit' : 'ignore'],
})
const said = createInterface({ input: peer.stdout })[Symbol.asyncIterator]()
await said.next()

async function theirs(inFlight: number, requests: number): Promise<Round> {
  // Everything that we send, but for what the client sets itself.
  const { messages, model, stream, ...body } = JSON.parse(requestBody('chat', requestOf(issue), 'm', PLAIN_DIALECT))
  issue += requests
  peer.stdin.write(`${JSON.stringify({ inFlight, requests, body })}\n`)
  const { value } = await said.next()
  return JSON.parse(value ?? 'null') as Round
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN

async function compareAll(): Promise<void> {
  console.log('in flight   slot occupancy, ours / theirs   client ms a completion   completions a second   pairs')
  for (const [at, inFlight] of values['in-flight'].split(',').map(Number).entries()) {
    const wanted = values.requests.split(',').map(Number)
    const requests = Math.max(wanted[at] ?? wanted.at(-1) ?? 0, 4 * inFlight)
    const endpoint = { baseURL, apiKey: undefined, apiKeyEnv: undefined }
    const sampler = createEndpointPool({
      endpoints: [{ endpoint }],
      concurrency: inFlight,
      stream: values.stream,
    })
    // Code and connections warm up.
    await ours(sampler, inFlight, Math.ceil(requests / 4))
    await theirs(inFlight, Math.ceil(requests / 4))
    const rounds: { ours: Round; theirs: Round }[] = []
    for (let i = 0; i < Number(values.pairs); i++) {
      // Neither always goes first.
      if (i % 2 === 0)
        rounds.push({ ours: await ours(sampler, inFlight, requests), theirs: await theirs(inFlight, requests) })
      else {
        const other = await theirs(inFlight, requests)
        rounds.push({ ours: await ours(sampler, inFlight, requests), theirs: other })
      }
    }
    await sampler.close()
    const both = (of: (round: Round) => number, digits: number): string =>
      [median(rounds.map((one) => of(one.ours))), median(rounds.map((one) => of(one.theirs)))]
        .map((number) => number.toFixed(digits))
        .join(' / ')
    const failed = rounds
      .flatMap((one) => [one.ours, one.theirs])
      .filter(({ completed }) => completed < requests).length
    console.log(
      `${String(inFlight).padStart(9)}   ${both((round) => 100 * round.occupancy, 1).padEnd(29)}   ${both((round) => round.cpuMs, 2).padEnd(22)}   ${both((round) => round.completed / round.seconds, 1).padEnd(20)}   ${rounds.length}${failed > 0 ? ` (${failed} rounds not whole)` : ''}`,
    )
  }
}

try {
  await compareAll()
} finally {
  peer.stdin.end()
  await stop()
  rmSync(folder, { recursive: true, force: true })
}
