/** The toy model as an inference server of its own: the OpenAI protocol on 127.0.0.1, written by threads of this process. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { resolve } from 'node:path'
import { readCheckpoint } from '../model/checkpoint.ts'
import { DEFAULT_THREADS } from '../model/threads.ts'
import { createTokenizer } from '../model/tokenizer.ts'
import { answerCompletion } from './answer.ts'
import { modelsBody } from './answer-body.ts'
import { createGenerationPool, type GenerationPool } from './generation-pool.ts'
import { type Api, RequestProblem, readRequest } from './request-body.ts'
import { sendJson, sendProblem } from './respond.ts'
import type { ServedModel } from './served-model.ts'

export interface EmbeddedServerOptions {
  /** Directory of the first checkpoint, and its served name; without one every model is unknown until `load`. */
  readonly checkpoint?: string
  readonly name?: string
  /** Threads that write; the texts do not depend on it. */
  readonly threads?: number
  /** 0, the default, takes any free one. */
  readonly port?: number
}

export interface EmbeddedServer {
  /** For example `http://127.0.0.1:40123/v1`. */
  readonly baseURL: string
  /**
   * Serves another checkpoint under a new name; requests that are being written end with the old weights.
   * @throws ConfigError when the directory is no checkpoint of an embedded model
   */
  load(directory: string, name: string): Promise<void>
  close(): Promise<void>
}

const LONGEST_BODY = 1_000_000
/** Longer than clients keep an idle connection, so that none is closed under a request. */
const KEEP_ALIVE_MS = 60_000

/**
 * Starts a server. Idle, it does not keep the process alive.
 * @throws ConfigError when the checkpoint cannot be read
 */
export async function createEmbeddedServer(options: EmbeddedServerOptions = {}): Promise<EmbeddedServer> {
  const pool = createGenerationPool(options.threads ?? DEFAULT_THREADS)
  let served: ServedModel | undefined
  const load = async (directory: string, name: string): Promise<void> => {
    const checkpoint = readCheckpoint(directory)
    const loaded = pool.load(checkpoint)
    // From here on requests wait behind the load in every thread, so the new name may be asked for at once.
    const tokenizer = createTokenizer(checkpoint.vocabulary)
    const since = Math.floor(Date.now() / 1000)
    served = { name, directory: resolve(directory), since, tokenizer, context: checkpoint.shape.context }
    await loaded
  }
  const server = createServer((request, response) => route(request, response, pool, served))
  server.keepAliveTimeout = KEEP_ALIVE_MS
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await Promise.all([new Promise((done) => server.close(done)), pool.close()])
  }
  try {
    if (options.checkpoint !== undefined) await load(options.checkpoint, options.name ?? 'embedded')
    await new Promise<void>((listening, failed) => {
      server.once('error', failed)
      server.listen(options.port ?? 0, '127.0.0.1', listening)
    })
  } catch (error) {
    await pool.close()
    throw error
  }
  server.unref()
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { baseURL: `http://127.0.0.1:${port}/v1`, load, close }
}

const APIS_BY_PATH: Readonly<Record<string, Api>> = { '/v1/chat/completions': 'chat', '/v1/completions': 'completions' }

function route(
  request: IncomingMessage,
  response: ServerResponse,
  pool: GenerationPool,
  served: ServedModel | undefined,
): void {
  const api = APIS_BY_PATH[request.url ?? '']
  if (api !== undefined && request.method === 'POST') {
    readBody(request, response, (body) => answerCompletion(response, pool, served, api, readRequest(api, body)))
  } else if (request.url === '/health') {
    response.writeHead(pool.healthy() ? 200 : 503).end()
  } else if (request.url === '/v1/models' && request.method === 'GET') {
    sendJson(response, 200, modelsBody(served))
  } else {
    sendProblem(response, new RequestProblem(404, `There is no ${request.method} ${request.url} here.`))
  }
}

/** Collects the body and hands it on; what the reader throws becomes the answer. */
function readBody(request: IncomingMessage, response: ServerResponse, reader: (body: string) => void): void {
  const chunks: Buffer[] = []
  let length = 0
  request.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length <= LONGEST_BODY) chunks.push(chunk)
  })
  request.on('end', () => {
    try {
      if (length > LONGEST_BODY) throw new RequestProblem(413, `The body is longer than ${LONGEST_BODY} bytes.`)
      reader(Buffer.concat(chunks).toString('utf8'))
    } catch (error) {
      sendProblem(response, error instanceof RequestProblem ? error : new RequestProblem(500, String(error)))
    }
  })
}
