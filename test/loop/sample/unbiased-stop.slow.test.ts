/**
 * The stop at n_t over real HTTP, by the loop's own sampling: log-normal lengths, easier problems shorter, some requests lost, long ones
 * more often. Exact in number, and no shorter or longer than the truth.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createRandom, hash32 } from '../../../src/core/seed.ts'
import { sampleIteration } from '../../../src/loop/sample/sampling.ts'
import { drawLength, isLost, LEVELS, summarise, TRUE_LENGTH } from '../../core/accept/unbiased-stop.ts'
import { readRun } from '../database.ts'
import { openRun } from '../open-run.ts'
import { createWorkplace, toRows } from '../workplace.ts'

const SEEDS = Number(process.env.SPENDWISE_SEEDS ?? 30)
/** 10,000 takes the better part of an hour. */
const TARGETS = (process.env.SPENDWISE_TARGETS ?? '256,2560').split(',').map(Number)
/** Milliseconds of the clock for a token: a typical answer of 250 takes 50 ms. */
const MS_PER_TOKEN = 0.2
// A request ten times as long as most is lost at every second try here: the usual eight tries gave up one of 170,000.
const SCENES = TARGETS.flatMap((target) =>
  [512, 2048].flatMap((inFlight) => [0, 0.05].map((lost) => ({ target, inFlight, lost }))),
)
/** Problem i is of level i modulo nine. */
const PROBLEMS = LEVELS.flatMap((_, level) =>
  Array.from({ length: 100 }, (__, i) => ({ question: `Question ${9 * i + level}?`, answer: String(9 * i + level) })),
)

test.each(SCENES)('n_t = $target with $inFlight in flight and $lost lost', async ({ target, inFlight, lost }) => {
  const place = createWorkplace()
  place.write('problems.jsonl', toRows(PROBLEMS))
  const server = await startServer(lost)
  const lengths: number[] = []
  const byArrival: number[] = []
  try {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const run = await openRun(
        place.folder,
        `problems: { train: [{ dataset: jsonl, path: problems.jsonl }] }
sample: { endpoints: [{ baseURL: "${server.baseURL}", model: base }], concurrency: ${inFlight}, attempts: 40 }
budget: { policy: { kind: constant, initial: ${target} }, iterations: 1 }
accept: { deduplicate: none }
seed: ${seed}
`,
      )
      const row = run.begin({ kind: 'accepted', count: target })
      await sampleIteration(run.context, row, { checkpoint: run.base.id, model: 'base' }, 1)
      const { directory } = run.context
      await run.close()
      const { count } = readRun(directory)
      const fates = (fate: string): number => count(`select count(*) from disposition where disposition = '${fate}'`)
      expect(fates('accepted')).toBe(target)
      // Whatever is eligible beyond n_t is banked.
      const right = count("select count(*) from verdict where kind = 'correct'")
      expect(fates('surplus')).toBe(right - target)
      expect(count("select count(*) from completion where finish_reason <> 'stop'")).toBe(0)
      lengths.push(
        count(
          "select avg(completion_tokens) from completion c join disposition d on d.completion = c.id where d.disposition = 'accepted'",
        ),
      )
      byArrival.push(
        count(
          `select avg(completion_tokens) from (select completion_tokens from completion c join verdict v on v.completion = c.id where v.kind = 'correct' order by c.id limit ${target})`,
        ),
      )
    }
  } finally {
    await server.close()
    place.remove()
  }
  const { mean, error } = summarise(lengths)
  const arrival = summarise(byArrival)
  console.log(
    `n_t ${target}, ${inFlight} in flight, ${lost} lost, ${SEEDS} seeds over HTTP: ${(mean / TRUE_LENGTH).toFixed(4)} of the true length (${((mean - TRUE_LENGTH) / error).toFixed(2)} standard errors); by arrival ${(arrival.mean / TRUE_LENGTH).toFixed(4)}; ${server.lost()} requests lost`,
  )
  expect(Math.abs(mean - TRUE_LENGTH)).toBeLessThan(3 * error)
})

/** A server whose answer to a problem and a seed has the length of its level, and takes as long as it is long. */
async function startServer(lost: number) {
  let lostSoFar = 0
  const chance = createRandom(7)
  const answer = (body: string, response: ServerResponse): void => {
    const { messages, seed, model } = JSON.parse(body)
    const number = Number(/Question (\d+)\?/.exec(messages.at(-1).content)?.[1])
    const level = LEVELS[number % LEVELS.length]
    if (!level) throw new Error(`no question in ${body}`)
    const random = createRandom(hash32(`${number}/${seed}`))
    const length = drawLength(level, random)
    const said = random() < level.rate ? number : number + 1
    setTimeout(() => {
      if (isLost(length, lost, chance)) {
        lostSoFar++
        response.destroy()
        return
      }
      const choice = { index: 0, message: { role: 'assistant', content: `#### ${said}` }, finish_reason: 'stop' }
      // Whole tokens, at random up or down, so that their mean is the length's.
      const completion_tokens = Math.floor(length + random())
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ model, choices: [choice], usage: { prompt_tokens: 4, completion_tokens } }))
    }, MS_PER_TOKEN * length)
  }
  const server = createServer((request: IncomingMessage, response) => {
    if (request.method === 'GET') {
      response.end(JSON.stringify({ object: 'list', data: [{ id: 'base', object: 'model' }] }))
      return
    }
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => answer(Buffer.concat(chunks).toString(), response))
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    baseURL: `http://127.0.0.1:${port}/v1`,
    lost: () => lostSoFar,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
