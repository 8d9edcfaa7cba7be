/** A server that is a function from route and body to an answer, and keeps what it was asked. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Endpoint } from '../../../src/core/endpoint.ts'

export interface Asked {
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}

/** An object is answered with status 200; a number is a status with an empty error; undefined is a route that is not there. */
export type Route = (asked: Asked) => object | string | number | undefined

export interface ServedRoutes {
  readonly endpoint: Endpoint
  readonly port: number
  readonly asked: Asked[]
  /** Ends it and its connections, and frees the port. */
  close(): Promise<void>
}

/** Ends with the test, where it has not before. */
export async function serveRoutes(
  route: Route,
  {
    port: wanted = 0,
    headers = {},
  }: { readonly port?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<ServedRoutes> {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const one = { path: request.url ?? '', body: text === '' ? {} : JSON.parse(text) }
    asked.push(one)
    const answer = route(one) ?? 404
    response.setHeaders(new Map(Object.entries({ 'content-type': 'application/json', ...headers })))
    if (typeof answer === 'number') return void response.writeHead(answer).end('{"error":{"message":"no"}}')
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(wanted, '127.0.0.1', resolve))
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  onTestFinished(close)
  const { port } = server.address() as AddressInfo
  const endpoint = { baseURL: `http://127.0.0.1:${port}/v1`, apiKey: undefined, apiKeyEnv: undefined }
  return { asked, endpoint, port, close }
}
