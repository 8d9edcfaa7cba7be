/** Answers one completion request: has its choices written, and sends them whole or as they grow. */

import { randomInt } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { hash32 } from '../../core/seed.ts'
import type { GenerationRequest } from '../model/generation.ts'
import { type AnswerHead, answerBody, type Choice, endEvents, errorEvent, pieceEvent } from './answer-body.ts'
import type { GenerationPool, PoolEvent } from './generation-pool.ts'
import { type Api, type CompletionRequest, RequestProblem } from './request-body.ts'
import { sendJson, sendProblem } from './respond.ts'
import type { ServedModel } from './served-model.ts'

let answers = 0

/** @throws RequestProblem when the model is not served, or the prompt leaves no room in its context */
export function answerCompletion(
  response: ServerResponse,
  pool: GenerationPool,
  served: ServedModel | undefined,
  api: Api,
  request: CompletionRequest,
): void {
  if (!pool.healthy()) throw new RequestProblem(503, 'The embedded model has ended; start its server again.')
  const model = checkModel(served, request.model)
  const prompt = model.tokenizer.encode(request.prompt)
  const generations = plan(request, prompt, checkRoom(model, prompt.length))
  const created = Math.floor(Date.now() / 1000)
  const head: AnswerHead = {
    api,
    id: `${api === 'chat' ? 'chatcmpl' : 'cmpl'}-${++answers}`,
    model: model.name,
    created,
  }
  const usage = { prompt: prompt.length, completion: 0 }
  const send = request.stream ? createStream(response, head, request) : createWhole(response, head)

  const cancels: (() => void)[] = []
  const giveUp = (): void => {
    for (const cancel of cancels) cancel()
  }
  let left = generations.length
  const onEvent = (index: number, event: PoolEvent): void => {
    if (event.kind === 'failed') {
      send.fail(new RequestProblem(500, event.message))
      giveUp()
    } else if (event.kind === 'piece') {
      send.piece(index, event.text)
    } else {
      usage.completion += event.tokens
      send.end(index, { text: event.text, finish: event.finish })
      if (--left === 0) send.finish(usage)
    }
  }
  for (const [index, generation] of generations.entries()) {
    cancels.push(pool.submit(generation, (event) => onEvent(index, event)))
  }
  // A client that hung up wants no more text; after a whole answer there is nothing left to give up.
  response.once('close', giveUp)
}

function checkModel(served: ServedModel | undefined, asked: string): ServedModel {
  if (served?.name === asked) return served
  const instead = served ? `this server serves ${served.name}` : 'this server serves none yet'
  throw new RequestProblem(404, `The model ${asked} is not served; ${instead}.`, 'model', 'model_not_found')
}

/** Tokens that an answer may have. */
function checkRoom({ context }: ServedModel, promptTokens: number): number {
  if (promptTokens < context) return context - promptTokens
  const message = `The prompt has ${promptTokens} tokens; the context of ${context} leaves no room for an answer.`
  throw new RequestProblem(400, message, 'messages', 'context_length_exceeded')
}

/** One generation a choice. The first has the request's own seed, so that n does not change it. */
function plan(request: CompletionRequest, prompt: readonly number[], room: number): Omit<GenerationRequest, 'id'>[] {
  const { temperature, topP, topK, stop, stream } = request
  const seed = request.seed ?? randomInt(2 ** 31)
  const maxTokens = Math.min(request.maxTokens ?? room, room)
  return Array.from({ length: request.n }, (_, index) => ({
    ...{ prompt, temperature, topP, topK, stop, stream, maxTokens },
    seed: index === 0 ? seed : hash32(`${seed}/${index}`),
  }))
}

/** How an answer reaches the client. */
interface Sending {
  piece(index: number, text: string): void
  end(index: number, choice: Choice): void
  finish(usage: { prompt: number; completion: number }): void
  fail(problem: RequestProblem): void
}

function createWhole(response: ServerResponse, head: AnswerHead): Sending {
  const choices: Choice[] = []
  return {
    piece() {},
    end(index, choice) {
      choices[index] = choice
    },
    finish: (usage) => sendJson(response, 200, answerBody(head, choices, usage)),
    fail: (problem) => sendProblem(response, problem),
  }
}

function createStream(response: ServerResponse, head: AnswerHead, { includeUsage }: CompletionRequest): Sending {
  const begun = new Set<number>()
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  const write = (index: number, text: string, finish: Choice['finish'] | null): void => {
    response.write(pieceEvent(head, index, text, finish, !begun.has(index)))
    begun.add(index)
  }
  return {
    piece: (index, text) => write(index, text, null),
    end: (index, { text, finish }) => write(index, text, finish),
    finish: (usage) => response.end(endEvents(head, includeUsage ? usage : undefined)),
    fail: (problem) => response.end(errorEvent(problem)),
  }
}
