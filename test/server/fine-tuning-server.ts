/**
 * A server of the fine-tuning API (`/v1/files`, `/v1/fine_tuning/jobs`), as strict as the real one about what it is sent: fields
 * that it does not know, files of other shapes, models that cannot be trained. A job goes one state on whenever it is asked for.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FineTuningServerOptions {
  readonly apiKey: string
  /** Models that can be trained, besides those it has made. */
  readonly models: readonly string[]
  /** How a job ends; default succeeded. */
  readonly end?: 'succeeded' | 'failed'
  /** Whether jobs speak of their loss; default yes. */
  readonly tellsLoss?: boolean
}

interface Job {
  readonly id: string
  readonly model: string
  readonly created_at: number
  readonly training_file: string
  readonly metadata: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
  readonly suffix: string
  state: string
}

export interface FineTuningServer {
  readonly baseURL: string
  readonly jobs: readonly Job[]
  readonly files: ReadonlyMap<string, string>
  /** The next so many requests are answered 503. */
  breakDown(requests: number): void
  close(): Promise<void>
}

const STATES = ['validating_files', 'queued', 'running', 'running', 'succeeded']
const STEPS = 8
/** Fewer are refused by the real one. */
const LEAST_CHATS = 10
const JOB_FIELDS = ['model', 'training_file', 'suffix', 'seed', 'method', 'metadata']
const HYPERPARAMETERS = ['n_epochs', 'batch_size', 'learning_rate_multiplier']

class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export async function startFineTuningServer(options: FineTuningServerOptions): Promise<FineTuningServer> {
  const jobs: Job[] = []
  const files = new Map<string, string>()
  let broken = 0

  const answer = async (request: IncomingMessage): Promise<unknown> => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const body = await readBody(request)
    if (broken > 0) {
      broken -= 1
      throw new Refusal(503, 'The server is overloaded.')
    }
    if (request.headers.authorization !== `Bearer ${options.apiKey}`)
      throw new Refusal(401, 'Incorrect API key provided.')
    const route = `${request.method} ${url.pathname.replace(/ftjob-\d+/, 'ID')}`
    const id = url.pathname.match(/ftjob-\d+/)?.[0]
    const job = jobs.find((one) => one.id === id)
    if (id !== undefined && !job) throw new Refusal(404, `Could not find fine tune: ${id}`)
    if (route === 'POST /v1/files') return await keepFile(request, body, files)
    if (route === 'POST /v1/fine_tuning/jobs') return create(JSON.parse(body.toString()))
    if (route === 'GET /v1/fine_tuning/jobs') return page(jobs.map(show).toReversed(), url)
    if (job && route === 'GET /v1/fine_tuning/jobs/ID') return show(advance(job))
    if (job && route === 'GET /v1/fine_tuning/jobs/ID/events') return page(events(job).toReversed(), url)
    if (job && route === 'POST /v1/fine_tuning/jobs/ID/cancel') {
      job.state = 'cancelled'
      return show(job)
    }
    throw new Refusal(404, `Invalid URL (${route})`)
  }

  const create = (body: Record<string, unknown>): unknown => {
    refuseUnknown(body, JOB_FIELDS)
    const { model, training_file: file, suffix, metadata } = body
    const known = [...options.models, ...jobs.map((job) => nameOf(job))]
    if (typeof model !== 'string' || !known.includes(model))
      throw new Refusal(400, `Model ${model} is not available for fine-tuning.`)
    if (typeof file !== 'string' || !files.has(file)) throw new Refusal(400, `File ${file} does not exist.`)
    if (typeof suffix !== 'string' || suffix.length > 64) throw new Refusal(400, 'suffix is too long.')
    const method = Object(body.method)
    refuseUnknown(Object(method.supervised?.hyperparameters), HYPERPARAMETERS)
    const job: Job = {
      id: `ftjob-${jobs.length + 1}`,
      model,
      created_at: 1_700_000_000,
      training_file: file,
      metadata: Object(metadata),
      body,
      suffix,
      state: 'validating_files',
    }
    jobs.push(job)
    return show(job)
  }

  const advance = (job: Job): Job => {
    const at = STATES.indexOf(job.state)
    const isHalfway = job.state === 'running' && events(job).length === 0
    if (isHalfway) halfway.add(job.id)
    else if (at >= 0) job.state = STATES[at === 2 ? 4 : at + 1] ?? job.state
    if (job.state === 'succeeded' && options.end === 'failed') job.state = 'failed'
    return job
  }
  const halfway = new Set<string>()

  const events = (job: Job): unknown[] => {
    const done = job.state === 'succeeded' ? STEPS : halfway.has(job.id) ? STEPS / 2 : 0
    return Array.from({ length: done }, (_, i) => ({
      id: `${job.id}-event-${i + 1}`,
      object: 'fine_tuning.job.event',
      created_at: job.created_at + i,
      level: 'info',
      type: 'metrics',
      message: `Step ${i + 1}/${STEPS}`,
      data: options.tellsLoss === false ? null : { step: i + 1, total_steps: STEPS, train_loss: 2 / (i + 1) },
    }))
  }

  const nameOf = (job: Job): string => `ft:${job.model.replace(/^ft:([^:]+):.*/, '$1')}:org:${job.suffix}:${job.id}`

  const show = (job: Job): unknown => ({
    object: 'fine_tuning.job',
    id: job.id,
    model: job.model,
    created_at: job.created_at,
    finished_at: job.state === 'succeeded' ? job.created_at + 60 : null,
    fine_tuned_model: job.state === 'succeeded' ? nameOf(job) : null,
    trained_tokens: job.state === 'succeeded' ? 1234 : null,
    status: job.state,
    training_file: job.training_file,
    metadata: job.metadata,
    error: job.state === 'failed' ? { code: 'server_error', message: 'The job ran out of luck.', param: null } : null,
  })

  const server = createServer((request, response) => {
    answer(request).then(
      (value) => respond(response, 200, value),
      (error: unknown) => {
        const status = error instanceof Refusal ? error.status : 500
        respond(response, status, {
          error: {
            message: String(error instanceof Error ? error.message : error),
            type: 'invalid_request_error',
            param: null,
            code: null,
          },
        })
      },
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    baseURL: `http://127.0.0.1:${port}/v1`,
    jobs,
    files,
    breakDown: (requests) => {
      broken = requests
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function keepFile(request: IncomingMessage, body: Buffer, files: Map<string, string>): Promise<unknown> {
  const type = String(request.headers['content-type'])
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
  if (form.get('purpose') !== 'fine-tune')
    throw new Refusal(400, `purpose ${String(form.get('purpose'))} is not fine-tune`)
  const file = form.get('file')
  if (!(file instanceof File)) throw new Refusal(400, 'file is missing')
  const text = await file.text()
  const lines = text.split('\n').filter(Boolean)
  if (lines.length < LEAST_CHATS)
    throw new Refusal(400, `The file has ${lines.length} examples, and ${LEAST_CHATS} are needed.`)
  for (const line of lines) {
    const chat = JSON.parse(line)
    refuseUnknown(chat, ['messages'])
    const roles = chat.messages.map(({ role }: { role: string }) => role)
    if (roles.at(-1) !== 'assistant')
      throw new Refusal(400, 'The last message of each example must be from the assistant.')
  }
  const id = `file-${files.size + 1}`
  files.set(id, text)
  return {
    id,
    object: 'file',
    bytes: body.length,
    created_at: 1_700_000_000,
    filename: file.name,
    purpose: 'fine-tune',
  }
}

function refuseUnknown(body: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const unknown = Object.keys(body).filter((key) => !known.includes(key))
  if (unknown.length > 0) throw new Refusal(400, `Unrecognized request argument supplied: ${unknown.join(', ')}`)
}

function page(all: readonly unknown[], url: URL): unknown {
  const limit = Number(url.searchParams.get('limit') ?? 20)
  const after = url.searchParams.get('after')
  const start = after === null ? 0 : all.findIndex((one) => Object(one).id === after) + 1
  const data = all.slice(start, start + limit)
  return { object: 'list', data, has_more: start + limit < all.length }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function respond(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}
