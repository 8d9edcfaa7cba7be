/** Answers in the words of the OpenAI protocol: whole, or piece by piece as server-sent events. */

import type { Api, RequestProblem } from './request-body.ts'
import type { ServedModel } from './served-model.ts'

export interface Usage {
  readonly prompt: number
  readonly completion: number
}

/** A finished completion. */
export interface Choice {
  readonly text: string
  readonly finish: 'stop' | 'length'
}

export interface AnswerHead {
  readonly api: Api
  /** Unique among the server's answers. */
  readonly id: string
  readonly model: string
  /** Seconds since 1970. */
  readonly created: number
}

export function answerBody(head: AnswerHead, choices: readonly Choice[], usage: Usage): string {
  const listed = choices.map(({ text, finish }, index) => ({
    index,
    ...(head.api === 'chat' ? { message: { role: 'assistant', content: text } } : { text }),
    logprobs: null,
    finish_reason: finish,
  }))
  const object = head.api === 'chat' ? 'chat.completion' : 'text_completion'
  return JSON.stringify({ ...envelope(head, object), choices: listed, usage: usageBody(usage) })
}

/** One event of a stream: a piece of a choice's text, `finish` with the last one; `isFirst` also tells the role. */
export function pieceEvent(
  head: AnswerHead,
  index: number,
  text: string,
  finish: Choice['finish'] | null,
  isFirst: boolean,
): string {
  const said = head.api === 'chat' ? { delta: { ...(isFirst ? { role: 'assistant' } : {}), content: text } } : { text }
  const choices = [{ index, ...said, logprobs: null, finish_reason: finish }]
  return event({ ...envelope(head, streamObject(head)), choices })
}

/** The last events of a stream; the usage only where it was asked for. */
export function endEvents(head: AnswerHead, usage: Usage | undefined): string {
  const last = usage ? event({ ...envelope(head, streamObject(head)), choices: [], usage: usageBody(usage) }) : ''
  return `${last}data: [DONE]\n\n`
}

/** An error in the middle of a stream. */
export function errorEvent(problem: RequestProblem): string {
  return event(errorObject(problem))
}

export function errorBody(problem: RequestProblem): string {
  return JSON.stringify(errorObject(problem))
}

export function modelsBody(served: ServedModel | undefined): string {
  const data = served
    ? [
        {
          ...{ id: served.name, object: 'model', created: served.since, owned_by: 'spendwise' },
          ...{ root: served.directory, parent: null, max_model_len: served.context },
        },
      ]
    : []
  return JSON.stringify({ object: 'list', data })
}

function envelope({ id, model, created }: AnswerHead, object: string) {
  return { id, object, created, model }
}

function streamObject({ api }: AnswerHead): string {
  return api === 'chat' ? 'chat.completion.chunk' : 'text_completion'
}

function usageBody({ prompt, completion }: Usage) {
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion }
}

function errorObject({ status, message, parameter, code }: RequestProblem) {
  const type = status < 500 ? 'invalid_request_error' : 'server_error'
  return { error: { message, type, param: parameter, code } }
}

function event(body: object): string {
  return `data: ${JSON.stringify(body)}\n\n`
}
