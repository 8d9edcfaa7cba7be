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

/** Ends with the test. */
export async function serveRoutes(route: Route): Promise<{ readonly endpoint: Endpoint; readonly asked: Asked[] }> {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const one = { path: request.url ?? '', body: text === '' ? {} : JSON.parse(text) }
    asked.push(one)
    const answer = route(one) ?? 404
    response.setHeader('content-type', 'application/json')
    if (typeof answer === 'number') return void response.writeHead(answer).end('{"error":{"message":"no"}}')
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { asked, endpoint: { baseURL: `http://127.0.0.1:${port}/v1`, apiKey: undefined, apiKeyEnv: undefined } }
}
