/**
 * Requests that fail, over real HTTP: what answers at a second try gives the accepted set of sequential sampling, key by key, and what never
 * answers is missed, counted and said.
 */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createIssueOrder } from '../../../src/core/allocate/issue-order.ts'
import type { RunEvent } from '../../../src/core/events.ts'
import { createRandom, hash32, requestSeed } from '../../../src/core/seed.ts'
import { sampleIteration } from '../../../src/loop/sample/sampling.ts'
import { runStatus } from '../../../src/run/status.ts'
import { readRun } from '../database.ts'
import { openRun } from '../open-run.ts'
import { createWorkplace, toRows, type Workplace } from '../workplace.ts'

const TARGET = 80
const PROBLEMS = Array.from({ length: 80 }, (_, i) => ({ question: `Question ${i}?`, answer: String(i) }))

/** What becomes of the draw of a problem with a seed. */
interface Fate {
  readonly isRight: boolean
  readonly isStuck: boolean
  /** Attempts that fail before one is answered. */
  readonly failures: number
}

function fateOf(number: number, seed: number, stuck: number): Fate {
  const random = createRandom(hash32(`${number}/${seed}`))
  const isRight = random() < 0.5
  return { isRight, isStuck: isRight && random() < stuck, failures: random() < 0.1 ? 3 : 0 }
}

/** 5% of the right answers never come. */
let stuck = 0.05
let place: Workplace
let baseURL: string
let close: () => Promise<void>
/** Requests that failed, by problem and seed. */
const tried = new Map<string, number>()

beforeAll(async () => {
  place = createWorkplace()
  place.write('problems.jsonl', toRows(PROBLEMS))
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      const { messages, seed } = JSON.parse(body || '{"messages":[]}')
      const number = Number(/Question (\d+)\?/.exec(messages.at(-1)?.content ?? '')?.[1])
      const { isRight, isStuck, failures } = fateOf(number, seed, stuck)
      const key = `${number}/${seed}`
      const before = tried.get(key) ?? 0
      tried.set(key, before + 1)
      response.setHeader('content-type', 'application/json')
      if (isStuck || before < failures) {
        response.statusCode = 500
        response.end('{"error":{"message":"no"}}')
        return
      }
      const content = `#### ${isRight ? number : number + 1}`
      const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }]
      const usage = { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 }
      response.end(JSON.stringify({ id: 'x', object: 'chat.completion', model: 'base', choices, usage }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})
afterAll(async () => {
  await close()
  place.remove()
})

test.each([
  [0.05, 'uniform'],
  [0, 'until-k'],
] as const)('%f of the right answers never come, %s', async (share, allocation) => {
  stuck = share
  tried.clear()
  const notes: string[] = []
  const emit = (event: RunEvent): void => void (event.kind === 'note' && notes.push(event.text))
  const budget = `allocation: { kind: ${allocation}${allocation === 'until-k' ? ', correct: 2' : ''} }`
  const text = `problems: { train: [{ dataset: jsonl, path: problems.jsonl }] }
sample: { endpoints: [{ baseURL: "${baseURL}", model: base }], concurrency: 32, attempts: 2 }
budget: { policy: { kind: constant, initial: ${TARGET} }, iterations: 1, ${budget} }
accept: { deduplicate: none }
`
  const run = await openRun(place.folder, text, { emit })
  const { store, directory, config, problems } = run.context
  await sampleIteration(
    run.context,
    run.begin({ kind: 'accepted', count: TARGET }),
    { checkpoint: run.base.id, model: 'base' },
    1,
  )
  store.iterations.setState(0, 'training')
  const [row] = runStatus(store, directory).iterations
  await run.close()

  const drawn = readRun(directory).rows(
    `select c.issue, p.id as problem, c.idx, d.disposition as fate from completion c join problem p on p.number = c.problem
     join disposition d on d.completion = c.id order by c.issue`,
  )
  // One after the other, as if there were no faults but those that never answer.
  const order =
    allocation === 'uniform'
      ? createIssueOrder(problems.train, {}, config.seed, 0)
      : (issue: number) => ({ problem: { id: String(drawn[issue]?.problem) }, index: Number(drawn[issue]?.idx) })
  const expected: string[] = []
  let unanswered = 0
  for (let issue = 0; expected.length < TARGET; issue++) {
    const { problem, index } = order(issue)
    const number = problems.train.findIndex(({ id }) => id === problem.id)
    const seed = requestSeed(config.seed, { purpose: 'train', iteration: 0, problem: problem.id, index })
    const { isRight, isStuck } = fateOf(number, seed, share)
    if (isStuck) unanswered++
    else if (isRight) expected.push(`${problem.id}/${index}`)
  }
  const accepted = drawn.filter(({ fate }) => fate === 'accepted').map(({ problem, idx }) => `${problem}/${idx}`)
  expect(accepted).toEqual(expected)
  expect(row).toMatchObject({ accepted: TARGET, unanswered })
  expect(notes.filter((note) => note.includes('never brought an answer'))).toHaveLength(unanswered > 0 ? 1 : 0)
  expect(unanswered > 0).toBe(share > 0)
})
