/** Iterations whose servers come and go while they are drawn, down to none at all: n_t and the accepted set are those of calm sampling. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom, hash32, type Random } from '../../../src/core/seed.ts'
import { sampleIteration } from '../../../src/loop/sample/sampling.ts'
import { createEndpointPool } from '../../../src/sample/endpoint-pool.ts'
import type { EndpointPool } from '../../../src/sample/pool-options.ts'
import type { Send } from '../../../src/sample/protocol/attempt.ts'
import { readRun } from '../database.ts'
import { openRun } from '../open-run.ts'
import { createWorkplace, toRows, type Workplace } from '../workplace.ts'

const TARGET = 40
const PROBLEMS = Array.from({ length: 40 }, (_, i) => ({ question: `Question ${i}?`, answer: String(i) }))
const SLOTS = 4

let place: Workplace
beforeAll(() => {
  place = createWorkplace()
  place.write('problems.jsonl', toRows(PROBLEMS))
})
afterAll(() => place.remove())

/** A server as a function: what it answers, and after how long, follows from question and seed. */
const send: Send = async (asked, _, signal) => {
  const { messages, seed } = JSON.parse(asked.body)
  const number = Number(/Question (\d+)\?/.exec(messages.at(-1)?.content ?? '')?.[1])
  const random = createRandom(hash32(`${number}/${seed}`))
  const content = `Way ${Math.floor(3 * random())}. #### ${random() < 0.4 ? number : number + 1}`
  await pause(12 * random())
  signal.throwIfAborted()
  return JSON.stringify({ model: 'base', choices: [{ message: { content }, finish_reason: 'stop' }] })
}

/** Servers join `pool` by new addresses. */
function createServers(pool: EndpointPool) {
  let made = 0
  let here: string[] = []
  return {
    start(count: number): void {
      for (let i = 0; i < count; i++) {
        const baseURL = `http://127.0.0.1:1/server-${made++}/v1`
        here.push(baseURL)
        pool.join({ endpoint: { baseURL, apiKey: undefined, apiKeyEnv: undefined }, send, concurrency: SLOTS })
      }
    },
    /** They end what they have, as before their time limit. */
    async drainAll(): Promise<void> {
      const leaving = here
      here = []
      await Promise.all(leaving.map((baseURL) => pool.drain(baseURL)))
    },
    loseOne(random: Random): void {
      const [lost] = here.splice(Math.floor(random() * here.length), 1)
      if (lost !== undefined) pool.lose(lost)
    },
  }
}

/** @param disturb given the servers while the iteration is drawn, three of which are there at the beginning */
async function draw(disturb: (servers: ReturnType<typeof createServers>, isOver: () => boolean) => Promise<void>) {
  const run = await openRun(
    place.folder,
    `problems: { train: [{ dataset: jsonl, path: problems.jsonl }] }
sample: { endpoints: [{ baseURL: "http://127.0.0.1:1/v1", model: base }] }
budget: { policy: { kind: constant, initial: ${TARGET} }, iterations: 1 }
verify: { threads: 1 }
`,
  )
  const pool = createEndpointPool({ endpoints: [], onExpelled: () => undefined, backoffMs: 5 })
  const servers = createServers(pool)
  servers.start(3)
  let isOver = false
  const disturbed = disturb(servers, () => isOver)
  const row = run.begin({ kind: 'accepted', count: TARGET })
  try {
    const from = { checkpoint: run.base.id, model: 'base' }
    await sampleIteration({ ...run.context, sampler: pool }, row, from, 1)
  } finally {
    isOver = true
    await disturbed
    await pool.close()
    await run.close()
  }
  return readRun(run.context.directory).rows(
    `select p.id as problem, c.idx from completion c join problem p on p.number = c.problem
     join disposition d on d.completion = c.id where d.disposition = 'accepted' order by c.issue`,
  )
}

test('servers that all leave at once, one by one, or break off leave n_t and the accepted set as they are', async () => {
  const calm = await draw(async () => undefined)
  expect(calm).toHaveLength(TARGET)
  for (let seed = 1; seed <= 2; seed++) {
    const random = createRandom(seed)
    const stormy = await draw(async (servers, isOver) => {
      while (!isOver()) {
        await pause(80 * random())
        if (random() < 0.5) servers.loseOne(random)
        else await servers.drainAll()
        // For longer than a look at what is wanted takes: nobody is there, and nothing is under way.
        await pause(random() < 0.5 ? 0 : 150)
        servers.start(random() < 0.5 ? 1 : 3)
      }
    })
    expect(stormy, `seed ${seed}`).toEqual(calm)
  }
})

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
