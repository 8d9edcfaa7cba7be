/**
 * A real HTTP server that speaks the OpenAI protocol: a seeded model behind it, faults on demand.
 *
 *     const server = await createTestServer({ problems: [{ question: 'What is 2 + 3?', answer: '5' }], seed: 1 })
 *     await fetch(`${server.baseURL}/chat/completions`, …)
 *     await server.close()
 *
 * Next to chat and text completions it knows vLLM's `/health`, `/v1/models`, `/metrics`, adapter, pause and reload routes, and
 * `/stats`, its own counts.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRandom, hash32 } from '../../src/core/seed.ts'
import { createDevelopment, type Development, type DevelopmentOptions } from './development.ts'
import {
  answerFault,
  BEFORE_THE_WORK,
  createFaultDice,
  type ErrorShape,
  type FaultRates,
  type RetryAfter,
  sendError,
  sendJson,
} from './faults.ts'
import {
  type Api,
  answerBody,
  answerEvents,
  countTokens,
  type GenerateRequest,
  generate,
  parseRequest,
  readFields,
} from './generate.ts'
import { createLatency, delay, type LatencyOptions } from './latency.ts'
import { createProblemBook, type KnownProblem } from './problem-book.ts'
import { createRateLimit, type RateLimit } from './rate-limit.ts'
import { createServedModels, readSkill } from './served-models.ts'
import { noStats, type TestServerStats } from './stats.ts'
import { refusalOf } from './strict.ts'
import { trickle } from './trickle.ts'

export interface TestServerOptions extends LatencyOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number
  readonly problems?: readonly KnownProblem[]
  /** Chooses faults and latencies; texts depend on the request's own seed. Default 0. */
  readonly seed?: number
  /** Served names; default `test-model`. */
  readonly modelNames?: readonly string[]
  /** A directory with `skill.json`. */
  readonly checkpoint?: string
  /** Skill where there is no checkpoint: logit of the typical solve rate, default -0.5. */
  readonly skill?: number
  /** Share of texts without an answer. Default 0.02. */
  readonly noAnswer?: number
  /** Share of texts that run into their token limit. Default 0. */
  readonly truncate?: number
  readonly faults?: FaultRates
  /** Refusals and lost connections come at once, as from a gateway, or when the answer would have come; default the latter. */
  readonly faultsCome?: 'at-once' | 'at-its-end'
  /** Faulty attempts that one request can meet. Default: no limit. */
  readonly maxFaults?: number
  /** Share of requests that get a 422 at every attempt. Default 0. */
  readonly reject?: number
  readonly errorShape?: ErrorShape
  /** Default: 0 seconds. */
  readonly retryAfter?: RetryAfter
  /** The bearer token that requests must carry. Default: none asked for. */
  readonly apiKey?: string
  /** Prompt and max_tokens beyond it are a 400. Default 32,768. */
  readonly maxModelLen?: number
  /** Refuse what vLLM refuses, in its words. Default true; false takes anything. */
  readonly strict?: boolean
  /** Refuse fields that OpenAI's first protocol did not know (top_k, …) with a 422, as transformers serve does. */
  readonly strictFields?: boolean
  /** What goes beyond it gets a 429. Default: none. */
  readonly rateLimit?: RateLimit
  readonly development?: DevelopmentOptions
  /** Told of every completion that is about to be answered whole, with how many were before it. */
  readonly onAnswer?: (answered: number) => void
  /** Streamed answers come in pieces over the time they take, and meet no faults. Default: whole at its end. */
  readonly trickle?: boolean
}

export interface TestServer {
  /** With `/v1`. */
  readonly baseURL: string
  readonly port: number
  readonly stats: TestServerStats
  readonly development: Development
  close(): Promise<void>
}

export async function createTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { seed = 0, errorShape = 'openai' } = options
  const { noAnswer = 0.02, truncate = 0, reject = 0, maxModelLen = 32_768 } = options
  const retryAfter = options.retryAfter ?? { form: 'seconds', seconds: 0 }
  const skill = options.checkpoint === undefined ? (options.skill ?? -0.5) : readSkill(options.checkpoint)
  const models = createServedModels(
    (options.modelNames ?? ['test-model']).map((name) => ({
      name,
      root: options.checkpoint ?? name,
      parent: undefined,
      skill,
    })),
  )
  const book = createProblemBook(options.problems ?? [])
  const rollFault = createFaultDice(seed, options.faults ?? {}, options.maxFaults ?? Number.POSITIVE_INFINITY)
  const stats = noStats()
  let generating = 0
  const development = createDevelopment(options.development ?? {}, skill, models.reload, () => generating)
  const waitMs = createLatency(options)
  const limit = createRateLimit(options.rateLimit)

  async function complete(api: Api, body: string, response: ServerResponse, rank: string | undefined): Promise<void> {
    const refuse = (status: number, message: string, shape = errorShape): void => {
      stats.rejected++
      sendError(response, status, message, shape)
    }
    const fields = readFields(body)
    const salt = fields?.cache_salt
    if (typeof salt === 'string' && !stats.salts.includes(salt)) stats.salts.push(salt)
    const wrong = fields && options.strict !== false ? refusalOf(api, fields) : undefined
    if (wrong) {
      stats.rejected++
      return sendError(response, 400, wrong.message, errorShape, wrong.param)
    }
    if (fields?.prompt_logprobs !== undefined) {
      await development.ready()
      return development.tellPrompt(fields, rank, response)
    }
    const request = parseRequest(api, fields, options.strictFields ?? false, stats.requests)
    if (typeof request === 'string') return refuse(422, request, 'detail')
    const model = models.get(request.model)
    if (model === undefined) return refuse(404, `The model \`${request.model}\` does not exist.`)
    const wanted = countTokens(request.prompt) + request.maxTokens
    if (wanted > maxModelLen) {
      return refuse(400, `This model's maximum context length is ${maxModelLen} tokens, but ${wanted} were asked for.`)
    }
    const requestHash = hash32(`${request.promptHash}/${request.seed}`)
    const chance = createRandom(hash32(`${seed}/${requestHash}`))
    if (chance() < reject) return refuse(422, 'this request is not to my taste', 'detail')

    const choices = generate(request, { skill: model.skill, noAnswer, truncate }, book)
    const id = `cmpl-${requestHash}`
    const whole = answerBody(id, request, choices)
    await development.ready()
    generating++
    response.once('close', () => generating--)
    const fault = limit() ? '429' : rollFault(requestHash)
    const isEarly = fault !== undefined && options.faultsCome === 'at-once' && BEFORE_THE_WORK.has(fault)
    const takesMs = isEarly ? 0 : waitMs(chance, choices[0]?.tokens ?? 0)
    if (request.stream && options.trickle) {
      if (await trickle(response, answerEvents(id, request, choices), takesMs)) stats.answered++
      return
    }
    await delay(takesMs)
    if (response.destroyed) return
    if (fault !== undefined) {
      stats.faults[fault] = (stats.faults[fault] ?? 0) + 1
      return answerFault(response, fault, { whole, shape: errorShape, retryAfter, requestHash })
    }
    options.onAnswer?.(stats.answered)
    stats.answered++
    if (request.stream) sendEvents(response, id, request, choices)
    else sendJson(response, 200, whole)
  }

  function metrics(): string {
    const running = Array.from(
      { length: development.engines },
      (_, i) => `vllm:num_requests_running{engine="${i}"} ${i === 0 ? stats.inFlight : 0}\n`,
    )
    return `${running.join('')}vllm:num_requests_waiting 0\n`
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?')[0] ?? ''
    if (
      options.apiKey !== undefined &&
      path.startsWith('/v1') &&
      request.headers.authorization !== `Bearer ${options.apiKey}`
    ) {
      stats.rejected++
      return sendError(response, 401, 'Unauthorized', 'text')
    }
    switch (path) {
      case '/health':
        stats.health++
        return void response.writeHead(200).end()
      case '/stats':
        return sendJson(response, 200, JSON.stringify(stats))
      case '/metrics':
        return void response.end(metrics())
      case '/v1/models':
        stats.models++
        return sendJson(response, 200, JSON.stringify(models.list(maxModelLen)))
      case '/v1/chat/completions':
      case '/v1/completions':
        return complete(
          path === '/v1/completions' ? 'completions' : 'chat',
          await readBody(request),
          response,
          rankOf(request),
        )
      case '/v1/load_lora_adapter':
      case '/v1/unload_lora_adapter': {
        const { lora_name, lora_path } = JSON.parse(await readBody(request))
        const loading = path === '/v1/load_lora_adapter'
        const { status, message } = loading ? models.loadAdapter(lora_name, lora_path) : models.unloadAdapter(lora_name)
        if (status === 200) return void response.end(message)
        return sendError(response, status, message, errorShape)
      }
      default:
        if (await development.answer(new URL(request.url ?? '', 'http://x'), await readBody(request), response)) return
        return sendError(response, 404, `Not Found: ${path}`, 'detail')
    }
  }

  const server = createServer((request, response) => {
    stats.requests++
    stats.inFlight++
    stats.maxInFlight = Math.max(stats.maxInFlight, stats.inFlight)
    response.on('close', () => {
      stats.inFlight--
      if (!response.writableFinished) stats.abandoned++
    })
    answer(request, response).catch((error: Error) => {
      if (!response.destroyed) sendError(response, 500, error.message, errorShape)
    })
  })
  server.on('connection', () => stats.connections++)
  server.keepAliveTimeout = 30_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    baseURL: `http://127.0.0.1:${port}/v1`,
    port,
    stats,
    development,
    close: () =>
      new Promise((resolve) => {
        development.close()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function rankOf({ headers }: IncomingMessage): string | undefined {
  const rank = headers['x-data-parallel-rank']
  return typeof rank === 'string' ? rank : undefined
}

function sendEvents(
  response: ServerResponse,
  id: string,
  request: GenerateRequest,
  choices: ReturnType<typeof generate>,
): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.end(answerEvents(id, request, choices))
}

function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => resolve(Buffer.concat(chunks).toString()))
    request.on('error', reject)
  })
}
