/** Sending an answer or an error over HTTP. */

import type { ServerResponse } from 'node:http'
import { errorBody } from './answer-body.ts'
import type { RequestProblem } from './request-body.ts'

export function sendJson(response: ServerResponse, status: number, body: string): void {
  const bytes = Buffer.from(body)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length }).end(bytes)
}

export function sendProblem(response: ServerResponse, problem: RequestProblem): void {
  sendJson(response, problem.status, errorBody(problem))
}
