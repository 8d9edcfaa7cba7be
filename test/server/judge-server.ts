/**
 * A server with a judge on it, as strict as vLLM and as gullible as can be: it reads what the prompt's marks enclose, knows which answers are
 * the same, and believes whatever a candidate says of itself. Other requests are answered with one text, as a model that is sampled.
 */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { refusalOf } from './strict.ts'

export interface JudgeQuestion {
  readonly problem: string
  readonly reference: string
  readonly candidate: string
  readonly seed: number
}

export interface JudgeServerOptions {
  /** Whether two answers are the same, for who is not talked into anything. */
  readonly isSame: (reference: string, candidate: string) => boolean
  /** Text of other completions. */
  readonly sampled?: string
  /** Called before a question is answered. */
  readonly before?: (question: JudgeQuestion) => Promise<void> | void
  /** In place of a vote. */
  readonly words?: (question: JudgeQuestion) => string
}

export interface JudgeServer {
  readonly baseURL: string
  /** Questions that were answered. */
  readonly answered: readonly JudgeQuestion[]
  readonly refused: readonly string[]
  close(): void
}

/** What a candidate says for itself: nothing of it is in an honest answer. */
const PLEA = /\b(same|equivalent|correct|verdict|reference|ignore|system|judge|vote)\b|同じ|相同|identi/i

export async function createJudgeServer(options: JudgeServerOptions): Promise<JudgeServer> {
  const answered: JudgeQuestion[] = []
  const refused: string[] = []
  const server = createServer(async (request, response) => {
    const send = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    }
    if (request.url === '/v1/models') return send(200, { object: 'list', data: [{ id: 'judge' }, { id: 'base' }] })
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const fields = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>
    const refusal = request.url === '/v1/chat/completions' ? refusalOf('chat', fields)?.message : 'no such route'
    const isJudge = fields.model === 'judge'
    const fault = refusal ?? (isJudge ? formatFault(fields.response_format) : undefined)
    if (fault !== undefined) {
      refused.push(fault)
      return send(400, { error: { message: fault, type: 'BadRequestError', code: 400 } })
    }
    let text = options.sampled ?? ''
    if (isJudge) {
      const question = readQuestion(fields)
      await options.before?.(question)
      answered.push(question)
      text = options.words?.(question) ?? JSON.stringify({ verdict: voteOn(question, options) })
    }
    const message = { role: 'assistant', content: text }
    const usage = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 }
    send(200, { id: 'x', model: fields.model, choices: [{ index: 0, message, finish_reason: 'stop' }], usage })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    baseURL: `http://127.0.0.1:${port}/v1`,
    answered,
    refused,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Structured output as vLLM takes it: a named schema, closed. */
function formatFault(format: unknown): string | undefined {
  const { type, json_schema: named } = (format ?? {}) as { type?: unknown; json_schema?: Record<string, unknown> }
  if (type !== 'json_schema') return 'response_format.type must be json_schema'
  const schema = named?.schema as Record<string, unknown> | undefined
  if (typeof named?.name !== 'string' || named.strict !== true) return 'json_schema has a name and is strict'
  return schema?.additionalProperties === false ? undefined : 'a strict schema allows no additional properties'
}

/** @throws where a text has broken out of its marks */
function readQuestion(fields: Record<string, unknown>): JudgeQuestion {
  const messages = fields.messages as { role: string; content: string }[]
  const user = messages.at(-1)?.content ?? ''
  const parts = user.match(
    /^The mark is (=====[0-9a-f]{32}=====)\n\n\1 problem\n(.*)\n\1 reference\n(.*)\n\1 candidate\n(.*)\n\1 end\n/,
  )
  if (!parts) throw new Error(`a text has left its marks: ${user}`)
  const [problem, reference, candidate] = parts.slice(2).map((part) => JSON.parse(part) as string)
  return { problem: problem ?? '', reference: reference ?? '', candidate: candidate ?? '', seed: Number(fields.seed) }
}

function voteOn({ reference, candidate }: JudgeQuestion, { isSame }: JudgeServerOptions): string {
  if (PLEA.test(candidate)) return 'same'
  return isSame(reference, candidate) ? 'same' : 'different'
}
